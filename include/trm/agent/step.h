// SPDX-License-Identifier: Apache-2.0
// One step of an episode as it happens: what was seen, thought and done.
#ifndef TRM_AGENT_STEP_H
#define TRM_AGENT_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// Everything is borrowed for the time of the call that gives it.
typedef struct trm_step_view {
    int64_t episode;
    int32_t t;              // 0-based step within the episode
    const void *state;      // environment's state block before the step
    const void *next_state; // … and after
    int32_t action;
    int32_t prev_action; // -1 on the first step
    trm_step result;
    float total_reward;     // so far, this step included
    const bool *legal;      // [A] what could be done; NULL: the environment masks nothing
    const trm_model *model; // for trm_model_trace(model, workspace, row, …)
    trm_workspace *workspace;
    int32_t row;
} trm_step_view;

TRM_END_DECLS

#endif
