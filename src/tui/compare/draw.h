// SPDX-License-Identifier: Apache-2.0
// Draws the Compare screen: a function of its view, at any size from 60x16. When there is little
// room the second curve goes, then columns and rows of the table.
#ifndef TUI_COMPARE_DRAW_H
#define TUI_COMPARE_DRAW_H

#include "tui/canvas.h"
#include "tui/compare/view.h"

typedef struct trm_compare_layout {
    trm_rect curves[2]; // reward, success; h 0: dropped
    trm_rect table;
} trm_compare_layout;

trm_compare_layout trm_compare_layout_of(const trm_compare_view *v, trm_rect area);

void trm_compare_draw(trm_canvas *c, const trm_compare_view *v);

// The table in its panel, and the configuration at a place of it; -1: none.
void trm_compare_draw_table(trm_canvas *c, trm_rect r, const trm_compare_view *v);
int32_t trm_compare_config_at(trm_rect r, const trm_compare_view *v, int32_t y, int32_t x);

#endif
