// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/explain/explain.h"
#include "tui/terminal/crash.h"
#include "tui/terminal/terminal.h"
#include "tui/train/draw.h"
#include "tui/train/prepare.h"
#include "tui/train/state.h"

static const double REFRESH = 0.2; // seconds between renewals of the numbers

const char *trm_train_run_path(const trm_train_screen *w) {
    return w->o->rundir != NULL     ? trm_rundir_path(w->o->rundir)
           : w->o->follower != NULL ? trm_follower_path(w->o->follower)
                                    : NULL;
}

void trm_train_sight(trm_train_screen *w) {
    const trm_sample *sample = trm_playback_sample(&w->show);
    if (!w->view.samples) {
        trm_train_view_step(&w->view, &w->show.episode_trace, w->show.cursor);
        return;
    }
    trm_train_view_select(&w->view, trm_playback_cursor(&w->show));
    w->view.sample.side = w->show.side;
    if (sample != NULL)
        trm_train_view_sample(&w->view, sample);
}

static void tell_pacing(trm_train_screen *w, double now) {
    const trm_snapshot *s = &w->snap;
    w->seen = (trm_pace_input){.now = now,
                               .done = w->started && (w->view.follows || s->done >= s->total)};
    w->seen.training = w->started && !w->paused && !w->seen.done && s->state != TRM_TRAINER_FAILED;
    trm_playback_tell(&w->show, s, &w->seen);
}

static bool start(trm_train_screen *w) {
    trm_error e = {0};
    w->started = true;
    trm_trainer_snapshot(w->o->trainer, &w->snap);
    tell_pacing(w, w->refreshed);
    trm_pacing_begin(&w->pacing, &w->seen);
    const trm_trainer_source source =
        w->view.follows ? trm_follower_source(w->o->follower) : (trm_trainer_source){0};
    if (!(w->view.follows ? trm_trainer_follow(w->o->trainer, &source, &e)
                          : trm_trainer_start(w->o->trainer, &e))) {
        trm_app_status(w->app, "%s", e.message);
        w->snap.state = TRM_TRAINER_FAILED;
        w->snap.error = e;
    }
    return true;
}

// Of a training elsewhere, at its pace so far.
static double left_there(const trm_snapshot *s) {
    return s->following.writer == 0 || s->following.writer == TRM_FOLLOWING_FILES || s->done < 1
               ? (double)NAN
               : s->seconds * (double)(s->total - s->done) / (double)s->done;
}

// The numbers in sight are renewed now and then, and at once when the state changes or nothing
// else is moving.
static bool renew(trm_train_screen *w, double now) {
    const trm_snapshot *s = &w->snap;
    trm_train_view *v = &w->view;
    const bool at_once = w->renew || s->state != v->snap.state || w->paused ||
                         s->epoch.epoch != v->snap.epoch.epoch || s->tested != v->snap.tested;
    if (s->version == v->snap.version && !w->renew && floor(w->elapsed) <= floor(v->elapsed))
        return false;
    if (!at_once && now - w->refreshed < REFRESH)
        return false;
    const bool longer = s->total != v->snap.total || s->batches != v->snap.batches;
    v->snap = *s;
    v->elapsed = w->elapsed;
    v->left =
        v->follows ? left_there(s) : trm_pacing_left(&w->pacing, &w->seen, s->steps_per_second);
    w->refreshed = now;
    w->renew = false;
    if (trm_trainer_history(w->o->trainer, &w->history) || longer)
        trm_train_view_history(v, &w->history);
    return true;
}

