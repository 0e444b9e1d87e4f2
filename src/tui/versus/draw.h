// SPDX-License-Identifier: Apache-2.0
// Draws the Versus screen from its state, at any size from 60x16.
#ifndef TUI_VERSUS_DRAW_H
#define TUI_VERSUS_DRAW_H

#include "tui/canvas/canvas.h"
#include "tui/versus/state.h"

typedef struct trm_versus_layout {
    trm_rect sides[2]; // heading and board
    trm_rect texts[2]; // below each: step, and the table of cycles
    trm_rect sentence; // one row
    trm_rect line;     // one row: the steps, and where they differ
} trm_versus_layout;

trm_versus_layout trm_versus_layout_of(const trm_versus *v, trm_rect area);

// The step at a place of the time line; -1: none.
int32_t trm_versus_time_at(const trm_versus *v, trm_rect line, int32_t y, int32_t x);

void trm_versus_draw(trm_canvas *c, const void *versus); // a trm_versus

#endif
