// SPDX-License-Identifier: Apache-2.0
// The tiny recursive models that answer for every position, each with its own way from the input to
// x: none (trm.py: TRM), two convolutions (simple_maze_comparison.py: SimpleTRM), a linear layer a
// cell (maze_comparison.py: TRMMazeSolver). Positions never meet in the recursion.
#include <stddef.h>

#include "cells.h"
#include "recursion.h"
#include "trm/base/text.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

enum { CONV_CHANNELS = 16 }; // of the first convolution, as in the original

typedef struct cells_layout {
    trm_recursion_layout core;
    int32_t input0, input2; // convolutions, or the linear layer
    const struct front *front;
} cells_layout;

typedef struct cells_plan {
    trm_recursion core;
    trm_mat cells;                 // [chunk, planes]: the input, cell by cell
    trm_mat first;                 // [B*P, 16] after ReLU
    trm_mat x;                     // [B*P, x_dim]: what the recursion reads
    trm_conv_scratch conv0, conv2; // one memory
    trm_mat dfirst;                // [chunk, 16]
} cells_plan;

// The way from samples row0 .. row0 + rows - 1 to their x [rows * P, x_dim], and back; backward is
// NULL where there is no parameter on it.
typedef struct front {
    trm_mat (*forward)(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows);
    void (*backward)(const trm_model *m, trm_workspace *w, trm_mat dx, int32_t row0, int32_t rows,
                     float *grads);
} front;

// ---- none ---------------------------------------------------------------------------------------

static trm_mat none_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    return cells_rows(m, cells_view(m, w->x), row0, rows);
}

static const front front_none = {none_forward, NULL};

// ---- a linear layer a cell ----------------------------------------------------------------------

static trm_mat linear_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_mat x = cells_rows(m, p->x, row0, rows);
    trm_apply_linear(m, l->input0, x, trm_cells_input(m, w, p->cells, row0, rows));
    return x;
}

static void linear_backward(const trm_model *m, trm_workspace *w, trm_mat dx, int32_t row0,
                            int32_t rows, float *grads) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_apply_linear_backward(m, grads, l->input0, (trm_mat){0}, dx,
                              trm_cells_input(m, w, p->cells, row0, rows));
}

static const front front_linear = {linear_forward, linear_backward};

// ---- two convolutions ---------------------------------------------------------------------------

static trm_mat conv_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_mat first = cells_rows(m, p->first, row0, rows), x = cells_rows(m, p->x, row0, rows);
    trm_cells_conv(m, l->input0, first, trm_cells_input(m, w, p->cells, row0, rows), p->conv0);
    trm_cells_conv(m, l->input2, x, first, p->conv2);
    return x;
}

static void conv_backward(const trm_model *m, trm_workspace *w, trm_mat dx, int32_t row0,
                          int32_t rows, float *grads) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_mat first = cells_rows(m, p->first, row0, rows);
    trm_mat dfirst = cells_rows(m, p->dfirst, 0, rows);
    trm_relu_backward(dx, dx, cells_rows(m, p->x, row0, rows));
    trm_cells_conv_backward(m, grads, l->input2, dfirst, dx, first, p->conv2);
    trm_relu_backward(dfirst, dfirst, first);
    trm_cells_conv_backward(m, grads, l->input0, (trm_mat){0}, dfirst,
                            trm_cells_input(m, w, p->cells, row0, rows), p->conv0);
}

static const front front_conv = {conv_forward, conv_backward};

// ---- what all three share -----------------------------------------------------------------------

static void *plan(const trm_model *m, trm_workspace *w) {
    const cells_layout *l = m->layout;
    cells_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    int32_t planes = cells_input_dim(&m->config);
    trm_recursion_plan(&p->core, m, &l->core, w, cells_of(m, w->max_rows), cells_chunk(m));
    if (l->front == &front_none)
        return p;
    p->cells = trm_cells_chunk_mat(m, w, planes);
    p->x = trm_cells_mat(m, w, l->core.x_dim);
    if (l->front == &front_linear)
        return p;
    int32_t widest = planes > CONV_CHANNELS ? planes : CONV_CHANNELS;
    int32_t most = l->core.x_dim > CONV_CHANNELS ? l->core.x_dim : CONV_CHANNELS;
    const trm_conv_scratch scratch = trm_cells_conv_scratch(m, w, widest, most);
    p->first = trm_cells_mat(m, w, CONV_CHANNELS);
    p->dfirst = trm_cells_chunk_mat(m, w, CONV_CHANNELS);
    p->conv0 = trm_cells_conv_part(scratch, planes, CONV_CHANNELS);
    p->conv2 = trm_cells_conv_part(scratch, CONV_CHANNELS, l->core.x_dim);
    return p;
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_recursion_forward(&p->core, m, &l->core, l->front->forward(m, w, row0, rows), NULL,
                          cells_of(m, row0));
}

