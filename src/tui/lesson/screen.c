// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "tui/lesson/draw.h"
#include "tui/lesson/state.h"

// The director paces episodes; a lesson is cut into stretches of so many batches for it.
enum { STRETCH = 25 };

static const double REFRESH = 0.2;        // seconds between renewals of the numbers
static const double FRAME = 1.0 / 30;     // between looks
static const double CALM = 1.0 / 15;      // between answers at full speed
static const double SOON = 0.004;         // between looks for an answer that was asked for
static const double PATIENCE = 0.5;       // … for so long
static const double SHOW_LINGER = 3;      // steps that the last step stays when samples are shown
static const double STEPS_OF_SHOW = 0.25; // steps shown for one of the director's

static bool open_screen(void *self, trm_app *app, trm_error *e) {
    trm_lesson_watch *w = self;
    (void)e;
    w->app = app;
    return true;
}

static bool is_done(const trm_lesson_watch *w) {
    return w->started && w->snap.done >= w->snap.total;
}

static void tell_director(trm_lesson_watch *w, double now) {
    const trm_snapshot *s = &w->snap;
    const int64_t done = s->done * s->batches + s->batch;
    w->seen = (trm_pace_input){
        .now = now,
        .done = is_done(w),
        .episodes = done / STRETCH,
        .total = (s->total * s->batches + STRETCH - 1) / STRETCH,
        .steps = done,
        .envs = 1,
        .max_steps = STRETCH,
    };
    w->seen.training = w->started && !w->paused && !w->seen.done && s->state != TRM_TRAINER_FAILED;
}

static bool start(trm_lesson_watch *w) {
    trm_error e = {0};
    w->started = true;
    trm_trainer_snapshot(w->o->trainer, &w->snap);
    tell_director(w, w->refreshed);
    trm_director_begin(&w->director, &w->seen);
    w->ask = true;
    if (!trm_trainer_start(w->o->trainer, &e)) {
        trm_app_status(w->app, "%s", e.message);
        w->snap.state = TRM_TRAINER_FAILED;
        w->snap.error = e;
    }
    return true;
}

static void tell_trainer(trm_lesson_watch *w) {
    const double speed = trm_director_speed(&w->director, &w->seen);
    if (w->seen.done || (fabs(speed - w->told) <= 0.01 * speed && (speed > 0.0 || w->told <= 0.0)))
        return;
    trm_trainer_speed(w->o->trainer, speed);
    w->told = speed;
}

// Asks for the sample in sight to be answered anew when there is something new about it.
static void ask(trm_lesson_watch *w, double now) {
    const bool learned = w->snap.updates != w->answered && now - w->asked_at >= CALM;
    if ((w->asked && now - w->asked_at < PATIENCE && !w->ask) || (!w->ask && !learned))
        return;
    w->asked = true;
    w->ask = false;
    w->asked_at = now;
    w->answered = w->snap.updates;
    trm_trainer_request_sample(w->o->trainer, w->view.side, w->view.sample);
}

static bool take_answer(trm_lesson_watch *w) {
    if (!trm_trainer_sample(w->o->trainer, &w->view.peek))
        return false;
    w->asked = false;
    w->view.sample = w->view.peek.sample;
    trm_lesson_view_take(&w->view);
    return true;
}

// The numbers in sight are renewed now and then, and at once when the state changes or nothing
// else is moving.
static bool renew(trm_lesson_watch *w, double now) {
    const trm_snapshot *s = &w->snap;
    trm_lesson_view *v = &w->view;
    const bool at_once = w->renew || s->state != v->snap.state || w->paused ||
                         s->done != v->snap.done || s->tested != v->snap.tested;
    if (s->version == v->snap.version && !w->renew && floor(w->elapsed) <= floor(v->elapsed))
        return false;
    if (!at_once && now - w->refreshed < REFRESH)
        return false;
    v->snap = *s;
    v->elapsed = w->elapsed;
    v->left = trm_director_left(&w->director, &w->seen, s->steps_per_second);
    w->refreshed = now;
    w->renew = false;
    trm_trainer_history(w->o->trainer, &v->history);
    return true;
}

