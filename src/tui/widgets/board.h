// SPDX-License-Identifier: Apache-2.0
// A board: a grid of cells as large as fits, with the lines of a sudoku's boxes where there is room
// for them, scrolled to keep a cell in sight where it is larger than the space. It knows nothing of
// what the cells mean: a function tells the mark of each (tui/widgets/marks.h has those that
// several screens need).
#ifndef TUI_WIDGETS_BOARD_H
#define TUI_WIDGETS_BOARD_H

#include <stdbool.h>

#include "tui/canvas/canvas.h"

// What stands in a cell. All of it may be zero: an empty cell.
typedef struct trm_cell_mark {
    uint32_t ch, before, after; // the sign, and what stands beside it where there is room; 0: none
    trm_style style, before_style, after_style, below_style;
    char below[8];  // in the row below the sign, or after it where cells are one row high and wide
    uint16_t notes; // instead of the sign: pencil marks, bit d - 1 for digit d
    bool fill;      // the sign fills the cell
    uint32_t piece; // what stands in the middle of a large cell instead; 0: the sign
    uint8_t heat;   // 1 + level of the palette that the cell is filled with; 0: none
    uint32_t shade; // stands after the sign instead, where cells cannot be filled
} trm_cell_mark;

typedef struct trm_board_view {
    int32_t rows, cols;
    int32_t box_rows, box_cols; // 0: there are none
    int32_t count;              // cells from here on are left out; 0: all are there
    int32_t cursor;             // this cell stands out, and is in sight; -1: none
    int32_t focus;              // … else this one is in sight; -1: none
    bool frame;                 // draw one around
    bool wide;                  // cells may be wide: there is more in them than a sign
    int32_t most;               // rows of characters that a cell is high at most; 0: no limit
    trm_cell_mark (*mark)(const void *ctx, int32_t cell);
    const void *ctx;
} trm_board_view;

// Columns of characters that show all of a board and its boxes' lines, without the frame.
int32_t trm_board_width(const trm_board_view *v);

// Rows of characters that it takes, the frame included, in `width` columns when at most `rows` are
// there.
int32_t trm_board_height(const trm_board_view *v, int32_t width, int32_t rows);

// Columns that it can make use of when `rows` are there, the frame included.
int32_t trm_board_most_width(const trm_board_view *v, int32_t rows);

// Draws into r, at its top and in the middle of its columns. Returns the rectangle used, the frame
// included; h is 0 where there is no room for a cell.
trm_rect trm_board_draw(trm_canvas *c, trm_rect r, const trm_board_view *v);

// The cell at a place of the canvas, for a board drawn into r; -1: none.
int32_t trm_board_at(trm_rect r, const trm_board_view *v, int32_t y, int32_t x);

#endif
