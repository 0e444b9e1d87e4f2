// SPDX-License-Identifier: Apache-2.0
// A model that can be asked about any state of an environment, outside of training: what it would
// do, and what it thinks on the way. The forward is that of `trm probe`, bit for bit.
// One thread at a time; the model's weights must stand still meanwhile.
#ifndef TRM_TRAIN_MIND_H
#define TRM_TRAIN_MIND_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

typedef struct trm_mind {
    const trm_env *env;       // borrowed, as the model is
    const trm_model *model;   // takes the environment's observations and answers with its
                              // actions, at once or position by position
    trm_workspace *workspace; // one row
    trm_trace_shape shape;
    float *obs;     // [S] of the state asked about last
    bool *open;     // [A] actions that trm_env_mask leaves there
    float *reading; // [A] what decided between them, the largest being taken: their logits, or, of
                    // a model that answers position by position, their probabilities there
    float *trace;   // trm_trace_size floats; as of the last trm_mind_think
} trm_mind;

void trm_mind_init(trm_mind *m, const trm_env *env, const trm_model *model);
void trm_mind_done(trm_mind *m); // fine on a zeroed one

// The action before as the model is told of it: models that answer position by position are told of
// none, -1.
int32_t trm_mind_before(const trm_model *model, int32_t prev_action);

// Actions that the environment's mask leaves: open [A]; all of them where it masks nothing.
void trm_mind_open(const trm_env *env, const void *state, bool *open);

// What the model would do in this state, of what is open. prev_action: the one before, -1 on a
// first step.
int32_t trm_mind_ask(trm_mind *m, const void *state, int32_t prev_action);

// The same, and every cycle goes to m->trace.
int32_t trm_mind_think(trm_mind *m, const void *state, int32_t prev_action);

TRM_END_DECLS

#endif
