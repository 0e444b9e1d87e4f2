// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/layout.h"
#include "tui/replay/state.h"

const double trm_replay_speeds[TRM_REPLAY_GEARS] = {1, 2, 4, 8, 16, 30, 60, 120};

const trm_moment *trm_replay_moment(const trm_replay *r) {
    return trm_record_moment(r->record, r->moment);
}

const char *trm_replay_fame(const trm_replay *r) {
    static const char *const words[TRM_MARK_COUNT] = {"the first success", "the best", "the worst",
                                                      "the longest"};
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++)
        if (trm_record_marked(r->record, (trm_mark)k) == r->moment)
            return words[k];
    return "";
}

// ---- now ----------------------------------------------------------------------------------------

static void play_now(trm_replay *r) {
    const trm_env *env = trm_record_env(r->record);
    trm_episode_trace_begin(&r->now.episode_trace, r->now.episode_trace.id + 1, -1);
    trm_player_start(&r->player, trm_episode_trace_state(&r->then.episode_trace, 0));
    while (!r->player.finished) {
        trm_player_step(&r->player);
        const trm_step_view view = trm_player_view(&r->player, -1);
        trm_episode_trace_append(&r->now.episode_trace, env, &view);
    }
}

static int32_t first_difference(const trm_episode_trace *a, const trm_episode_trace *b) {
    const int32_t n = a->length < b->length ? a->length : b->length;
    for (int32_t t = 0; t < n; t++)
        if (a->steps[t].action != b->steps[t].action)
            return t;
    return a->length == b->length ? -1 : n;
}

static void show_now(trm_replay *r) {
    const int32_t last = r->now.episode_trace.length - 1, t = r->then.view.step.cursor;
    if (r->compare && r->now_played)
        trm_train_view_step(&r->now.view, &r->now.episode_trace, t < last ? t : last);
}

void trm_replay_prepare(trm_replay *r) {
    trm_error e = {0};
    if (!r->compare || r->now_played)
        return;
    if (!r->now_loaded && !trm_record_newest(r->record, r->now.model, &r->now.update, &e)) {
        trm_app_status(r->app, "%s", e.message);
        r->compare = false;
        return;
    }
    r->now_loaded = r->now_played = true;
    play_now(r);
    r->differs = first_difference(&r->then.episode_trace, &r->now.episode_trace);
    show_now(r);
}

// ---- then ---------------------------------------------------------------------------------------

static bool load(trm_replay *r, int32_t moment) {
    trm_error e = {0};
    if (!trm_record_weights(r->record, moment, r->then.model, &e)) {
        trm_app_status(r->app, "%s", e.message);
        return false;
    }
    r->whole = trm_record_play(r->record, moment, &r->agent, &r->then.episode_trace, &e);
    if (!r->whole)
        trm_app_status(r->app, "%s", e.message);
    r->episode = trm_record_moment(r->record, moment)->episode;
    r->then.update = r->episode.update;
    r->now_played = false;
    return r->then.episode_trace.length > 0;
}

void trm_replay_step(trm_replay *r, int32_t step) {
    const int32_t t = trm_clamp(step, 0, r->then.episode_trace.length - 1);
    trm_train_view_step(&r->then.view, &r->then.episode_trace, t);
    trm_replay_prepare(r);
    show_now(r);
}

void trm_replay_go(trm_replay *r, int32_t moment, int32_t step) {
    moment = trm_clamp(moment, 0, trm_record_count(r->record) - 1);
    const int64_t episode = trm_record_moment(r->record, moment)->episode.episode;
    if (episode != r->then.episode_trace.episode && !load(r, moment)) {
        r->playing = false;
        r->looked = 0; // it may have gone when the record was thinned
        return;
    }
    r->moment = moment;
    trm_replay_step(r, step);
}

bool trm_replay_forward(trm_replay *r) {
    if (r->then.view.step.cursor < r->then.episode_trace.length - 1) {
        trm_replay_step(r, r->then.view.step.cursor + 1);
        return true;
    }
    if (r->moment == trm_record_count(r->record) - 1)
        return false;
    trm_replay_go(r, r->moment + 1, 0);
    return true;
}

