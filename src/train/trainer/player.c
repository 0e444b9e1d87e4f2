// SPDX-License-Identifier: Apache-2.0
#include "train/trainer/player.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

void trm_player_init(trm_player *p, const trm_env *env, const trm_model *m) {
    *p = (trm_player){.env = env,
                      .workspace = trm_workspace_new(m, 1, false),
                      .state = trm_alloc(1, trm_env_state_size(env)),
                      .before = trm_alloc(1, trm_env_state_size(env)),
                      .obs = trm_alloc((size_t)trm_env_state_dim(env), sizeof(float)),
                      .finished = true};
}

void trm_player_done(trm_player *p) {
    trm_workspace_free(p->workspace);
    free(p->state);
    free(p->before);
    free(p->obs);
    *p = (trm_player){0};
}

void trm_player_reset(trm_player *p, trm_rng *rng, trm_split split) {
    trm_env_reset(p->env, p->state, rng, split);
    p->prev_action = p->action = -1;
    p->t = 0;
    p->total_reward = 0;
    p->finished = false;
}

void trm_player_step(trm_player *p, const trm_model *m) {
    assert(!p->finished);
    int32_t dim = trm_env_state_dim(p->env);
    trm_env_observe(p->env, p->state, p->obs);
    trm_model_forward(m, p->workspace, 0, trm_mat_of(p->obs, 1, dim), &p->prev_action);
    trm_mat logits = trm_workspace_logits(p->workspace, trm_model_outputs(m) - 1);
    memcpy(p->before, p->state, trm_env_state_size(p->env));
    p->action_before = p->prev_action;
    p->action = trm_categorical_argmax(logits.data, logits.cols);
    p->result = trm_env_step(p->env, p->state, p->action);
    p->total_reward += p->result.reward;
    p->prev_action = p->action;
    p->finished = p->result.done;
    p->t++;
}

trm_step_view trm_player_view(const trm_player *p, const trm_model *m, int64_t episode) {
    return (trm_step_view){.episode = episode,
                           .t = p->t - 1,
                           .state = p->before,
                           .next_state = p->state,
                           .action = p->action,
                           .prev_action = p->action_before,
                           .result = p->result,
                           .total_reward = p->total_reward,
                           .model = m,
                           .workspace = p->workspace,
                           .row = 0};
}
