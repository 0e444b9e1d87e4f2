// SPDX-License-Identifier: Apache-2.0
#include "tui/compare/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "tui/canvas/layout.h"
#include "tui/widgets/curve.h"

static const int32_t windows[] = {1, 5, 20, TRM_HISTORY_WINDOW, 100, 200, 500};
enum { WINDOWS = sizeof windows / sizeof *windows, OF_EPISODES = 3, OF_EPOCHS = 0 };

// Mean and squares of the seeds at each place of the grid.
typedef struct gathered {
    int32_t n[TRM_COMPARE_GRID];
    double mean[TRM_COMPARE_GRID], square[TRM_COMPARE_GRID];
} gathered;

struct trm_compare_room {
    trm_compare_course course;
    int32_t count;
    float x[TRM_HISTORY_POINTS], value[TRM_HISTORY_POINTS], success[TRM_HISTORY_POINTS];
    gathered values, successes;
};

trm_compare_view *trm_compare_view_new(trm_app *app, trm_compare *c) {
    trm_compare_view *v = trm_alloc(1, sizeof *v);
    v->app = app;
    v->compare = c;
    v->configs = trm_compare_configs(c);
    v->seeds = trm_compare_seeds(c);
    v->supervised = trm_compare_supervised(c);
    v->smoothing = v->supervised ? OF_EPOCHS : OF_EPISODES;
    v->band = true;
    v->room = trm_alloc(1, sizeof *v->room);
    trm_compare_view_renew(v);
    return v;
}

void trm_compare_view_free(trm_compare_view *v) {
    free(v->room);
    free(v);
}

int32_t trm_compare_view_window(const trm_compare_view *v) {
    return windows[v->smoothing];
}

void trm_compare_view_smooth(trm_compare_view *v, int32_t by) {
    v->smoothing = trm_clamp(v->smoothing + by, 0, WINDOWS - 1);
}

static float place(const trm_compare_course *k, int32_t i, trm_compare_axis axis) {
    const trm_history_point *p = &k->history.points[i];
    return axis == TRM_COMPARE_BY_EPISODE ? (float)(p->episode + p->count)
           : axis == TRM_COMPARE_BY_STEP  ? (float)p->step
                                          : k->seconds[i];
}

// The course as curves: success as it was published, the reward as the mean of the last `window`
// episodes, or of a point if that stands for more.
static void trace_episodes(trm_compare_room *m, trm_compare_axis axis, int32_t window) {
    const trm_history_point *p = m->course.history.points;
    double sum = 0.0;
    int64_t count = 0;
    m->count = m->course.history.count;
    for (int32_t i = 0, first = 0; i < m->count; i++) {
        sum += p[i].sum;
        count += p[i].count;
        while (count - p[first].count >= window) {
            sum -= p[first].sum;
            count -= p[first++].count;
        }
        m->x[i] = place(&m->course, i, axis);
        m->value[i] = (float)(sum / (double)count);
        m->success[i] = 100.0f * p[i].success50;
    }
}

// The same of epochs: cells that are right, and whole answers.
static void trace_epochs(trm_compare_room *m, trm_compare_axis axis, int32_t window) {
    const trm_history_epochs *k = &m->course.history.epochs;
    const int64_t points = window / k->stride > 1 ? window / k->stride : 1;
    double sum = 0.0;
    m->count = k->count;
    for (int32_t i = 0; i < m->count; i++) {
        sum += (double)k->cells[i] - (i >= points ? (double)k->cells[i - points] : 0.0);
        m->x[i] = axis == TRM_COMPARE_BY_SECOND ? m->course.seconds[i] : k->x[i];
        m->value[i] = (float)(100.0 * sum / (double)(i < points ? i + 1 : points));
        m->success[i] = 100.0f * k->exact[i];
    }
}

static void gather(gathered *g, int32_t at, double value) {
    const double d = value - g->mean[at];
    g->mean[at] += d / ++g->n[at];
    g->square[at] += d * (value - g->mean[at]);
}

// Adds the curves of one seed at the places of the grid between its first point and its last.
static void sample(trm_compare_room *m, const float *grid) {
    const int32_t n = m->count;
    int32_t i = 0;
    for (int32_t g = 0; g < TRM_COMPARE_GRID && n > 0; g++) {
        if (grid[g] < m->x[0] || grid[g] > m->x[n - 1])
            continue;
        while (i + 2 < n && m->x[i + 1] < grid[g])
            i++;
        const int32_t next = i + 1 < n ? i + 1 : i;
        const float span = m->x[next] - m->x[i];
        const float t = span > 0.0f ? (grid[g] - m->x[i]) / span : 0.0f;
        gather(&m->values, g, (double)(m->value[i] + t * (m->value[next] - m->value[i])));
        gather(&m->successes, g, (double)(m->success[i] + t * (m->success[next] - m->success[i])));
    }
}

