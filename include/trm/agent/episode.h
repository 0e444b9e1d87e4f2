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

typedef struct trm_episode_step {
    int32_t action;
    int32_t prev_action;
    float reward;
    float total_reward;
    bool done, solved;
    trm_reason reason;
} trm_episode_step;

// Most memory of a trace. Of a longer episode the first steps are kept, and how it ended.
enum { TRM_EPISODE_TRACE_MIB = 512 };

typedef struct trm_episode_trace {
    uint64_t id;     // differs for every episode recorded; 0: nothing yet
    int64_t episode; // training episode's number; -1: played for show after training
    int32_t length;  // steps so far, those that there is room for
    bool finished;
    bool success;
    bool first_success, best; // finished, and the first of its kind / a new best reward
    trm_trace_shape shape;
    size_t state_size;
    int32_t capacity;        // steps there is room for: the environment's longest episode, or what
                             // fits into TRM_EPISODE_TRACE_MIB
    trm_episode_step *steps; // [capacity]
    char *states;            // [capacity + 1] state blocks; states[t] is before step t
    float *traces;           // [capacity] blocks of trm_trace_size(shape) floats
    bool *legal;             // [capacity, actions] what could be done; NULL: nothing is masked
} trm_episode_trace;

// Allocates for the environment and model. Free with trm_episode_trace_done.
void trm_episode_trace_init(trm_episode_trace *r, const trm_env *env, const trm_model *model);
void trm_episode_trace_done(trm_episode_trace *r);

// Starts over with an episode's number; the id must differ from the last.
void trm_episode_trace_begin(trm_episode_trace *r, uint64_t id, int64_t episode);

// Appends a step, copying state and trace; where there is no room, only how the episode ended.
void trm_episode_trace_append(trm_episode_trace *r, const trm_env *env, const trm_step_view *view);

// The episode went on, or may go on, behind the last step that there is room for.
bool trm_episode_trace_full(const trm_episode_trace *r);

// Makes dst equal to src by copying only the steps that dst lacks. Both from the same env and
// model.
void trm_episode_trace_sync(trm_episode_trace *dst, const trm_episode_trace *src);

// The same for src's first `length` steps: the episode as it was then.
void trm_episode_trace_take(trm_episode_trace *dst, const trm_episode_trace *src, int32_t length);

const void *trm_episode_trace_state(const trm_episode_trace *r, int32_t t); // 0 <= t <= length
float *trm_episode_trace_trace(const trm_episode_trace *r, int32_t t);      // 0 <= t < length

// The same trace with its mask. Borrowed from the episode trace.
trm_reading trm_episode_trace_reading(const trm_episode_trace *r, int32_t t);

TRM_END_DECLS

#endif
