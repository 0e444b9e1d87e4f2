// SPDX-License-Identifier: Apache-2.0
// Moments that are episodes: each is played again, step by step.
#include "trm/base/text.h"
#include "tui/replay/state.h"

static void open_side(trm_replay *r, trm_replay_side *s) {
    const trm_env *env = trm_record_env(r->record);
    trm_episode_trace_init(&s->episode_trace, env, s->model);
    trm_train_view_of_episodes(&s->view, env);
}

static void close_side(trm_replay_side *s) {
    trm_episode_trace_done(&s->episode_trace);
}

static void begin(trm_replay *r) {
    const trm_env *env = trm_record_env(r->record);
    trm_agent_init(&r->then.agent, env, r->then.model);
    trm_player_init(&r->player, env, r->now.model);
}

// ---- then ---------------------------------------------------------------------------------------

static bool load(trm_replay *r, int32_t moment) {
    trm_error e = {0};
    if (!trm_record_play(r->record, moment, &r->then.agent, &r->then.episode_trace, &e))
        trm_app_status(r->app, "%s", e.message);
    return r->then.episode_trace.length > 0;
}

static int32_t last(const trm_replay *r) {
    return r->then.episode_trace.length - 1;
}

static int32_t first(const trm_replay *r) {
    (void)r;
    return 0;
}

static bool show(trm_replay *r, int32_t at) {
    trm_train_view_step(&r->then.view, &r->then.episode_trace, at);
    return true;
}

// One step on or back, over the edges of moments.
static bool forward(trm_replay *r) {
    if (r->at < last(r)) {
        trm_replay_step(r, r->at + 1);
        return true;
    }
    if (r->moment == trm_record_count(r->record) - 1)
        return false;
    trm_replay_go(r, r->moment + 1, 0);
    return true;
}

static void back(trm_replay *r) {
    if (r->at > 0)
        trm_replay_step(r, r->at - 1);
    else if (r->moment > 0)
        trm_replay_go(r, r->moment - 1, INT32_MAX);
}

static void step(trm_replay *r, int32_t by) {
    if (by > 0)
        forward(r);
    else
        back(r);
}

// ---- now ----------------------------------------------------------------------------------------

static int32_t first_difference(const trm_episode_trace *a, const trm_episode_trace *b) {
    const int32_t n = a->length < b->length ? a->length : b->length;
    for (int32_t t = 0; t < n; t++)
        if (a->steps[t].action != b->steps[t].action)
            return t;
    return a->length == b->length ? -1 : n;
}

static bool play_now(trm_replay *r) {
    const trm_env *env = trm_record_env(r->record);
    trm_episode_trace_begin(&r->now.episode_trace, r->now.episode_trace.id + 1, -1);
    trm_player_start(&r->player, trm_episode_trace_state(&r->then.episode_trace, 0));
    while (!r->player.finished) {
        trm_player_step(&r->player);
        const trm_step_view view = trm_player_view(&r->player, -1);
        trm_episode_trace_append(&r->now.episode_trace, env, &view);
    }
    r->differs = first_difference(&r->then.episode_trace, &r->now.episode_trace);
    return true;
}

static void show_now(trm_replay *r) {
    const int32_t end = r->now.episode_trace.length - 1;
    trm_train_view_step(&r->now.view, &r->now.episode_trace, r->at < end ? r->at : end);
}

static void differ(trm_replay *r) {
    trm_replay_step(r, r->differs);
}

static bool source(trm_replay *r, trm_inspector_source *out, trm_error *e) {
    (void)e;
    trm_text_format(r->title, sizeof r->title, "episode %lld", (long long)r->number + 1);
    *out = trm_inspector_source_of(trm_record_env(r->record), r->then.model, NULL,
                                   &r->then.episode_trace, r->at, r->title);
    return true;
}

// ---- the curve ----------------------------------------------------------------------------------

static int64_t steps(const trm_moment *m) {
    return m->episode.step;
}

static const char *curve(const trm_replay *r, trm_train_curve *out) {
    const trm_train_curves *k = &r->then.view.curves;
    trm_curve *v = &out->curve;
    v->n = k->n;
    v->x = k->x;
    v->x_name = k->by_steps ? "steps" : "episodes";
    if (r->second) {
        v->line = k->success50;
        v->y1 = 100.0f;
        v->unit = "%";
        return "success of the last 50";
    }
    v->raw = k->reward;
    v->low = k->low;
    v->high = k->high;
    v->line = k->mean50;
    v->y0 = k->n > 0 ? k->low_y : -1.0f;
    v->y1 = k->n > 0 ? k->high_y : 1.0f;
    trm_curve_range(&v->y0, &v->y1);
    return "reward";
}

// The point of the history that an episode is in; NULL if it is in none.
static const trm_history_point *point_of(const trm_history *h, int64_t episode) {
    int32_t low = 0, high = h->count;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (h->points[middle].episode <= episode)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &h->points[low - 1] : NULL;
}

static void heading(const trm_replay *r, char words[TRM_REPLAY_WORDS][80]) {
    const trm_history_point *p = point_of(&r->history, r->number);
    char number[32], of[32];
    trm_text_format(words[0], sizeof words[0], "episode %s/%s",
                    trm_text_thousands(number, r->number + 1),
                    trm_text_thousands(of, r->then.view.snap.total));
    trm_text_format(words[1], sizeof words[1], "reward %+.2f",
                    (double)r->then.episode_trace.steps[last(r)].total_reward);
    if (p != NULL)
        trm_text_format(words[2], sizeof words[2], "mean of 50 %+.2f  success %.0f%%",
                        (double)p->mean50, 100.0 * (double)p->success50);
}

const trm_replay_kind trm_replay_episodes = {
    .beat = "step",
    .then = "as drawn",
    .now = "greedy",
    .fame = {"the first success", "the best", "the worst", "the longest"},
    .curves = {"reward", "success"},
    .open = open_side,
    .close = close_side,
    .begin = begin,
    .load = load,
    .last = last,
    .first = first,
    .show = show,
    .answer = play_now,
    .show_now = show_now,
    .forward = forward,
    .step = step,
    .differ = differ,
    .source = source,
    .steps = steps,
    .curve = curve,
    .heading = heading,
};
