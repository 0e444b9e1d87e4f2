// SPDX-License-Identifier: Apache-2.0
// Where things are: a screen is a rectangle that is split. Parts are taken off the edges of the one
// that holds what is left, or a row of parts shares it by a table that says which are dropped
// first.
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdbool.h>

#include "tui/canvas/canvas.h"

int32_t trm_clamp(int32_t x, int32_t low, int32_t high); // low wins where low > high

// The first of `shown` out of n, with `focus` in the middle where possible.
int32_t trm_window(int32_t n, int32_t shown, int32_t focus);

// Everything but the bottom row.
trm_rect trm_canvas_area(const trm_canvas *c);

// Take rows or columns off an edge of *r, and `gap` more, which nobody gets. Never more than there
// are.
trm_rect trm_rect_top(trm_rect *r, int32_t rows, int32_t gap);
trm_rect trm_rect_bottom(trm_rect *r, int32_t rows, int32_t gap);
trm_rect trm_rect_left(trm_rect *r, int32_t cols, int32_t gap);
trm_rect trm_rect_right(trm_rect *r, int32_t cols, int32_t gap);

// Rows and columns less on every side.
trm_rect trm_rect_inset(trm_rect r, int32_t rows, int32_t cols);

// h x w in the middle of r, cut to it.
trm_rect trm_rect_centre(trm_rect r, int32_t h, int32_t w);

bool trm_rect_has(trm_rect r, int32_t y, int32_t x);

// A part of a row of parts. One whose least and share are 0 is not there.
typedef struct trm_part {
    int32_t least; // size that it needs
    int32_t most;  // 0: no limit
    int32_t share; // of what is left over, against the shares of the others
    int32_t drop;  // where not all have their least, the part with the largest goes; 0: never
} trm_part;

// Sizes of n parts in `room`, with `gap` between those that are there; 0: dropped. Where even those
// that never go have no room, the last ones are cut.
void trm_parts_fit(const trm_part *parts, int32_t n, int32_t room, int32_t gap, int32_t *sizes);

// The same of a rectangle's rows, top to bottom, and columns, left to right. h or w is 0 where a
// part is dropped.
void trm_rect_rows(trm_rect r, const trm_part *parts, int32_t n, int32_t gap, trm_rect *out);
void trm_rect_cols(trm_rect r, const trm_part *parts, int32_t n, int32_t gap, trm_rect *out);

#endif
