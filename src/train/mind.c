// SPDX-License-Identifier: Apache-2.0
#include "trm/train/mind.h"

#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

void trm_mind_init(trm_mind *m, const trm_env *env, const trm_model *model) {
    *m = (trm_mind){.env = env,
                    .model = model,
                    .workspace = trm_workspace_new(model, 1, false),
                    .shape = trm_model_trace_shape(model),
                    .obs = trm_alloc((size_t)trm_env_state_dim(env), sizeof(float))};
    m->trace = trm_alloc((size_t)trm_trace_size(&m->shape), sizeof(float));
}

void trm_mind_done(trm_mind *m) {
    trm_workspace_free(m->workspace);
    free(m->obs);
    free(m->trace);
    *m = (trm_mind){0};
}

int32_t trm_mind_ask(trm_mind *m, const void *state, int32_t prev_action) {
    trm_env_observe(m->env, state, m->obs);
    trm_model_forward(m->model, m->workspace, 0, trm_mat_of(m->obs, 1, trm_env_state_dim(m->env)),
                      &prev_action);
    const trm_mat logits = trm_workspace_logits(m->workspace, trm_model_outputs(m->model) - 1);
    trm_env_mask(m->env, state, logits.data);
    return trm_categorical_argmax(logits.data, logits.cols);
}

int32_t trm_mind_think(trm_mind *m, const void *state, int32_t prev_action) {
    const int32_t action = trm_mind_ask(m, state, prev_action);
    trm_model_trace(m->model, m->workspace, 0, m->trace);
    return action;
}
