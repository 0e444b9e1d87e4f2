// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/attention.h"

#include <assert.h>
#include <math.h>

#include "trm/nn/blas.h"
#include "trm/nn/dropout.h"
#include "trm/nn/layers.h"
#include "trm/nn/soft.h"

// What one head reads or writes: its columns of queries, keys and values.
typedef struct head_view {
    trm_mat q, k, v; // [P, d / heads]
} head_view;

static head_view view_head(trm_mat qkv, int32_t head, int32_t heads) {
    int32_t d = qkv.cols / 3, width = d / heads, first = head * width;
    return (head_view){trm_mat_cols(qkv, first, width), trm_mat_cols(qkv, d + first, width),
                       trm_mat_cols(qkv, 2 * d + first, width)};
}

static float score_scale(head_view h) {
    return 1.0f / sqrtf((float)h.q.cols);
}

static void head_probs(trm_mat probs, head_view h) {
    trm_blas_sgemm(TRM_BLAS_NT, probs, score_scale(h), h.q, h.k, 0);
    trm_softmax_rows(probs, probs);
}

// Where the probabilities of a head are: in rows of their own, or in those that all heads share.
static trm_mat probs_of(trm_mat probs, int32_t head, int32_t heads) {
    return probs.rows == heads * probs.cols ? trm_mat_rows(probs, head * probs.cols, probs.cols)
                                            : probs;
}

static void drop(trm_mat m, float rate, trm_rng *rng) {
    trm_dropout(m.data, (int64_t)m.rows * m.cols, rate, rng);
}

void trm_attention_forward(trm_mat y, trm_mat qkv, int32_t heads, float rate, const trm_rng *rng,
                           trm_mat all_probs) {
    assert(qkv.cols == 3 * y.cols && y.cols % heads == 0);
    assert(all_probs.stride == all_probs.cols && all_probs.cols == y.rows);
    trm_rng draws = rng ? *rng : (trm_rng){{0}};
    for (int32_t i = 0; i < heads; i++) {
        head_view h = view_head(qkv, i, heads);
        trm_mat probs = probs_of(all_probs, i, heads);
        head_probs(probs, h);
        if (rng)
            drop(probs, rate, &draws);
        trm_blas_sgemm(TRM_BLAS_NN, trm_mat_cols(y, i * h.v.cols, h.v.cols), 1, probs, h.v, 0);
    }
}

void trm_attention_backward(trm_mat dqkv, trm_mat dy, trm_mat qkv, int32_t heads, float rate,
                            const trm_rng *rng, trm_mat all_probs, bool known, trm_mat dprobs) {
    assert(qkv.cols == 3 * dy.cols && dprobs.stride == dprobs.cols);
    assert(!known || (!rng && all_probs.rows == heads * dy.rows));
    trm_rng draws = rng ? *rng : (trm_rng){{0}};
    for (int32_t i = 0; i < heads; i++) {
        head_view h = view_head(qkv, i, heads), d = view_head(dqkv, i, heads);
        trm_mat dhead = trm_mat_cols(dy, i * h.v.cols, h.v.cols);
        trm_mat probs = probs_of(all_probs, i, heads);
        if (!known)
            head_probs(probs, h);
        if (rng) { // what mixed the values were the probabilities after dropout
            trm_rng again = draws;
            trm_mat_copy(dprobs, probs);
            drop(dprobs, rate, &again);
        }
        trm_blas_sgemm(TRM_BLAS_TN, d.v, 1, rng ? dprobs : probs, dhead, 0);
        trm_blas_sgemm(TRM_BLAS_NT, dprobs, 1, dhead, h.v, 0);
        if (rng)
            drop(dprobs, rate, &draws);
        trm_softmax_rows_backward(dprobs, dprobs, probs);
        trm_blas_sgemm(TRM_BLAS_NN, d.q, score_scale(h), dprobs, h.k, 0);
        trm_blas_sgemm(TRM_BLAS_TN, d.k, score_scale(h), dprobs, h.q, 0);
    }
}
