// SPDX-License-Identifier: Apache-2.0
// A lens: a copy of a model at one moment, to look at any state with, as it is or otherwise. It is
// what the microscope and what-if work on: training may go on with the model it was copied from.
// Every forward has one row, so that what is seen is what `trm probe` prints, bit for bit.
// One thread at a time.
#ifndef TRM_TRAIN_LENS_H
#define TRM_TRAIN_LENS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/inspect.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

typedef struct trm_lens trm_lens;

// The environment is borrowed. `weights`: a slab laid out as the model's parameters, copied; NULL:
// the model's own. max_cycles: as for trm_workspace_new_inspect. Free with trm_lens_free. NULL: the
// model does not take the environment's observations, or has other actions.
trm_lens *trm_lens_new(const trm_env *env, const trm_model *model, const float *weights,
                       int32_t max_cycles, trm_error *e);
void trm_lens_free(trm_lens *l); // NULL is fine

const trm_model *trm_lens_model(const trm_lens *l);

// The looks to come are so; NULL: as the model is. As trm_workspace_intervene.
bool trm_lens_intervene(trm_lens *l, const trm_intervention *i, trm_error *e);
trm_trace_shape trm_lens_shape(const trm_lens *l);

// Looks at a state; prev_action is the one before, -1: none. trace: trm_trace_size floats of the
// lens's shape.
void trm_lens_look(trm_lens *l, const void *state, int32_t prev_action, float *trace);

// How the logits of such a look depend on its units: as trm_model_head_gradient.
bool trm_lens_gradient(trm_lens *l, const void *state, float *trace, int32_t action0,
                       int32_t actions, int32_t unit0, int32_t units, float *out);

// What the model would do from every cell of a maze, all else as in a state: the agent is put there
// by trm_env_edit. Cycle by cycle: the likeliest action and its probability.
typedef struct trm_policy_map {
    int32_t cells, cycles;
    int32_t done;    // cells looked at so far
    int32_t *order;  // [cells] the order they are looked at in: by distance
    int16_t *action; // [cycles, cells] -1: the agent cannot be there, there is no reading, or the
                     // cell has not been looked at
    float *prob;     // [cycles, cells]
    float *trace;    // one look
    char *state;     // one state block
} trm_policy_map;

// max_cycles as for the lens. For environments without an agent to move, cells is 0.
void trm_policy_map_init(trm_policy_map *p, const trm_lens *l, const void *state,
                         int32_t max_cycles);
void trm_policy_map_done(trm_policy_map *p);

// Begins anew, for the lens as it is now; cells near `near` come first.
void trm_policy_map_begin(trm_policy_map *p, const trm_lens *l, int32_t near);

// Looks at the next cell. False: all are done.
bool trm_policy_map_next(trm_policy_map *p, trm_lens *l, const void *state, int32_t prev_action);

TRM_END_DECLS

#endif
