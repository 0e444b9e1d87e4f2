// SPDX-License-Identifier: Apache-2.0
// What happens between two batches of a supervised run: pace, and answers to samples in sight.
#include <math.h>
#include <string.h>

#include "run/lesson_trainer/impl.h"
#include "trm/base/clock.h"

static const double CATCH_UP = 0.1; // what fell behind goes on from now, not in a rush
static const double LONGEST_SLEEP = 3600;

void lesson_trainer_tally(trm_lesson_trainer *t) {
    const double now = trm_clock_now();
    t->seconds += now - t->mark;
    t->mark = now;
}

void lesson_trainer_rate_anew(trm_lesson_trainer *t) {
    t->rate_since = trm_clock_now();
    t->rate_updates = t->snap.updates;
    t->rate_samples = t->samples;
}

static void count_rates(trm_lesson_trainer *t) {
    const double span = trm_clock_now() - t->rate_since;
    if (span < 0.05 || (span < 0.5 && t->snap.batches_per_second > 0))
        return;
    t->snap.batches_per_second = (double)(t->snap.updates - t->rate_updates) / span;
    t->snap.samples_per_second = (double)(t->samples - t->rate_samples) / span;
    lesson_trainer_rate_anew(t);
}

static void set_state(trm_lesson_trainer *t, trm_trainer_state state) {
    t->snap.version += t->snap.state != state;
    t->snap.state = state;
}

// Under the lock: sleeps until a command comes or `due` has come. May return early.
static void sleep_until(trm_lesson_trainer *t, double due) {
    if (isinf(due)) {
        pthread_cond_wait(&t->wake, &t->lock);
        return;
    }
    due = fmin(due, trm_clock_now() + LONGEST_SLEEP);
    struct timespec at = {.tv_sec = (time_t)due, .tv_nsec = (long)((due - floor(due)) * 1e9)};
    pthread_cond_timedwait(&t->wake, &t->lock, &at);
}

// The slabs of two peeks change hands.
static void swap(trm_lesson_peek *a, trm_lesson_peek *b) {
    const trm_lesson_peek kept = *a;
    *a = *b;
    *b = kept;
}

// Answers the sample that was asked for. Under the lock, which is open while the model thinks.
static void answer(trm_lesson_trainer *t) {
    trm_lesson_peek *p = &t->fresh;
    const trm_lesson *l = t->lesson;
    const trm_dataset *d = t->wanted_side == TRM_SPLIT_TRAIN ? l->train : l->validation;
    p->side = t->wanted_side;
    p->count = d->count;
    p->sample = (t->wanted_sample % d->count + d->count) % d->count;
    p->epochs = t->snap.epochs;
    p->batch = t->snap.batch;
    p->id = t->peek.id + 1;
    t->wanted = false;
    pthread_mutex_unlock(&t->lock);
    const int64_t at = p->sample;
    memcpy(p->input, d->inputs + at * d->state_dim, (size_t)d->state_dim * sizeof *p->input);
    memcpy(p->target, d->targets + at * d->positions, (size_t)d->positions * sizeof *p->target);
    if (d->geometry.rows > 0)
        trm_dataset_board(d, p->sample, &p->board);
    trm_supervised_trace(l->learner, p->input, p->trace);
    pthread_mutex_lock(&t->lock);
    swap(&t->peek, &t->fresh);
}

static void take_extension(trm_lesson_trainer *t) {
    if (t->extend == 0)
        return;
    const int64_t total = t->config.train.epochs + t->extend;
    t->config.train.epochs = total < INT32_MAX ? (int32_t)total : INT32_MAX;
    t->snap.epochs_total = t->config.train.epochs;
    t->snap.version++;
    t->extend = 0;
}

// While paused: until resumed, stopped, a batch is granted or a checkpoint is to be made.
static void wait_paused(trm_lesson_trainer *t) {
    while (t->pause && !t->stop && !t->checkpoint) {
        set_state(t, TRM_TRAINER_PAUSED);
        take_extension(t);
        if (t->credits > 0) {
            t->credits--;
            return;
        }
        if (t->wanted)
            answer(t);
        else
            sleep_until(t, INFINITY);
    }
}

// Under the lock. True: go on.
static bool wait_here(trm_lesson_trainer *t) {
    t->next_due = fmax(t->next_due, trm_clock_now() - CATCH_UP);
    const double last = t->next_due;
    if (t->wanted)
        answer(t);
    while (!t->stop) {
        if (t->pause) {
            wait_paused(t);
            t->next_due = trm_clock_now();
            lesson_trainer_rate_anew(t);
            break;
        }
        set_state(t, TRM_TRAINER_RUNNING);
        take_extension(t);
        const double due = t->speed > 0 ? last + 1.0 / t->speed : 0;
        if (due <= trm_clock_now()) {
            t->next_due = fmax(due, last);
            break;
        }
        if (t->wanted)
            answer(t);
        else
            sleep_until(t, due);
    }
    return !t->stop;
}

bool lesson_trainer_wait(trm_lesson_trainer *t) {
    lesson_trainer_tally(t);
    pthread_mutex_lock(&t->lock);
    const bool go = wait_here(t);
    pthread_mutex_unlock(&t->lock);
    t->mark = trm_clock_now();
    return go;
}

static void publish_batch(trm_lesson_trainer *t, double share) {
    trm_lesson_snapshot *s = &t->snap;
    trm_supervised_batch(t->lesson->learner, &s->last);
    s->batch++;
    s->updates++;
    // How many an epoch has is known beforehand only where every sample is taken once.
    if (share > 0)
        s->batches = (int32_t)ceil(s->batch / share - 1e-6);
    s->seconds = t->seconds;
    s->version++;
    t->samples += s->batch < s->batches
                      ? t->config.train.batch
                      : t->lesson->train->count - (s->batches - 1) * t->config.train.batch;
    trm_lesson_history_add_batch(&t->history, (double)s->epochs + share, s->last.loss);
    count_rates(t);
}

bool lesson_trainer_gate(void *ctx, double share) {
    trm_lesson_trainer *t = ctx;
    if (t->go_on && !t->go_on(t->go_on_ctx)) {
        trm_lesson_trainer_stop(t);
        return false;
    }
    lesson_trainer_tally(t);
    pthread_mutex_lock(&t->lock);
    bool go = !t->stop;
    const bool repeated = t->replay > 0;
    if (repeated)
        t->replay--;
    else
        publish_batch(t, share);
    // What was set back stands where it stood; the last batch's wait comes after the epoch's score.
    if (go && t->replay == 0 && share < 1) {
        go = (repeated && !t->pause) || wait_here(t);
        if (go && t->pause && t->checkpoint) {
            t->replay = t->snap.batch;
            go = false;
        }
    }
    pthread_mutex_unlock(&t->lock);
    t->mark = trm_clock_now();
    return go;
}

void lesson_trainer_show(trm_lesson_trainer *t) {
    pthread_mutex_lock(&t->lock);
    while (!t->stop && t->extend == 0) {
        set_state(t, TRM_TRAINER_SHOWING);
        t->checkpoint = false; // the final one is already there
        if (t->wanted)
            answer(t);
        else
            sleep_until(t, INFINITY);
    }
    take_extension(t);
    if (!t->stop)
        set_state(t, t->pause ? TRM_TRAINER_PAUSED : TRM_TRAINER_RUNNING);
    lesson_trainer_rate_anew(t);
    pthread_mutex_unlock(&t->lock);
    t->mark = trm_clock_now();
}
