// SPDX-License-Identifier: Apache-2.0
// From the answer y to logits. Where there is an answer for every cell (or an action for every cell
// and class), a Linear reads each cell. A policy with few actions reads the mean of y over the
// cells and, for every input plane, the mean weighted by it: that of the agent's plane is what
// stands at the agent's cell; with read_at_agent it reads that alone. The halting head reads the
// plain mean; a value head what the policy's head reads, or where that reads each cell the mean.
#include <math.h>

#include "mixing.h"
#include "trm/nn/layers.h"

static int32_t pooled_cols(const trm_model_config *c) {
    return (c->read_at_agent ? 1 : c->state_dim / trm_mixing_tokens(c) + 1) * c->d_model;
}

static int32_t head_rows(const trm_model *m, const trm_mixing_layout *l) {
    const trm_model_config *c = &m->config;
    return l->by_cell ? c->positions * c->action_dim / l->tokens : c->action_dim;
}

// Does the head answer for every cell? So it does where there is an answer a cell, or one for every
// cell and class.
bool trm_mixing_head_by_cell(const trm_model_config *c, int32_t actions) {
    int32_t tokens = trm_mixing_tokens(c);
    return c->positions == tokens || (actions % tokens == 0 && actions > tokens);
}

void trm_mixing_head_add(trm_model *m, trm_mixing_layout *l) {
    const trm_model_config *c = &m->config;
    l->by_cell = trm_mixing_head_by_cell(c, c->action_dim);
    l->first_pool = c->read_at_agent ? AGENT_PLANE + 1 : 0;
    l->head = trm_params_add_linear(&m->params, &m->arena, "head",
                                    l->by_cell ? c->d_model : pooled_cols(c), head_rows(m, l));
    l->halt = c->halting ? trm_params_add_linear(&m->params, &m->arena, "halt", c->d_model, 1) : -1;
    if (l->halt >= 0)
        m->params.items[l->halt].init = m->params.items[l->halt + 1].init = TRM_INIT_ZERO;
}

void trm_mixing_head_plan(const trm_model *m, trm_workspace *w, trm_mixing_plan *p,
                          int32_t samples) {
    int32_t cols = pooled_cols(&m->config);
    p->pooled = trm_workspace_mat(w, samples, cols);
    p->dpooled = trm_workspace_mat(w, samples, cols);
}

// Weight of every cell of a sample in pool k: 0 the mean, then plane by plane.
typedef struct pool {
    trm_mat cells; // [P, C] of the sample
    int32_t k;
    float scale;
} pool;

static pool pool_of(trm_mat cells, int32_t k) {
    float total = 0;
    for (int32_t p = 0; k > 0 && p < cells.rows; p++)
        total += fabsf(trm_mat_row(cells, p)[k - 1]);
    return (pool){cells, k, k == 0 ? 1.0f / (float)cells.rows : 1.0f / (total > 1e-6f ? total : 1)};
}

static float pool_weight(const pool *of, int32_t p) {
    return of->k == 0 ? of->scale : of->scale * trm_mat_row(of->cells, p)[of->k - 1];
}

// pooled [samples, n * D]: n pools from the first on.
static void gather(const trm_mixing_layout *l, int32_t first, trm_mat pooled, trm_mat y,
                   trm_mat cells) {
    trm_mat_zero(pooled);
    for (int32_t i = 0; i < pooled.rows; i++)
        for (int32_t k = 0; k < pooled.cols / y.cols; k++) {
            pool of = pool_of(trm_mat_rows(cells, i * l->tokens, l->tokens), first + k);
            float *to = trm_mat_row(pooled, i) + (int64_t)k * y.cols;
            for (int32_t p = 0; p < l->tokens; p++) {
                float weight = pool_weight(&of, p);
                const float *from = trm_mat_row(y, i * l->tokens + p);
                for (int32_t j = 0; weight != 0 && j < y.cols; j++)
                    to[j] += weight * from[j];
            }
        }
}

static void spread_add(const trm_mixing_layout *l, int32_t first, trm_mat dy, trm_mat dpooled,
                       trm_mat cells) {
    for (int32_t i = 0; i < dpooled.rows; i++)
        for (int32_t k = 0; k < dpooled.cols / dy.cols; k++) {
            pool of = pool_of(trm_mat_rows(cells, i * l->tokens, l->tokens), first + k);
            const float *from = trm_mat_row(dpooled, i) + (int64_t)k * dy.cols;
            for (int32_t p = 0; p < l->tokens; p++) {
                float weight = pool_weight(&of, p);
                float *to = trm_mat_row(dy, i * l->tokens + p);
                for (int32_t j = 0; weight != 0 && j < dy.cols; j++)
                    to[j] += weight * from[j];
            }
        }
}

// Logits [samples, P * A] as the head writes them: a row a cell, or a row a sample.
static trm_mat head_view(const trm_model *m, trm_mat logits) {
    const trm_mixing_layout *l = m->layout;
    return l->by_cell ? trm_mat_of(logits.data, logits.rows * l->tokens, head_rows(m, l)) : logits;
}

