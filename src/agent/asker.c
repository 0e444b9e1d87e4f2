// SPDX-License-Identifier: Apache-2.0
#include "agent/asker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

static size_t carry_floats(const trm_model *m) {
    return (size_t)trm_model_carry_size(m);
}

void trm_asker_open(trm_asker *a, const trm_model *m, trm_rng *random) {
    const trm_model_config *c = trm_model_get_config(m);
    const int32_t logits = c->positions * c->action_dim;
    *a = (trm_asker){.model = m, .random = random, .steps = random ? 1 : trm_model_outputs(m)};
    a->carried = !random && carry_floats(m) > 0;
    if (random)
        a->drawn = trm_mat_of(trm_alloc((size_t)TRM_ASKER_ROWS * (size_t)logits, sizeof(float)),
                              TRM_ASKER_ROWS, logits);
    else if (a->carried)
        a->workspace = trm_workspace_new_carried(m, TRM_ASKER_ROWS);
    else
        a->workspace = trm_workspace_new(m, TRM_ASKER_ROWS, true);
    if (a->carried)
        a->before = trm_alloc(TRM_ASKER_ROWS * carry_floats(m), sizeof *a->before);
}

void trm_asker_close(trm_asker *a) {
    trm_workspace_free(a->workspace);
    free(a->drawn.data);
    free(a->before);
    *a = (trm_asker){0};
}

static trm_mat draw(trm_asker *a, int32_t rows) {
    for (int64_t i = 0; i < (int64_t)rows * a->drawn.cols; i++)
        a->drawn.data[i] = trm_rng_float(a->random);
    return a->drawn;
}

static void run_carried(trm_asker *a, trm_mat x, int32_t step) {
    const size_t size = carry_floats(a->model);
    float *carry = trm_workspace_carry(a->workspace);
    trm_workspace_carry_on(a->workspace, a->model, x.rows, step);
    memcpy(a->before, carry, (size_t)x.rows * size * sizeof *carry);
    trm_model_forward(a->model, a->workspace, 0, x, NULL);
}

trm_mat trm_asker_ask(trm_asker *a, trm_mat x, int32_t step) {
    if (a->random)
        return draw(a, x.rows);
    if (a->carried)
        run_carried(a, x, step);
    else if (step == 0)
        trm_model_forward(a->model, a->workspace, 0, x, NULL);
    return trm_workspace_logits(a->workspace, a->carried ? 0 : step);
}

trm_mat trm_asker_answer(trm_asker *a, trm_mat x) {
    trm_mat logits = {0};
    for (int32_t step = 0; step < a->steps; step++)
        logits = trm_asker_ask(a, x, step);
    return logits;
}

float trm_asker_halt(const trm_asker *a, int32_t row, int32_t step) {
    return !a->random && trm_model_halts(a->model)
               ? trm_workspace_halt(a->workspace, a->carried ? 0 : step)[row]
               : NAN;
}

double trm_asker_moved(const trm_asker *a, int32_t row) {
    const size_t size = carry_floats(a->model);
    double change = 0, all = 0;
    if (!a->carried)
        return (double)NAN;
    const float *now = trm_workspace_carry(a->workspace) + (size_t)row * size;
    const float *before = a->before + (size_t)row * size;
    for (size_t i = 0; i < size; i++) {
        const double d = (double)now[i] - (double)before[i];
        change += d * d;
        all += (double)now[i] * (double)now[i];
    }
    return all > 0 ? sqrt(change / all) : 0;
}
