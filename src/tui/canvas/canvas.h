// SPDX-License-Identifier: Apache-2.0
// A grid of character cells to draw a frame on. It knows nothing of terminals: a back end compares
// it with what is on the glass, and a test reads it as text. Everything drawn is clipped.
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include "tui/canvas/style.h"

typedef struct trm_rect {
    int32_t y, x, h, w;
} trm_rect;

typedef struct trm_canvas_cell {
    uint32_t ch; // 0: right half of a wide character
    uint8_t fg, bg, attr, unused;
} trm_canvas_cell;

typedef struct trm_canvas {
    int32_t rows, cols;
    trm_look look;
    trm_theme theme;
    trm_canvas_cell *cells; // [rows * cols]
    uint8_t *scratch;       // [rows * cols] for widgets, within one call
} trm_canvas;

void trm_canvas_init(trm_canvas *c, const trm_look *look);
void trm_canvas_done(trm_canvas *c);

// Allocates for a size and clears. rows, cols >= 1.
void trm_canvas_resize(trm_canvas *c, int32_t rows, int32_t cols);
void trm_canvas_clear(trm_canvas *c);
void trm_canvas_clear_rect(trm_canvas *c, trm_rect r);

// One character of one column, replaced by what the terminal can show.
void trm_canvas_put(trm_canvas *c, int32_t y, int32_t x, uint32_t ch, trm_style style);

// The same with inks of one's own.
void trm_canvas_put_ink(trm_canvas *c, int32_t y, int32_t x, uint32_t ch, int32_t fg, int32_t bg,
                        uint8_t attr);

// UTF-8 text, at most `width` columns of it. Returns the columns used. Bytes that are not UTF-8 and
// control characters are shown as '?'.
int32_t trm_canvas_text(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                        const char *text);

// The same for a sentence: of one that is too long the clauses that fit, between "; " and ", "; of
// one whose first clause is, as much as fits before "…".
int32_t trm_canvas_sentence(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                            const char *text);

int32_t trm_canvas_print(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                         const char *format, ...) __attribute__((format(printf, 6, 7)));

// Ends at column x + width.
void trm_canvas_print_right(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                            const char *format, ...) __attribute__((format(printf, 6, 7)));

void trm_canvas_repeat(trm_canvas *c, int32_t y, int32_t x, int32_t n, uint32_t ch,
                       trm_style style);

// A frame around the inside of r.
void trm_canvas_frame(trm_canvas *c, trm_rect r, trm_style style);

// "── board ──────": the heading of a panel over its whole width; the focused one stands out by
// weight and by a mark. Returns the column after the name.
int32_t trm_canvas_heading(trm_canvas *c, int32_t y, int32_t x, int32_t width, const char *name,
                           bool focus);

// Columns of UTF-8 text.
int32_t trm_text_columns(const char *text);

#endif
