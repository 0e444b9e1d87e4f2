// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/player.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

void trm_player_init(trm_player *p, const trm_env *env, const trm_model *m) {
    *p = (trm_player){.state = trm_alloc(1, trm_env_state_size(env)),
                      .before = trm_alloc(1, trm_env_state_size(env)),
                      .finished = true};
    trm_agent_init(&p->agent, env, m);
}

void trm_player_done(trm_player *p) {
    trm_agent_done(&p->agent);
    free(p->state);
    free(p->before);
    *p = (trm_player){0};
}

static void begin(trm_player *p) {
    p->prev_action = p->action = -1;
    p->t = 0;
    p->total_reward = 0;
    p->finished = false;
}

void trm_player_reset(trm_player *p, trm_rng *rng, trm_split split) {
    trm_env_reset(p->agent.env, p->state, rng, split);
    begin(p);
}

void trm_player_start(trm_player *p, const void *state) {
    memcpy(p->state, state, trm_env_state_size(p->agent.env));
    begin(p);
}

void trm_player_step(trm_player *p) {
    assert(!p->finished);
    memcpy(p->before, p->state, trm_env_state_size(p->agent.env));
    p->action_before = p->prev_action;
    p->action = trm_agent_ask(&p->agent, p->state, p->prev_action);
    p->result = trm_env_step(p->agent.env, p->state, p->action);
    p->total_reward += p->result.reward;
    p->prev_action = p->action;
    p->finished = p->result.done;
    p->t++;
}

trm_step_view trm_player_view(const trm_player *p, int64_t episode) {
    return (trm_step_view){.episode = episode,
                           .t = p->t - 1,
                           .state = p->before,
                           .next_state = p->state,
                           .action = p->action,
                           .prev_action = p->action_before,
                           .result = p->result,
                           .total_reward = p->total_reward,
                           .legal = p->agent.legal,
                           .model = p->agent.model,
                           .workspace = p->agent.workspace,
                           .row = 0};
}
