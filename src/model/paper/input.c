// SPDX-License-Identifier: Apache-2.0
// From tokens to what the nets are given, and from z_H to logits.
#include <math.h>
#include <string.h>

#include "paper.h"
#include "trm/nn/layers.h"

static const float POSITION_SCALE = 0.707106781f;

// A whole number below n, whatever stands there.
static int32_t whole(float x, int32_t n) {
    return x > 0 ? (x < (float)(n - 1) ? (int32_t)lrintf(x) : n - 1) : 0;
}

static int32_t token_of(const trm_model *m, trm_mat samples, int32_t i, int32_t cell) {
    return whole(trm_mat_row(samples, i)[cell], m->config.action_dim);
}

static int32_t puzzle_of(const trm_model *m, trm_mat samples, int32_t i) {
    const trm_paper_layout *l = m->layout;
    return whole(trm_mat_row(samples, i)[l->cells], m->config.puzzles);
}

// The rows of a sample that are prefix, as one row [P * D].
static float *prefix_of(const trm_paper_layout *l, trm_mat x, int32_t i) {
    return trm_mat_row(x, i * l->tokens);
}

static void scale_rows(trm_mat x, float factor) {
    for (int32_t r = 0; r < x.rows; r++)
        for (int32_t j = 0; j < x.cols; j++)
            trm_mat_row(x, r)[j] *= factor;
}

static float embed_scale(const trm_model *m) {
    return sqrtf((float)m->config.d_model);
}

static void put_prefix(const trm_model *m, trm_mat x, trm_mat samples, int32_t i) {
    const trm_paper_layout *l = m->layout;
    size_t dim = (size_t)m->config.puzzle_dim;
    float *out = prefix_of(l, x, i);
    if (l->puzzles < 0)
        return;
    memset(out, 0, (size_t)l->prefix * (size_t)x.cols * sizeof *out);
    memcpy(out, trm_model_weight(m, l->puzzles) + (size_t)puzzle_of(m, samples, i) * dim,
           dim * sizeof *out);
}

void trm_paper_embed(const trm_model *m, trm_mat x, trm_mat samples) {
    const trm_paper_layout *l = m->layout;
    size_t d = (size_t)x.cols;
    for (int32_t i = 0; i < samples.rows; i++) {
        put_prefix(m, x, samples, i);
        for (int32_t c = 0; c < l->cells; c++)
            memcpy(trm_mat_row(x, i * l->tokens + l->prefix + c),
                   trm_model_weight(m, l->embed) + (size_t)token_of(m, samples, i, c) * d,
                   d * sizeof(float));
        if (l->positions < 0)
            continue;
        // borrowed for reading only
        trm_mat at =
            trm_mat_of((float *)(uintptr_t)trm_model_weight(m, l->positions), l->tokens, x.cols);
        trm_mat sample = trm_mat_rows(x, i * l->tokens, l->tokens);
        trm_mat_add(sample, at);
        scale_rows(sample, POSITION_SCALE);
    }
    scale_rows(x, embed_scale(m));
}

static void add(float *to, const float *from, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        to[i] += from[i];
}

void trm_paper_embed_backward(const trm_model *m, trm_mat dx, trm_mat samples, float *grads) {
    const trm_paper_layout *l = m->layout;
    int32_t d = dx.cols, dim = m->config.puzzle_dim;
    scale_rows(dx, embed_scale(m) * (l->positions < 0 ? 1.0f : POSITION_SCALE));
    for (int32_t i = 0; i < samples.rows; i++) {
        if (l->positions >= 0)
            add(trm_model_grad(m, grads, l->positions), trm_mat_row(dx, i * l->tokens),
                l->tokens * d);
        if (l->puzzles >= 0)
            add(trm_model_grad(m, grads, l->puzzles) + (int64_t)puzzle_of(m, samples, i) * dim,
                prefix_of(l, dx, i), dim);
        for (int32_t c = 0; c < l->cells; c++)
            add(trm_model_grad(m, grads, l->embed) + (int64_t)token_of(m, samples, i, c) * d,
                trm_mat_row(dx, i * l->tokens + l->prefix + c), d);
    }
}

// ---- heads --------------------------------------------------------------------------------------

static trm_mat cells_of_sample(const trm_paper_layout *l, trm_mat h, int32_t i) {
    return trm_mat_rows(h, i * l->tokens + l->prefix, l->cells);
}

// Token 0 of every sample.
static trm_mat first_tokens(const trm_paper_layout *l, trm_mat h) {
    return (trm_mat){h.data, h.rows / l->tokens, h.cols, h.stride * l->tokens};
}

static trm_mat by_cell(const trm_model *m, trm_mat logits, int32_t i) {
    const trm_paper_layout *l = m->layout;
    return trm_mat_of(trm_mat_row(logits, i), l->cells, m->config.action_dim);
}

void trm_paper_read(const trm_model *m, trm_mat logits, trm_mat q, trm_mat h) {
    const trm_paper_layout *l = m->layout;
    for (int32_t i = 0; i < logits.rows; i++)
        trm_linear_forward(by_cell(m, logits, i), cells_of_sample(l, h, i),
                           trm_model_weight(m, l->lm_head), NULL);
    trm_apply_linear(m, l->q_head, q, first_tokens(l, h));
}

void trm_paper_read_backward(const trm_model *m, trm_mat dh, trm_mat dlogits, trm_mat dq, trm_mat h,
                             float *grads) {
    const trm_paper_layout *l = m->layout;
    trm_mat_zero(dh);
    for (int32_t i = 0; i < dlogits.rows; i++)
        trm_linear_backward(cells_of_sample(l, dh, i), trm_model_grad(m, grads, l->lm_head), NULL,
                            by_cell(m, dlogits, i), cells_of_sample(l, h, i),
                            trm_model_weight(m, l->lm_head));
    trm_apply_linear_backward_add(m, grads, l->q_head, first_tokens(l, dh), dq, first_tokens(l, h));
}
