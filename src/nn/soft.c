// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/soft.h"

#include <assert.h>
#include <stddef.h>

#include "kernels.h"
#include "trm/nn/layers.h"

static inline float larger(float a, float b) {
    return a > b ? a : b;
}

// As sum_of.
static inline float max_of(const float *x, int32_t n) {
    float lanes[LANES] = {0}, eight[8] = {0}, four[4] = {0};
    int32_t i = 0;
    for (int32_t j = 0; j < LANES; j++)
        lanes[j] = x[0];
    for (; i + LANES <= n; i += LANES)
#pragma omp simd
        for (int32_t j = 0; j < LANES; j++)
            lanes[j] = larger(x[i + j], lanes[j]);
    for (int32_t j = 0; i + j < n; j++)
        lanes[j] = larger(x[i + j], lanes[j]);
#pragma omp simd
    for (int32_t j = 0; j < 8; j++)
        eight[j] = larger(lanes[j], lanes[j + 8]);
#pragma omp simd
    for (int32_t j = 0; j < 4; j++)
        four[j] = larger(eight[j], eight[j + 4]);
    return larger(larger(four[0], four[2]), larger(four[1], four[3]));
}

static inline void exp_row(float *probs, const float *logits, float max, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        probs[i] = exp_branchless(logits[i] - max);
}

static inline void scale_row(float *probs, float scale, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        probs[i] *= scale;
}

// Loops over rows are cloned with what they call: a row may be as short as a call. Each stage of a
// row waits for the one before it; those of a few rows overlap.
TRM_CLONES static void softmax_rows(trm_mat probs, trm_mat logits) {
    enum { BLOCK = 16 };
    float max[BLOCK], scale[BLOCK];
    const int32_t n = logits.cols;
    for (int32_t first = 0; first < logits.rows; first += BLOCK) {
        const int32_t rows = logits.rows - first < BLOCK ? logits.rows - first : BLOCK;
        for (int32_t r = 0; r < rows; r++)
            max[r] = max_of(trm_mat_row(logits, first + r), n);
        for (int32_t r = 0; r < rows; r++)
            exp_row(trm_mat_row(probs, first + r), trm_mat_row(logits, first + r), max[r], n);
        for (int32_t r = 0; r < rows; r++)
            scale[r] = 1.0f / sum_of(trm_mat_row(probs, first + r), n);
        for (int32_t r = 0; r < rows; r++)
            scale_row(trm_mat_row(probs, first + r), scale[r], n);
    }
}

void trm_softmax_rows(trm_mat probs, trm_mat logits) {
    softmax_rows(probs, logits);
}

static inline void softmax_row_backward(float *dlogits, const float *dprobs, const float *probs,
                                        int32_t n) {
    float dot = sum_of_products(dprobs, probs, n);
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        dlogits[i] = probs[i] * (dprobs[i] - dot);
}

TRM_CLONES static void softmax_rows_backward(trm_mat dlogits, trm_mat dprobs, trm_mat probs) {
    for (int32_t r = 0; r < probs.rows; r++)
        softmax_row_backward(trm_mat_row(dlogits, r), trm_mat_row(dprobs, r), trm_mat_row(probs, r),
                             probs.cols);
}

void trm_softmax_rows_backward(trm_mat dlogits, trm_mat dprobs, trm_mat probs) {
    softmax_rows_backward(dlogits, dprobs, probs);
}

// Mixing is what the gradient of a linear layer with the table as its weight does, and the other
// way round.
void trm_soft_embedding_forward(trm_mat y, trm_mat probs, const float *table) {
    trm_linear_backward(y, NULL, NULL, probs, probs, table);
}

void trm_soft_embedding_backward(trm_mat dprobs, float *dtable, trm_mat dy, trm_mat probs,
                                 const float *table) {
    assert(dy.rows == probs.rows);
    if (dprobs.data)
        trm_linear_forward(dprobs, dy, table, NULL);
    if (dtable)
        trm_linear_backward((trm_mat){0}, dtable, NULL, probs, dy, table);
}
