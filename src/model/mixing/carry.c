// SPDX-License-Identifier: Apache-2.0
// The state that goes from one supervision step to the next: of each sample its answer y and behind
// it its latent z, [tokens, D] each.
#include <string.h>

#include "mixing.h"

int64_t trm_mixing_carry_size(const trm_model_config *c) {
    return (int64_t)2 * trm_mixing_tokens(c) * c->d_model;
}

void trm_mixing_carry_start(const trm_model *m, float *carry) {
    const trm_mixing_layout *l = m->layout;
    size_t d = (size_t)m->config.d_model;
    for (int32_t p = 0; p < l->tokens; p++) {
        memcpy(carry + (size_t)p * d, trm_model_weight(m, l->y0), d * sizeof *carry);
        memcpy(carry + (size_t)(l->tokens + p) * d, trm_model_weight(m, l->z0), d * sizeof *carry);
    }
}

static size_t half_of(const trm_model *m) {
    return (size_t)trm_mixing_carry_size(&m->config) / 2;
}

static void put(const trm_model *m, trm_mixing_plan *p, int32_t i, const float *carry) {
    memcpy(trm_mat_row(p->y, mixing_rows(m, i)), carry, half_of(m) * sizeof *carry);
    memcpy(trm_mat_row(p->z, mixing_rows(m, i)), carry + half_of(m), half_of(m) * sizeof *carry);
}

void trm_mixing_start(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                      int32_t samples) {
    const trm_mixing_layout *l = m->layout;
    const size_t d = (size_t)m->config.d_model;
    for (int32_t i = 0; w->carry && i < samples; i++)
        put(m, p, i, w->carry + (size_t)(row0 + i) * 2 * half_of(m));
    for (int32_t r = 0; !w->carry && r < mixing_rows(m, samples); r++) {
        memcpy(trm_mat_row(p->y, r), trm_model_weight(m, l->y0), d * sizeof(float));
        memcpy(trm_mat_row(p->z, r), trm_model_weight(m, l->z0), d * sizeof(float));
    }
}

void trm_mixing_restart(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p,
                        int32_t row0, int32_t samples, int32_t o) {
    for (int32_t i = 0; i < samples; i++) {
        const float *state = trm_workspace_restart(m, w, o, row0 + i);
        if (state)
            put(m, p, i, state);
    }
}

void trm_mixing_keep(const trm_model *m, const trm_workspace *w, const trm_mixing_plan *p,
                     int32_t row0, int32_t samples) {
    for (int32_t i = 0; w->carry && i < samples; i++) {
        float *carry = w->carry + (size_t)(row0 + i) * 2 * half_of(m);
        memcpy(carry, trm_mat_row(p->y, mixing_rows(m, i)), half_of(m) * sizeof *carry);
        memcpy(carry + half_of(m), trm_mat_row(p->z, mixing_rows(m, i)),
               half_of(m) * sizeof *carry);
    }
}
