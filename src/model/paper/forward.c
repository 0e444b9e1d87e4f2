// SPDX-License-Identifier: Apache-2.0
// Workspace, state between supervision steps, and the forward.
#include <string.h>

#include "paper.h"
#include "trm/nn/layers.h"

// ---- workspace ----------------------------------------------------------------------------------

static trm_mat all_rows(const trm_model *m, trm_workspace *w) {
    return trm_workspace_mat(w, paper_rows(m, w->max_rows), m->config.d_model);
}

static void plan_steps(const trm_model *m, trm_workspace *w, trm_paper_plan *p) {
    p->steps = trm_arena_array(&w->arena, (size_t)w->room + 1, sizeof *p->steps);
    for (int32_t o = 0; o <= w->room; o++) {
        trm_paper_step *s = &p->steps[o];
        s->h = all_rows(m, w);
        s->l = all_rows(m, w);
        if (o == w->room)
            break;
        if (trm_workspace_wants(w, o)) {
            s->learned_h = all_rows(m, w);
            s->learned_l = all_rows(m, w);
            s->logits = w->logits[o];
        } else {
            s->logits =
                trm_workspace_mat(w, w->max_rows, m->config.positions * m->config.action_dim);
        }
    }
}

void *trm_paper_plan_new(const trm_model *m, trm_workspace *w) {
    const trm_paper_layout *l = m->layout;
    trm_paper_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    int32_t samples = trm_workspace_chunk(m, w), learned = l->passes - l->first_learned;
    int32_t deepest = l->level_h.count > l->level_l.count ? l->level_h.count : l->level_l.count;
    plan_steps(m, w, p);
    p->nets = trm_arena_array(&w->arena, (size_t)learned, sizeof *p->nets);
    for (int32_t i = 0; i < learned; i++)
        p->nets[i] = trm_paper_plan_net(m, w, samples,
                                        i == learned - 1 ? l->level_h.count : l->level_l.count);
    p->idle = trm_paper_plan_net(m, w, samples, deepest);
    trm_mat *chunk_mats[] = {&p->x, &p->h, &p->l, &p->dx, &p->d};
    for (size_t i = 0; i < sizeof chunk_mats / sizeof *chunk_mats; i++)
        *chunk_mats[i] = trm_workspace_mat(w, paper_rows(m, samples), m->config.d_model);
    p->q = trm_workspace_mat(w, samples, 2);
    p->dq = trm_workspace_mat(w, samples, 2);
    p->reading = trm_workspace_mat(w, 1, m->config.positions * m->config.action_dim);
    p->layers = trm_arena_array(&w->arena, (size_t)deepest, sizeof *p->layers);
    trm_paper_plan_scratch(m, w, &p->scratch, samples);
    return p;
}

// ---- carry --------------------------------------------------------------------------------------

int64_t trm_paper_carry_size(const trm_model_config *c) {
    return (int64_t)2 * paper_tokens(c) * c->d_model;
}

static void fill(const trm_model *m, trm_mat rows, int32_t start) {
    for (int32_t r = 0; r < rows.rows; r++)
        memcpy(trm_mat_row(rows, r), trm_model_weight(m, start), (size_t)rows.cols * sizeof(float));
}

static void fill_start(const trm_model *m, trm_mat h, trm_mat l) {
    const trm_paper_layout *layout = m->layout;
    fill(m, h, layout->h_init);
    fill(m, l, layout->l_init);
}

void trm_paper_carry_start(const trm_model *m, float *carry) {
    int32_t tokens = paper_rows(m, 1), d = m->config.d_model;
    fill_start(m, trm_mat_of(carry, tokens, d), trm_mat_of(carry + (int64_t)tokens * d, tokens, d));
}

// z_H [T, D] and behind it z_L, as a carry has them.
static trm_mat part_of(const trm_model *m, float *carry, int32_t part) {
    int32_t tokens = paper_rows(m, 1), d = m->config.d_model;
    return trm_mat_of(carry + (int64_t)part * tokens * d, tokens, d);
}

static trm_mat carried(const trm_model *m, const trm_workspace *w, int32_t row, int32_t part) {
    return part_of(m, w->carry + row * trm_paper_carry_size(&m->config), part);
}

