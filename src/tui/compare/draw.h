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
    int32_t first; // configuration in the table's first row
} trm_compare_layout;

// rows >= 16, cols >= 60.
trm_compare_layout trm_compare_layout_of(const trm_compare_view *v, int32_t rows, int32_t cols);

void trm_compare_draw(trm_canvas *c, const trm_compare_view *v);
void trm_compare_draw_table(trm_canvas *c, const trm_compare_layout *l, const trm_compare_view *v);

#endif
