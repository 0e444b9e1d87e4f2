// SPDX-License-Identifier: Apache-2.0
#include "trm/train/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/notify.h"
#include "train/trainer/impl.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/thread.h"

static void init_sync(trm_trainer *t) {
    pthread_condattr_t attr;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wake, &attr);
    pthread_condattr_destroy(&attr);
}

static void fill_counters(trm_trainer *t) {
    trm_snapshot *s = &t->snap;
    const trm_course_counts n = trm_course_count(t->course);
    s->done = n.done;
    s->total = n.total;
    s->updates = n.updates;
    s->steps = n.steps;
    s->reward = trm_history_last(&t->history);
    s->mean50 = trm_history_mean50(&t->history);
    s->success50 = trm_history_success50(&t->history);
    s->window = trm_history_window(&t->history);
    s->best_reward = t->history.best_reward;
    s->best_episode = t->history.best_episode;
    s->first_success = t->history.first_success;
    s->seconds = trm_trainer_seconds(t);
    trm_peers_times times;
    s->ranks = trm_course_ranks(t->course, &times);
    s->waiting = times.waiting;
    s->exchanging = times.exchanging;
    s->version++;
}

// Asked by the threads that compute.
static bool stop_asked(void *ctx) {
    const trm_trainer *t = ctx;
    return atomic_load_explicit(&t->leaving, memory_order_relaxed);
}

trm_trainer *trm_trainer_new(trm_course *c, const trm_trainer_hooks *hooks,
                             const trm_history *history, double seconds) {
    trm_trainer *t = trm_alloc(1, sizeof *t);
    t->course = c;
    t->watching = trm_course_env(c) ? &trm_watching_episodes : &trm_watching_samples;
    if (hooks)
        t->hooks = *hooks;
    if (history)
        t->history = *history;
    else
        trm_history_init(&t->history);
    init_sync(t);
    atomic_init(&t->attention, false);
    atomic_init(&t->leaving, false);
    trm_course_set_stop(c, stop_asked, t);
    t->seconds = seconds;
    t->mark = INFINITY;
    t->next_due = t->rate_since = trm_clock_now();
    t->snap = (trm_snapshot){.loss = NAN,
                             .entropy = NAN,
                             .grad_norm = NAN,
                             .lr = NAN,
                             .reward = NAN,
                             .last_checkpoint = -1,
                             .epoch.epoch = -1,
                             .best_exact = (double)NAN,
                             .best_epoch = -1,
                             .following.age = (double)NAN};
    t->moment_at = -1;
    t->watching->init(t);
    fill_counters(t);
    t->saved_at = seconds;
    t->samples = trm_course_count(c).samples;
    trm_trainer_rate_restart(t);
    return t;
}

