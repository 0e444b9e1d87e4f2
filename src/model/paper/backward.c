// SPDX-License-Identifier: Apache-2.0
// Activations are kept for one chunk and one supervision step only. In trm_model_learn a step is
// differentiated while they are there; a backward after several steps runs the differentiated
// passes of each again, from the state that was kept before them.
#include "paper.h"
#include "trm/nn/layers.h"

static void hold(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples, int32_t o) {
    trm_paper_plan *p = w->impl;
    int32_t rows = paper_rows(m, samples), first = paper_rows(m, row0);
    if (p->held.row0 == row0 && p->held.rows == samples && p->held.step == o)
        return;
    trm_paper_load(m, w, p, row0, samples);
    trm_mat_copy(trm_mat_rows(p->h, 0, rows), trm_mat_rows(p->steps[o].learned_h, first, rows));
    trm_mat_copy(trm_mat_rows(p->l, 0, rows), trm_mat_rows(p->steps[o].learned_l, first, rows));
    trm_paper_learned_passes(m, w, samples);
    p->held.row0 = row0;
    p->held.rows = samples;
    p->held.step = o;
}

// dq [samples, 2] of output o from what the caller put beside it.
static trm_mat gather_dq(const trm_workspace *w, const trm_paper_plan *p, int32_t row0,
                         int32_t samples, int32_t o) {
    trm_mat dq = trm_mat_rows(p->dq, 0, samples);
    for (int32_t i = 0; i < samples; i++) {
        trm_mat_row(dq, i)[0] = w->dhalt[o][row0 + i];
        trm_mat_row(dq, i)[1] = w->dgo_on[o][row0 + i];
    }
    return dq;
}

void trm_paper_backward_begin(const trm_model *m, const trm_workspace *w, int32_t samples) {
    const trm_paper_plan *p = w->impl;
    trm_mat_zero(trm_mat_rows(p->dx, 0, paper_rows(m, samples)));
}

// From the step's z_H to dx, which is added to. Nothing goes on to the state before.
void trm_paper_backward_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                             int32_t o, float *grads) {
    const trm_paper_layout *l = m->layout;
    trm_paper_plan *p = w->impl;
    int32_t rows = paper_rows(m, samples), first = paper_rows(m, row0);
    trm_mat d = trm_mat_rows(p->d, 0, rows), dx = trm_mat_rows(p->dx, 0, rows);
    trm_paper_read_backward(m, d, trm_mat_rows(w->dlogits[o], row0, samples),
                            gather_dq(w, p, row0, samples, o),
                            trm_mat_rows(p->steps[o + 1].h, first, rows), grads);
    int32_t last = l->passes - l->first_learned - 1;
    trm_paper_net_backward(m, &l->level_h, &p->nets[last], d, &p->scratch, grads);
    for (int32_t i = last - 1; i >= 0 && !trm_workspace_ends(w); i--) {
        trm_paper_net_backward(m, &l->level_l, &p->nets[i], d, &p->scratch, grads);
        trm_mat_add(dx, d);
    }
}

void trm_paper_backward_end(const trm_model *m, const trm_workspace *w, int32_t row0,
                            int32_t samples, float *grads) {
    const trm_paper_plan *p = w->impl;
    trm_paper_embed_backward(m, trm_mat_rows(p->dx, 0, paper_rows(m, samples)),
                             trm_mat_rows(w->x, row0, samples), grads);
}

void trm_paper_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                        float *grads) {
    trm_paper_backward_begin(m, w, rows);
    for (int32_t o = w->outputs - 1; o >= 0 && !w->stopped; o--)
        if (trm_workspace_wants(w, o)) {
            hold(m, w, row0, rows, o);
            trm_paper_backward_step(m, w, row0, rows, o, grads);
        }
    trm_paper_backward_end(m, w, row0, rows, grads);
}
