// SPDX-License-Identifier: Apache-2.0
// The runs of a picture, read and sorted into groups that differ in nothing but the seed.
#ifndef PLOT_RUNS_H
#define PLOT_RUNS_H

#include "trm/base/error.h"
#include "trm/plot/plot.h"
#include "trm/run/config.h"
#include "trm/run/metrics.h"

enum { PLOT_LABEL = 128 };

typedef struct trm_plot_run {
    const char *path; // borrowed
    trm_config config;
    trm_metrics metrics;
} trm_plot_run;

typedef struct trm_plot_group {
    char label[PLOT_LABEL]; // of no other group; well-formed UTF-8, no control characters
    int32_t count;
    const trm_plot_run *runs[TRM_PLOT_RUNS];
} trm_plot_group;

typedef struct trm_plot_runs {
    bool supervised;
    int32_t count, group_count;
    trm_plot_run *runs;     // [count]
    trm_plot_group *groups; // [group_count], in the order in which they were first named
} trm_plot_runs;

// Reads configurations and metrics. Refused: a place that is no run, runs of both kinds, the same
// seed of a group twice, more than TRM_PLOT_GROUPS groups. Free with trm_plot_runs_free.
bool trm_plot_runs_read(trm_plot_runs *r, const char *const *paths, int32_t count, trm_error *e);
void trm_plot_runs_free(trm_plot_runs *r);

// The configuration of a run directory.
bool trm_plot_config_read(trm_config *c, const char *path, trm_error *e);

// What a picture calls a run: its preset, or the folder's own name.
void trm_plot_label(char out[PLOT_LABEL], const trm_config *c, const char *path);

// `text`, cut to fit, with '?' for control characters and, if it is not UTF-8, for what is not
// ASCII.
void trm_plot_text_clean(char *out, size_t size, const char *text);

#endif
