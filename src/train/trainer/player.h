// SPDX-License-Identifier: Apache-2.0
// A model playing greedily, one step at a time, outside of training.
#ifndef TRM_TRAIN_PLAYER_H
#define TRM_TRAIN_PLAYER_H

#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/train/learner.h"

typedef struct trm_player {
    const trm_env *env;
    trm_workspace *workspace;      // one row
    char *state, *before;          // state blocks: now, and before the newest step
    float *obs;                    // [S]
    int32_t prev_action;           // -1 on the first step
    int32_t action, action_before; // of the newest step, and of the one before
    int32_t t;                     // steps so far
    float total_reward;
    trm_step result;
    bool finished;
} trm_player;

void trm_player_init(trm_player *p, const trm_env *env, const trm_model *m);
void trm_player_done(trm_player *p);
void trm_player_reset(trm_player *p, trm_rng *rng, trm_split split);

// Takes the action with the largest logit. The episode must not have ended.
void trm_player_step(trm_player *p, const trm_model *m);

// The newest step as a gate sees it.
trm_step_view trm_player_view(const trm_player *p, const trm_model *m, int64_t episode);

#endif