void trm_trainer_free(trm_trainer *t) {
    if (!t)
        return;
    if (t->threaded) {
        trm_trainer_stop(t);
        trm_trainer_join(t);
    }
    t->watching->done(t);
    trm_episode_trace_done(&t->moment);
    free(t->moment_weights);
    trm_course_set_stop(t->course, NULL, NULL);
    free(t->weights);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

double trm_trainer_seconds(const trm_trainer *t) {
    return t->seconds + fmax(0, trm_clock_now() - t->mark);
}

void trm_trainer_clock_stop(trm_trainer *t) {
    t->seconds = trm_trainer_seconds(t);
    t->mark = INFINITY;
}

void trm_trainer_clock_go(trm_trainer *t) {
    t->mark = trm_clock_now();
}

void trm_trainer_rate(trm_trainer *t) {
    double now = trm_clock_now(), span = now - t->rate_since;
    if (span < 0.5 && t->snap.steps_per_second > 0)
        return;
    if (span < 0.05)
        return;
    t->snap.steps_per_second = (double)(t->snap.steps - t->rate_steps) / span;
    t->snap.samples_per_second = (double)(t->samples - t->rate_samples) / span;
    trm_trainer_rate_restart(t);
}

void trm_trainer_rate_restart(trm_trainer *t) {
    t->rate_since = trm_clock_now();
    t->rate_steps = t->snap.steps;
    t->rate_samples = t->samples;
}

void trm_trainer_take_extension(trm_trainer *t) {
    int64_t total = trm_course_count(t->course).total;
    if (t->extend == 0)
        return;
    trm_course_set_total(t->course, t->extend < INT64_MAX - total ? total + t->extend : INT64_MAX);
    t->extend = 0;
    t->snap.total = trm_course_count(t->course).total;
    t->snap.version++;
}

bool trm_trainer_copy_weights(trm_trainer *t) {
    if (!t->weights_requested)
        return false;
    trm_course_weights(t->course, t->weights);
    t->weights_requested = false;
    t->weights_ready = true;
    return true;
}

bool trm_trainer_hold_weights(trm_trainer *t) {
    const trm_params *p = trm_model_params_const(trm_course_model_const(t->course));
    const bool before = t->steady;
    if (t->weights == NULL)
        t->weights = trm_alloc((size_t)p->size, sizeof *t->weights);
    if (!before)
        trm_course_weights(t->course, t->weights);
    t->steady = true;
    return before;
}

bool trm_trainer_serve(trm_trainer *t) {
    bool copied = trm_trainer_copy_weights(t) || (t->following && trm_trainer_look(t));
    return (t->watching->serve && t->watching->serve(t)) || copied;
}

void trm_trainer_attend(trm_trainer *t) {
    bool needed = t->stop || t->pause || t->speed > 0 || t->episode_requested ||
                  t->weights_requested || t->replay > 0;
    atomic_store_explicit(&t->attention, needed, memory_order_relaxed);
}

static void publish(trm_trainer *t, const trm_advance *a) {
    pthread_mutex_lock(&t->lock);
    t->watching->advance(t, a);
    fill_counters(t);
    trm_trainer_rate(t);
    pthread_mutex_unlock(&t->lock);
}

// score: of the test samples, at the end; NULL: there is none.
static bool save(trm_trainer *t, bool final, const trm_score *score, trm_error *e) {
    const trm_saving how = {.final = final, .seconds = trm_trainer_seconds(t), .score = score};
    if (t->hooks.checkpoint && !t->hooks.checkpoint(t->hooks.ctx, t->course, &how, e))
        return false;
    t->saved_at = how.seconds;
    pthread_mutex_lock(&t->lock);
    t->snap.last_checkpoint = trm_course_count(t->course).updates;
    t->snap.checkpoints++;
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
    return true;
}

// Has a whole number of advances, or of seconds, gone by since the last checkpoint?
static bool checkpoint_due(const trm_trainer *t) {
    const trm_trainer_hooks *h = &t->hooks;
    return h->checkpoint_every > 0 &&
           (trm_course_count(t->course).advances % h->checkpoint_every == 0 ||
            (h->checkpoint_seconds > 0 &&
             trm_trainer_seconds(t) - t->saved_at >= h->checkpoint_seconds));
}

// Takes what commands ask for between advances; true if a checkpoint is due. advanced: a whole one
// has just ended.
static bool take_commands(trm_trainer *t, bool advanced) {
    pthread_mutex_lock(&t->lock);
    bool due = t->checkpoint || (advanced && checkpoint_due(t));
    t->checkpoint = false;
    t->set_back = false;
    trm_trainer_take_extension(t);
    trm_trainer_copy_weights(t);
    pthread_mutex_unlock(&t->lock);
    return due;
}

static bool stopping(trm_trainer *t) {
    pthread_mutex_lock(&t->lock);
    bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

// An advance whose numbers went wrong was taken back: what was before it is saved, as it is sound.
static void keep_sound(trm_trainer *t, const trm_error *why) {
    trm_error ignored; // the failure is that of the advance
    if (why->code == TRM_E_NUMERIC)
        save(t, false, NULL, &ignored);
}

static bool checkpoint_asked(trm_trainer *t) {
    pthread_mutex_lock(&t->lock);
    bool asked = t->checkpoint;
    pthread_mutex_unlock(&t->lock);
    return asked;
}

// After a whole advance: a checkpoint where one is due, and the last step's wait.
static bool rest(trm_trainer *t, trm_error *e) {
    bool fresh = true;
    do {
        if (take_commands(t, fresh) && !save(t, false, NULL, e))
            return false;
        fresh = false;
    } while (t->watching->wait_after && !trm_course_done(t->course) &&
             trm_trainer_wait_between(t) && checkpoint_asked(t));
    return true;
}

// One advance and what follows from it. False: failed.
static bool advance(trm_trainer *t, trm_error *e) {
    const trm_step_callback callback = {trm_trainer_on_step, t};
    trm_advance a;
    switch (trm_course_advance(t->course, &callback, &a, e)) {
    case TRM_UPDATE_FAILED:
        keep_sound(t, e);
        return false;
    case TRM_UPDATE_ABANDONED:
        return !t->set_back || !take_commands(t, false) || save(t, false, NULL, e);
    case TRM_UPDATE_DONE:
        break;
    }
    publish(t, &a);
    if (t->hooks.advance &&
        !t->hooks.advance(t->hooks.ctx, t->course, &a, trm_trainer_seconds(t), e))
        return false;
    return rest(t, e);
}

// The rates of a training that is over are those of the whole.
static void publish_end(trm_trainer *t, const trm_score *score) {
    trm_snapshot *s = &t->snap;
    trm_trainer_clock_stop(t);
    pthread_mutex_lock(&t->lock);
    s->tested = score != NULL;
    if (score)
        s->test = *score;
    s->seconds = trm_trainer_seconds(t);
    if (trm_course_done(t->course) && s->seconds > 0) {
        s->steps_per_second = (double)s->steps / s->seconds;
        s->samples_per_second = (double)t->samples / s->seconds;
    }
    s->version++;
    pthread_mutex_unlock(&t->lock);
}

// Between two forwards of the final score: samples are shown meanwhile, and it can be stopped.
static bool go_on_scoring(void *ctx) {
    trm_trainer *t = ctx;
    pthread_mutex_lock(&t->lock);
    trm_trainer_serve(t);
    bool go = !t->stop;
    pthread_mutex_unlock(&t->lock);
    return go;
}

static bool score_at_end(trm_trainer *t, trm_score *score) {
    pthread_mutex_lock(&t->lock);
    trm_trainer_copy_weights(t);
    trm_trainer_hold_weights(t);
    pthread_mutex_unlock(&t->lock);
    const bool scored = trm_course_score(t->course, go_on_scoring, t, score);
    pthread_mutex_lock(&t->lock);
    t->steady = false;
    pthread_mutex_unlock(&t->lock);
    return scored;
}

static bool train(trm_trainer *t, trm_error *e) {
    while (!trm_course_done(t->course) && !stopping(t))
        if (!advance(t, e))
            return false;
    trm_score score;
    bool done = trm_course_done(t->course);
    bool scored = done && score_at_end(t, &score);
    t->unscored = done && !scored && stopping(t);
    if (!save(t, true, scored ? &score : NULL, e))
        return false;
    publish_end(t, scored ? &score : NULL);
    return true;
}

static void finish(trm_trainer *t, trm_trainer_state state, const trm_error *e) {
    trm_trainer_clock_stop(t);
    pthread_mutex_lock(&t->lock);
    t->snap.state = state;
    trm_trainer_copy_weights(t);
    if (state == TRM_TRAINER_FAILED)
        t->snap.error = *e;
    t->snap.seconds = trm_trainer_seconds(t);
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
}

static void begin(trm_trainer *t) {
    pthread_mutex_lock(&t->lock);
    assert(t->snap.state == TRM_TRAINER_READY);
    trm_trainer_set_state(t, TRM_TRAINER_RUNNING);
    t->next_due = t->rate_since = trm_clock_now();
    pthread_mutex_unlock(&t->lock);
    trm_trainer_clock_go(t);
}

bool trm_trainer_run(trm_trainer *t, trm_error *e) {
    begin(t);
    bool ok = train(t, e);
    finish(t, ok ? TRM_TRAINER_STOPPED : TRM_TRAINER_FAILED, e);
    if (!ok || (trm_course_done(t->course) && !t->unscored))
        return ok;
    const trm_course_counts n = trm_course_count(t->course);
    return trm_error_set(e, TRM_E_STOPPED, "stopped after %lld of %lld %s", (long long)n.done,
                         (long long)n.total, trm_unit_plural(trm_course_unit(t->course)));
}

// Shows what was learned until stopped or extended.
static void show(trm_trainer *t) {
    trm_trainer_clock_stop(t);
    pthread_mutex_lock(&t->lock);
    t->showing = true;
    t->player.finished = true;
    trm_trainer_set_state(t, TRM_TRAINER_SHOWING);
    while (!t->stop && t->extend == 0) {
        t->checkpoint = false; // the final one is already there
        t->watching->show(t);
    }
    t->showing = false;
    trm_trainer_take_extension(t);
    bool extended = !t->stop;
    if (extended) {
        trm_trainer_set_state(t, TRM_TRAINER_RUNNING);
        t->snap.tested = false;
    }
    trm_trainer_rate_restart(t);
    pthread_mutex_unlock(&t->lock);
    if (extended)
        trm_trainer_clock_go(t);
}

static void *thread_main(void *arg) {
    trm_trainer *t = arg;
    trm_error e = {0};
    bool ok;
    do {
        ok = train(t, &e);
        if (ok && trm_course_done(t->course) && !stopping(t))
            show(t);
    } while (ok && !stopping(t));
    finish(t, ok ? TRM_TRAINER_STOPPED : TRM_TRAINER_FAILED, &e);
    return NULL;
}

static void *follow_main(void *arg) {
    trm_trainer *t = arg;
    pthread_mutex_lock(&t->lock);
    trm_trainer_look(t); // so that what is shown first has the newest weights
    pthread_mutex_unlock(&t->lock);
    trm_notify *news =
        t->source.folder ? trm_notify_new(t->source.folder, trm_trainer_look_now, t) : NULL;
    show(t);
    trm_notify_free(news);
    finish(t, TRM_TRAINER_STOPPED, NULL);
    return NULL;
}

static bool start(trm_trainer *t, void *(*run)(void *trainer), trm_error *e) {
    begin(t);
    int failed = trm_thread_start(&t->thread, run, t);
    t->threaded = !failed;
    return !failed || trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
}

bool trm_trainer_start(trm_trainer *t, trm_error *e) {
    return start(t, thread_main, e);
}

bool trm_trainer_follow(trm_trainer *t, const trm_trainer_source *source, trm_error *e) {
    t->following = true;
    t->source = *source;
    return start(t, follow_main, e);
}

void trm_trainer_join(trm_trainer *t) {
    if (t->threaded)
        pthread_join(t->thread, NULL);
    t->threaded = false;
}
