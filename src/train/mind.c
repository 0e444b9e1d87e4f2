// SPDX-License-Identifier: Apache-2.0
#include "trm/train/mind.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

void trm_mind_init(trm_mind *m, const trm_env *env, const trm_model *model) {
    *m = (trm_mind){.env = env,
                    .model = model,
                    .workspace = trm_workspace_new(model, 1, false),
                    .shape = trm_model_trace_shape(model),
                    .obs = trm_alloc((size_t)trm_env_state_dim(env), sizeof(float)),
                    .open = trm_alloc((size_t)trm_env_action_dim(env), sizeof(bool)),
                    .reading = trm_alloc((size_t)trm_env_action_dim(env), sizeof(float))};
    m->trace = trm_alloc((size_t)trm_trace_size(&m->shape), sizeof(float));
}

void trm_mind_done(trm_mind *m) {
    trm_workspace_free(m->workspace);
    free(m->obs);
    free(m->open);
    free(m->reading);
    free(m->trace);
    *m = (trm_mind){0};
}

int32_t trm_mind_before(const trm_model *model, int32_t prev_action) {
    return trm_model_get_config(model)->positions > 1 ? -1 : prev_action;
}

void trm_mind_open(const trm_env *env, const void *state, bool *open) {
    const int32_t n = trm_env_action_dim(env);
    const bool masks = trm_env_get_config(env)->mask_actions;
    const bool any = masks && trm_env_legal(env, state, open) > 0;
    for (int32_t a = 0; !any && a < n; a++)
        open[a] = true;
}

// The last output's reading of the actions, open or not.
static void read_out(trm_mind *m) {
    const trm_model_config *c = trm_model_get_config(m->model);
    const trm_mat logits = trm_workspace_logits(m->workspace, trm_model_outputs(m->model) - 1);
    memcpy(m->reading, logits.data, (size_t)logits.cols * sizeof *m->reading);
    for (int32_t p = 0; c->positions > 1 && p < c->positions; p++)
        trm_softmax(m->reading + p * c->action_dim, m->reading + p * c->action_dim, c->action_dim);
}

int32_t trm_mind_ask(trm_mind *m, const void *state, int32_t prev_action) {
    const int32_t n = trm_env_action_dim(m->env);
    const int32_t before = trm_mind_before(m->model, prev_action);
    trm_env_observe(m->env, state, m->obs);
    trm_model_forward(m->model, m->workspace, 0, trm_mat_of(m->obs, 1, trm_env_state_dim(m->env)),
                      &before);
    read_out(m);
    trm_mind_open(m->env, state, m->open);
    for (int32_t a = 0; a < n; a++)
        m->reading[a] = m->open[a] ? m->reading[a] : TRM_MASKED;
    return trm_categorical_argmax(m->reading, n);
}

int32_t trm_mind_think(trm_mind *m, const void *state, int32_t prev_action) {
    const int32_t action = trm_mind_ask(m, state, prev_action);
    trm_model_trace(m->model, m->workspace, 0, m->trace);
    return action;
}
