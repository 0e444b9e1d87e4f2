// SPDX-License-Identifier: Apache-2.0
// A step of an episode in sight: the board that it was taken on, and what the model thought.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/train/panel.h"

void trm_train_view_of_episodes(trm_train_view *v, const trm_env *env) {
    trm_step_sight *s = &v->step;
    v->panel = &trm_train_episodes;
    s->env = env;
    s->actions = trm_env_action_dim(env);
    s->names = trm_alloc((size_t)s->actions, sizeof *s->names);
    s->glyphs = trm_alloc((size_t)s->actions, sizeof *s->glyphs);
    s->order = trm_alloc((size_t)s->actions, sizeof *s->order);
    for (int32_t a = 0; a < s->actions; a++) {
        trm_env_action_name(env, a, s->names[a]);
        const char *glyph = trm_env_action_glyph(env, a, v->ascii);
        s->glyphs[a] = glyph == NULL || strcmp(glyph, s->names[a]) == 0 ? "" : glyph;
        const int32_t w = trm_text_columns(s->names[a]);
        s->name_width = w > s->name_width ? w : s->name_width;
        s->order[a] = a;
    }
}

static void forget(trm_train_view *v) {
    free(v->step.names);
    free(v->step.glyphs);
    free(v->step.order);
}

static trm_reading reading_of(const trm_train_view *v) {
    const trm_step_sight *s = &v->step;
    if (s->episode_trace == NULL || s->cursor < 0 || s->cursor >= s->episode_trace->length)
        return (trm_reading){.shape = &v->shape};
    return trm_episode_trace_reading(s->episode_trace, s->cursor);
}

static void take_history(trm_train_view *v, const trm_history *h) {
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

void trm_train_view_step(trm_train_view *v, const trm_episode_trace *episode_trace,
                         int32_t cursor) {
    v->step.episode_trace = episode_trace;
    v->step.cursor = cursor;
    const trm_reading r = reading_of(v);
    if (r.trace == NULL)
        return;
    follow_trail(&v->step);
    take_optimum(&v->step);
    trm_train_view_scale(v);
    trm_reading_list(&r, v->shape.cycles - 1, v->step.actions, v->step.order);
    take_detail(v);
    trm_words_decision(v->step.env, &r, episode_trace->steps[cursor].action, "sampled", v->sentence,
                       sizeof v->sentence);
}

// ---- words --------------------------------------------------------------------------------------

static void state_words(const trm_train_view *v, char *out, int32_t size) {
    const trm_snapshot *s = &v->snap;
    const bool again = v->mode == TRM_PLAYBACK_REPLAY || v->mode == TRM_PLAYBACK_LINGER;
    if (v->bare)
        trm_text_copy(out, (size_t)size, "playing, not trained on");
    else if (v->done)
        trm_text_format(out, (size_t)size, "done at %.0f%%, playing", 100.0 * (double)s->success50);
    else if (again)
        trm_text_copy(out, (size_t)size,
                      v->pace == TRM_PACE_FREE ? "free, sampling" : "a notable episode");
    else
        trm_text_copy(out, (size_t)size, s->state == TRM_TRAINER_READY ? "starting" : "training");
}

static void announce(const trm_snapshot *s, bool bare, char *out, int32_t size) {
    if (!bare)
        trm_text_format(out, (size_t)size,
                        "training is done: %.0f%% of the last %d succeeded; e goes on",
                        100.0 * (double)s->success50, s->window);
}

static void summary(const trm_snapshot *s, char *out, int32_t size) {
    if (s->done > 0)
        trm_text_format(out, (size_t)size, ", %.0f%% of the last %d succeeded",
                        100.0 * (double)s->success50, s->window);
}

const trm_train_panel trm_train_episodes = {
    .rate = "steps",
    .unit = "episodes",
    .advance = "update",
    .plays = true,
    .state = state_words,
    .announce = announce,
    .summary = summary,
    .reading = reading_of,
    .history = take_history,
    .select = take_detail,
    .done = forget,
    .draw = &trm_train_draw_episodes,
};
