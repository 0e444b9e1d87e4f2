// SPDX-License-Identifier: Apache-2.0
// The tiny recursive model as a policy (trm_rl_evns.py, trm_rl_improved.py: TRMPolicy).

#include "cells.h"
#include "recursion.h"

static const trm_recursion_names names = {"tiny.net", "head.net", "y_embed"};

static void *layout(trm_model *m) {
    trm_recursion_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    *l = trm_recursion_add(m, &names, m->config.state_dim, true);
    return l;
}

static void *plan(const trm_model *m, trm_workspace *w) {
    trm_recursion *r = trm_arena_alloc(&w->arena, sizeof *r);
    trm_recursion_plan(r, m, m->layout, w, w->max_rows, trm_chunk_rows(&m->config));
    return r;
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    trm_recursion_forward(w->impl, m, m->layout, trm_mat_rows(w->x, row0, rows), w->prev + row0,
                          row0);
}

static void backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                     float *grads) {
    trm_recursion_backward(w->impl, m, m->layout, w->prev + row0, row0, rows, grads);
}

// A cycle is an inner step: z after it, and the y that went into it.
static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = c->inner_steps * c->sup_steps,
                             .h = c->z_dim,
                             .l = c->y_dim,
                             .actions = c->action_dim,
                             .kind = TRM_TRACE_STEPS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const trm_recursion *r = w->impl;
    trm_trace_shape shape = trm_workspace_trace_shape(m, w);
    for (int32_t c = 0; c < shape.cycles; c++) {
        const trm_recursion_sup *sup = &r->sups[c / m->config.inner_steps];
        int32_t next = c % m->config.inner_steps + 1;
        bool last = next == m->config.inner_steps;
        trm_mat answer = trm_mat_rows(sup->answer, row, 1);
        trm_mat z = recursion_z(m, last ? answer : trm_mat_rows(sup->kept[next].joined, row, 1));
        trm_mat y = recursion_y(m, answer), logits = trm_mat_rows(sup->logits, row, 1);
        trm_cells_copy_out(trm_trace_h(&shape, data, c), z);
        trm_cells_copy_out(trm_trace_l(&shape, data, c), y);
        if (!last) { // what the head would say of z as it is by now
            logits = r->probe_logits;
            trm_cells_copy_out(recursion_z(m, r->probe_answer).data, z);
            trm_cells_copy_out(recursion_y(m, r->probe_answer).data, y);
            trm_recursion_head(m, m->layout, logits, r->probe_head, r->probe_answer);
        }
        trm_cells_trace_logits(&shape, data, c, logits.data, 1);
    }
}

// The head reads [z, y].
static bool head_gradient(const trm_model *m, const float *x, const float *z, const float *y,
                          const trm_block *block) {
    const trm_recursion_layout *l = m->layout;
    (void)x;
    trm_head_gradient(m, l->head0, l->head2, z, m->config.z_dim, y, block);
    return true;
}

static trm_interventions interventions(const trm_model_config *c) {
    (void)c;
    return (trm_interventions){.cycles = true, .prev_action = true};
}

static bool recognise(const trm_params *p, trm_model_config *c) {
    int64_t x_dim;
    if (!trm_recursion_recognise(p, &names, c, &x_dim))
        return false;
    c->positions = 1;
    trm_cells_set_input(c, x_dim);
    return true;
}

void trm_products_rl(trm_product_list *l, const trm_model_config *c) {
    int32_t sups = c->sup_steps, inner = sups * c->inner_steps;
    trm_products_add_linear(l, "tiny.net.0.weight", c->hidden, c->z_dim + c->state_dim + c->y_dim,
                            inner, inner);
    trm_products_add_linear(l, "tiny.net.2.weight", c->z_dim, c->hidden, inner, inner);
    trm_products_add_linear(l, "head.net.0.weight", c->head_hidden, c->z_dim + c->y_dim, sups,
                            sups);
    trm_products_add_linear(l, "head.net.2.weight", c->action_dim, c->head_hidden, sups, sups);
    trm_products_add_linear(l, "y_embed.weight", c->action_dim, c->y_dim, sups - 1, sups - 1);
}

const trm_arch trm_arch_rl = {
    .name = "trm-rl",
    .summary = "z recurs with the state and the answer; the original's RL-Adapted and Enhanced",
    .layout = layout,
    .outputs = trm_outputs_of_steps,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .trace_shape = trace_shape,
    .trace = trace,
    .interventions = interventions,
    .head_gradient = head_gradient,
    .recognise = recognise,
    .fields = TRM_FIELDS(RECURSION_SIZES)};
