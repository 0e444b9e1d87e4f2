// SPDX-License-Identifier: Apache-2.0
// What a model would do from every cell of a maze, all else as in a state: the agent is put there
// by trm_env_edit. Cycle by cycle: the best action that may be taken there, and its probability.
#ifndef TRM_AGENT_POLICY_MAP_H
#define TRM_AGENT_POLICY_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/agent.h"
#include "trm/base/api.h"

TRM_BEGIN_DECLS

typedef struct trm_policy_map {
    int32_t rows, cols, cells, cycles;
    int32_t done;    // cells looked at so far
    int32_t *order;  // [cells] the order they are looked at in: by distance
    int16_t *action; // [cycles, cells] -1: the agent cannot be there, there is no reading, or the
                     // cell has not been looked at
    float *prob;     // [cycles, cells] masked
    float *trace;    // one look
    char *state;     // one state block
} trm_policy_map;

// max_cycles as for the agent. For environments without an agent to move, and for agents that are
// asked about inputs, cells is 0.
void trm_policy_map_init(trm_policy_map *p, const trm_agent *a, const void *state,
                         int32_t max_cycles);
void trm_policy_map_done(trm_policy_map *p);

// Starts over, with the agent as it is run now; cells near `near` come first.
void trm_policy_map_begin(trm_policy_map *p, const trm_agent *a, int32_t near);

// Looks at the next cell. False: all are done.
bool trm_policy_map_next(trm_policy_map *p, trm_agent *a, const void *state, int32_t prev_action);

TRM_END_DECLS

#endif