static void start(const trm_model *m, const trm_workspace *w, trm_paper_plan *p, int32_t row0,
                  int32_t samples) {
    int32_t tokens = paper_rows(m, 1), rows = paper_rows(m, samples);
    if (!w->carry)
        fill_start(m, trm_mat_rows(p->h, 0, rows), trm_mat_rows(p->l, 0, rows));
    for (int32_t i = 0; w->carry && i < samples; i++) {
        trm_mat_copy(trm_mat_rows(p->h, i * tokens, tokens), carried(m, w, row0 + i, 0));
        trm_mat_copy(trm_mat_rows(p->l, i * tokens, tokens), carried(m, w, row0 + i, 1));
    }
}

static void keep_carry(const trm_model *m, const trm_workspace *w, const trm_paper_plan *p,
                       int32_t row0, int32_t samples) {
    int32_t tokens = paper_rows(m, 1);
    for (int32_t i = 0; w->carry && i < samples; i++) {
        trm_mat_copy(carried(m, w, row0 + i, 0), trm_mat_rows(p->h, i * tokens, tokens));
        trm_mat_copy(carried(m, w, row0 + i, 1), trm_mat_rows(p->l, i * tokens, tokens));
    }
}

// ---- passes -------------------------------------------------------------------------------------

trm_paper_course trm_paper_course_of(const trm_model *m, const trm_workspace *w) {
    const trm_intervention *i = w->intervention;
    trm_paper_course c = {m->config.k_cycles, m->config.inner_steps, i != NULL};
    if (i && i->h_cycles)
        c.h_cycles = i->h_cycles;
    if (i && i->l_cycles)
        c.l_cycles = i->l_cycles;
    return c;
}

// Held units are those of a whole sample, [T * D].
static void hold_units(const trm_model *m, const trm_workspace *w, const trm_paper_plan *p,
                       int32_t samples) {
    const trm_intervention *i = w->intervention;
    int32_t size = paper_rows(m, 1) * m->config.d_model;
    if (!i)
        return;
    trm_hold_units(trm_mat_of(p->l.data, samples, size), i->h_held); // the trace's h is z_L
    trm_hold_units(trm_mat_of(p->h.data, samples, size), i->l_held);
}

void trm_paper_pass(const trm_model *m, const trm_workspace *w, bool writes_h,
                    trm_paper_net_acts *a, int32_t samples) {
    const trm_paper_layout *layout = m->layout;
    trm_paper_plan *p = w->impl;
    int32_t rows = paper_rows(m, samples);
    trm_mat in = trm_mat_rows(a->in, 0, rows), h = trm_mat_rows(p->h, 0, rows);
    trm_mat l = trm_mat_rows(p->l, 0, rows);
    if (writes_h)
        trm_mat_sum(in, h, l);
    else if (w->intervention && w->intervention->no_feedback)
        trm_mat_sum(in, l, trm_mat_rows(p->x, 0, rows));
    else
        trm_mat_sum3(in, l, h, trm_mat_rows(p->x, 0, rows));
    trm_mat out = trm_paper_net_forward(m, writes_h ? &layout->level_h : &layout->level_l, a, rows,
                                        &p->scratch);
    trm_mat_copy(writes_h ? h : l, out);
    hold_units(m, w, p, samples);
}

void trm_paper_learned_passes(const trm_model *m, trm_workspace *w, int32_t samples) {
    const trm_paper_layout *l = m->layout;
    trm_paper_plan *p = w->impl;
    int32_t learned = l->passes - l->first_learned;
    for (int32_t i = 0; i < learned && !trm_workspace_ends(w); i++)
        trm_paper_pass(m, w, i == learned - 1, &p->nets[i], samples);
}

void trm_paper_load(const trm_model *m, const trm_workspace *w, trm_paper_plan *p, int32_t row0,
                    int32_t samples) {
    const trm_paper_layout *l = m->layout;
    trm_paper_embed(m, trm_mat_rows(p->x, 0, paper_rows(m, samples)),
                    trm_mat_rows(w->x, row0, samples));
    for (int32_t i = 0; w->intervention && w->intervention->no_prefix && i < samples; i++)
        trm_mat_zero(trm_mat_rows(p->x, i * l->tokens, l->prefix));
}

// ---- forward ------------------------------------------------------------------------------------

static void copy_state(const trm_model *m, trm_mat to_h, trm_mat to_l, const trm_paper_plan *p,
                       int32_t row0, int32_t samples) {
    int32_t first = paper_rows(m, row0), rows = paper_rows(m, samples);
    trm_mat_copy(trm_mat_rows(to_h, first, rows), trm_mat_rows(p->h, 0, rows));
    trm_mat_copy(trm_mat_rows(to_l, first, rows), trm_mat_rows(p->l, 0, rows));
}

