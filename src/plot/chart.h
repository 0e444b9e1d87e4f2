// SPDX-License-Identifier: Apache-2.0
// One pair of axes with curves over it.
#ifndef PLOT_CHART_H
#define PLOT_CHART_H

#include "plot/course.h"
#include "plot/page.h"

typedef struct chart {
    const char *title, *x_name;
    bool percent;                    // y is a share, and shown times 100
    double left, top, width, height; // where the curves are, in points; labels are outside
    double x0, x1, y0, y1;           // the range that is seen
} chart;

// Room that the labels take around the curves.
enum { CHART_LEFT = 46, CHART_TOP = 26, CHART_BOTTOM = 38 };

// Sets the range of y from what is to be seen in it; `whole`: all of 0..1 of a share.
void chart_fit(chart *c, double low, double high, bool whole);

void chart_frame(page *p, const chart *c); // grid, axes, labels
void chart_raw(page *p, const chart *c, const plot_course *course, int32_t series);
void chart_band(page *p, const chart *c, const plot_course *course, int32_t series);
void chart_line(page *p, const chart *c, const plot_course *course, int32_t series, bool dashed);

typedef enum chart_event { EVENT_FIRST, EVENT_REACHED, EVENT_BEST, EVENTS } chart_event;

// An event on a curve. False, and nothing is drawn, if x or y is NaN or outside.
bool chart_mark(page *p, const chart *c, double x, double y, int32_t series, chart_event event);

// The sign by itself, for a legend.
void chart_sign(page *p, double x, double y, ink colour, chart_event event);

#endif