bool trm_replay_back(trm_replay *r) {
    if (r->then.view.step.cursor > 0) {
        trm_replay_step(r, r->then.view.step.cursor - 1);
        return true;
    }
    if (r->moment == 0)
        return false;
    trm_replay_go(r, r->moment - 1, INT32_MAX);
    return true;
}

// ---- a run that goes on -------------------------------------------------------------------------

static void take_history(trm_replay *r) {
    trm_snapshot snap = {0};
    if (r->trainer != NULL) {
        trm_trainer_history(r->trainer, &r->history);
        trm_trainer_snapshot(r->trainer, &snap);
    } else {
        const double from = trm_clock_now();
        trm_record_history(r->record, &r->history, NULL);
        r->read = trm_clock_now();
        r->cost = r->read - from;
    }
    const int64_t meant = trm_record_config(r->record)->train.episodes;
    const int64_t total = snap.total > 0 ? snap.total : meant;
    r->then.view.snap.total = total;
    trm_train_view_history(&r->then.view, &r->history);
}

// Reading all metrics again may take at most a share of the time.
static bool renew_history(trm_replay *r, double now, bool more) {
    enum { PATIENCE = 50 };
    const int64_t before = r->history.episodes;
    if (r->trainer == NULL && (!more || now - r->read < 1 + PATIENCE * r->cost))
        return false;
    take_history(r);
    return r->history.episodes != before;
}

bool trm_replay_renew(trm_replay *r, double now) {
    static const double LOOK = 0.5;
    trm_error e = {0};
    if (now - r->looked < LOOK)
        return false;
    r->looked = now;
    const int64_t episode = r->then.episode_trace.episode;
    const bool more = trm_record_renew(r->record, &e);
    if (more) {
        r->moment = trm_record_at(r->record, episode);
        r->now_loaded = false;
    }
    return renew_history(r, now, more) || more;
}

// ---- opening ------------------------------------------------------------------------------------

static bool open_side(trm_replay *r, trm_replay_side *s, trm_error *e) {
    const trm_env *env = trm_record_env(r->record);
    s->model = trm_record_model(r->record, e);
    if (s->model == NULL)
        return false;
    const trm_trace_shape shape = trm_model_trace_shape(s->model);
    trm_episode_trace_init(&s->episode_trace, env, s->model);
    trm_train_view_init(&s->view, trm_record_config(r->record), &shape,
                        trm_app_look(r->app)->glyphs == TRM_GLYPHS_ASCII);
    trm_train_view_of_episodes(&s->view, env);
    s->view.focus = TRM_FOCUS_COUNT; // no panel has it
    return true;
}

static void close_side(trm_replay_side *s) {
    if (s->model == NULL)
        return;
    trm_train_view_done(&s->view);
    trm_episode_trace_done(&s->episode_trace);
    trm_model_free(s->model);
}

// To the first moment, or to the newest of a run that goes on: that may go while it is read, and
// then there is a newer one.
static bool begin(trm_replay *r) {
    enum { TRIES = 20 };
    for (int32_t i = 0; i < TRIES && r->then.view.step.cursor < 0; i++) {
        trm_error e;
        if (i > 0)
            trm_record_renew(r->record, &e);
        trm_replay_go(r, r->trainer != NULL ? INT32_MAX : 0, 0);
    }
    return r->then.view.step.cursor >= 0;
}

static bool open_all(trm_replay *r, const char *run, trm_error *e) {
    r->record = trm_record_open(run, e);
    if (r->record == NULL || !open_side(r, &r->then, e) || !open_side(r, &r->now, e))
        return false;
    const trm_env *env = trm_record_env(r->record);
    trm_agent_init(&r->agent, env, r->then.model);
    trm_player_init(&r->player, env, r->now.model);
    trm_history_init(&r->history);
    take_history(r);
    return begin(r) || trm_error_set(e, TRM_E_INPUT, "%s: its moments cannot be shown", run);
}

void trm_replay_free(trm_replay *r) {
    trm_player_done(&r->player);
    trm_agent_done(&r->agent);
    close_side(&r->then);
    close_side(&r->now);
    trm_record_free(r->record);
    free(r);
}

trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e) {
    trm_replay *r = trm_alloc(1, sizeof *r);
    r->app = app;
    r->trainer = trainer;
    r->differs = -1;
    r->gear = 3;
    if (open_all(r, run, e))
        return r;
    trm_replay_free(r);
    return NULL;
}
