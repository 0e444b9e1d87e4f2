// SPDX-License-Identifier: Apache-2.0
// The MLP that the original sets beside its recursive models (trm_rl.py: MLPPolicy). Where a sample
// has several positions, one last layer answers for all of them.
#include <stddef.h>
#include <string.h>

#include "cells.h"
#include "trm/nn/layers.h"

enum { LAYERS = 2, LOGITS_MAX = 1 << 16 };

typedef struct mlp_layout {
    int32_t net0, net2, net4;
} mlp_layout;

typedef struct mlp_plan {
    trm_mat hidden[LAYERS];  // [max_rows, hidden], after ReLU
    trm_mat dhidden[LAYERS]; // [chunk, hidden]
} mlp_plan;

static int32_t chunk(const trm_model_config *c) {
    (void)c;
    return TRM_CHUNK;
}

static bool check(const trm_model_config *c, trm_error *e) {
    if ((int64_t)c->positions * c->action_dim <= LOGITS_MAX)
        return true;
    return trm_error_set(
        e, TRM_E_INPUT,
        "model.type: mlp gives at most %d logits, and %d answers of %d classes are more",
        LOGITS_MAX, c->positions, c->action_dim);
}

static int32_t logits_of(const trm_model_config *c) {
    return c->positions * c->action_dim;
}

static void *layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    mlp_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->net0 = trm_params_add_linear(&m->params, &m->arena, "net.0", c->state_dim, c->hidden);
    l->net2 = trm_params_add_linear(&m->params, &m->arena, "net.2", c->hidden, c->hidden);
    l->net4 = trm_params_add_linear(&m->params, &m->arena, "net.4", c->hidden, logits_of(c));
    return l;
}

static void *plan(const trm_model *m, trm_workspace *w) {
    mlp_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    for (int i = 0; i < LAYERS; i++) {
        p->hidden[i] = trm_workspace_mat(w, w->max_rows, m->config.hidden);
        p->dhidden[i] = trm_workspace_mat(w, trm_workspace_chunk(m, w), m->config.hidden);
    }
    return p;
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const mlp_layout *l = m->layout;
    const mlp_plan *p = w->impl;
    trm_mat first = trm_mat_rows(p->hidden[0], row0, rows);
    trm_mat second = trm_mat_rows(p->hidden[1], row0, rows);
    trm_apply_linear(m, l->net0, first, trm_mat_rows(w->x, row0, rows));
    trm_relu_forward(first, first);
    trm_apply_linear(m, l->net2, second, first);
    trm_relu_forward(second, second);
    trm_apply_linear(m, l->net4, trm_mat_rows(w->logits[0], row0, rows), second);
}

static void backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                     float *grads) {
    const mlp_layout *l = m->layout;
    const mlp_plan *p = w->impl;
    trm_mat first = trm_mat_rows(p->hidden[0], row0, rows);
    trm_mat second = trm_mat_rows(p->hidden[1], row0, rows);
    trm_mat dfirst = trm_mat_rows(p->dhidden[0], 0, rows);
    trm_mat dsecond = trm_mat_rows(p->dhidden[1], 0, rows);
    trm_workspace_start_gradient(w, dsecond);
    trm_apply_linear_backward_add(m, grads, l->net4, dsecond,
                                  trm_mat_rows(w->dlogits[0], row0, rows), second);
    trm_relu_backward(dsecond, dsecond, second);
    trm_apply_linear_backward(m, grads, l->net2, dfirst, dsecond, first);
    trm_relu_backward(dfirst, dfirst, first);
    trm_apply_linear_backward(m, grads, l->net0, (trm_mat){0}, dfirst,
                              trm_mat_rows(w->x, row0, rows));
}

static int32_t feature_dim(const trm_model_config *c) {
    return c->hidden;
}

static trm_mat features(const trm_model *m, const trm_workspace *w) {
    const mlp_plan *p = w->impl;
    (void)m;
    return p->hidden[LAYERS - 1];
}

static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = LAYERS,
                             .h = c->hidden,
                             .actions = logits_of(c),
                             .first_logits = LAYERS - 1,
                             .kind = TRM_TRACE_LAYERS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const mlp_plan *p = w->impl;
    trm_trace_shape s = trace_shape(&m->config);
    for (int32_t c = 0; c < LAYERS; c++) {
        memcpy(trm_trace_h(&s, data, c), trm_mat_row(p->hidden[c], row),
               (size_t)s.h * sizeof(float));
        trm_cells_trace_unread(&s, data, c);
    }
    trm_cells_trace_logits(&s, data, LAYERS - 1, trm_mat_row(w->logits[0], row),
                           m->config.positions);
}

// The H slot of the last layer goes straight into net.4.
static bool head_gradient(const trm_model *m, const float *x, const float *h, const float *none,
                          const trm_block *b) {
    const mlp_layout *l = m->layout;
    const float *weight = trm_model_weight(m, l->net4);
    (void)x;
    (void)h;
    (void)none;
    for (int32_t a = 0; a < b->actions; a++)
        memcpy(b->out + (int64_t)a * b->units,
               weight + (int64_t)(b->action0 + a) * m->config.hidden + b->unit0,
               (size_t)b->units * sizeof *b->out);
    return true;
}

static bool recognise(const trm_params *p, trm_model_config *c) {
    int32_t in = trm_params_find(p, "net.0.weight"), out = trm_params_find(p, "net.4.weight");
    if (in < 0 || out < 0)
        return false;
    c->hidden = p->items[in].shape[0];
    c->state_dim = p->items[in].shape[1];
    c->action_dim = p->items[out].shape[0] / c->positions;
    return true;
}

void trm_products_mlp(trm_product_list *l, const trm_model_config *c) {
    trm_products_add_linear(l, "net.0.weight", c->hidden, c->state_dim, 1, 0);
    trm_products_add_linear(l, "net.2.weight", c->hidden, c->hidden, 1, 1);
    trm_products_add_linear(l, "net.4.weight", c->positions * c->action_dim, c->hidden, 1, 1);
}

const trm_arch trm_arch_mlp = {.name = "mlp",
                               .summary = "two hidden ReLU layers; the original's baseline",
                               .chunk = chunk,
                               .check = check,
                               .layout = layout,
                               .plan = plan,
                               .forward = forward,
                               .backward = backward,
                               .feature_dim = feature_dim,
                               .features = features,
                               .trace_shape = trace_shape,
                               .trace = trace,
                               .head_gradient = head_gradient,
                               .recognise = recognise,
                               .fields = TRM_FIELDS(TRM_SIZE(hidden, 1, 4096))};
