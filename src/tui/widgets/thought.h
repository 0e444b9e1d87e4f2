// SPDX-License-Identifier: Apache-2.0
// What a model would do, over its cycles: a table with an action a row and a cycle a column.
#ifndef TUI_WIDGETS_THOUGHT_H
#define TUI_WIDGETS_THOUGHT_H

#include "trm/env/env.h"
#include "trm/model/trace.h"
#include "tui/canvas.h"

typedef struct trm_thought {
    const trm_env *env;
    const trm_trace_shape *shape;
    float *trace;   // trm_trace_size floats; only read
    int32_t chosen; // an action to mark, -1: none
} trm_thought;

// Index of the largest probability of a cycle; -1 where the head gives no reading.
int32_t trm_thought_best(const trm_thought *t, int32_t cycle);

// The cycle from which on the best action stayed the last one's.
int32_t trm_thought_decided(const trm_thought *t);

// The table: likeliest actions of the last cycle first, as many as fit below the row of cycles; of
// the cycles the last that fit. Each cycle's best action is marked. Returns the rows used.
int32_t trm_thought_draw(trm_canvas *c, trm_rect r, const trm_thought *t);

// "right, 0.64: decided at cycle 2 of 3"
void trm_thought_sentence(const trm_thought *t, char *out, int32_t size);

#endif
