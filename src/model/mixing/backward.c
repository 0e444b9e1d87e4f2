// SPDX-License-Identifier: Apache-2.0
// Activations are kept for one chunk and one supervision step only. In trm_model_learn a step is
// differentiated while they are there; a backward after several steps runs the differentiated
// recursion of each again, from the states that were kept at its start.
#include "mixing.h"
#include "trm/nn/layers.h"

static void hold(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples, int32_t o) {
    trm_mixing_plan *p = w->impl;
    int32_t rows = mixing_rows(m, samples), first = mixing_rows(m, row0);
    if (p->held.row0 == row0 && p->held.rows == samples && p->held.step == o)
        return;
    trm_mixing_embed(m, w, p, row0, samples);
    trm_mat_copy(trm_mat_rows(p->y, 0, rows), trm_mat_rows(p->steps[o].start_y, first, rows));
    trm_mat_copy(trm_mat_rows(p->z, 0, rows), trm_mat_rows(p->steps[o].start_z, first, rows));
    trm_mixing_recursion(m, p, samples);
    p->held = (trm_held_chunk){row0, samples, o};
}

static void add_rows(float *to, trm_mat from) {
    for (int32_t r = 0; r < from.rows; r++)
        for (int32_t i = 0; i < from.cols; i++)
            to[i] += trm_mat_row(from, r)[i];
}

// From dy of the step's answer to dx, which is added to; dy and dz become those of its start.
static void trm_recursion_backward(const trm_model *m, trm_mixing_plan *p, int32_t rows,
                                   float *grads) {
    trm_mat dx = trm_mat_rows(p->dx, 0, rows), dy = trm_mat_rows(p->dy, 0, rows);
    trm_mat dz = trm_mat_rows(p->dz, 0, rows);
    trm_net_backward(m, &p->nets[m->config.inner_steps], dy, &p->scratch, grads);
    trm_mat_copy(dz, dy);
    for (int32_t i = m->config.inner_steps - 1; i >= 0; i--) {
        trm_net_backward(m, &p->nets[i], dz, &p->scratch, grads);
        trm_mat_add(dx, dz);
        trm_mat_add(dy, dz);
    }
}

void trm_mixing_backward_begin(const trm_model *m, const trm_workspace *w, int32_t samples) {
    const trm_mixing_plan *p = w->impl;
    trm_mat_zero(trm_mat_rows(p->dx, 0, mixing_rows(m, samples)));
}

void trm_mixing_backward_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                              int32_t o, float *grads) {
    const trm_mixing_layout *l = m->layout;
    trm_mixing_plan *p = w->impl;
    int32_t rows = mixing_rows(m, samples), first = mixing_rows(m, row0);
    trm_mixing_head_backward(
        m, p, trm_mat_rows(p->dy, 0, rows), trm_mat_rows(w->dlogits[o], row0, samples),
        w->dhalt ? w->dhalt[o] + row0 : NULL, trm_mat_rows(p->steps[o].y, first, rows), grads);
    if (m->value_head >= 0 && o == w->outputs - 1)
        trm_mixing_head_features_backward(m, trm_mat_rows(p->dy, 0, rows),
                                          trm_mat_rows(w->dfeatures, 0, samples), p->cells);
    trm_recursion_backward(m, p, rows, grads);
    if (o == 0 && m->config.k_cycles == 1 && !w->carry) {
        add_rows(trm_model_grad(m, grads, l->y0), trm_mat_rows(p->dy, 0, rows));
        add_rows(trm_model_grad(m, grads, l->z0), trm_mat_rows(p->dz, 0, rows));
    }
}

void trm_mixing_backward_end(const trm_model *m, const trm_workspace *w, int32_t samples,
                             float *grads) {
    const trm_mixing_layout *l = m->layout;
    const trm_mixing_plan *p = w->impl;
    const int32_t rows = mixing_rows(m, samples);
    trm_apply_linear_backward(m, grads, l->embed, (trm_mat){0}, trm_mat_rows(p->dx, 0, rows),
                              trm_mat_rows(p->inputs, 0, rows));
}

void trm_mixing_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                         float *grads) {
    trm_mixing_backward_begin(m, w, rows);
    for (int32_t o = w->outputs - 1; o >= 0; o--)
        if (trm_workspace_wants(w, o)) {
            hold(m, w, row0, rows, o);
            trm_mixing_backward_step(m, w, row0, rows, o, grads);
        }
    trm_mixing_backward_end(m, w, rows, grads);
}
