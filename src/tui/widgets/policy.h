// SPDX-License-Identifier: Apache-2.0
// A board with the policy in it: for mazes what the model would do from every cell, for sudokus the
// digit it holds likeliest for each; for a sample the answer, and what of it is wrong.
#ifndef TUI_WIDGETS_POLICY_H
#define TUI_WIDGETS_POLICY_H

#include "trm/agent/policy_map.h"
#include "trm/agent/subject.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/marks.h"

typedef struct trm_policy_view {
    const char *(*name)(const void *names, int32_t action, bool ascii); // a sign, or else a word
    const void *names;
    const trm_board *board;
    const trm_board *before;   // cells that differ from it are marked; NULL: none
    trm_subject subject;       // that the board is of
    const trm_policy_map *map; // cells 0: there is no agent
    trm_reading reading;       // what the model thinks in this state; trace NULL: not known
    int32_t cycle;             // the one that is shown
    int32_t cell;              // cursor
    trm_cell_mark *marks;      // scratch: one for each cell
} trm_policy_view;

// Draws the board as large as fits into r. Returns the rectangle used.
trm_rect trm_policy_draw(trm_canvas *c, trm_rect r, const trm_policy_view *v);

// The board as trm_policy_draw draws it, to find cells in.
trm_board_view trm_policy_board(const trm_policy_view *v);

// "r2c3: right 0.88", or of a sample's cell its answers; false: no such cell. The view's cursor and
// marks are not needed.
bool trm_policy_tell(const trm_policy_view *v, bool ascii, int32_t cell, char *out, int32_t size);

// One row about the cell under the cursor: its arrow over the cycles, or its digits' probabilities.
void trm_policy_draw_cell(trm_canvas *c, trm_rect r, const trm_policy_view *v);

#endif
