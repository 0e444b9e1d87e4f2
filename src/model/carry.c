// SPDX-License-Identifier: Apache-2.0
// Supervision steps one at a time: the state that goes from one to the next, and beginning again.
#include <assert.h>

#include "arch.h"
#include "trm/base/streams.h"

int64_t trm_model_carry_size(const trm_model *m) {
    return m->arch->carry_size ? m->arch->carry_size(&m->config) : 0;
}

void trm_model_carry_start(const trm_model *m, float *carry) {
    m->arch->carry_start(m, carry);
}

bool trm_model_restarts(const trm_model *m, int32_t step) {
    const int32_t every = m->config.restart;
    return m->arch->restarts && m->config.positions > 1 && trm_model_halts(m) && every > 0 &&
           step > 0 && step % every == 0;
}

void trm_model_carry_restart(const trm_model *m, float *carry, int32_t step, trm_rng *rng) {
    trm_rng own;
    trm_rng_seed(&own, (uint64_t)step, TRM_STREAM_RESTART);
    trm_model_carry_start(m, carry);
    for (int64_t i = 0; i < trm_model_carry_size(m); i++)
        carry[i] += m->config.restart_noise * trm_rng_normal(rng ? rng : &own);
}

trm_workspace *trm_workspace_new_carried(const trm_model *m, int32_t max_rows) {
    assert(m->arch->carry_size);
    trm_workspace *w = trm_workspace_plan(m, max_rows, false, 1);
    w->carry = trm_arena_array(&w->arena, (size_t)max_rows * (size_t)trm_model_carry_size(m),
                               sizeof *w->carry);
    return w;
}

float *trm_workspace_carry(trm_workspace *w) {
    assert(w->carry);
    return w->carry;
}

const float *trm_workspace_restart(const trm_model *m, const trm_workspace *w, int32_t o,
                                   int32_t row) {
    if (!trm_model_restarts(m, o) || trm_halting_sure(w, o - 1, row))
        return NULL;
    trm_model_carry_restart(m, w->restarted, o, NULL);
    return w->restarted;
}

void trm_workspace_carry_on(trm_workspace *w, const trm_model *m, int32_t rows, int32_t step) {
    const bool restarts = trm_model_restarts(m, step);
    for (int32_t r = 0; r < rows; r++) {
        float *carry = trm_workspace_carry(w) + r * trm_model_carry_size(m);
        if (step == 0)
            trm_model_carry_start(m, carry);
        else if (restarts && !trm_halting_sure(w, 0, r))
            trm_model_carry_restart(m, carry, step, NULL);
    }
}
