// SPDX-License-Identifier: Apache-2.0
// A policy that reads its plan at the agent's cell (model.read_at_agent) does not see the agent
// while it thinks: on the same board it thinks the same at every step of an episode. What is known
// of a row of the workspace serves every later row with that input, to the bit: only single samples
// are kept and recalled, because products of several round otherwise.
#include <string.h>

#include "mixing.h"

static size_t input_size(const trm_model *m) {
    const trm_mixing_layout *l = m->layout;
    return (size_t)l->tokens * (size_t)l->planes;
}

static size_t weights_size(const trm_model *m) {
    return (size_t)trm_model_params_const(m)->size;
}

void trm_recall_plan(const trm_model *m, trm_workspace *w, trm_recall *r) {
    if (!m->config.read_at_agent)
        return;
    r->known = trm_arena_array(&w->arena, (size_t)w->max_rows, sizeof *r->known);
    r->inputs = trm_arena_array(&w->arena, (size_t)w->max_rows * input_size(m), sizeof *r->inputs);
    r->weights = trm_arena_array(&w->arena, weights_size(m), sizeof *r->weights);
}

// What is thought from a carried state, or may end early, is not kept.
static bool keeps(const trm_workspace *w, const trm_recall *r, int32_t samples) {
    return r->known && samples == 1 && !w->carry && !w->stops && !w->intervention && !w->dropout;
}

static void forget_all(const trm_model *m, const trm_workspace *w, trm_recall *r) {
    memset(r->known, false, (size_t)w->max_rows * sizeof *r->known);
    memcpy(r->weights, trm_model_params_const(m)->values, weights_size(m) * sizeof *r->weights);
    r->outputs = w->outputs;
}

int32_t trm_recall_find(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p,
                        int32_t samples) {
    trm_recall *r = &p->recall;
    const size_t n = input_size(m), weights = weights_size(m) * sizeof(float);
    if (!keeps(w, r, samples))
        return -1;
    if (r->outputs != w->outputs ||
        memcmp(r->weights, trm_model_params_const(m)->values, weights) != 0)
        forget_all(m, w, r);
    const float *input = p->inputs.data;
    for (int32_t i = 0; i < w->max_rows; i++)
        if (r->known[i] && memcmp(r->inputs + (size_t)i * n, input, n * sizeof *input) == 0)
            return i;
    return -1;
}

void trm_recall_keep(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                     int32_t samples) {
    trm_recall *r = &p->recall;
    const size_t n = input_size(m);
    if (!r->known)
        return;
    memset(r->known + row0, keeps(w, r, samples), (size_t)samples * sizeof *r->known);
    if (r->known[row0])
        memcpy(r->inputs + (size_t)row0 * n, p->inputs.data, n * sizeof *r->inputs);
}
