// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/watch/sentence.h"
#include "tui/widgets/marks.h"

static const float FADE = 0.98f; // of the activations' peak, a step in sight

void trm_watch_view_init(trm_watch_view *v, const trm_config *config, const trm_env *env,
                         const trm_trace_shape *shape, bool ascii) {
    memset(v, 0, sizeof *v);
    v->config = config;
    v->env = env;
    v->shape = *shape;
    v->ascii = ascii;
    v->actions = trm_env_action_dim(env);
    v->names = trm_alloc((size_t)v->actions, sizeof *v->names);
    v->glyphs = trm_alloc((size_t)v->actions, sizeof *v->glyphs);
    v->order = trm_alloc((size_t)v->actions, sizeof *v->order);
    for (int32_t a = 0; a < v->actions; a++) {
        trm_env_action_name(env, a, v->names[a]);
        const char *glyph = trm_env_action_glyph(env, a, ascii);
        v->glyphs[a] = glyph == NULL || strcmp(glyph, v->names[a]) == 0 ? "" : glyph;
        const int32_t w = trm_text_columns(v->names[a]);
        v->name_width = w > v->name_width ? w : v->name_width;
        v->order[a] = a;
    }
    v->cursor = -1;
    v->agent = -1;
    v->optimum_mean = NAN;
    v->left = NAN;
    v->selected = shape->cycles - 1;
}

void trm_watch_view_done(trm_watch_view *v) {
    free(v->names);
    free(v->glyphs);
    free(v->order);
}

void trm_watch_view_history(trm_watch_view *v, const trm_history *h) {
    trm_watch_curves *k = &v->curves;
    k->n = h->count;
    k->low_y = INFINITY;
    k->high_y = -INFINITY;
    for (int32_t i = 0; i < h->count; i++) {
        const trm_history_point *p = &h->points[i];
        const int64_t last = p->episode + p->count;
        k->x[i] = k->by_steps ? (float)p->step : (float)last;
        k->reward[i] = p->count > 0 ? (float)(p->sum / p->count) : NAN;
        k->low[i] = p->min;
        k->high[i] = p->max;
        k->mean50[i] = p->mean50;
        k->success50[i] = 100.0f * p->success50;
        k->low_y = fminf(k->low_y, p->min);
        k->high_y = fmaxf(k->high_y, p->max);
    }
    const float now = h->count > 0 ? k->x[h->count - 1] : 0.0f;
    k->x1 = k->by_steps ? fmaxf(now, 1.0f) : fmaxf(now, (float)v->snap.total);
}

float *trm_watch_view_trace(const trm_watch_view *v) {
    if (v->reel == NULL || v->cursor < 0 || v->cursor >= v->reel->length)
        return NULL;
    return trm_reel_trace(v->reel, v->cursor);
}

trm_reading trm_watch_view_reading(const trm_watch_view *v) {
    if (trm_watch_view_trace(v) == NULL)
        return (trm_reading){.shape = &v->shape};
    return trm_reel_reading(v->reel, v->cursor);
}

// Where the agent has been up to the step in sight. On the last state of a solved maze it may stand
// under the goal.
bool trm_watch_view_pausing(const trm_watch_view *v) {
    return v->paused &&
           (v->snap.state == TRM_TRAINER_RUNNING || v->snap.state == TRM_TRAINER_SHOWING);
}

static void follow_trail(trm_watch_view *v) {
    memset(v->visits, 0, sizeof v->visits);
    v->agent = -1;
    for (int32_t t = 0; t <= v->cursor + 1; t++) {
        trm_env_describe(v->env, trm_reel_state(v->reel, t), &v->board);
        const int32_t at = trm_board_agent(&v->board);
        if (at >= 0 && v->visits[at] < UINT8_MAX)
            v->visits[at]++;
        v->agent = at >= 0 ? at : v->agent;
    }
}

static void take_optimum(trm_watch_view *v) {
    if (v->optimum_id == v->reel->id)
        return;
    v->optimum_id = v->reel->id;
    v->has_optimum =
        trm_env_optimum(v->env, trm_reel_state(v->reel, 0), &v->optimum_reward, &v->optimum_length);
    if (!v->has_optimum)
        return;
    v->optimum_count++;
    const float mean = isnan(v->optimum_mean) ? v->optimum_reward : v->optimum_mean;
    v->optimum_mean = mean + (v->optimum_reward - mean) / (float)v->optimum_count;
}

static float largest(const float *x, int32_t n) {
    float m = 0.0f;
    for (int32_t i = 0; i < n; i++)
        if (fabsf(x[i]) > m)
            m = fabsf(x[i]);
    return m;
}

static void take_scales(trm_watch_view *v, float *trace) {
    float h = 0.0f, l = 0.0f;
    for (int32_t c = 0; c < v->shape.cycles; c++) {
        h = fmaxf(h, largest(trm_trace_h(&v->shape, trace, c), v->shape.h));
        l = fmaxf(l, largest(trm_trace_l(&v->shape, trace, c), v->shape.l));
    }
    // The scale follows a peak that fades slowly, so that it does not change from step to step.
    v->h_peak = fmaxf(h, FADE * v->h_peak);
    v->l_peak = fmaxf(l, FADE * v->l_peak);
    v->h_scale = trm_heat_scale(v->h_scale, v->h_peak);
    v->l_scale = trm_heat_scale(v->l_scale, v->l_peak);
}

static void take_detail(trm_watch_view *v) {
    trm_cycle_detail *d = &v->detail;
    d->count = 0;
    float *trace = trm_watch_view_trace(v);
    if (trace == NULL || v->shape.h < 1)
        return;
    const float *h = trm_trace_h(&v->shape, trace, v->selected);
    double square = 0.0;
    d->low = d->high = h[0];
    for (int32_t i = 0; i < v->shape.h; i++) {
        square += (double)h[i] * (double)h[i];
        d->low = fminf(d->low, h[i]);
        d->high = fmaxf(d->high, h[i]);
        int32_t k = d->count < TRM_TOP_UNITS ? d->count++ : TRM_TOP_UNITS;
        for (; k > 0 && fabsf(h[d->units[k - 1]]) < fabsf(h[i]); k--)
            if (k < TRM_TOP_UNITS)
                d->units[k] = d->units[k - 1];
        if (k < TRM_TOP_UNITS)
            d->units[k] = i;
    }
    d->norm = (float)sqrt(square);
}

int32_t trm_watch_view_best(const trm_watch_view *v, int32_t cycle) {
    const trm_reading r = trm_watch_view_reading(v);
    return trm_reading_best(&r, cycle);
}

void trm_watch_view_step(trm_watch_view *v, const trm_reel *reel, int32_t cursor) {
    v->reel = reel;
    v->cursor = cursor;
    float *trace = trm_watch_view_trace(v);
    if (trace == NULL)
        return;
    follow_trail(v);
    take_optimum(v);
    take_scales(v, trace);
    const trm_reading r = trm_watch_view_reading(v);
    trm_reading_list(&r, v->shape.cycles - 1, v->actions, v->order);
    take_detail(v);
    trm_watch_sentence(v, v->sentence, sizeof v->sentence);
}

void trm_watch_view_select(trm_watch_view *v, int32_t cycle) {
    const int32_t last = v->shape.cycles - 1;
    v->selected = cycle < 0 ? 0 : cycle > last ? last : cycle;
    take_detail(v);
}
