// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "tui/watch/draw.h"
#include "tui/watch/state.h"

static const double REFRESH = 0.2; // seconds between renewals of the numbers

static bool open_screen(void *self, trm_app *app, trm_error *e) {
    trm_watch *w = self;
    (void)e;
    w->app = app;
    if (w->o->note != NULL && w->o->note[0] != 0)
        trm_app_status(app, "%s", w->o->note);
    return true;
}

static void tell_director(trm_watch *w, double now) {
    const trm_snapshot *s = &w->snap;
    const trm_env *env = w->view.env;
    const bool live = w->show.mode == TRM_SHOW_LIVE;
    w->seen = (trm_pace_input){
        .now = now,
        .done = w->started && s->done >= s->total,
        .ended = live && w->show.reel.finished && w->show.cursor == w->show.reel.length - 1,
        .holding = s->state == TRM_TRAINER_HOLDING,
        .episodes = s->done,
        .total = s->total,
        .steps = s->steps,
        .envs = w->o->config->train.envs,
        .max_steps = trm_env_max_steps(env),
    };
    w->seen.training = w->started && !w->paused && !w->seen.done && s->state != TRM_TRAINER_FAILED;
}

static bool start(trm_watch *w) {
    trm_error e = {0};
    w->started = true;
    trm_trainer_snapshot(w->o->trainer, &w->snap);
    tell_director(w, w->refreshed);
    trm_director_begin(&w->director, &w->seen);
    if (!trm_trainer_start(w->o->trainer, &e)) {
        trm_app_status(w->app, "%s", e.message);
        w->snap.state = TRM_TRAINER_FAILED;
        w->snap.error = e;
    }
    return true;
}

// The numbers in sight are renewed now and then, and at once when the state changes or nothing
// else is moving.
static bool renew(trm_watch *w, double now) {
    const trm_snapshot *s = &w->snap;
    trm_watch_view *v = &w->view;
    const bool at_once = w->renew || s->state != v->snap.state || w->paused;
    if (s->version == v->snap.version && !w->renew && floor(w->elapsed) <= floor(v->elapsed))
        return false;
    if (!at_once && now - w->refreshed < REFRESH)
        return false;
    const bool longer =
        s->done != v->snap.done || s->total != v->snap.total || w->history.episodes == 0;
    v->snap = *s;
    v->elapsed = w->elapsed;
    v->left = trm_director_left(&w->director, &w->seen, s->steps_per_second);
    w->refreshed = now;
    w->renew = false;
    if (longer) {
        trm_trainer_history(w->o->trainer, &w->history);
        trm_watch_view_history(v, &w->history);
    }
    return true;
}

static bool copy_saved(trm_watch *w) {
    if (!w->saving)
        return false;
    trm_error e = {0};
    if (w->snap.state == TRM_TRAINER_FAILED) {
        w->saving = false;
        trm_app_status(w->app, "not saved: training has failed");
        return true;
    }
    if (w->snap.checkpoints == w->save_after && w->snap.last_checkpoint < w->snap.updates)
        return false;
    w->saving = false;
    if (trm_rundir_copy(trm_rundir_path(w->o->rundir), w->save_path, &e))
        trm_app_status(w->app, "saved in %s", w->save_path);
    else
        trm_app_status(w->app, "not saved: %s", e.message);
    return true;
}

static bool announce(trm_watch *w) {
    const bool done = w->seen.done && w->snap.state == TRM_TRAINER_SHOWING;
    if (done == w->was_done)
        return false;
    w->was_done = done;
    if (done && w->o->rundir != NULL)
        trm_app_status(w->app, "training is done: %.0f%% of the last %d succeeded; e goes on",
                       100.0 * (double)w->snap.success50, w->snap.window);
    return true;
}

static bool pace_in_sight(trm_watch *w) {
    trm_watch_view *v = &w->view;
    const trm_show_mode mode = w->show.mode;
    const bool again = mode == TRM_SHOW_REPLAY || mode == TRM_SHOW_LINGER;
    double speed =
        again ? trm_director_play_speed(&w->director, v->done, w->show.reel.length) : w->show.speed;
    if (!again && w->seen.ended && v->speed > 0.0)
        speed = v->speed; // an episode's end stays for a moment; that is no change of speed
    if (speed >= 10.0)
        speed = rint(speed);
    const bool changed = v->pace != w->director.pace || v->mode != mode || v->paused != w->paused ||
                         v->done != w->seen.done || fabs(speed - v->speed) > 0.04 * speed;
    if (!changed)
        return false;
    v->speed = speed;
    v->pace = w->director.pace;
    v->mode = mode;
    v->paused = w->paused;
    v->done = w->seen.done;
    return true;
}

static bool tick(void *self, double now) {
    trm_watch *w = self;
    bool changed = false;
    if (!w->started) {
        w->refreshed = now;
        changed = start(w);
    }
    if (w->snap.state != TRM_TRAINER_FAILED || w->snap.version > 0)
        trm_trainer_snapshot(w->o->trainer, &w->snap);
    if (w->seen.training)
        w->elapsed += fmin(1.0, fmax(0.0, now - w->looked));
    w->looked = now;
    tell_director(w, now);
    const int32_t cursor = w->show.cursor;
    const uint64_t id = w->show.reel.id;
    if (trm_show_tick(&w->show, &w->director, &w->seen, w->snap.state, w->paused)) {
        if (w->show.cursor != cursor || w->show.reel.id != id)
            trm_watch_view_step(&w->view, &w->show.reel, w->show.cursor);
        changed = true;
    }
    changed |= pace_in_sight(w);
    changed |= renew(w, now);
    changed |= copy_saved(w);
    changed |= announce(w);
    changed |= trm_watch_board_poll(w);
    return changed;
}

static double wait_time(const void *self, double now) {
    const trm_watch *w = self;
    if (!w->started || w->board.copy != NULL)
        return w->started ? 0.002 : 0.0;
    return trm_show_wait(&w->show, now, w->paused, trm_watch_view_pausing(&w->view));
}

static void draw(const void *self, trm_canvas *c) {
    const trm_watch *w = self;
    trm_watch_draw(c, &w->view);
}

static void close_screen(void *self) {
    (void)self;
}

static const trm_screen_ops ops = {
    .name = "trm",
    .min_rows = 16,
    .min_cols = 60,
    .meanwhile = "training goes on",
    .actions = trm_watch_actions,
    .action_count = TRM_WATCH_ACTIONS,
    .open = open_screen,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .click = trm_watch_click,
    .close = close_screen,
};

trm_screen trm_watch_screen(trm_watch *w) {
    return (trm_screen){&ops, w};
}
