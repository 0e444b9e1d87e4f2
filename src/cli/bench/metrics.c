// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/report.h"
#include "trm/base/text.h"

static int compare(const void *a, const void *b) {
    double x;
    double y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

// Between the two nearest of n sorted values.
static double quantile(const double *sorted, int32_t n, double q) {
    double at = q * (n - 1);
    int32_t below = (int32_t)at;
    int32_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

bench_spread bench_spread_of(const double *values, int32_t count) {
    double sorted[BENCH_ROUNDS];
    int32_t n = 0;
    for (int32_t i = 0; i < count && i < BENCH_ROUNDS; i++)
        if (!isnan(values[i]))
            sorted[n++] = values[i];
    if (n == 0)
        return (bench_spread){NAN, NAN, NAN};
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    return (bench_spread){quantile(sorted, n, 0.5), quantile(sorted, n, 0.25),
                          quantile(sorted, n, 0.75)};
}

static const bench_metric *find(const bench_metrics *m, int32_t group, const char *key) {
    for (int32_t i = 0; i < m->count; i++)
        if (m->items[i].group == group && strcmp(m->items[i].key, key) == 0)
            return &m->items[i];
    return NULL;
}

bench_metric *bench_metric_of(bench_metrics *m, int32_t group, const char *key) {
    const bench_metric *found = find(m, group, key);
    if (found != NULL)
        return &m->items[found - m->items];
    assert(m->count < BENCH_METRICS);
    bench_metric *metric = &m->items[m->count++];
    *metric = (bench_metric){.group = group, .unit = "", .aim = NAN};
    trm_text_copy(metric->key, sizeof metric->key, key);
    return metric;
}

bench_metric *bench_metric_listed(bench_metrics *m, int32_t group, const char *key,
                                  const char *what, const char *unit, int32_t decimals) {
    bench_metric *metric = bench_metric_of(m, group, key);
    trm_text_copy(metric->what, sizeof metric->what, what);
    metric->unit = unit;
    metric->decimals = decimals;
    metric->listed = true;
    return metric;
}

void bench_metric_aim(bench_metric *metric, bench_direction towards, double aim) {
    metric->towards = towards;
    metric->aim = aim;
}

void bench_metric_add(bench_metric *metric, double value, double share) {
    if (metric->count < BENCH_ROUNDS) {
        metric->values[metric->count] = value;
        metric->shares[metric->count++] = share;
    }
}

double bench_metric_median(const bench_metrics *m, int32_t group, const char *key) {
    const bench_metric *metric = find(m, group, key);
    return metric != NULL ? bench_spread_of(metric->values, metric->count).median : NAN;
}

static bool missed(const bench_metric *metric, double value) {
    if (isnan(value))
        return false;
    return (metric->towards == BENCH_AT_LEAST && value < metric->aim) ||
           (metric->towards == BENCH_AT_MOST && value > metric->aim);
}

int32_t bench_missed(const bench_metrics *m) {
    int32_t n = 0;
    for (int32_t i = 0; i < m->count; i++)
        n += missed(&m->items[i], bench_spread_of(m->items[i].values, m->items[i].count).median);
    return n;
}

// Without a fraction: groups of three, and from a million on, millions.
static void number(char out[32], double value, int32_t decimals) {
    if (isnan(value))
        trm_text_copy(out, 32, "-");
    else if (decimals == 0 && fabs(value) >= 1e6)
        trm_text_format(out, 32, "%.1fM", value / 1e6);
    else if (decimals == 0)
        trm_text_thousands(out, llround(value));
    else
        trm_text_format(out, 32, "%.*f", (int)decimals, value);
}

void bench_table_head(FILE *out) {
    fprintf(out, "%-25s %11s %-7s %19s %5s %s\n", "what", "median", "unit", "quartiles", "sgemm",
            "aim");
}

static void print_row(FILE *out, const bench_metric *metric) {
    bench_spread s = bench_spread_of(metric->values, metric->count);
    bench_spread share = bench_spread_of(metric->shares, metric->count);
    char value[32];
    char low[32];
    char high[32];
    char between[80] = "";
    char part[16] = "";
    number(value, s.median, metric->decimals);
    if (metric->count > 1) {
        number(low, s.low, metric->decimals);
        number(high, s.high, metric->decimals);
        trm_text_format(between, sizeof between, "%s..%s", low, high);
    }
    if (!isnan(share.median))
        trm_text_format(part, sizeof part, "%.0f%%", 100 * share.median);
    fprintf(out, "%-25s %11s %-7s %19s %5s", metric->what, value, metric->unit, between, part);
    if (metric->towards != BENCH_NO_AIM) {
        bool thousands = fabs(metric->aim) >= 1e5;
        number(high, thousands ? metric->aim / 1e6 : metric->aim, thousands ? 1 : metric->decimals);
        fprintf(out, " %s%s%s", missed(metric, s.median) ? "!" : "",
                metric->towards == BENCH_AT_LEAST ? ">" : "<", high);
    }
    putc('\n', out);
}

void bench_table_rows(FILE *out, const bench_metrics *m, int32_t group) {
    for (int32_t i = 0; i < m->count; i++)
        if (m->items[i].group == group && m->items[i].listed)
            print_row(out, &m->items[i]);
}

void bench_json_values(FILE *out, const bench_metrics *m, int32_t group, bool first) {
    for (int32_t i = 0; i < m->count; i++) {
        const bench_metric *metric = &m->items[i];
        if (metric->group == group) {
            trm_json_member(out, first, metric->key,
                            bench_spread_of(metric->values, metric->count).median);
            first = false;
        }
    }
}

void bench_json_spread(FILE *out, const bench_metrics *m, int32_t group, bool first) {
    for (int32_t i = 0; i < m->count; i++) {
        const bench_metric *metric = &m->items[i];
        if (metric->group != group)
            continue;
        bench_spread s = bench_spread_of(metric->values, metric->count);
        fputs(first ? "" : ",", out);
        trm_json_text(out, metric->key);
        fputs(":[", out);
        trm_json_number(out, s.low);
        putc(',', out);
        trm_json_number(out, s.high);
        putc(']', out);
        first = false;
    }
}
