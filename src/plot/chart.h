// SPDX-License-Identifier: Apache-2.0
// One pair of axes with curves over it.
#ifndef PLOT_CHART_H
#define PLOT_CHART_H

#include "plot/course.h"
#include "plot/page.h"

typedef struct trm_chart {
    const char *title, *x_name;
    bool percent;                    // y is a share, and shown times 100
    bool log_x, log_y;               // by powers of ten: the range is above 0
    double left, top, width, height; // where the curves are, in points; labels are outside
    double x0, x1, y0, y1;           // the range that is seen
} trm_chart;

// Room that the labels take around the curves.
enum { CHART_LEFT = 46, CHART_TOP = 26, CHART_BOTTOM = 38 };

// Sets the range of y from what is to be seen in it; `whole`: all of 0..1 of a share.
void trm_chart_fit(trm_chart *c, double low, double high, bool whole);

void trm_chart_frame(trm_page *p, const trm_chart *c); // grid, axes, labels
void trm_chart_raw(trm_page *p, const trm_chart *c, const trm_plot_course *course, int32_t series);
void trm_chart_band(trm_page *p, const trm_chart *c, const trm_plot_course *course, int32_t series);
void trm_chart_line(trm_page *p, const trm_chart *c, const trm_plot_course *course, int32_t series,
                    bool dashed);

typedef enum trm_chart_event { EVENT_FIRST, EVENT_REACHED, EVENT_BEST, EVENTS } trm_chart_event;

// An event on a curve. False, and nothing is drawn, if x or y is NaN or outside.
bool trm_chart_mark(trm_page *p, const trm_chart *c, double x, double y, int32_t series,
                    trm_chart_event event);

// The sign by itself, for a legend.
void trm_chart_sign(trm_page *p, double x, double y, trm_page_ink_kind colour,
                    trm_chart_event event);

#endif
