// SPDX-License-Identifier: Apache-2.0
// A board whose cells hold a sign and a few characters below it: as large as fits, with the lines
// of a sudoku's boxes, scrolled to keep a cell in sight where it is larger than the space.
#ifndef TUI_MICRO_BOARD_H
#define TUI_MICRO_BOARD_H

#include <stdbool.h>

#include "trm/env/env.h"
#include "tui/canvas.h"

typedef struct trm_cell_mark {
    uint32_t ch, before, after; // the sign, and what stands beside it where there is room; 0: none
    trm_style style, before_style, after_style, below_style;
    char below[8]; // in the row below, or after the sign where cells are one row high and wide
    bool fill;     // the sign fills the cell
} trm_cell_mark;

// Where the cells are: (row0, col0) at (y, x), each h x w characters.
typedef struct trm_board_grid {
    trm_rect edge; // the frame around it
    int32_t y, x, h, w;
    int32_t row0, col0, rows, cols; // cells in sight
    int32_t all_rows, all_cols;
    int32_t box_rows, box_cols; // 0: no lines
    int32_t lines_h, lines_w;   // characters that lines take, down and across
} trm_board_grid;

trm_board_grid trm_board_grid_of(trm_rect r, const trm_board *b, int32_t focus);

// marks [all_rows * all_cols]; cursor: a cell that stands out, -1: none.
void trm_board_grid_draw(trm_canvas *c, const trm_board_grid *g, const trm_cell_mark *marks,
                         int32_t cursor);

// The cell at a place of the canvas; -1: none.
int32_t trm_board_grid_at(const trm_board_grid *g, int32_t y, int32_t x);

#endif
