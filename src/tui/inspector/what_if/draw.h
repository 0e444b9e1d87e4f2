// SPDX-License-Identifier: Apache-2.0
// Draws what-if: a function of its view, at any size from 60x16.
#ifndef TUI_INSPECTOR_WHAT_IF_DRAW_H
#define TUI_INSPECTOR_WHAT_IF_DRAW_H

#include "tui/inspector/what_if/view.h"

typedef struct trm_what_if_layout {
    trm_rect board;
    trm_rect sides[TRM_SIDES];
    trm_rect maps[TRM_WHAT_IF_FOCUSES]; // of H and L, without label; h 0: not in sight
    trm_rect difference;                // likewise
    trm_rect numbers;                   // one row: the heading, and the difference in numbers
    trm_rect sentence;
} trm_what_if_layout;

trm_what_if_layout trm_what_if_layout_of(const trm_what_if_view *v, trm_rect area, bool fills);

// Where the board is in its panel.
trm_rect trm_what_if_board_rect(trm_rect panel);

void trm_what_if_draw(trm_canvas *c, const trm_what_if_view *v);

#endif
