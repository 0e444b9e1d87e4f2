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
    float *trace;     // trm_trace_size floats; only read
    const bool *open; // [actions] that may be taken; NULL: all
    int32_t chosen;   // an action to mark, -1: none
    // Another model's thought, drawn elsewhere: the rows are then those of both, in one order.
    const trm_trace_shape *beside_shape; // NULL: none
    float *beside;
    const bool *beside_open;
} trm_thought;

// The table: likeliest actions of the last cycle first, as many as fit below the row of cycles; of
// the cycles the last that fit. Each cycle's best action is marked. Returns the rows used.
int32_t trm_thought_draw(trm_canvas *c, trm_rect r, const trm_thought *t);

// "right, 0.64: decided at cycle 2 of 3"
void trm_thought_sentence(const trm_thought *t, char *out, int32_t size);

#endif
