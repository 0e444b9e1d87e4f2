// SPDX-License-Identifier: Apache-2.0
// The convolutional network that the original sets beside its 8x8 model
// (simple_maze_comparison.py: CNNMazeSolver).

#include "cells.h"
#include "trm/base/text.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

enum { LAYERS = 4 }; // of 3x3 convolutions; one linear layer a cell follows

typedef struct cnn_layout {
    int32_t conv[LAYERS], out;
} cnn_layout;

typedef struct cnn_plan {
    trm_mat hidden[LAYERS];        // [B*P, width], after ReLU
    trm_mat dhidden[LAYERS];       // [chunk, width]
    trm_conv_scratch conv[LAYERS]; // one memory
    trm_mat cells;                 // [chunk, planes]: the input, cell by cell
} cnn_plan;

// Channels that come out of convolution i; those of the input for -1.
static int32_t width_of(const trm_model_config *c, int32_t i) {
    if (i < 0)
        return cells_input_dim(c);
    return i == 0 || i == LAYERS - 1 ? c->channels : 2 * c->channels;
}

static void *layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    cnn_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    char prefix[32];
    for (int32_t i = 0; i < LAYERS; i++) {
        trm_text_format(prefix, sizeof prefix, "conv_layers.%d", 2 * i);
        l->conv[i] = trm_cells_add_conv(m, prefix, width_of(c, i - 1), width_of(c, i), 3);
    }
    trm_text_format(prefix, sizeof prefix, "conv_layers.%d", 2 * LAYERS);
    l->out = trm_cells_add_conv(m, prefix, c->channels, c->action_dim, 1);
    return l;
}

static void *plan(const trm_model *m, trm_workspace *w) {
    const trm_model_config *c = &m->config;
    cnn_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    int32_t widest = width_of(c, 1) > width_of(c, -1) ? width_of(c, 1) : width_of(c, -1);
    const trm_conv_scratch scratch = trm_cells_conv_scratch(m, w, widest, widest);
    for (int32_t i = 0; i < LAYERS; i++) {
        p->hidden[i] = trm_cells_mat(m, w, width_of(c, i));
        p->dhidden[i] = trm_cells_chunk_mat(m, w, width_of(c, i));
        p->conv[i] = trm_cells_conv_part(scratch, width_of(c, i - 1), width_of(c, i));
    }
    p->cells = trm_cells_chunk_mat(m, w, width_of(c, -1));
    return p;
}

// Input of convolution i
static trm_mat input_of(const trm_model *m, trm_workspace *w, int32_t i, int32_t row0,
                        int32_t rows) {
    const cnn_plan *p = w->impl;
    return i == 0 ? trm_cells_input(m, w, p->cells, row0, rows)
                  : cells_rows(m, p->hidden[i - 1], row0, rows);
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const cnn_layout *l = m->layout;
    const cnn_plan *p = w->impl;
    for (int32_t i = 0; i < LAYERS; i++)
        trm_cells_conv(m, l->conv[i], cells_rows(m, p->hidden[i], row0, rows),
                       input_of(m, w, i, row0, rows), p->conv[i]);
    trm_apply_linear(m, l->out, cells_rows(m, cells_view(m, w->logits[0]), row0, rows),
                     cells_rows(m, p->hidden[LAYERS - 1], row0, rows));
}

static void backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                     float *grads) {
    const cnn_layout *l = m->layout;
    const cnn_plan *p = w->impl;
    trm_apply_linear_backward(m, grads, l->out, cells_rows(m, p->dhidden[LAYERS - 1], 0, rows),
                              cells_rows(m, cells_view(m, w->dlogits[0]), row0, rows),
                              cells_rows(m, p->hidden[LAYERS - 1], row0, rows));
    for (int32_t i = LAYERS - 1; i >= 0; i--) {
        trm_mat dy = cells_rows(m, p->dhidden[i], 0, rows), dx = {0};
        if (i > 0)
            dx = cells_rows(m, p->dhidden[i - 1], 0, rows);
        trm_relu_backward(dy, dy, cells_rows(m, p->hidden[i], row0, rows));
        trm_cells_conv_backward(m, grads, l->conv[i], dx, dy, input_of(m, w, i, row0, rows),
                                p->conv[i]);
    }
}

