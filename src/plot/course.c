// SPDX-License-Identifier: Apache-2.0
#include "plot/course.h"

#include <math.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/train/history.h"

// A run's values where it has any, x never falling.
typedef struct series {
    int32_t count;
    double *x, *y;
} series;

static double x_at(const trm_metrics *m, int32_t i, trm_plot_axis axis) {
    switch (axis) {
    case TRM_PLOT_BY_STEP:
        return m->values[TRM_METRIC_STEP] ? m->values[TRM_METRIC_STEP][i] : (double)NAN;
    case TRM_PLOT_BY_SECOND:
        return m->values[TRM_METRIC_SECONDS][i];
    case TRM_PLOT_BY_EPISODE:
    case TRM_PLOT_AXES:
        break;
    }
    return m->number[i] + 1;
}

static series series_of(const trm_metrics *m, trm_metric metric, trm_plot_axis axis) {
    series s = {.x = trm_alloc((size_t)m->count, sizeof *s.x),
                .y = trm_alloc((size_t)m->count, sizeof *s.y)};
    for (int32_t i = 0; i < m->count; i++) {
        const double x = x_at(m, i, axis), y = m->values[metric] ? m->values[metric][i] : NAN;
        if (isnan(x) || isnan(y) || (s.count > 0 && x < s.x[s.count - 1]))
            continue;
        s.x[s.count] = x;
        s.y[s.count++] = y;
    }
    return s;
}

static void series_free(series *s) {
    free(s->x);
    free(s->y);
}

static void smooth(series *s, int32_t window) {
    double *ring = trm_alloc((size_t)window, sizeof *ring);
    double sum = 0;
    for (int32_t i = 0; i < s->count; i++) {
        double *slot = &ring[i % window];
        sum += s->y[i] - (i < window ? 0 : *slot);
        *slot = s->y[i];
        s->y[i] = sum / (i < window ? i + 1 : window);
    }
    free(ring);
}

// ---- raw values ---------------------------------------------------------------------------------

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void find_bulk(trm_plot_course *out, const series *s) {
    double *sorted = trm_alloc((size_t)s->count, sizeof *sorted);
    for (int32_t i = 0; i < s->count; i++)
        sorted[i] = s->y[i];
    qsort(sorted, (size_t)s->count, sizeof *sorted, by_value);
    out->raw_low = sorted[s->count / 20];
    out->raw_high = sorted[s->count - 1 - s->count / 20];
    free(sorted);
}

static void add_raw(trm_plot_course *out, const series *s, int32_t i) {
    out->raw[out->raw_count++] = (trm_plot_point){s->x[i], s->y[i]};
}

// Each stretch of values becomes its lowest and its highest, in their order.
static void thin_raw(trm_plot_course *out, const series *s) {
    find_bulk(out, s);
    if (s->count <= COURSE_RAW) {
        for (int32_t i = 0; i < s->count; i++)
            add_raw(out, s, i);
        return;
    }
    for (int64_t k = 0; k < COURSE_POINTS; k++) {
        const int32_t from = (int32_t)(k * s->count / COURSE_POINTS);
        const int32_t to = (int32_t)((k + 1) * s->count / COURSE_POINTS);
        int32_t low = from, high = from;
        for (int32_t i = from; i < to; i++) {
            low = s->y[i] < s->y[low] ? i : low;
            high = s->y[i] > s->y[high] ? i : high;
        }
        add_raw(out, s, low < high ? low : high);
        add_raw(out, s, low < high ? high : low);
    }
}

// ---- the course ---------------------------------------------------------------------------------

// The value at x, on the straight line between its neighbours. *i: the neighbour before, moved on.
static double value_at(const series *s, double x, int32_t *i) {
    while (*i + 1 < s->count && s->x[*i + 1] <= x)
        ++*i;
    if (*i + 1 >= s->count || x <= s->x[*i])
        return s->y[*i];
    const double share = (x - s->x[*i]) / (s->x[*i + 1] - s->x[*i]);
    return s->y[*i] + share * (s->y[*i + 1] - s->y[*i]);
}

