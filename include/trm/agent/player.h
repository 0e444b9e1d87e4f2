// SPDX-License-Identifier: Apache-2.0
// A model playing greedily, one step at a time, outside of training. One thread at a time.
#ifndef TRM_AGENT_PLAYER_H
#define TRM_AGENT_PLAYER_H

#include "trm/agent/agent.h"
#include "trm/agent/step.h"
#include "trm/base/api.h"
#include "trm/base/rng.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

typedef struct trm_player {
    trm_agent agent;
    char *state, *before;          // state blocks: now, and before the newest step
    int32_t prev_action;           // -1 on the first step
    int32_t action, action_before; // of the newest step, and of the one before
    int32_t t;                     // steps so far
    float total_reward;
    trm_step result;
    bool finished;
} trm_player;

void trm_player_init(trm_player *p, const trm_env *env, const trm_model *m);
void trm_player_done(trm_player *p); // fine on a zeroed one

// Starts an episode: drawn by the environment, or from a state of one (copied), in which no action
// came before.
void trm_player_reset(trm_player *p, trm_rng *rng, trm_split split);
void trm_player_start(trm_player *p, const void *state);

// Takes the best action that is allowed. The episode must not have ended.
void trm_player_step(trm_player *p);

// The newest step, as a step callback of training sees one.
trm_step_view trm_player_view(const trm_player *p, int64_t episode);

TRM_END_DECLS

#endif
