// SPDX-License-Identifier: Apache-2.0
// A board: cells, agent, goal, digits, and where the agent has been.
#ifndef TUI_WIDGETS_BOARD_H
#define TUI_WIDGETS_BOARD_H

#include "trm/env/env.h"
#include "tui/canvas.h"

typedef struct trm_board_view {
    const trm_board *board;
    const uint8_t *visits; // [rows * cols]: times the agent was there, saturating; NULL: unknown
    int32_t focus;         // cell to keep in sight when the board is larger than the space; -1
} trm_board_view;

// The cell that the agent is in; -1 where none is to be seen: it may stand under the goal.
int32_t trm_board_agent(const trm_board *b);

// Draws the board as large as fits into r, framed, in its middle; a larger one scrolls to keep the
// focus in sight. Returns the rectangle used.
trm_rect trm_board_draw(trm_canvas *c, trm_rect r, const trm_board_view *v);

// The cell at a place of the canvas, for a board drawn into r; -1: none.
int32_t trm_board_cell_at(trm_rect r, const trm_board_view *v, int32_t y, int32_t x);

#endif
