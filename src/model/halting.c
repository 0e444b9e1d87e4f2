// SPDX-License-Identifier: Apache-2.0
// The halting head of a policy, and what stops where.
#include <assert.h>

#include "arch.h"
#include "trm/nn/categorical.h"

bool trm_model_halts(const trm_model *m) {
    return m->halting_head >= 0 || m->arch->halts || (m->arch->carry_size && m->config.halting);
}

const float *trm_workspace_halt(const trm_workspace *w, int32_t o) {
    assert(w->halt && o >= 0 && o < w->outputs);
    return w->halt[o];
}

float *trm_workspace_dhalt(trm_workspace *w, int32_t o) {
    assert(w->dhalt && o >= 0 && o < w->outputs);
    return w->dhalt[o];
}

bool trm_model_continues(const trm_model *m) {
    return m->arch->halts;
}

const float *trm_workspace_continue(const trm_workspace *w, int32_t o) {
    assert(w->go_on && o >= 0 && o < w->outputs);
    return w->go_on[o];
}

float *trm_workspace_dcontinue(trm_workspace *w, int32_t o) {
    assert(w->dgo_on && o >= 0 && o < w->outputs);
    return w->dgo_on[o];
}

void trm_workspace_set_stopping(trm_workspace *w, bool stops) {
    w->stops = stops && w->halt && !w->all_outputs;
}

int32_t trm_workspace_steps(const trm_workspace *w, int32_t row) {
    assert(row >= 0 && row < w->max_rows);
    return w->steps[row];
}

void trm_halting_start(trm_workspace *w, int32_t row0, int32_t rows) {
    for (int32_t r = row0; r < row0 + rows; r++)
        w->steps[r] = w->outputs;
}

bool trm_halting_sure(const trm_workspace *w, int32_t o, int32_t row) {
    return w->halt[o][row] > (w->go_on ? 0 : TRM_HALT_SURE); // the paper's head is at 50 %
}

bool trm_halting_note(trm_workspace *w, int32_t o, int32_t row0, int32_t rows) {
    bool all = true;
    for (int32_t r = row0; r < row0 + rows; r++) {
        if (w->steps[r] == w->outputs && trm_halting_sure(w, o, r))
            w->steps[r] = o + 1;
        all &= w->steps[r] < w->outputs;
    }
    return all;
}

void trm_halting_forward(const trm_model *m, trm_workspace *w, int32_t o, int32_t row0,
                         int32_t rows) {
    trm_apply_linear(m, m->halting_head, trm_mat_of(w->halt[o] + row0, rows, 1),
                     trm_mat_rows(m->arch->halting_features(m, w, o), row0, rows));
}

void trm_halting_backward(const trm_model *m, const trm_workspace *w, int32_t row0, int32_t rows,
                          float *grads) {
    for (int32_t o = 0; m->halting_head >= 0 && o < w->outputs; o++)
        trm_apply_linear_backward(m, grads, m->halting_head, (trm_mat){0},
                                  trm_mat_of(w->dhalt[o] + row0, rows, 1),
                                  trm_mat_rows(m->arch->halting_features(m, w, o), row0, rows));
}

void trm_halting_trace(const trm_workspace *w, const trm_trace_shape *s, int32_t row, float *data) {
    for (int32_t c = 0; s->halts && c < s->cycles && c < w->done; c++)
        *trm_trace_halt(s, data, c) = trm_logistic(w->halt[c][row]);
}
