// SPDX-License-Identifier: Apache-2.0
// What is drawn of a group: a metric's course over its seeds, brought to a bounded number of
// points.
#ifndef PLOT_COURSE_H
#define PLOT_COURSE_H

#include "plot/runs.h"

enum { COURSE_POINTS = 400, COURSE_RAW = 2 * COURSE_POINTS };

typedef struct plot_point {
    double x, y;
} plot_point;

// An event in one run's training.
typedef struct plot_mark {
    double x; // NaN: it did not come about
    double y; // the run's own curve there
} plot_mark;

typedef struct plot_course {
    int32_t seeds;
    int32_t count; // 0: the metric has no values
    double x[COURSE_POINTS], mean[COURSE_POINTS];
    double sd[COURSE_POINTS]; // sample standard deviation over the seeds; NaN for one seed
    int32_t raw_count;        // of one seed: its values, or the lowest and the highest of a stretch
    plot_point raw[COURSE_RAW];
    double raw_low, raw_high; // where nine in ten of its values lie
} plot_course;

// Every value is first smoothed: the mean of the `window` values up to it (of fewer at the start).
// The course reaches from where the last of the group's runs begins to where the first one ends.
void plot_course_of(plot_course *out, const plot_group *g, trm_metric metric, trm_plot_axis axis,
                    int32_t window);

// The first success of a run, and when 98 % of the last 50 episodes were successes for the first
// time.
void plot_marks_of(const plot_run *run, trm_plot_axis axis, int32_t window, plot_mark *first,
                   plot_mark *reached);

// Where the metric was lowest or highest.
plot_mark plot_best_of(const plot_run *run, trm_metric metric, trm_plot_axis axis, bool lowest);

#endif
