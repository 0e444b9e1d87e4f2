// SPDX-License-Identifier: Apache-2.0
// A curve over time: single values as dots, a smoothed line, a mark; with its axes.
#ifndef TUI_WIDGETS_CURVE_H
#define TUI_WIDGETS_CURVE_H

#include "tui/canvas.h"

typedef struct trm_curve {
    int32_t n;
    const float *x;    // [n], rising
    const float *raw;  // [n] dots, or NULL
    const float *low;  // [n] lowest and highest of what a point stands for, or NULL
    const float *high; // …
    const float *line; // [n] the smoothed line; NaN: gap
    float y0, y1;      // range
    float x1;          // the axis runs from 0 to here
    float mark;        // a horizontal line there; NaN: none
    const char *mark_name;
    const char *unit;   // after the y labels: "%"
    const char *x_name; // "episodes"
} trm_curve;

// Widens [*y0, *y1] to round numbers, so that it seldom changes.
void trm_curve_range(float *y0, float *y1);

// The last row of r is the x axis, the first columns are the y axis. Uses the canvas's scratch.
void trm_curve_draw(trm_canvas *c, trm_rect r, const trm_curve *v);

#endif
