// SPDX-License-Identifier: Apache-2.0
// What a run's metrics.jsonl says, in columns: for pictures and tables. It may be the file of a run
// that is being written, and whatever else stands in a file of that name.
#ifndef TRM_RUN_METRICS_H
#define TRM_RUN_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

enum { TRM_METRICS_LINES = 2000000 }; // at most

// The columns. What is of episodes is NULL for a supervised run, and the other way round.
typedef enum trm_metric {
    TRM_METRIC_SECONDS, // of training, at the line's end
    TRM_METRIC_GRAD_NORM,
    TRM_METRIC_LR,
    TRM_METRIC_STEP, // environment steps, at the episode's end
    TRM_METRIC_REWARD,
    TRM_METRIC_SUCCESS, // 0 or 1
    TRM_METRIC_LENGTH,  // steps of the episode
    TRM_METRIC_LOSS,
    TRM_METRIC_ENTROPY,
    TRM_METRIC_TRAIN_LOSS, // from here on: an epoch's
    TRM_METRIC_VALIDATION_LOSS,
    TRM_METRIC_CELL_ACCURACY, // 0..1, as the next two
    TRM_METRIC_EXACT_ACCURACY,
    TRM_METRIC_PATH_RECALL,
    TRM_METRIC_COUNT
} trm_metric;

typedef struct trm_metrics {
    bool supervised;                  // a line an epoch; else a line an episode
    int32_t count;                    // lines kept
    double *number;                   // [count] of the episode or epoch, from 0, rising
    double *values[TRM_METRIC_COUNT]; // [count] each; NaN where a line does not say
    int64_t nonsense, first_nonsense; // lines passed over, and the first of them, from 1
} trm_metrics;

// Reads the metrics of the run in directory `run`. Lines that cannot be metrics, or whose number is
// not above that of the line before, are passed over and counted; part of a line at the end is left
// out. Fails if there is no such file, no line to keep, or more than TRM_METRICS_LINES of them.
// Free with trm_metrics_free.
bool trm_metrics_read(trm_metrics *m, const char *run, bool supervised, trm_error *e);
void trm_metrics_free(trm_metrics *m);

// Prints the fields of all that a run records, with type, unit and meaning: metrics.jsonl,
// episodes.jsonl, result.json.
void trm_run_fields_describe(FILE *out);

TRM_END_DECLS

#endif