// A cycle is a convolution. Widths differ from one to the next, so what is shown of a cell is the
// mean of its channels.
static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = LAYERS,
                             .h = c->positions,
                             .actions = c->positions * c->action_dim,
                             .cells = c->positions,
                             .first_logits = LAYERS - 1,
                             .kind = TRM_TRACE_MEANS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const cnn_plan *p = w->impl;
    trm_trace_shape shape = trace_shape(&m->config);
    for (int32_t i = 0; i < LAYERS; i++) {
        trm_mat hidden = cells_rows(m, p->hidden[i], row, 1);
        float *h = trm_trace_h(&shape, data, i);
        for (int32_t cell = 0; cell < hidden.rows; cell++) {
            float sum = 0;
            for (int32_t c = 0; c < hidden.cols; c++)
                sum += trm_mat_row(hidden, cell)[c];
            h[cell] = sum / (float)hidden.cols;
        }
        trm_cells_trace_unread(&shape, data, i);
    }
    trm_cells_trace_logits(&shape, data, LAYERS - 1, trm_mat_row(w->logits[0], row),
                           m->config.positions);
}

// A unit is the mean of a cell's channels: what a logit gains where all of them rise by 1.
static bool head_gradient(const trm_model *m, const float *x, const float *h, const float *none,
                          const trm_block *b) {
    const cnn_layout *l = m->layout;
    const int32_t classes = m->config.action_dim, channels = m->config.channels;
    (void)x;
    (void)h;
    (void)none;
    for (int32_t i = 0; i < b->actions; i++) {
        const int32_t action = b->action0 + i;
        const float *weight = trm_model_weight(m, l->out) + (int64_t)(action % classes) * channels;
        float sum = 0;
        for (int32_t c = 0; c < channels; c++)
            sum += weight[c];
        for (int32_t u = 0; u < b->units; u++)
            b->out[(int64_t)i * b->units + u] = b->unit0 + u == action / classes ? sum : 0;
    }
    return true;
}

static bool recognise(const trm_params *p, trm_model_config *c) {
    const int32_t *first = trm_cells_shape(p, "conv_layers.0.weight", 4);
    const int32_t *out = trm_cells_shape(p, "conv_layers.8.weight", 4);
    if (!first || !out)
        return false;
    c->channels = first[0];
    c->action_dim = out[0];
    trm_cells_set_grid(c);
    trm_cells_set_input(c, first[1]);
    return true;
}

void trm_products_cnn(trm_product_list *l, const trm_model_config *c) {
    int32_t n = c->positions;
    char name[TRM_PARAM_NAME];
    for (int32_t i = 0; i < LAYERS; i++) {
        trm_text_format(name, sizeof name, "conv_layers.%d.weight", 2 * i);
        trm_products_add_linear(l, name, width_of(c, i), TRM_CONV_TAPS * width_of(c, i - 1), n,
                                i > 0 ? n : 0);
    }
    trm_text_format(name, sizeof name, "conv_layers.%d.weight", 2 * LAYERS);
    trm_products_add_linear(l, name, c->action_dim, c->channels, n, n);
}

const trm_arch trm_arch_cnn = {.name = "cnn",
                               .summary =
                                   "four convolutions; the original's baseline for 8x8 mazes",
                               .check = trm_cells_check_grid,
                               .layout = layout,
                               .plan = plan,
                               .forward = forward,
                               .backward = backward,
                               .trace_shape = trace_shape,
                               .trace = trace,
                               .head_gradient = head_gradient,
                               .recognise = recognise,
                               .fields = TRM_FIELDS(TRM_SIZE(channels, 1, 1024))};
