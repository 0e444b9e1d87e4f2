// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/soft.h"

#include <assert.h>
#include <stddef.h>

#include "kernels.h"
#include "trm/nn/layers.h"

// Eight running maxima side by side: one alone waits for itself at every step.
static inline float max_of(const float *x, int32_t n) {
    enum { LANES = 8 };
    float lanes[LANES], max = x[0];
    int32_t i = 0;
    for (int32_t j = 0; j < LANES; j++)
        lanes[j] = x[0];
    for (; i + LANES <= n; i += LANES)
        for (int32_t j = 0; j < LANES; j++)
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    for (int32_t j = 0; j < LANES; j++)
        max = lanes[j] > max ? lanes[j] : max;
    for (; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

TRM_CLONES static void softmax_row(float *probs, const float *logits, int32_t n) {
    float max = max_of(logits, n), sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < n; i++) {
        float e = exp_branchless(logits[i] - max);
        probs[i] = e;
        sum += e;
    }
    float scale = 1.0f / sum;
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        probs[i] *= scale;
}

void trm_softmax_rows(trm_mat probs, trm_mat logits) {
    for (int32_t r = 0; r < logits.rows; r++)
        softmax_row(trm_mat_row(probs, r), trm_mat_row(logits, r), logits.cols);
}

TRM_CLONES static void softmax_row_backward(float *dlogits, const float *dprobs, const float *probs,
                                            int32_t n) {
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int32_t i = 0; i < n; i++)
        dot += dprobs[i] * probs[i];
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        dlogits[i] = probs[i] * (dprobs[i] - dot);
}

void trm_softmax_rows_backward(trm_mat dlogits, trm_mat dprobs, trm_mat probs) {
    for (int32_t r = 0; r < probs.rows; r++)
        softmax_row_backward(trm_mat_row(dlogits, r), trm_mat_row(dprobs, r), trm_mat_row(probs, r),
                             probs.cols);
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
