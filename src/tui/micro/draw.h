// SPDX-License-Identifier: Apache-2.0
// Draws the microscope: a function of its view, at any size from 60x16.
#ifndef TUI_MICRO_DRAW_H
#define TUI_MICRO_DRAW_H

#include "tui/micro/layout.h"
#include "tui/micro/view.h"

void trm_micro_draw(trm_canvas *c, const trm_micro_view *v);

void trm_micro_draw_board(trm_canvas *c, trm_rect r, const trm_micro_view *v);
void trm_micro_draw_cycles(trm_canvas *c, trm_rect r, const trm_micro_view *v);
void trm_micro_draw_unit(trm_canvas *c, trm_rect r, const trm_micro_view *v);
void trm_micro_draw_path(trm_canvas *c, trm_rect r, const trm_micro_view *v);

// Where the board is in its panel.
trm_rect trm_micro_board_rect(trm_rect panel);

#endif