static void backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                     float *grads) {
    const cells_layout *l = m->layout;
    const cells_plan *p = w->impl;
    trm_mat dx = trm_recursion_backward(&p->core, m, &l->core, NULL, cells_of(m, row0),
                                        cells_of(m, rows), grads);
    if (l->front->backward)
        l->front->backward(m, w, dx, row0, rows, grads);
}

// A cycle is a supervision step. Everything is there for all positions, one behind the other: z at
// the step's end, the y that went into it, the logits that came out.
static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = c->sup_steps,
                             .h = c->positions * c->z_dim,
                             .l = c->positions * c->y_dim,
                             .actions = c->positions * c->action_dim,
                             .cells = c->positions,
                             .kind = TRM_TRACE_STEPS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const cells_plan *p = w->impl;
    trm_trace_shape shape = trace_shape(&m->config);
    for (int32_t s = 0; s < shape.cycles; s++) {
        const trm_recursion_sup *sup = &p->core.sups[s];
        trm_mat answer = cells_rows(m, sup->answer, row, 1);
        trm_cells_copy_out(trm_trace_h(&shape, data, s), recursion_z(m, answer));
        trm_cells_copy_out(trm_trace_l(&shape, data, s), recursion_y(m, answer));
        trm_cells_trace_logits(&shape, data, s, cells_rows(m, sup->logits, row, 1).data,
                               m->config.positions);
    }
}

static bool head_gradient(const trm_model *m, const float *x, const float *z, const float *y,
                          const trm_block *block) {
    const cells_layout *l = m->layout;
    (void)x;
    trm_cells_head_gradient(m, l->core.head0, l->core.head2, z, m->config.z_dim, y, m->config.y_dim,
                            block);
    return true;
}

#define CELLS_ARCH                                                                                 \
    .outputs = trm_outputs_of_steps, .plan = plan, .forward = forward, .backward = backward,       \
    .trace_shape = trace_shape, .trace = trace, .head_gradient = head_gradient

// ---- trm-baseline -------------------------------------------------------------------------------

static const trm_recursion_names names = {"tiny.net", "head.net", "y_token_embedding"};

static void *baseline_layout(trm_model *m) {
    cells_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->front = &front_none;
    l->core = trm_recursion_add(m, &names, cells_input_dim(&m->config), false);
    return l;
}

static bool baseline_recognise(const trm_params *p, trm_model_config *c) {
    int64_t x_dim;
    if (trm_params_find(p, "input_proj.weight") >= 0 ||
        !trm_recursion_recognise(p, &names, c, &x_dim))
        return false;
    trm_cells_set_input(c, x_dim);
    return true;
}

const trm_arch trm_arch_baseline = {
    .name = "trm-baseline",
    .summary = "z recurs at every position, supervised at every step; the original's Baseline",
    .check = trm_cells_check,
    .layout = baseline_layout,
    .recognise = baseline_recognise,
    .fields = TRM_FIELDS(RECURSION_SIZES, TRM_READS(detach_inner_steps)),
    CELLS_ARCH};

// ---- trm-simple ---------------------------------------------------------------------------------

static const trm_recursion_names simple_names = {"tiny_net.net", "output_head", "y_embedding"};

static void *simple_layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    cells_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->front = &front_conv;
    l->input0 = trm_cells_add_conv(m, "input_conv.0", cells_input_dim(c), CONV_CHANNELS, 3);
    l->input2 = trm_cells_add_conv(m, "input_conv.2", CONV_CHANNELS, c->x_dim, 3);
    l->core = trm_recursion_add(m, &simple_names, c->x_dim, false);
    return l;
}

