// SPDX-License-Identifier: Apache-2.0
// What a benchmark has measured: named figures of several rounds each.
#ifndef TRM_CLI_BENCH_METRICS_H
#define TRM_CLI_BENCH_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { BENCH_ROUNDS = 16, BENCH_METRICS = 512, BENCH_KEY = 64, BENCH_WHAT = 40 };

// The group of what belongs to the machine and not to a preset.
enum { BENCH_MACHINE = -1 };

typedef enum bench_direction { BENCH_NO_AIM, BENCH_AT_LEAST, BENCH_AT_MOST } bench_direction;

typedef struct bench_metric {
    int32_t group;           // BENCH_MACHINE or a preset's number
    char key[BENCH_KEY];     // name in JSON
    char what[BENCH_WHAT];   // for people
    const char *unit;        // static
    int32_t decimals;        // shown
    bool listed;             // stands in the table, not only in JSON
    bench_direction towards; // which side of the aim is good
    double aim;
    int32_t count; // rounds
    double values[BENCH_ROUNDS];
    double shares[BENCH_ROUNDS]; // of the sgemm of the same round; NaN where that says nothing
} bench_metric;

typedef struct bench_metrics {
    bench_metric items[BENCH_METRICS];
    int32_t count;
} bench_metrics;

typedef struct bench_spread {
    double median, low, high; // quartiles; NaN where there is nothing
} bench_spread;

// Of values that are not NaN.
bench_spread bench_spread_of(const double *values, int32_t count);

// Finds or appends the metric; never NULL. A full table is a programmer's error (asserted).
bench_metric *bench_metric_of(bench_metrics *m, int32_t group, const char *key);

// How it is shown: from the first call on.
bench_metric *bench_metric_listed(bench_metrics *m, int32_t group, const char *key,
                                  const char *what, const char *unit, int32_t decimals);
void bench_metric_aim(bench_metric *metric, bench_direction towards, double aim);

// One round's value; share NaN where it says nothing.
void bench_metric_add(bench_metric *metric, double value, double share);

// Median of a metric that may not be there: then NaN.
double bench_metric_median(const bench_metrics *m, int32_t group, const char *key);

// The rows of a group, as a table of at most 80 columns. bench_table_head prints its head.
void bench_table_head(FILE *out);
void bench_table_rows(FILE *out, const bench_metrics *m, int32_t group);

// "key": median, … of a group; then, as an object, "key": [low, high].
void bench_json_values(FILE *out, const bench_metrics *m, int32_t group, bool first);
void bench_json_spread(FILE *out, const bench_metrics *m, int32_t group, bool first);

// How many aims are missed.
int32_t bench_missed(const bench_metrics *m);

#endif
