// SPDX-License-Identifier: Apache-2.0
// A model that can be asked about any state of an environment, outside of training: what it would
// do, and what it thinks on the way. The forward is that of `trm probe`, bit for bit.
// One thread at a time; the model's weights must stand still meanwhile.
#ifndef TRM_TRAIN_MIND_H
#define TRM_TRAIN_MIND_H

#include <stdint.h>

#include "trm/env/env.h"
#include "trm/model/model.h"

typedef struct trm_mind {
    const trm_env *env;       // borrowed, as the model is
    const trm_model *model;   // takes the environment's observations and has its actions
    trm_workspace *workspace; // one row
    trm_trace_shape shape;
    float *obs;   // [S] of the state asked about last
    float *trace; // trm_trace_size floats; as of the last trm_mind_think
} trm_mind;

void trm_mind_init(trm_mind *m, const trm_env *env, const trm_model *model);
void trm_mind_done(trm_mind *m); // fine on a zeroed one

// The action with the largest logit in this state, of those that trm_env_mask leaves. prev_action:
// the one before, -1 on a first step.
int32_t trm_mind_ask(trm_mind *m, const void *state, int32_t prev_action);

// The same, and every cycle goes to m->trace.
int32_t trm_mind_think(trm_mind *m, const void *state, int32_t prev_action);

#endif
