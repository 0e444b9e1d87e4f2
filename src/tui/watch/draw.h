// SPDX-License-Identifier: Apache-2.0
// Draws the Watch screen: a function of its view, at any size from 60x16.
#ifndef TUI_WATCH_DRAW_H
#define TUI_WATCH_DRAW_H

#include "tui/watch/layout.h"
#include "tui/watch/view.h"

void trm_watch_draw(trm_canvas *c, const trm_watch_view *v);

// The board's panel: the board, and the step below it.
void trm_watch_draw_board(trm_canvas *c, trm_rect r, const trm_watch_view *v);

// The cycles' panel, its details and the sentence.
void trm_watch_draw_cycles(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v);

// The curves and the numbers.
void trm_watch_draw_curves(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v);
void trm_watch_draw_numbers(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v);

#endif
