// SPDX-License-Identifier: Apache-2.0
// A curve over time: single values as dots, a smoothed line, a mark; with its axes.
#ifndef TUI_WIDGETS_CURVE_H
#define TUI_WIDGETS_CURVE_H

#include <stdbool.h>

#include "tui/canvas/canvas.h"

// One of several curves over the same axes.
typedef struct trm_curve_series {
    int32_t n;
    const float *x;    // [n], rising
    const float *line; // [n]; NaN: gap
    const float *low;  // [n] edges of a band around the line, or NULL; NaN: none there
    const float *high; // …
    trm_style style;
    uint32_t mark; // a character of one column that stands on the line here and there: curves are
                   // not told apart by colour alone
} trm_curve_series;

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
    bool has_cursor;    // a vertical line at x = cursor
    float cursor;
    const trm_curve_series *series; // [series_count] drawn over the rest, the last on top
    int32_t series_count;
} trm_curve;

// Widens [*y0, *y1] to round numbers, so that it seldom changes.
void trm_curve_range(float *y0, float *y1);

// The column of the canvas that a value of x is in, for a curve drawn into r.
int32_t trm_curve_column(trm_rect r, const trm_curve *v, float x);

// The last row of r is the x axis, the first columns are the y axis. Uses the canvas's scratch.
void trm_curve_draw(trm_canvas *c, trm_rect r, const trm_curve *v);

#endif
