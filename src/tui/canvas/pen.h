// SPDX-License-Identifier: Apache-2.0
// A pen walks a rectangle line by line, so that nobody counts rows. What has no room is not drawn:
// below the last row and right of the last column a pen writes nothing.
#ifndef TUI_PEN_H
#define TUI_PEN_H

#include <stdbool.h>

#include "tui/canvas/canvas.h"

typedef struct trm_pen {
    trm_canvas *c;
    trm_rect r; // this row and those below it
    int32_t x;  // columns used of this row
} trm_pen;

trm_pen trm_pen_on(trm_canvas *c, trm_rect r);

bool trm_pen_has(const trm_pen *p, int32_t rows); // so many rows are left, this one included
int32_t trm_pen_room(const trm_pen *p);           // columns left of this row

// In this row, after what is there.
void trm_pen_text(trm_pen *p, trm_style style, const char *text);
void trm_pen_print(trm_pen *p, trm_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void trm_pen_put(trm_pen *p, trm_style style, uint32_t ch);
void trm_pen_gap(trm_pen *p, int32_t cols);
void trm_pen_bar(trm_pen *p, int32_t width, float value, trm_style style);

// At the right end of this row, if there is room for all of it.
void trm_pen_right(trm_pen *p, trm_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void trm_pen_end(trm_pen *p); // to the next row
void trm_pen_skip(trm_pen *p, int32_t rows);

// Whole rows.
void trm_pen_line(trm_pen *p, trm_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void trm_pen_field(trm_pen *p, const char *label, trm_style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void trm_pen_rule(trm_pen *p);
void trm_pen_heading(trm_pen *p, const char *name); // dropped where nothing could stand below it
void trm_pen_wrap(trm_pen *p, trm_style style, const char *text); // broken between words

// The next rows, for a widget to be drawn in; the pen goes on below them.
trm_rect trm_pen_take(trm_pen *p, int32_t rows);

#endif