static bool copy_saved(trm_train_screen *w) {
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

static bool announce(trm_train_screen *w) {
    const trm_snapshot *s = &w->snap;
    const bool done = w->seen.done && s->state == TRM_TRAINER_SHOWING &&
                      (!w->view.follows || (s->done > 0 && s->done >= s->total &&
                                            s->following.writer != TRM_FOLLOWING_FILES));
    if (done == w->was_done)
        return false;
    w->was_done = done;
    if (w->view.follows) {
        trm_app_status(w->app, done ? "that training is done" : "that training goes on");
        return true;
    }
    if (done && w->view.samples)
        trm_app_status(w->app,
                       w->view.bare
                           ? "held out: %.1f%% of the cells right, %.1f%% of the samples exact"
                           : "training is done: %.1f%% of test cells, %.1f%% exact; e goes on",
                       100.0 * s->test.cell_accuracy, 100.0 * s->test.exact_accuracy);
    else if (done && !w->view.bare)
        trm_app_status(w->app, "training is done: %.0f%% of the last %d succeeded; e goes on",
                       100.0 * (double)s->success50, s->window);
    return true;
}

// Somebody who follows this run may ask for a checkpoint.
static void take_request(trm_train_screen *w, double now) {
    if (w->o->rundir == NULL || now - w->asked < REFRESH)
        return;
    w->asked = now;
    if (trm_rundir_asked(w->o->rundir))
        trm_trainer_checkpoint(w->o->trainer);
}

static bool pace_in_sight(trm_train_screen *w) {
    trm_train_view *v = &w->view;
    double speed = trm_playback_speed(&w->show, &w->pacing, &w->seen, v->speed);
    if (speed >= 10.0)
        speed = rint(speed);
    if (v->pace == w->pacing.pace && v->mode == w->show.mode && v->paused == w->paused &&
        v->done == w->seen.done && fabs(speed - v->speed) <= 0.04 * speed)
        return false;
    v->speed = speed;
    v->pace = w->pacing.pace;
    v->mode = w->show.mode;
    v->paused = w->paused;
    v->done = w->seen.done;
    return true;
}

static bool tick(void *self, double now) {
    trm_train_screen *w = self;
    bool changed = false;
    if (!w->started) {
        w->refreshed = w->looked = now;
        changed = start(w);
    }
    if (w->snap.state != TRM_TRAINER_FAILED || w->snap.version > 0)
        trm_trainer_snapshot(w->o->trainer, &w->snap);
    if (w->seen.training || w->view.follows)
        w->elapsed += fmin(1.0, fmax(0.0, now - w->looked));
    w->looked = now;
    tell_pacing(w, now);
    if (trm_playback_tick(&w->show, &w->pacing, &w->seen, &w->snap, w->paused)) {
        trm_train_sight(w);
        changed = true;
    }
    changed |= pace_in_sight(w);
    changed |= renew(w, now);
    changed |= copy_saved(w);
    take_request(w, now);
    changed |= announce(w);
    changed |= trm_train_open_poll(w);
    changed |= trm_train_plan_tick(w, now);
    return changed;
}

static double wait_time(const void *self, double now) {
    const trm_train_screen *w = self;
    static const double SOON = 0.003;
    if (!w->started || w->opening.copy != NULL || trm_train_planning(w))
        return w->started ? SOON : 0.0;
    return trm_train_view_pausing(&w->view) ? SOON : trm_playback_wait(&w->show, now, w->paused);
}

static void draw(trm_canvas *c, const void *self) {
    const trm_train_screen *w = self;
    trm_train_draw(c, &w->view);
}

// What the sentence is about: the decision, or the cell under the cursor.
static bool tell(const void *self, int32_t y, int32_t x, char *out, int32_t size) {
    const trm_train_view *v = &((const trm_train_screen *)self)->view;
    (void)x;
    if (y >= 0 || trm_train_view_trace(v) == NULL)
        return false;
    if (v->samples)
        trm_train_view_cell(v, out, size);
    else
        trm_text_copy(out, (size_t)size, v->sentence);
    return true;
}

static int32_t panel_of(const void *self) {
    static const trm_panel_id panels[2][TRM_FOCUS_COUNT] = {
        {TRM_PANEL_TRAIN_BOARD, TRM_PANEL_TRAIN_CYCLES, TRM_PANEL_TRAIN_REWARD,
         TRM_PANEL_TRAIN_NUMBERS},
        {TRM_PANEL_TRAIN_SAMPLE, TRM_PANEL_TRAIN_ANSWERS, TRM_PANEL_TRAIN_ACCURACY,
         TRM_PANEL_TRAIN_NUMBERS}};
    const trm_train_view *v = &((const trm_train_screen *)self)->view;
    const trm_panel_id panel = panels[v->samples][v->focus];
    return (int32_t)panel + (v->focus == TRM_FOCUS_CURVES ? v->curve : 0);
}

// Checkpoints of other programs are counted by the steps in their names.
static const trm_train_units steps = {"steps", "samples/s", "steps", "checkpoint", "step"};

static trm_train_screen *screen_new(trm_app *app, const trm_watch_options *o) {
    const bool ascii = trm_app_look(app)->glyphs == TRM_GLYPHS_ASCII;
    trm_train_screen *w = trm_alloc(1, sizeof *w);
    const trm_model *model = trm_course_model_const(o->course);
    const trm_trace_shape shape = trm_model_trace_shape(model);
    w->app = app;
    w->o = o;
    trm_history_init(&w->history);
    trm_pacing_init(&w->pacing, o->pace, trm_clock_now());
    trm_playback_init(&w->show, o->trainer, o->course);
    trm_train_view_init(&w->view, o->config, &shape, ascii);
    if (trm_course_env(o->course) != NULL)
        trm_train_view_of_episodes(&w->view, trm_course_env(o->course));
    else
        trm_train_view_of_samples(&w->view, model);
    w->view.follows = o->follower != NULL;
    if (w->view.follows && trm_follower_of_files(trm_follower_path(o->follower)))
        w->view.units = &steps;
    w->view.bare = !w->view.follows && trm_course_count(o->course).total == 0; // a model to look at
    return w;
}

static void screen_free(trm_train_screen *w) {
    trm_train_open_done(w);
    trm_train_plan_done(w);
    trm_train_view_done(&w->view);
    trm_playback_done(&w->show);
    free(w->order);
    free(w);
}

// ---- from another screen ------------------------------------------------------------------------

static void stop(trm_train_screen *w) {
    if (!w->started)
        return;
    trm_trainer_stop(w->o->trainer);
    trm_trainer_join(w->o->trainer);
}

// Of a screen that another one pushed; trm_watch_run ends its own.
static void close_pushed(void *self) {
    trm_train_screen *w = self;
    void (*const closed)(void *job) = w->closed;
    void *job = w->job;
    if (closed == NULL)
        return;
    stop(w);
    screen_free(w);
    closed(job);
}

static const trm_screen_ops ops = {
    .name = "trm",
    .meanwhile = "training goes on",
    .actions = trm_train_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .panel = panel_of,
    .click = trm_train_click,
    .tell = tell,
    .wheel = {'[', ']'},
    .close = close_pushed,
};

static bool push_made(trm_app *app, trm_preparing *p, void (*done)(void *job), trm_error *e) {
    trm_watch_options o = {0};
    void *job = NULL;
    if (!trm_preparing_take(p, &o, &job, e))
        return false;
    trm_train_screen *w = screen_new(app, &o);
    w->own = o;
    w->o = &w->own;
    w->job = job;
    w->closed = done;
    if (!trm_app_push(app, &ops, w, e))
        return false;
    if (o.note != NULL && o.note[0] != 0)
        trm_app_status(app, "%s", o.note);
    return true;
}

static void made_later(trm_app *app, trm_preparing *p, void (*done)(void *job)) {
    trm_error e = {0};
    if (!push_made(app, p, done, &e))
        trm_app_status(app, "%s", e.message);
}

bool trm_train_push(trm_app *app, trm_watch_make *make, void (*done)(void *job), trm_error *e) {
    trm_preparing *p = trm_preparing_start(&(trm_watch_options){.make = make}, done);
    return trm_preparing_soon(p) ? push_made(app, p, done, e)
                                 : trm_preparing_push(p, app, made_later, e);
}

// ---- running it ---------------------------------------------------------------------------------

bool trm_watch_possible(trm_error *e) {
    trm_error missing;
    return trm_terminal_possible(&missing) ||
           trm_error_set(e, TRM_E_INPUT,
                         "watch needs a terminal: %s; `trm train` trains without one",
                         missing.message);
}

static char *summarise(const trm_train_screen *w, const trm_snapshot *s) {
    enum { SIZE = 1024 };
    const trm_score *last = s->tested ? &s->test : &s->epoch.score;
    char success[96] = "";
    char *line = trm_alloc(1, SIZE);
    if (w->view.samples && s->epoch.epoch >= 0)
        trm_text_format(success, sizeof success, ", %s: cells %.1f %%, exact %.1f %%",
                        s->tested ? "test" : "held-out", 100.0 * last->cell_accuracy,
                        100.0 * last->exact_accuracy);
    else if (!w->view.samples && s->done > 0)
        trm_text_format(success, sizeof success, ", %.0f%% of the last %d succeeded",
                        100.0 * (double)s->success50, s->window);
    trm_text_format(line, SIZE, "%lld of %lld %s%s; the run is in %s", (long long)s->done,
                    (long long)s->total, w->view.units->unit, success, trm_train_run_path(w));
    return line;
}

static bool result_of(const trm_train_screen *w, bool left, const trm_snapshot *last,
                      trm_error *e) {
    if (last->state == TRM_TRAINER_FAILED || w->snap.state == TRM_TRAINER_FAILED) {
        const trm_error *from = last->state == TRM_TRAINER_FAILED ? &last->error : &w->snap.error;
        return trm_error_set(e, from->code, "%s", from->message);
    }
    return left;
}

// Opens the view, and makes what it shows. NULL: *e says why not, or the user has left.
static trm_app *open_made(const trm_watch_options *o, trm_watch_options *made, bool *left,
                          trm_error *e) {
    trm_preparing *p = o->make != NULL ? trm_preparing_start(o, NULL) : NULL;
    const bool soon = p != NULL && trm_preparing_soon(p);
    if (soon && !trm_preparing_take(p, made, NULL, e))
        return NULL;
    trm_app *app = trm_app_open(&o->screen, e);
    if (p == NULL || soon)
        return app;
    trm_error unused = {0};
    const bool shown = app != NULL && trm_preparing_push(p, app, NULL, e) && trm_app_run(app, e);
    trm_error *why = shown ? e : &unused;
    if (trm_preparing_take(p, made, NULL, why) && shown)
        return app;
    *left = shown && why->code == TRM_E_STOPPED;
    trm_app_close(app);
    return NULL;
}

bool trm_watch_run(const trm_watch_options *options, char **summary, trm_error *e) {
    trm_watch_options made = *options;
    const trm_watch_options *o = &made;
    if (summary != NULL)
        *summary = NULL;
    bool left = false;
    trm_app *app = open_made(options, &made, &left, e);
    if (app == NULL)
        return left;
    trm_train_screen *w = screen_new(app, o);
    if (o->note != NULL && o->note[0] != 0)
        trm_app_status(app, "%s", o->note);
    if (o->rundir != NULL)
        trm_crash_hint(trm_rundir_path(o->rundir));
    left = trm_app_push(app, &ops, w, e) && trm_app_run(app, e);
    stop(w);
    trm_app_close(app);
    trm_snapshot last;
    trm_trainer_snapshot(o->trainer, &last);
    const bool ok = result_of(w, left, &last, e);
    if (summary != NULL && w->started && trm_train_run_path(w) != NULL)
        *summary = summarise(w, &last);
    screen_free(w);
    return ok;
}
