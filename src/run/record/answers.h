// SPDX-License-Identifier: Apache-2.0
// How an agent answers a sample that the record keeps: asked in the same way when it is recorded
// and when it is checked.
#ifndef RUN_RECORD_ANSWERS_H
#define RUN_RECORD_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/agent.h"

// Cells that are right, and how few or many of them may be elsewhere: a forward is not the same to
// the last bit on every machine, and where two logits are as good as equal either may be taken.
typedef struct trm_answers_count {
    int32_t right, least, most;
} trm_answers_count;

// input [S], target [P]; the agent is of no environment.
trm_answers_count trm_answers_ask(trm_agent *a, const float *input, const int32_t *target);

// The class that it answers in each cell, classes [P]. False: it was stopped meanwhile.
bool trm_answers_classes(trm_agent *a, const float *input, int32_t *classes);

#endif
