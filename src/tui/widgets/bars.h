// SPDX-License-Identifier: Apache-2.0
// Probabilities or values of actions as bars with names and numbers.
#ifndef TUI_WIDGETS_BARS_H
#define TUI_WIDGETS_BARS_H

#include "tui/canvas/canvas.h"

// Probabilities as everywhere on the screens, and values, in three columns: ".64", "1.0", "7.7",
// "-.3", "-12", "-" for NaN.
void trm_probability_text(float p, char out[8]);

typedef struct trm_bar {
    const char *glyph; // an arrow, or "" where the action has none
    const char *name;
    float value;  // a probability or what the action is worth; NaN: not known
    float share;  // 0..1, how full the bar is
    bool best;    // the largest
    bool chosen;  // the one that was done
    bool refused; // it may not be taken: the value is what it would have without the mask
} trm_bar;

// One bar in w columns: mark of the best or the refused, arrow, name where there is room, bar,
// number, mark of the chosen. name_width: columns that the longest name takes.
void trm_bar_draw(trm_canvas *c, int32_t y, int32_t x, int32_t w, int32_t name_width,
                  const trm_bar *bar);

// A bar of w columns, filled by value (0..1), to an eighth of a column where the glyphs allow.
void trm_bar_fill(trm_canvas *c, int32_t y, int32_t x, int32_t w, float value, trm_style style);

#endif