static bool copy_saved(trm_lesson_watch *w) {
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

static bool announce(trm_lesson_watch *w, double now) {
    const bool done = w->seen.done && w->snap.state == TRM_TRAINER_SHOWING;
    if (done == w->was_done)
        return false;
    w->was_done = done;
    w->shown_next = now + 2.0;
    if (done)
        trm_app_status(w->app,
                       w->o->rundir != NULL
                           ? "training is done: %.1f%% of test cells, %.1f%% exact; e goes on"
                           : "held out: %.1f%% of the cells right, %.1f%% of the samples wholly",
                       100.0 * w->snap.test.cell_accuracy, 100.0 * w->snap.test.exact_accuracy);
    return true;
}

// Training is over: one sample after the other, step by step.
static bool show(trm_lesson_watch *w, double now) {
    if (!w->was_done || w->paused || now < w->shown_next)
        return false;
    trm_lesson_view *v = &w->view;
    const int32_t last = v->shape.cycles - 1;
    const double step = 1.0 / v->speed;
    if (v->selected < last) {
        trm_lesson_view_select(v, v->selected + 1);
    } else {
        trm_lesson_turn(w, 1);
        trm_lesson_view_select(v, v->shape.first_logits);
    }
    w->shown_next = now + (v->selected == last ? SHOW_LINGER * step : step);
    return true;
}

static bool pace_in_sight(trm_lesson_watch *w) {
    trm_lesson_view *v = &w->view;
    const bool done = w->seen.done;
    double speed = w->told > 0.0 ? w->told : 0.0;
    if (done)
        speed = STEPS_OF_SHOW * trm_director_play_speed(&w->director, true, 1);
    if (speed >= 10.0)
        speed = rint(speed);
    if (v->pace == w->director.pace && v->paused == w->paused && v->done == done &&
        fabs(speed - v->speed) <= 0.04 * speed)
        return false;
    v->speed = speed;
    v->pace = w->director.pace;
    v->paused = w->paused;
    v->done = done;
    return true;
}

static bool tick(void *self, double now) {
    trm_lesson_watch *w = self;
    bool changed = false;
    if (!w->started) {
        w->refreshed = w->looked = now;
        changed = start(w);
    }
    if (w->snap.state != TRM_TRAINER_FAILED || w->snap.version > 0)
        trm_trainer_snapshot(w->o->trainer, &w->snap);
    if (w->seen.training)
        w->elapsed += fmin(1.0, fmax(0.0, now - w->looked));
    w->looked = now;
    tell_director(w, now);
    tell_trainer(w);
    changed |= take_answer(w);
    changed |= trm_lesson_open_poll(w);
    changed |= pace_in_sight(w);
    changed |= show(w, now);
    ask(w, now);
    changed |= renew(w, now);
    changed |= copy_saved(w);
    changed |= announce(w, now);
    return changed;
}

static double wait_time(const void *self, double now) {
    const trm_lesson_watch *w = self;
    if (!w->started)
        return 0.0;
    if (w->open.copy != NULL)
        return SOON;
    if (w->asked && now - w->asked_at < PATIENCE)
        return SOON;
    return w->paused ? 0.2 : FRAME;
}

static void draw(const void *self, trm_canvas *c) {
    const trm_lesson_watch *w = self;
    trm_lesson_draw(c, &w->view);
}

static void close_screen(void *self) {
    trm_lesson_open_done(self);
}

static const trm_screen_ops ops = {
    .name = "trm",
    .min_rows = 16,
    .min_cols = 60,
    .meanwhile = "training goes on",
    .actions = trm_lesson_actions,
    .action_count = TRM_LESSON_ACTIONS,
    .open = open_screen,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .click = trm_lesson_click,
    .close = close_screen,
};

trm_screen trm_lesson_screen(trm_lesson_watch *w) {
    return (trm_screen){&ops, w};
}