static void read_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                      int32_t o) {
    trm_paper_plan *p = w->impl;
    trm_mat q = trm_mat_rows(p->q, 0, samples);
    trm_paper_read(m, trm_mat_rows(p->steps[o].logits, row0, samples), q,
                   trm_mat_rows(p->h, 0, paper_rows(m, samples)));
    for (int32_t i = 0; i < samples; i++) {
        w->halt[o][row0 + i] = trm_mat_row(q, i)[0];
        w->go_on[o][row0 + i] = trm_mat_row(q, i)[1];
    }
}

// Puts the state with which step o begins into p->h and p->l, which hold that of the step before.
void trm_paper_begin_step(const trm_model *m, const trm_workspace *w, trm_paper_plan *p,
                          int32_t row0, int32_t samples, int32_t o) {
    const int32_t tokens = paper_rows(m, 1);
    const bool first = o == 0 || (w->intervention && w->intervention->no_carry);
    if (first)
        start(m, w, p, row0, samples);
    for (int32_t i = 0; !first && i < samples; i++) {
        if (!trm_workspace_restart(m, w, o, row0 + i))
            continue;
        trm_mat_copy(trm_mat_rows(p->h, i * tokens, tokens), part_of(m, w->restarted, 0));
        trm_mat_copy(trm_mat_rows(p->l, i * tokens, tokens), part_of(m, w->restarted, 1));
    }
    hold_units(m, w, p, samples);
}

static void supervision_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                             int32_t o) {
    const trm_paper_layout *l = m->layout;
    trm_paper_plan *p = w->impl;
    trm_paper_step *s = &p->steps[o];
    const trm_paper_course c = trm_paper_course_of(m, w);
    bool keeps = s->learned_h.data && !c.changed;
    int32_t passes = c.h_cycles * (c.l_cycles + 1), idle = keeps ? l->first_learned : passes;
    for (int32_t k = 0; k < idle && !trm_workspace_ends(w); k++)
        trm_paper_pass(m, w, k % (c.l_cycles + 1) == c.l_cycles, &p->idle, samples);
    if (keeps) {
        copy_state(m, s->learned_h, s->learned_l, p, row0, samples);
        trm_paper_learned_passes(m, w, samples);
        p->held.row0 = row0;
        p->held.rows = samples;
        p->held.step = o;
    }
    copy_state(m, p->steps[o + 1].h, p->steps[o + 1].l, p, row0, samples);
    read_step(m, w, row0, samples, o);
    if (!w->learning.grads || !trm_workspace_wants(w, o) || w->stopped)
        return;
    w->learning.loss(w->learning.ctx, o, row0, samples);
    trm_paper_backward_step(m, w, row0, samples, o, w->learning.grads);
}

// Rows that stopped before the last step answer with what they had then.
static void take_stopped(const trm_workspace *w, const trm_paper_plan *p, int32_t row0,
                         int32_t samples) {
    trm_mat last = p->steps[w->outputs - 1].logits;
    for (int32_t r = row0; w->stops && r < row0 + samples; r++)
        if (w->steps[r] < w->outputs)
            memcpy(trm_mat_row(last, r), trm_mat_row(p->steps[w->steps[r] - 1].logits, r),
                   (size_t)last.cols * sizeof(float));
}

void trm_paper_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples) {
    trm_paper_plan *p = w->impl;
    p->held.rows = 0;
    trm_halting_start(w, row0, samples);
    trm_paper_load(m, w, p, row0, samples);
    if (w->learning.grads)
        trm_paper_backward_begin(m, w, samples);
    for (int32_t o = 0; o < w->outputs && !w->stopped; o++) {
        trm_paper_begin_step(m, w, p, row0, samples, o);
        if (o == 0)
            copy_state(m, p->steps[0].h, p->steps[0].l, p, row0, samples);
        supervision_step(m, w, row0, samples, o);
        w->done = w->stopped ? o : o + 1;
        if (w->stops && trm_halting_note(w, o, row0, samples))
            break;
    }
    if (w->learning.grads)
        trm_paper_backward_end(m, w, row0, samples, w->learning.grads);
    keep_carry(m, w, p, row0, samples);
    take_stopped(w, p, row0, samples);
}
