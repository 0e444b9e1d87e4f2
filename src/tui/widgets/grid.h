// SPDX-License-Identifier: Apache-2.0
// A board of digits with its boxes, for someone who works on it: a cursor, pencil marks, cells that
// stand out.
#ifndef TUI_WIDGETS_GRID_H
#define TUI_WIDGETS_GRID_H

#include "trm/env/env.h"
#include "tui/canvas.h"

// Why a cell stands out; each has a character of its own, too.
typedef enum trm_tint {
    TRM_TINT_NONE,
    TRM_TINT_SAME,     // holds the digit that the cursor is on
    TRM_TINT_CONFLICT, // stands against a digit that was tried
    TRM_TINT_TRIED,    // where it was tried
    TRM_TINT_HINT,
    TRM_TINT_MODEL, // where the model would place a digit
    TRM_TINTS
} trm_tint;

typedef struct trm_grid_view {
    const trm_board *board; // with boxes
    int32_t cursor;         // cell, -1: none
    const uint16_t *notes;  // [rows * cols] pencil marks, bit d - 1; NULL: none
    const uint8_t *tints;   // [rows * cols] trm_tint; NULL: none
    int32_t tried;          // the digit that TRIED cells show
} trm_grid_view;

// Draws the grid as large as fits into r, in its middle. Returns the rectangle used; nothing is
// drawn where there is no room.
trm_rect trm_grid_draw(trm_canvas *c, trm_rect r, const trm_grid_view *v);

// The cell at a place of the canvas, for a grid drawn into r; -1: none.
int32_t trm_grid_cell_at(trm_rect r, const trm_board *b, int32_t y, int32_t x);

#endif