// Adds a run to mean and sum of squares, `seen` runs being in them (Welford 1962).
static void gather(trm_plot_course *out, const series *s, int32_t seen) {
    int32_t at = 0;
    for (int32_t k = 0; k < out->count; k++) {
        const double y = value_at(s, out->x[k], &at), d = y - out->mean[k];
        out->mean[k] += d / (seen + 1);
        out->sd[k] += d * (y - out->mean[k]);
    }
}

static void set_grid(trm_plot_course *out, const series *all, int32_t n) {
    double from = -INFINITY, to = INFINITY;
    int32_t count = COURSE_POINTS;
    for (int32_t i = 0; i < n; i++) {
        if (all[i].count == 0)
            return;
        from = fmax(from, all[i].x[0]);
        to = fmin(to, all[i].x[all[i].count - 1]);
        count = all[i].count < count ? all[i].count : count;
    }
    if (!(from <= to))
        return;
    out->count = from < to ? count : 1;
    for (int32_t k = 0; k < out->count; k++)
        out->x[k] = out->count > 1 ? from + (to - from) * k / (out->count - 1) : from;
}

void trm_plot_course_of(trm_plot_course *out, const trm_plot_group *g, trm_metric metric,
                        trm_plot_axis axis, int32_t window) {
    series *all = trm_alloc((size_t)g->count, sizeof *all);
    *out = (trm_plot_course){.seeds = g->count, .raw_low = NAN, .raw_high = NAN};
    for (int32_t i = 0; i < g->count; i++)
        all[i] = series_of(&g->runs[i]->metrics, metric, axis);
    set_grid(out, all, g->count);
    if (out->count > 0 && g->count == 1 && window > 1)
        thin_raw(out, &all[0]);
    for (int32_t i = 0; i < g->count; i++) {
        smooth(&all[i], window);
        if (out->count > 0)
            gather(out, &all[i], i);
        series_free(&all[i]);
    }
    for (int32_t k = 0; k < out->count; k++)
        out->sd[k] = g->count > 1 ? sqrt(fmax(0, out->sd[k]) / (g->count - 1)) : (double)NAN;
    free(all);
}

// ---- marks --------------------------------------------------------------------------------------

void trm_plot_marks_of(const trm_plot_run *run, trm_plot_axis axis, int32_t window,
                       trm_plot_mark *first, trm_plot_mark *reached) {
    enum { NEEDED = 49 };
    const double *success = run->metrics.values[TRM_METRIC_SUCCESS];
    series s = series_of(&run->metrics, TRM_METRIC_SUCCESS, axis);
    int32_t recent = 0, first_at = -1, reached_at = -1;
    for (int32_t i = 0; success && i < s.count; i++) {
        recent += s.y[i] > 0;
        recent -= i >= TRM_HISTORY_WINDOW && s.y[i - TRM_HISTORY_WINDOW] > 0;
        if (first_at < 0 && s.y[i] > 0)
            first_at = i;
        if (reached_at < 0 && i >= TRM_HISTORY_WINDOW - 1 && recent >= NEEDED)
            reached_at = i;
    }
    smooth(&s, window);
    *first = *reached = (trm_plot_mark){NAN, NAN};
    if (first_at >= 0)
        *first = (trm_plot_mark){s.x[first_at], s.y[first_at]};
    if (reached_at >= 0)
        *reached = (trm_plot_mark){s.x[reached_at], s.y[reached_at]};
    series_free(&s);
}

trm_plot_mark trm_plot_best_of(const trm_plot_run *run, trm_metric metric, trm_plot_axis axis,
                               bool lowest) {
    series s = series_of(&run->metrics, metric, axis);
    trm_plot_mark best = {NAN, NAN};
    for (int32_t i = 0; i < s.count; i++)
        if (isnan(best.y) || (lowest ? s.y[i] < best.y : s.y[i] > best.y))
            best = (trm_plot_mark){s.x[i], s.y[i]};
    series_free(&s);
    return best;
}
