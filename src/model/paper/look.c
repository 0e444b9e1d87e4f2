// SPDX-License-Identifier: Apache-2.0
// What can be seen of a forward: every pass of a step, traces, and what the heads owe to z_H.
#include <assert.h>
#include <string.h>

#include "model/cells.h"
#include "paper.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"

int32_t trm_paper_passes(const trm_model_config *c) {
    return c->k_cycles * (c->inner_steps + 1);
}

// What the heads read after a pass, and the blocks' outputs.
static void hand_out(const trm_model *m, trm_paper_plan *p, trm_pass *pass, trm_pass_visitor *see,
                     void *ctx) {
    const trm_paper_layout *l = m->layout;
    const trm_paper_net *net = pass->writes_h ? &l->level_h : &l->level_l;
    trm_mat q = trm_mat_rows(p->q, 0, 1);
    for (int32_t i = 0; i < net->count; i++)
        p->layers[i] = trm_mat_rows(p->idle.blocks[i].out, 0, l->tokens);
    pass->layers = p->layers;
    pass->layer_count = net->count;
    trm_paper_read(m, p->reading, q, pass->h);
    pass->logits = p->reading.data;
    pass->halt = q.data[0];
    pass->go_on = q.data[1];
    see(ctx, pass);
}

void trm_paper_visit_passes(const trm_model *m, trm_workspace *w, int32_t row, int32_t step,
                            trm_pass_visitor *see, void *ctx) {
    const trm_paper_layout *l = m->layout;
    trm_paper_plan *p = w->impl;
    const trm_paper_course c = trm_paper_course_of(m, w);
    trm_mat h = trm_mat_rows(p->h, 0, l->tokens), z = trm_mat_rows(p->l, 0, l->tokens);
    trm_paper_load(m, w, p, row, 1);
    trm_mat_copy(h, trm_mat_rows(p->steps[step].h, row * l->tokens, l->tokens));
    trm_mat_copy(z, trm_mat_rows(p->steps[step].l, row * l->tokens, l->tokens));
    if (step > 0)
        trm_paper_begin_step(m, w, p, row, 1, step);
    for (int32_t k = 0; k < c.h_cycles * (c.l_cycles + 1) && !trm_workspace_ends(w); k++) {
        trm_pass pass = {.index = k,
                         .h_cycle = k / (c.l_cycles + 1),
                         .l_cycle = k % (c.l_cycles + 1),
                         .writes_h = k % (c.l_cycles + 1) == c.l_cycles,
                         .h = h,
                         .l = z};
        trm_paper_pass(m, w, pass.writes_h, &p->idle, 1);
        hand_out(m, p, &pass, see, ctx);
    }
}

int32_t trm_model_passes(const trm_model *m) {
    return m->arch->passes ? m->arch->passes(&m->config) : 0;
}

void trm_model_visit_passes(const trm_model *m, trm_workspace *w, int32_t row, int32_t step,
                            trm_pass_visitor *see, void *ctx) {
    assert(m->arch->visit_passes && row >= 0 && row < w->max_rows);
    assert(step >= 0 && step < w->outputs);
    m->arch->visit_passes(m, w, row, step, see, ctx);
}

trm_trace_shape trm_paper_trace_shape(const trm_model_config *c) {
    int32_t values = paper_tokens(c) * c->d_model;
    return (trm_trace_shape){.cycles = c->sup_steps,
                             .h = values,
                             .l = values,
                             .actions = c->positions * c->action_dim,
                             .positions = c->positions,
                             .prefix = c->prefix,
                             .cells = c->positions,
                             .stablemax = true,
                             .kind = TRM_TRACE_STEPS};
}

trm_trace_shape trm_paper_trace_shape_hrm(const trm_model_config *c) {
    trm_trace_shape shape = trm_paper_trace_shape(c);
    shape.kind = TRM_TRACE_LEVELS;
    return shape;
}

void trm_paper_trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const trm_paper_plan *p = w->impl;
    int32_t tokens = paper_rows(m, 1), classes = m->config.action_dim;
    trm_trace_shape shape = trm_workspace_trace_shape(m, w);
    for (int32_t o = 0; o < w->done; o++) {
        const float *logits = trm_mat_row(p->steps[o].logits, row);
        trm_cells_copy_out(trm_trace_h(&shape, data, o),
                           trm_mat_rows(p->steps[o + 1].l, row * tokens, tokens));
        trm_cells_copy_out(trm_trace_l(&shape, data, o),
                           trm_mat_rows(p->steps[o + 1].h, row * tokens, tokens));
        memcpy(trm_trace_logits(&shape, data, o), logits, (size_t)shape.actions * sizeof *logits);
        for (int32_t i = 0; i < shape.positions; i++)
            trm_stablemax(trm_trace_probs(&shape, data, o) + (int64_t)i * classes,
                          logits + (int64_t)i * classes, classes);
    }
}

trm_interventions trm_paper_interventions(const trm_model_config *c) {
    int32_t units = paper_tokens(c) * c->d_model;
    return (trm_interventions){.cycles = true,
                               .feedback = true,
                               .carry = true,
                               .passes = true,
                               .prefix = c->prefix > 0,
                               .h = units,
                               .l = units};
}

// lm_head reads z_H, the trace's l, of the cell itself alone.
bool trm_paper_head_gradient(const trm_model *m, const float *x, const float *z, const float *y,
                             const trm_block *b) {
    const trm_paper_layout *l = m->layout;
    const float *weight = trm_model_weight(m, l->lm_head);
    int32_t d = m->config.d_model, classes = m->config.action_dim, first = l->tokens * d;
    (void)x;
    (void)z;
    (void)y;
    if (b->unit0 < first)
        return false;
    for (int32_t i = 0; i < b->actions; i++)
        for (int32_t u = 0; u < b->units; u++) {
            int32_t unit = b->unit0 - first + u, action = b->action0 + i;
            bool own = unit / d - l->prefix == action / classes;
            b->out[(int64_t)i * b->units + u] =
                own ? weight[(int64_t)(action % classes) * d + unit % d] : 0;
        }
    return true;
}
