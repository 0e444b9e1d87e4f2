// SPDX-License-Identifier: Apache-2.0
#include "tui/train/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "tui/canvas/layout.h"

static const float FADE = 0.98f; // of the activations' peak, a subject in sight

void trm_train_view_init(trm_train_view *v, const trm_config *config, const trm_trace_shape *shape,
                         bool ascii) {
    memset(v, 0, sizeof *v);
    v->config = config;
    v->shape = *shape;
    v->words = trm_words_of_trace(shape);
    v->ascii = ascii;
    v->step.cursor = v->step.agent = -1;
    v->step.optimum_mean = NAN;
    v->sample.best = -1;
    v->left = (double)NAN;
    v->selected = shape->cycles - 1;
}

void trm_train_view_of_episodes(trm_train_view *v, const trm_env *env) {
    static const trm_train_units steps = {"steps", "steps/s", "episodes", "update", "episode"};
    static const trm_train_units moves = {"moves", "moves/s", "episodes", "update", "episode"};
    trm_step_sight *s = &v->step;
    v->units = strcmp(v->words->move, "move") == 0 ? &moves : &steps;
    s->env = env;
    s->actions = trm_env_action_dim(env);
    s->names = trm_alloc((size_t)s->actions, sizeof *s->names);
    s->glyphs = trm_alloc((size_t)s->actions, sizeof *s->glyphs);
    s->order = trm_alloc((size_t)s->actions, sizeof *s->order);
    s->marks = trm_alloc(TRM_BOARD_MAX * TRM_BOARD_MAX, sizeof *s->marks);
    for (int32_t a = 0; a < s->actions; a++) {
        trm_env_action_name(env, a, s->names[a]);
        const char *glyph = trm_env_action_glyph(env, a, v->ascii);
        s->glyphs[a] = glyph == NULL || strcmp(glyph, s->names[a]) == 0 ? "" : glyph;
        const int32_t w = trm_text_columns(s->names[a]);
        s->name_width = w > s->name_width ? w : s->name_width;
        s->order[a] = a;
    }
}

void trm_train_view_done(trm_train_view *v) {
    free(v->step.names);
    free(v->step.glyphs);
    free(v->step.order);
    free(v->step.marks);
    if (!v->samples)
        return;
    free(v->sample.answers[0].classes);
    free(v->sample.answers[0].shade);
    free(v->sample.answers);
}

bool trm_train_view_pausing(const trm_train_view *v) {
    return v->paused && (v->snap.state == TRM_TRAINER_RUNNING ||
                         (v->snap.state == TRM_TRAINER_SHOWING && !v->samples));
}

trm_reading trm_train_view_reading(const trm_train_view *v) {
    const trm_step_sight *s = &v->step;
    if (v->samples)
        return (trm_reading){.shape = &v->shape,
                             .trace = v->sample.sample != NULL ? v->sample.sample->trace : NULL};
    if (s->episode_trace == NULL || s->cursor < 0 || s->cursor >= s->episode_trace->length)
        return (trm_reading){.shape = &v->shape};
    return trm_episode_trace_reading(s->episode_trace, s->cursor);
}

int32_t trm_train_view_known(const trm_train_view *v) {
    return v->samples && v->sample.sample != NULL ? v->sample.sample->known : v->shape.cycles;
}

float *trm_train_view_trace(const trm_train_view *v) {
    return trm_train_view_reading(v).trace;
}

// ---- the history --------------------------------------------------------------------------------

static void take_episodes(trm_train_view *v, const trm_history *h) {
    trm_train_curves *k = &v->curves;
    k->n = h->count;
    k->low_y = INFINITY;
    k->high_y = -INFINITY;
    for (int32_t i = 0; i < h->count; i++) {
        const trm_history_point *p = &h->points[i];
        k->x[i] = k->by_steps ? (float)p->step : (float)(p->episode + p->count);
        k->reward[i] = p->count > 0 ? (float)(p->sum / p->count) : NAN;
        k->low[i] = p->min;
        k->high[i] = p->max;
        k->mean50[i] = p->mean50;
        k->success50[i] = 100.0f * p->success50;
        k->low_y = fminf(k->low_y, p->min);
        k->high_y = fmaxf(k->high_y, p->max);
    }
    const float now = h->count > 0 ? k->x[h->count - 1] : 0.0f;
    k->x1 = fmaxf(now, k->by_steps ? 1.0f : (float)v->snap.total);
}

static void take_epochs(trm_train_view *v, const trm_history *h) {
    const trm_history_epochs *e = &h->epochs;
    const trm_history_batches *b = &h->batches;
    trm_train_curves *k = &v->curves;
    const float batches = v->snap.batches > 0 ? (float)v->snap.batches : 1.0f;
    const float unit = k->by_steps ? batches : 1.0f;
    k->epochs = e->count;
    k->batches = b->count;
    k->x1 = unit * (float)(v->snap.total > 0 ? v->snap.total : 1);
    for (int32_t i = 0; i < e->count; i++) {
        k->epoch_x[i] = unit * e->x[i];
        k->cells[i] = 100.0f * e->cells[i];
        k->exact[i] = 100.0f * e->exact[i];
        k->held_out[i] = e->validation_loss[i];
    }
    for (int32_t i = 0; i < b->count; i++) {
        k->batch_x[i] = unit * b->x[i];
        k->loss[i] = b->loss[i];
    }
}

