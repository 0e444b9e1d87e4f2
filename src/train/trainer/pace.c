// SPDX-License-Identifier: Apache-2.0
// The pace of a watched training: what happens between two steps.
#include <math.h>

#include "train/trainer/impl.h"
#include "trm/base/clock.h"

// What fell behind (a suspended terminal, a busy machine) goes on from now, not in a rush.
static const double CATCH_UP = 0.1;

static const double LONGEST_SLEEP = 3600; // so that no speed makes a time that does not fit

void trm_trainer_sleep(trm_trainer *t, double due) {
    if (trm_trainer_serve(t))
        return;
    if (t->following)
        due = fmin(due, t->next_look);
    if (isinf(due)) {
        pthread_cond_wait(&t->wake, &t->lock);
    } else {
        due = fmin(due, trm_clock_now() + LONGEST_SLEEP);
        struct timespec at = {.tv_sec = (time_t)due, .tv_nsec = (long)((due - floor(due)) * 1e9)};
        pthread_cond_timedwait(&t->wake, &t->lock, &at);
    }
    trm_trainer_serve(t);
}

void trm_trainer_set_state(trm_trainer *t, trm_trainer_state state) {
    if (t->snap.state == state)
        return;
    t->snap.state = state;
    t->snap.version++;
}

// Does what commands ask for as far as it can be done in the middle of an advance. True if one is
// left that ends the waiting: in training a checkpoint, for which the advance is abandoned; in the
// show an extension.
static bool called_away(trm_trainer *t) {
    if (t->showing)
        return t->extend > 0;
    trm_trainer_take_extension(t);
    return t->checkpoint;
}

// While paused: until resumed, stopped, a step is granted or something calls away.
static void wait_paused(trm_trainer *t, trm_trainer_state running) {
    while (t->pause && !t->stop) {
        trm_trainer_set_state(t, TRM_TRAINER_PAUSED);
        if (called_away(t))
            return;
        if (t->credits > 0) {
            t->credits--;
            return;
        }
        trm_trainer_sleep(t, INFINITY);
    }
    trm_trainer_set_state(t, running);
}

bool trm_trainer_wait(trm_trainer *t, double fallback) {
    double from = trm_clock_now();
    trm_trainer_state running = t->showing ? TRM_TRAINER_SHOWING : TRM_TRAINER_RUNNING;
    t->next_due = fmax(t->next_due, from - CATCH_UP);
    double last = t->next_due;
    while (!t->stop) {
        if (t->pause) {
            wait_paused(t, running);
            t->next_due = trm_clock_now();
            trm_trainer_rate_restart(t);
            break;
        }
        trm_trainer_set_state(t, running);
        double speed = t->speed > 0 ? t->speed : fallback;
        double due = speed > 0 ? last + 1.0 / speed : from;
        if (due <= trm_clock_now()) {
            t->next_due = due;
            break;
        }
        if (called_away(t) && t->showing)
            break;
        trm_trainer_sleep(t, due);
    }
    return !t->stop;
}

bool trm_trainer_wait_between(trm_trainer *t) {
    trm_trainer_clock_stop(t);
    pthread_mutex_lock(&t->lock);
    trm_trainer_serve(t);
    bool go = trm_trainer_wait(t, 0);
    trm_trainer_attend(t);
    pthread_mutex_unlock(&t->lock);
    trm_trainer_clock_go(t);
    return go;
}

// `again`: this very episode was held before, and a checkpoint called away.
static void hold(trm_trainer *t, bool again) {
    t->go_on = t->go_on && again;
    while (t->hold_notable && !t->go_on && !t->stop && t->speed > 0 && !t->pause) {
        trm_trainer_set_state(t, TRM_TRAINER_HOLDING);
        if (called_away(t))
            break;
        trm_trainer_sleep(t, INFINITY);
    }
    t->next_due = trm_clock_now();
    trm_trainer_rate_restart(t);
}

// Does a checkpoint have to be made now, because only a command ends this waiting?
static bool to_save(const trm_trainer *t) {
    return t->checkpoint &&
           (t->snap.state == TRM_TRAINER_PAUSED || t->snap.state == TRM_TRAINER_HOLDING);
}

// Is what begins at this step one to publish? Decided at the first step and then kept to.
static bool wanted(trm_trainer *t) {
    bool asked = t->episode_requested;
    t->episode_requested = false;
    return asked || t->pause || t->speed > 0 || t->watching->always;
}

// While an advance that was abandoned is run again up to where it was: 0 as long as that is not
// reached, 1 at the very step, -1 at any other time.
static int repeating(trm_trainer *t) {
    return t->replay > 0 ? --t->replay == 0 : -1;
}

// Waits after a step that was published, as long as it takes. False: the advance is to end here.
static bool linger(trm_trainer *t, const trm_course_step *step, bool again) {
    bool go = true;
    if (t->notable)
        hold(t, again);
    if (step->last && t->watching->wait_after)
        return !t->stop;
    if (!to_save(t))
        go = trm_trainer_wait(t, 0);
    if (go && to_save(t)) { // abandon it, save, and come here again
        t->set_back = true;
        t->replay = step->index + 1;
        return false;
    }
    if (t->ended)
        t->recording = t->watching->always;
    return go;
}

static void publish(trm_trainer *t, const trm_course_step *step) {
    t->watching->step(t, step);
    t->snap.seconds = trm_trainer_seconds(t);
    t->snap.version++;
    trm_trainer_rate(t);
}

bool trm_trainer_on_step(void *ctx, const trm_course_step *step) {
    trm_trainer *t = ctx;
    if (!t->recording && !atomic_load_explicit(&t->attention, memory_order_relaxed))
        return true;
    trm_trainer_clock_stop(t);
    pthread_mutex_lock(&t->lock);
    const int repeated = repeating(t);
    bool go = !t->stop;
    if (go && repeated != 0) {
        if (step->first && repeated < 0)
            t->recording = wanted(t);
        if (t->recording && repeated < 0)
            publish(t, step);
        trm_trainer_serve(t);
        if (t->recording)
            go = linger(t, step, repeated > 0);
    }
    trm_trainer_attend(t);
    pthread_mutex_unlock(&t->lock);
    trm_trainer_clock_go(t);
    return go;
}