static bool simple_recognise(const trm_params *p, trm_model_config *c) {
    int64_t x_dim;
    const int32_t *first = trm_cells_shape(p, "input_conv.0.weight", 4);
    const int32_t *second = trm_cells_shape(p, "input_conv.2.weight", 4);
    if (!first || !second || !trm_recursion_recognise(p, &simple_names, c, &x_dim))
        return false;
    c->x_dim = second[0];
    trm_cells_set_grid(c);
    trm_cells_set_input(c, first[1]);
    return true;
}

const trm_arch trm_arch_simple = {
    .name = "trm-simple",
    .summary = "two convolutions, then z recurs at every cell; the original's for 8x8 mazes",
    .check = trm_cells_check_grid,
    .layout = simple_layout,
    .recognise = simple_recognise,
    .fields = TRM_FIELDS(TRM_SIZE(x_dim, 1, 4096), RECURSION_SIZES, TRM_READS(detach_inner_steps)),
    CELLS_ARCH};

// ---- trm-maze -----------------------------------------------------------------------------------

static void *maze_layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    cells_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->front = &front_linear;
    l->input0 =
        trm_params_add_linear(&m->params, &m->arena, "input_proj", cells_input_dim(c), c->x_dim);
    l->core = trm_recursion_add(m, &names, c->x_dim, false);
    return l;
}

static bool maze_recognise(const trm_params *p, trm_model_config *c) {
    int64_t x_dim;
    const int32_t *input = trm_cells_shape(p, "input_proj.weight", 2);
    if (!input || !trm_recursion_recognise(p, &names, c, &x_dim))
        return false;
    c->x_dim = input[0];
    trm_cells_set_grid(c);
    trm_cells_set_input(c, input[1]);
    return true;
}

// ---- operations ---------------------------------------------------------------------------------

// Of each supervision step only the inner steps that are kept are differentiated.
static void count_recursion(trm_product_list *l, const trm_model_config *c,
                            const trm_recursion_names *named, int32_t x_dim) {
    int32_t steps = c->positions * c->sup_steps, inner = steps * c->inner_steps;
    int32_t learned = c->detach_inner_steps ? steps : inner;
    const struct {
        const char *prefix, *part;
        trm_product product;
    } all[] = {
        {named->tiny, ".0", {.out = c->hidden, .in = c->z_dim + x_dim + c->y_dim, .times = inner}},
        {named->tiny, ".2", {.out = c->z_dim, .in = c->hidden, .times = inner}},
        {named->head, ".0", {.out = c->head_hidden, .in = c->z_dim + c->y_dim, .times = steps}},
        {named->head, ".2", {.out = c->action_dim, .in = c->head_hidden, .times = steps}},
        {named->embed, "", {.out = c->action_dim, .in = c->y_dim, .times = steps}},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char name[TRM_PARAM_NAME];
        trm_product p = all[i].product;
        trm_text_format(name, sizeof name, "%s%s.weight", all[i].prefix, all[i].part);
        p.weight_gradients = p.times == inner ? learned : steps;
        // The first answer is mixed from logits of 0: nothing lies before it.
        p.input_gradients =
            all[i].prefix == named->embed ? steps - c->positions : p.weight_gradients;
        trm_products_add(l, name, p);
    }
}

void trm_products_baseline(trm_product_list *l, const trm_model_config *c) {
    count_recursion(l, c, &names, cells_input_dim(c));
}

void trm_products_simple(trm_product_list *l, const trm_model_config *c) {
    int32_t n = c->positions;
    trm_products_add_linear(l, "input_conv.0.weight", CONV_CHANNELS,
                            TRM_CONV_TAPS * cells_input_dim(c), n, 0);
    trm_products_add_linear(l, "input_conv.2.weight", c->x_dim, TRM_CONV_TAPS * CONV_CHANNELS, n,
                            n);
    count_recursion(l, c, &simple_names, c->x_dim);
}

void trm_products_maze(trm_product_list *l, const trm_model_config *c) {
    trm_products_add_linear(l, "input_proj.weight", c->x_dim, cells_input_dim(c), c->positions, 0);
    count_recursion(l, c, &names, c->x_dim);
}

const trm_arch trm_arch_maze = {
    .name = "trm-maze",
    .summary = "z recurs at every cell, each by itself; the original's for 10x10 mazes",
    .check = trm_cells_check_grid,
    .layout = maze_layout,
    .recognise = maze_recognise,
    .fields = TRM_FIELDS(TRM_SIZE(x_dim, 1, 4096), RECURSION_SIZES, TRM_READS(detach_inner_steps)),
    CELLS_ARCH};