static void conclude(const gathered *g, trm_compare_curve *out, float least, float most) {
    for (int32_t i = 0; i < TRM_COMPARE_GRID; i++) {
        out->mean[i] = out->low[i] = out->high[i] = NAN;
        if (g->n[i] > 0)
            out->mean[i] = (float)g->mean[i];
        if (g->n[i] > 1) {
            const float sd = (float)sqrt(g->square[i] / (g->n[i] - 1));
            out->low[i] = fmaxf(least, out->mean[i] - sd);
            out->high[i] = fminf(most, out->mean[i] + sd);
        }
    }
}

static void renew_config(trm_compare_view *v, int32_t config) {
    trm_compare_room *m = v->room;
    memset(&m->values, 0, sizeof m->values);
    memset(&m->successes, 0, sizeof m->successes);
    for (int32_t s = 0; s < v->seeds; s++) {
        trm_compare_run r;
        trm_compare_get(v->compare, config, s, &r);
        if (r.episodes < 1)
            continue;
        trm_compare_get_course(v->compare, config, s, &m->course);
        (v->supervised ? trace_epochs : trace_episodes)(m, v->axis, trm_compare_view_window(v));
        sample(m, v->x);
    }
    conclude(&m->values, &v->value[config], v->supervised ? 0.0f : -INFINITY,
             v->supervised ? 100.0f : INFINITY);
    conclude(&m->successes, &v->success[config], 0.0f, 100.0f);
}

// The end of the x axis: what is to come, by episode; else a round number past what was done.
static void renew_axis(trm_compare_view *v) {
    double end = v->axis == TRM_COMPARE_BY_SECOND ? 0.01 : 1.0;
    for (int32_t i = 0; i < v->configs; i++)
        for (int32_t s = 0; s < v->seeds; s++) {
            trm_compare_run r;
            trm_compare_get(v->compare, i, s, &r);
            const int64_t episodes = r.episodes > r.episodes_total ? r.episodes : r.episodes_total;
            const double x = v->axis == TRM_COMPARE_BY_EPISODE ? (double)episodes
                             : v->axis == TRM_COMPARE_BY_STEP  ? (double)r.steps
                                                               : r.seconds;
            end = fmax(end, x);
        }
    float zero = 0.0f;
    v->x1 = (float)end;
    if (v->axis != TRM_COMPARE_BY_EPISODE)
        trm_curve_range(&zero, &v->x1);
    for (int32_t g = 0; g < TRM_COMPARE_GRID; g++)
        v->x[g] = v->x1 * (float)g / (float)(TRM_COMPARE_GRID - 1);
}

static void renew_range(trm_compare_view *v) {
    v->y0 = INFINITY;
    v->y1 = -INFINITY;
    for (int32_t i = 0; i < v->configs; i++)
        for (int32_t g = 0; g < TRM_COMPARE_GRID && !v->hidden[i]; g++) {
            const trm_compare_curve *k = &v->value[i];
            v->y0 = fminf(v->y0, v->band ? fminf(k->mean[g], k->low[g]) : k->mean[g]);
            v->y1 = fmaxf(v->y1, v->band ? fmaxf(k->mean[g], k->high[g]) : k->mean[g]);
        }
    if (!isfinite(v->y0) || !isfinite(v->y1)) {
        v->y0 = v->supervised ? 0.0f : -1.0f;
        v->y1 = v->supervised ? 100.0f : 1.0f;
    }
    if (v->supervised && v->y1 - v->y0 < 1.0f) // labels tell apart tenths of a per cent
        v->y0 = v->y1 - 1.0f;
    trm_curve_range(&v->y0, &v->y1);
}

void trm_compare_view_renew(trm_compare_view *v) {
    v->runs = v->ended = 0;
    renew_axis(v);
    for (int32_t i = 0; i < v->configs; i++) {
        trm_compare_summarise(v->compare, i, &v->summary[i]);
        v->runs += v->summary[i].runs;
        v->ended += v->summary[i].done + v->summary[i].failed;
        renew_config(v, i);
    }
    renew_range(v);
}
