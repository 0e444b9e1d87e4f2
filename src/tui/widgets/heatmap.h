// SPDX-License-Identifier: Apache-2.0
// A vector as a grid of cells, in the order of its units, coloured by sign and magnitude.
#ifndef TUI_WIDGETS_HEATMAP_H
#define TUI_WIDGETS_HEATMAP_H

#include "tui/canvas/canvas.h"

// How n values go into a space: `cols` cells a row, each sx columns wide and sy half rows high.
// Where there is not room for all, a cell stands for `pool` units and shows the largest magnitude.
typedef struct trm_heat_fit {
    int32_t cols, rows;
    int32_t sx, sy;
    int32_t pool;
} trm_heat_fit;

// fills: cells of half a character are possible.
trm_heat_fit trm_heatmap_fit(int32_t n, int32_t w, int32_t h, bool fills);

// Rows of characters that it takes.
int32_t trm_heatmap_height(const trm_heat_fit *f);

void trm_heatmap_draw(trm_canvas *c, trm_rect r, const float *values, int32_t n, float scale);

// Marks the cell that unit `place` is in, in a map drawn so.
void trm_heatmap_mark(trm_canvas *c, trm_rect r, int32_t n, int32_t place);

// The first unit of the cell at a place of the canvas, in a map drawn so; -1: none.
int32_t trm_heatmap_at(trm_rect r, int32_t n, bool fills, int32_t y, int32_t x);

// "H ±7 - ---- ++++ +": the scale and the palette from negative to positive, at the right end of a
// heading whose name ends before column x, if there is room.
void trm_heatmap_legend(trm_canvas *c, trm_rect heading, int32_t x, const char *scale);

#endif
