// SPDX-License-Identifier: Apache-2.0
// Draws the microscope: a function of its view, at any size from 60x16.
#ifndef TUI_INSPECTOR_DRAW_H
#define TUI_INSPECTOR_DRAW_H

#include "tui/inspector/layout.h"
#include "tui/inspector/view.h"
#include "tui/widgets/policy.h"

void trm_inspector_draw(trm_canvas *c, const trm_inspector_view *v);

void trm_inspector_draw_board(trm_canvas *c, trm_rect r, const trm_inspector_view *v);
void trm_inspector_draw_cycles(trm_canvas *c, trm_rect r, const trm_inspector_view *v);
void trm_inspector_draw_unit(trm_canvas *c, trm_rect r, const trm_inspector_view *v);
void trm_inspector_draw_path(trm_canvas *c, trm_rect r, const trm_inspector_view *v);

// The board with its policy, for drawing and for telling.
trm_policy_view trm_inspector_policy(const trm_inspector_view *v);

// A unit's place among `n` by magnitude, from 1.
int32_t trm_inspector_rank(const float *values, int32_t n, int32_t unit);

// Where the board is in its panel.
trm_rect trm_inspector_board_rect(const trm_inspector_view *v, trm_rect panel);

// A sample's board with one value in every cell, where its latents lie on a board and there is
// room.
// … and whether there is room below a board that leaves it.
bool trm_inspector_has_values(const trm_inspector_view *v, trm_rect panel);
void trm_inspector_draw_values(trm_canvas *c, trm_rect r, const trm_inspector_view *v);

#endif
