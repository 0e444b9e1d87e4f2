// SPDX-License-Identifier: Apache-2.0
// What a model would do, over its cycles: a table with an action a row and a cycle a column.
#ifndef TUI_WIDGETS_DECISIONS_H
#define TUI_WIDGETS_DECISIONS_H

#include "trm/agent/subject.h"
#include "trm/model/reading.h"
#include "tui/widgets/bars.h"

typedef struct trm_decision_table {
    trm_subject subject; // for the actions' names: of an environment the state may be left out
    trm_reading reading; // of a sample: allows the classes of `cell` alone
    int32_t cell;        // of a sample
    int32_t chosen;      // an action to mark, -1: none
    int32_t selected;    // a cycle that stands out, -1: none
    // Another model's thought, drawn elsewhere: the rows are then those of both, in one order.
    const trm_reading *beside; // NULL: none
} trm_decision_table;

// The table: likeliest actions of the last cycle first, as many as fit below the row of cycles; of
// the cycles the last that fit. Each cycle's best action is marked; actions that may not be taken
// are dimmed and have a cross. Returns the rows used.
int32_t trm_decision_table_draw(trm_canvas *c, trm_rect r, const trm_decision_table *t);

// Where the head of a cycle would rather do what may not be done, a line that says so, at the right
// end of a row from column x on where there is room: "× r2c3=4 .07: the cell is given".
void trm_decision_table_draw_refused(trm_canvas *c, trm_rect row, int32_t x, const trm_env *env,
                                     const void *state, const trm_reading *r, int32_t cycle);

#endif
