// SPDX-License-Identifier: Apache-2.0
// The trace of an episode: what was done step by step, what could be done, and what the model
// thought. It is what screens show. A plain container; whoever owns it synchronises.
#ifndef TRM_AGENT_EPISODE_H
#define TRM_AGENT_EPISODE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/step.h"
#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/reading.h"

TRM_BEGIN_DECLS

typedef struct trm_reel_step {
    int32_t action;
    int32_t prev_action;
    float reward;
    float total_reward;
    bool done, solved;
    trm_reason reason;
} trm_reel_step;

typedef struct trm_reel {
    uint64_t id;     // differs for every episode recorded; 0: nothing yet
    int64_t episode; // training episode's number; -1: played for show after training
    int32_t length;  // steps so far
    bool finished;
    bool success;
    bool first_success, best; // finished, and the first of its kind / a new best reward
    trm_trace_shape shape;
    size_t state_size;
    int32_t capacity;     // steps there is room for: the environment's longest episode
    trm_reel_step *steps; // [capacity]
    char *states;         // [capacity + 1] state blocks; states[t] is before step t
    float *traces;        // [capacity] blocks of trm_trace_size(shape) floats
    bool *legal;          // [capacity, actions] what could be done; NULL: nothing is masked
} trm_reel;

// Allocates for the environment and model. Free with trm_reel_done.
void trm_reel_init(trm_reel *r, const trm_env *env, const trm_model *model);
void trm_reel_done(trm_reel *r);

// Starts over with an episode's number; the id must differ from the last.
void trm_reel_begin(trm_reel *r, uint64_t id, int64_t episode);

// Appends a step, copying state and trace.
void trm_reel_append(trm_reel *r, const trm_env *env, const trm_step_view *view);

// Makes dst equal to src by copying only the steps that dst lacks. Both from the same env and
// model.
void trm_reel_sync(trm_reel *dst, const trm_reel *src);

const void *trm_reel_state(const trm_reel *r, int32_t t); // 0 <= t <= length
float *trm_reel_trace(const trm_reel *r, int32_t t);      // 0 <= t < length

// The same trace with its mask. Borrowed from the reel.
trm_reading trm_reel_reading(const trm_reel *r, int32_t t);

TRM_END_DECLS

#endif