static trm_mat means(const trm_model *m, trm_mat pooled, int32_t samples) {
    return trm_mat_rows(trm_mat_cols(pooled, 0, m->config.d_model), 0, samples);
}

void trm_mixing_head_forward(const trm_model *m, trm_mixing_plan *p, trm_mat logits, float *halt,
                             trm_mat y) {
    const trm_mixing_layout *l = m->layout;
    trm_mat pooled = trm_mat_rows(p->pooled, 0, logits.rows);
    if (!l->by_cell)
        gather(l, l->first_pool, pooled, y, p->cells);
    trm_apply_linear(m, l->head, head_view(m, logits), l->by_cell ? y : pooled);
    if (l->halt < 0 || !halt)
        return;
    trm_mat mean = means(m, p->pooled, logits.rows);
    if (l->by_cell || l->first_pool > 0)
        gather(l, 0, mean, y, p->cells);
    trm_apply_linear(m, l->halt, trm_mat_of(halt, logits.rows, 1), mean);
}

void trm_mixing_head_backward(const trm_model *m, trm_mixing_plan *p, trm_mat dy, trm_mat dlogits,
                              const float *dhalt, trm_mat y, float *grads) {
    const trm_mixing_layout *l = m->layout;
    int32_t samples = dlogits.rows;
    trm_mat pooled = trm_mat_rows(p->pooled, 0, samples);
    trm_mat dpooled = trm_mat_rows(p->dpooled, 0, samples);
    if (l->by_cell) {
        trm_apply_linear_backward(m, grads, l->head, dy, head_view(m, dlogits), y);
    } else {
        gather(l, l->first_pool, pooled, y, p->cells);
        trm_apply_linear_backward(m, grads, l->head, dpooled, dlogits, pooled);
        trm_mat_zero(dy);
        spread_add(l, l->first_pool, dy, dpooled, p->cells);
    }
    if (l->halt < 0 || !dhalt)
        return;
    trm_mat mean = means(m, p->pooled, samples), dmean = means(m, p->dpooled, samples);
    if (l->by_cell || l->first_pool > 0)
        gather(l, 0, mean, y, p->cells);
    // borrowed for reading only
    trm_mat d = trm_mat_of((float *)(uintptr_t)dhalt, samples, 1);
    trm_apply_linear_backward(m, grads, l->halt, dmean, d, mean);
    spread_add(l, 0, dy, dmean, p->cells);
}

int32_t trm_mixing_head_feature_dim(const trm_model_config *c) {
    return trm_mixing_head_by_cell(c, c->action_dim) ? c->d_model : pooled_cols(c);
}

static int32_t first_feature(const trm_mixing_layout *l) {
    return l->by_cell ? 0 : l->first_pool;
}

void trm_mixing_head_features(const trm_model *m, trm_mat features, trm_mat y, trm_mat cells) {
    const trm_mixing_layout *l = m->layout;
    gather(l, first_feature(l), features, y, cells);
}

void trm_mixing_head_features_backward(const trm_model *m, trm_mat dy, trm_mat dfeatures,
                                       trm_mat cells) {
    const trm_mixing_layout *l = m->layout;
    spread_add(l, first_feature(l), dy, dfeatures, cells);
}

// The sample's cells weigh in as their planes say; a grid's are stored plane by plane.
static float value_of(const trm_model *m, const float *x, int32_t cell, int32_t plane) {
    const trm_mixing_layout *l = m->layout;
    return m->config.height > 0 ? x[(int64_t)plane * l->tokens + cell]
                                : x[(int64_t)cell * l->planes + plane];
}

// How much of a cell's y is in pool k.
static float share_of(const trm_model *m, const float *x, int32_t k, int32_t cell) {
    const trm_mixing_layout *l = m->layout;
    float total = 0;
    if (k == 0)
        return 1.0f / (float)l->tokens;
    for (int32_t p = 0; p < l->tokens; p++)
        total += fabsf(value_of(m, x, p, k - 1));
    return value_of(m, x, cell, k - 1) / (total > 1e-6f ? total : 1);
}

void trm_mixing_head_gradient(const trm_model *m, const float *x, const trm_block *b) {
    const trm_mixing_layout *l = m->layout;
    const float *weight = trm_model_weight(m, l->head);
    int32_t d = m->config.d_model, rows = head_rows(m, l);
    int32_t pools = l->by_cell ? 1 : pooled_cols(&m->config) / d;
    for (int32_t u = 0; u < b->units; u++) {
        int32_t cell = (b->unit0 + u) / d, j = (b->unit0 + u) % d;
        for (int32_t i = 0; i < b->actions; i++) {
            int32_t a = b->action0 + i, row = l->by_cell ? a % rows : a;
            float sum = 0;
            for (int32_t k = 0; k < pools; k++)
                sum += weight[((int64_t)row * pools + k) * d + j] *
                       (l->by_cell ? a / rows == cell : share_of(m, x, l->first_pool + k, cell));
            b->out[(int64_t)i * b->units + u] = sum;
        }
    }
}
