// SPDX-License-Identifier: Apache-2.0
// What is drawn of a group: a metric's course over its seeds, brought to a bounded number of
// points.
#ifndef PLOT_COURSE_H
#define PLOT_COURSE_H

#include "plot/runs.h"

enum { COURSE_POINTS = 400, COURSE_RAW = 2 * COURSE_POINTS };

typedef struct trm_plot_point {
    double x, y;
} trm_plot_point;

// An event in one run's training.
typedef struct trm_plot_mark {
    double x; // NaN: it did not come about
    double y; // the run's own curve there
} trm_plot_mark;

typedef struct trm_plot_course {
    int32_t seeds;
    int32_t count; // 0: the metric has no values
    double x[COURSE_POINTS], mean[COURSE_POINTS];
    double sd[COURSE_POINTS]; // sample standard deviation over the seeds; NaN for one seed
    int32_t raw_count;        // of one seed: its values, or the lowest and the highest of a stretch
    trm_plot_point raw[COURSE_RAW];
    double raw_low, raw_high; // where nine in ten of its values lie
} trm_plot_course;

// Every value is first smoothed: the mean of the `window` values up to it (of fewer at the start).
// The course reaches from where the last of the group's runs begins to where the first one ends.
void trm_plot_course_of(trm_plot_course *out, const trm_plot_group *g, trm_metric metric,
                        trm_plot_axis axis, int32_t window);

// The first success of a run, and when 98 % of the last 50 episodes were successes for the first
// time.
void trm_plot_marks_of(const trm_plot_run *run, trm_plot_axis axis, int32_t window,
                       trm_plot_mark *first, trm_plot_mark *reached);

// Where the metric was lowest or highest.
trm_plot_mark trm_plot_best_of(const trm_plot_run *run, trm_metric metric, trm_plot_axis axis,
                               bool lowest);

#endif
