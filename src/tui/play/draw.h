// SPDX-License-Identifier: Apache-2.0
// Draws the Play screen from its state, at any size from 60x16.
#ifndef TUI_PLAY_DRAW_H
#define TUI_PLAY_DRAW_H

#include "tui/canvas.h"
#include "tui/play/state.h"

// A board and what belongs to it: beside it, or in a race below it.
typedef struct trm_play_panel {
    trm_rect heading; // h 0: none
    trm_rect board;
    trm_rect text;
} trm_play_panel;

typedef struct trm_play_layout {
    trm_play_panel own;
    trm_play_panel rival; // the model's in a race; h 0: none
} trm_play_layout;

trm_play_layout trm_play_layout_of(const trm_play *p, trm_rect area);

void trm_play_draw(trm_canvas *c, const void *play); // a trm_play

// What is drawn of the player's board.
trm_board_marks trm_play_marks(const trm_play *p);
trm_board_view trm_play_view(const trm_play *p, const trm_board_marks *m);

#endif
