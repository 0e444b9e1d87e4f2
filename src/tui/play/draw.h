// SPDX-License-Identifier: Apache-2.0
// Draws the Play screen from its state, at any size from 60x16.
#ifndef TUI_PLAY_DRAW_H
#define TUI_PLAY_DRAW_H

#include "tui/canvas.h"
#include "tui/play/state.h"

typedef struct trm_play_layout {
    trm_rect board; // yours
    trm_rect rival; // the model's in a race; h 0: none
    trm_rect side;  // numbers, hint, model, result
    trm_rect rival_side;
} trm_play_layout;

// rows >= 16, cols >= 60.
trm_play_layout trm_play_layout_of(const trm_play *p, int32_t rows, int32_t cols);

void trm_play_draw(trm_canvas *c, const trm_play *p);

// The panels beside or below the boards.
void trm_play_draw_side(trm_canvas *c, trm_rect r, const trm_play *p);
void trm_play_draw_rival(trm_canvas *c, trm_rect r, const trm_play *p);

// Text over several rows, broken between words. Returns the rows used.
int32_t trm_play_wrap(trm_canvas *c, trm_rect r, trm_style style, const char *text);

#endif
