// SPDX-License-Identifier: Apache-2.0
// The pace of a watched run: what happens between two steps of the environment that is shown.
#include <math.h>

#include "train/trainer/impl.h"
#include "trm/base/clock.h"

// A show that fell behind (a suspended terminal, a busy machine) goes on from now, not in a rush.
static const double CATCH_UP = 0.1;

static const double LONGEST_SLEEP = 3600; // so that no speed makes a time that does not fit

// Under the lock: sleeps until a command comes or `due` has come (infinite: only a command). May
// return early.
static void sleep_until(trm_trainer *t, double due) {
    if (isinf(due)) {
        pthread_cond_wait(&t->wake, &t->lock);
    } else {
        due = fmin(due, trm_clock_now() + LONGEST_SLEEP);
        struct timespec at = {.tv_sec = (time_t)due, .tv_nsec = (long)((due - floor(due)) * 1e9)};
        pthread_cond_timedwait(&t->wake, &t->lock, &at);
    }
    trm_trainer_copy_weights(t);
}

static void set_state(trm_trainer *t, trm_trainer_state state) {
    if (t->snap.state == state)
        return;
    t->snap.state = state;
    t->snap.version++;
}

// Does what commands ask for as far as it can be done in the middle of an update. True if one is
// left that ends the waiting: in training a checkpoint, for which the update is set back; in the
// show an extension.
static bool called_away(trm_trainer *t) {
    if (t->player_ready)
        return t->extend > 0;
    trm_trainer_take_extension(t);
    return t->checkpoint;
}

// While paused: until resumed, stopped, a step is granted or something calls away.
static void wait_paused(trm_trainer *t, trm_trainer_state running) {
    while (t->pause && !t->stop) {
        set_state(t, TRM_TRAINER_PAUSED);
        if (called_away(t))
            return;
        if (t->credits > 0) {
            t->credits--;
            return;
        }
        sleep_until(t, INFINITY);
    }
    set_state(t, running);
}

bool trm_trainer_wait(trm_trainer *t, double fallback) {
    double from = trm_clock_now();
    trm_trainer_state running = t->player_ready ? TRM_TRAINER_SHOWING : TRM_TRAINER_RUNNING;
    t->next_due = fmax(t->next_due, from - CATCH_UP);
    double last = t->next_due;
    while (!t->stop) {
        if (t->pause) {
            wait_paused(t, running);
            t->next_due = trm_clock_now();
            trm_trainer_rate_anew(t);
            break;
        }
        set_state(t, running);
        double speed = t->speed > 0 ? t->speed : fallback;
        double due = speed > 0 ? last + 1.0 / speed : from;
        if (due <= trm_clock_now()) {
            t->next_due = due;
            break;
        }
        if (called_away(t) && t->player_ready)
            break;
        sleep_until(t, due);
    }
    t->blocked += trm_clock_now() - from;
    return !t->stop;
}

// The first success and every new best are worth seeing in full, once there is something to
// compare.
static void mark_notable(trm_trainer *t) {
    enum { ENOUGH = 5 };
    trm_reel *r = &t->reel;
    float total = r->steps[r->length - 1].total_reward;
    r->first_success = r->success && t->history.first_success < 0;
    r->best = t->history.episodes >= ENOUGH && total > t->history.best_reward;
}

// `again`: this very episode was held before, and a checkpoint called away.
static void hold(trm_trainer *t, bool again) {
    double from = trm_clock_now();
    t->go_on = t->go_on && again;
    while (t->hold_notable && !t->go_on && !t->stop && t->speed > 0 && !t->pause) {
        set_state(t, TRM_TRAINER_HOLDING);
        if (called_away(t))
            break;
        sleep_until(t, INFINITY);
    }
    t->next_due = trm_clock_now();
    t->blocked += t->next_due - from;
    trm_trainer_rate_anew(t);
}

// Is what waits for a command only, paused or held, to be set back for a checkpoint?
static bool to_save(const trm_trainer *t) {
    return t->checkpoint &&
           (t->snap.state == TRM_TRAINER_PAUSED || t->snap.state == TRM_TRAINER_HOLDING);
}

// Is this episode one to keep? Decided at its first step and then kept to.
static bool wanted(trm_trainer *t) {
    bool asked = t->reel_requested;
    t->reel_requested = false;
    return asked || t->pause || t->speed > 0;
}

static void publish_step(trm_trainer *t, const trm_step_view *view) {
    if (view->t == 0)
        trm_trainer_begin_reel(t, view->episode);
    trm_reel_append(&t->reel, trm_learner_env(t->learner), view);
    if (t->reel.finished)
        mark_notable(t);
    t->snap.steps = trm_learner_steps(t->learner) + view->t + 1;
    t->snap.seconds = trm_trainer_seconds(t);
    t->snap.version++;
    trm_trainer_rate(t);
}

// While an update that was set back is run again up to where it was: 0 as long as that is not
// reached, 1 at the very step, -1 at any other time.
static int repeating(trm_trainer *t) {
    return t->replay > 0 ? --t->replay == 0 : -1;
}

bool trm_trainer_gate(void *ctx, const trm_step_view *view) {
    trm_trainer *t = ctx;
    if (!t->recording && !atomic_load_explicit(&t->attention, memory_order_relaxed))
        return true;
    int repeated = repeating(t);
    if (repeated == 0)
        return true;
    pthread_mutex_lock(&t->lock);
    trm_trainer_copy_weights(t);
    if (view->t == 0 && repeated < 0)
        t->recording = wanted(t);
    bool go = !t->stop;
    if (t->recording && go) {
        if (repeated < 0)
            publish_step(t, view);
        if (t->reel.finished && (t->reel.first_success || t->reel.best))
            hold(t, repeated > 0);
        if (!to_save(t))
            go = trm_trainer_wait(t, 0);
        if (go && to_save(t)) { // set back, save, and come here again
            t->set_back = true;
            t->replay = view->t + 1;
            go = false;
        } else if (t->reel.finished) {
            t->recording = false;
        }
    }
    trm_trainer_attend(t);
    pthread_mutex_unlock(&t->lock);
    return go;
}