void trm_train_view_history(trm_train_view *v, const trm_history *h) {
    (v->samples ? take_epochs : take_episodes)(v, h);
}

// ---- what is in sight ---------------------------------------------------------------------------

static float largest(const float *x, int32_t n) {
    float m = 0.0f;
    for (int32_t i = 0; i < n; i++)
        m = fabsf(x[i]) > m ? fabsf(x[i]) : m;
    return m;
}

// A scale follows a peak that fades slowly, so that it does not change from look to look.
static void follow(float *scale, float *peak, float now) {
    *peak = fmaxf(now, FADE * *peak);
    *scale = trm_heat_scale(*scale, *peak);
}

// How far cells move from cycle to cycle.
static float largest_change(const trm_train_view *v, bool low) {
    const trm_reading r = trm_train_view_reading(v);
    float m = 0.0f;
    for (int32_t c = 1; c < v->shape.cycles; c++)
        for (int32_t i = 0; i < v->shape.cells; i++)
            m = fmaxf(m, trm_reading_cell_change(&r, low, c, i)); // NaN counts for nothing
    return m;
}

static float largest_unit(const trm_train_view *v, bool low) {
    const trm_trace_shape *s = &v->shape;
    float m = 0.0f;
    for (int32_t c = 0; c < s->cycles; c++)
        m = fmaxf(m, largest((low ? trm_trace_l : trm_trace_h)(s, trm_train_view_trace(v), c),
                             low ? s->l : s->h));
    return m;
}

void trm_train_view_scale(trm_train_view *v) {
    float mean = 0.0f;
    if (!v->samples) {
        const trm_geometry g = trm_env_geometry(v->step.env);
        v->on_board = v->shape.cells > 0 && v->shape.cells == trm_geometry_cells(&g);
    }
    for (int32_t c = 0; v->sample.answers != NULL && c < v->shape.cycles; c++)
        mean = fmaxf(mean, largest(v->sample.answers[c].mean, v->sample.positions));
    follow(&v->h_scale, &v->h_peak, (v->on_board ? largest_change : largest_unit)(v, false));
    follow(&v->l_scale, &v->l_peak, (v->on_board ? largest_change : largest_unit)(v, true));
    follow(&v->mean_scale, &v->mean_peak, mean);
}

static void take_detail(trm_train_view *v) {
    trm_cycle_detail *d = &v->step.detail;
    d->count = 0;
    float *trace = trm_train_view_trace(v);
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

void trm_train_view_select(trm_train_view *v, int32_t cycle) {
    v->selected = trm_clamp(cycle, 0, v->shape.cycles - 1);
    if (!v->samples)
        take_detail(v);
}

// Where the agent has been up to the step in sight. On the last state of a solved maze it may stand
// under the goal.
static void follow_trail(trm_step_sight *s) {
    memset(s->visits, 0, sizeof s->visits);
    s->agent = -1;
    for (int32_t t = 0; t <= s->cursor + 1; t++) {
        trm_env_describe(s->env, trm_episode_trace_state(s->episode_trace, t), &s->board);
        const int32_t at = trm_board_agent(&s->board);
        if (at >= 0 && s->visits[at] < UINT8_MAX)
            s->visits[at]++;
        s->agent = at >= 0 ? at : s->agent;
    }
}

static void take_optimum(trm_step_sight *s) {
    if (s->optimum_id == s->episode_trace->id)
        return;
    s->optimum_id = s->episode_trace->id;
    s->has_optimum = trm_env_optimum(s->env, trm_episode_trace_state(s->episode_trace, 0),
                                     &s->optimum_reward, &s->optimum_length);
    if (!s->has_optimum)
        return;
    s->optimum_count++;
    const float mean = isnan(s->optimum_mean) ? s->optimum_reward : s->optimum_mean;
    s->optimum_mean = mean + (s->optimum_reward - mean) / (float)s->optimum_count;
}

void trm_train_view_step(trm_train_view *v, const trm_episode_trace *episode_trace,
                         int32_t cursor) {
    v->step.episode_trace = episode_trace;
    v->step.cursor = cursor;
    const trm_reading r = trm_train_view_reading(v);
    if (r.trace == NULL)
        return;
    follow_trail(&v->step);
    trm_env_describe(v->step.env, trm_episode_trace_state(episode_trace, cursor), &v->step.decided);
    take_optimum(&v->step);
    trm_train_view_scale(v);
    trm_reading_list(&r, v->shape.cycles - 1, v->step.actions, v->step.order);
    take_detail(v);
    trm_words_decision(v->step.env, &r, episode_trace->steps[cursor].action,
                       trm_words_of_trying(&v->shape), v->sentence, sizeof v->sentence);
}
