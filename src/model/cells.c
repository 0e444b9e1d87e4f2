// SPDX-License-Identifier: Apache-2.0
#include "cells.h"

#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

trm_mat trm_cells_mat(const trm_model *m, trm_workspace *w, int32_t cols) {
    return trm_workspace_mat(w, cells_of(m, w->max_rows), cols);
}

trm_mat trm_cells_chunk_mat(const trm_model *m, trm_workspace *w, int32_t cols) {
    return trm_workspace_mat(w, cells_chunk(m), cols);
}

trm_mat trm_cells_input(const trm_model *m, const trm_workspace *w, trm_mat cells, int32_t row0,
                        int32_t rows) {
    trm_mat out = cells_rows(m, cells, 0, rows);
    trm_cells_from_planes(out, trm_mat_rows(w->x, row0, rows));
    return out;
}

int32_t trm_cells_add_conv(trm_model *m, const char *prefix, int32_t in, int32_t out,
                           int32_t kernel) {
    char weight[TRM_PARAM_NAME], bias[TRM_PARAM_NAME];
    int32_t fan_in = in * kernel * kernel;
    trm_text_format(weight, sizeof weight, "%s.weight", prefix);
    trm_text_format(bias, sizeof bias, "%s.bias", prefix);
    int32_t i = trm_params_add(&m->params, &m->arena, weight, 4,
                               (int32_t[]){out, in, kernel, kernel}, TRM_INIT_LINEAR, fan_in, 0);
    trm_params_add(&m->params, &m->arena, bias, 1, &out, TRM_INIT_LINEAR, fan_in, 0);
    return i;
}

trm_conv_scratch trm_cells_conv_scratch(const trm_model *m, trm_workspace *w, int32_t in,
                                        int32_t out) {
    return (trm_conv_scratch){trm_cells_chunk_mat(m, w, TRM_CONV_TAPS * in),
                              trm_workspace_mat(w, out, TRM_CONV_TAPS * in)};
}

trm_conv_scratch trm_cells_conv_part(trm_conv_scratch s, int32_t in, int32_t out) {
    return (trm_conv_scratch){trm_mat_of(s.patches.data, s.patches.rows, TRM_CONV_TAPS * in),
                              trm_mat_of(s.taps.data, out, TRM_CONV_TAPS * in)};
}

void trm_cells_conv(const trm_model *m, int32_t weight, trm_mat y, trm_mat x, trm_conv_scratch s) {
    s.patches = trm_mat_rows(s.patches, 0, x.rows);
    trm_conv3x3_forward(y, x, m->config.height, m->config.width, trm_model_weight(m, weight),
                        trm_model_weight(m, weight + 1), s);
    trm_relu_forward(y, y);
}

void trm_cells_conv_backward(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                             trm_mat dy, trm_mat x, trm_conv_scratch s) {
    s.patches = trm_mat_rows(s.patches, 0, x.rows);
    if (dx.data)
        trm_mat_zero(dx);
    trm_conv3x3_backward_add(dx, trm_model_grad(m, grads, weight),
                             trm_model_grad(m, grads, weight + 1), dy, x, m->config.height,
                             m->config.width, trm_model_weight(m, weight), s);
}

bool trm_cells_check(const trm_model_config *c, trm_error *e) {
    if (c->state_dim % c->positions == 0)
        return true;
    return trm_error_set(e, TRM_E_INPUT,
                         "model.state_dim: %d values cannot be shared out to %d positions",
                         c->state_dim, c->positions);
}

bool trm_cells_check_grid(const trm_model_config *c, trm_error *e) {
    if (c->height >= 1 && c->width >= 1 && (int64_t)c->height * c->width == c->positions)
        return trm_cells_check(c, e);
    if (c->height < 1)
        return trm_error_set(
            e, TRM_E_INPUT,
            "model.type: %s works on boards, and of this one only the number of cells "
            "is known, %d: name its data set (data.type, data.size)",
            c->type, c->positions);
    return trm_error_set(e, TRM_E_INPUT,
                         "model.type: %s works on grids, and a grid of %d x %d is not %d positions",
                         c->type, c->height, c->width, c->positions);
}

const int32_t *trm_cells_shape(const trm_params *p, const char *name, int32_t ndim) {
    int32_t i = trm_params_find(p, name);
    return i >= 0 && p->items[i].ndim == ndim ? p->items[i].shape : NULL;
}

// Sizes come from a file: those that no model has are left for the range checks to refuse.
void trm_cells_set_input(trm_model_config *c, int64_t dim) {
    int64_t size = dim < 0 || dim > INT32_MAX ? -1 : dim * c->positions;
    c->state_dim = size > INT32_MAX ? INT32_MAX : (int32_t)size;
}

void trm_cells_set_grid(trm_model_config *c) {
    for (int32_t side = 1; c->height < 1 && (int64_t)side * side <= c->positions; side++)
        if ((int64_t)side * side == c->positions)
            c->height = c->width = side;
}

void trm_cells_trace_logits(const trm_trace_shape *s, float *data, int32_t c, const float *logits,
                            int32_t positions) {
    float *out = trm_trace_logits(s, data, c), *probs = trm_trace_probs(s, data, c);
    int32_t classes = s->actions / positions;
    memcpy(out, logits, (size_t)s->actions * sizeof *out);
    for (int32_t p = 0; p < positions; p++)
        trm_softmax(probs + (int64_t)p * classes, out + (int64_t)p * classes, classes);
}

void trm_cells_trace_unread(const trm_trace_shape *s, float *data, int32_t c) {
    float *out = trm_trace_logits(s, data, c);
    for (int32_t a = 0; a < 2 * s->actions; a++)
        out[a] = NAN;
}

void trm_cells_head_gradient(const trm_model *m, int32_t head0, int32_t head2, const float *z,
                             int32_t z_dim, const float *y, int32_t y_dim, const trm_block *block) {
    const int32_t classes = m->config.action_dim, all_z = m->config.positions * z_dim;
    const bool of_z = block->unit0 < all_z;
    const int32_t each = of_z ? z_dim : y_dim, end = block->unit0 + block->units;
    memset(block->out, 0, (size_t)block->actions * (size_t)block->units * sizeof *block->out);
    for (int32_t i = 0; i < block->actions; i++) {
        const int32_t action = block->action0 + i, p = action / classes;
        const int32_t own = (of_z ? 0 : all_z) + p * each;
        const int32_t from = block->unit0 > own ? block->unit0 : own;
        const int32_t to = end < own + each ? end : own + each;
        const trm_block one = {
            .action0 = action % classes,
            .actions = 1,
            .unit0 = (of_z ? 0 : z_dim) + from - own,
            .units = to - from,
            .out = block->out + (int64_t)i * block->units + from - block->unit0,
        };
        if (from < to)
            trm_head_gradient(m, head0, head2, z + (int64_t)p * z_dim, z_dim,
                              y + (int64_t)p * y_dim, &one);
    }
}

void trm_cells_copy_out(float *out, trm_mat m) {
    for (int32_t r = 0; r < m.rows; r++)
        memcpy(out + (int64_t)r * m.cols, trm_mat_row(m, r), (size_t)m.cols * sizeof *out);
}
