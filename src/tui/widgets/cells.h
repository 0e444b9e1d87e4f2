// SPDX-License-Identifier: Apache-2.0
// An answer for every cell of a grid, or token of a strip: what it is, how sure, right or wrong.
#ifndef TUI_WIDGETS_CELLS_H
#define TUI_WIDGETS_CELLS_H

#include "trm/env/env.h"
#include "tui/canvas.h"

typedef struct trm_cells_view {
    int32_t rows, cols, count; // of the grid; cells from `count` on are left out
    const trm_board *board;    // walls, start, goal, givens and boxes; NULL: none
    bool path;                 // class 1 is on the path, class 0 is not; else classes are digits
    int32_t first;             // … and this is the digit of class 0
    const int32_t *classes;    // [count] answers; NULL: none, the heat is shown instead
    const int32_t *truth;      // [count] answers that differ are marked; NULL: none is
    const float *shade;        // [count] 0..1, drawn as the cell's brightness; NULL: none
    const float *heat;         // [count] values of either sign, coloured up to +-scale; NULL: none
    float scale;
    int32_t cursor; // this cell is marked, and in sight when not all are; -1: none
    bool frame;     // draw one around
} trm_cells_view;

// Columns of characters that show all of a grid, and the lines between its boxes.
int32_t trm_cells_width(const trm_cells_view *v);

// Rows of characters that a grid takes in `width` columns when at most `rows` are there; the cells
// are as large as fits.
int32_t trm_cells_height(const trm_cells_view *v, int32_t width, int32_t rows);

// Draws as large as fits into r; a grid that is larger scrolls to keep the cursor in sight. Returns
// the rectangle used.
trm_rect trm_cells_draw(trm_canvas *c, trm_rect r, const trm_cells_view *v);

// The character of a class: '1', 'A', …; for paths a dot of either kind.
uint32_t trm_cells_symbol(const trm_cells_view *v, int32_t class_of);

#endif
