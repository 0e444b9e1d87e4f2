// SPDX-License-Identifier: Apache-2.0
// Draws the time line's screen: a function of its state, at any size from 60x16.
#ifndef TUI_REPLAY_DRAW_H
#define TUI_REPLAY_DRAW_H

#include "tui/replay/layout.h"
#include "tui/replay/state.h"

void trm_replay_draw(trm_canvas *c, const void *replay); // a trm_replay

// The curve and, below it, the line.
void trm_replay_draw_line(trm_canvas *c, const trm_replay_layout *l, const trm_replay *r);

// The moment that a place of the canvas stands for; -1: none.
int32_t trm_replay_moment_at(const trm_replay_layout *l, const trm_replay *r, int32_t y, int32_t x);

#endif
