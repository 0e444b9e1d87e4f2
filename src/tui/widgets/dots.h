// SPDX-License-Identifier: Apache-2.0
// Dots finer than characters: braille where the terminal has it, else halves of a character, else
// one dot a character. One drawing at a time: the dots are in the canvas's scratch.
#ifndef TUI_WIDGETS_DOTS_H
#define TUI_WIDGETS_DOTS_H

#include "tui/canvas/canvas.h"

typedef struct trm_dots {
    trm_rect r;
    int32_t dx, dy; // dots of a character, across and down
    uint8_t *bits;  // [r.h * r.w]
} trm_dots;

// Empty; r is clipped to the canvas.
trm_dots trm_dots_begin(trm_canvas *c, trm_rect r);
void trm_dots_clear(trm_dots *d);

// Dots count from the top left; those outside are left out.
void trm_dots_put(trm_dots *d, int32_t x, int32_t y);
void trm_dots_line(trm_dots *d, int32_t x0, int32_t y0, int32_t x1, int32_t y1);

// Draws them over what is there; dots that are there already stay, in the colour of these. plain: a
// character for any dot where there is only one.
void trm_dots_show(trm_canvas *c, const trm_dots *d, trm_style style, uint32_t plain);
void trm_dots_show_ink(trm_canvas *c, const trm_dots *d, trm_paint ink, uint32_t plain);

#endif
