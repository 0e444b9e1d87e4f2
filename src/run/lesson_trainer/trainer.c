// SPDX-License-Identifier: Apache-2.0
#include "trm/run/lesson_trainer.h"

#include <assert.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "run/lesson_trainer/impl.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"

void trm_lesson_peek_init(trm_lesson_peek *p, const trm_lesson *l) {
    const trm_trace_shape shape = trm_model_trace_shape(trm_supervised_model(l->learner));
    *p = (trm_lesson_peek){
        .input = trm_alloc((size_t)l->train->state_dim, sizeof *p->input),
        .target = trm_alloc((size_t)l->train->positions, sizeof *p->target),
        .trace = trm_alloc((size_t)trm_trace_size(&shape), sizeof *p->trace),
    };
}

void trm_lesson_peek_done(trm_lesson_peek *p) {
    free(p->input);
    free(p->target);
    free(p->trace);
    *p = (trm_lesson_peek){0};
}

static void init_sync(trm_lesson_trainer *t) {
    pthread_condattr_t attr;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wake, &attr);
    pthread_condattr_destroy(&attr);
}

// What a resumed run had reached before.
static void take_best(trm_lesson_trainer *t) {
    const struct trm_lesson_epochs *k = &t->history.epochs;
    for (int32_t i = 0; i < k->count; i++)
        if (!((double)k->exact[i] <= t->snap.best_exact)) {
            t->snap.best_exact = (double)k->exact[i];
            t->snap.best_epoch = (int64_t)k->x[i] - 1;
        }
    if (k->count > 0)
        t->snap.epoch = (trm_epoch){.epoch = (int64_t)k->x[k->count - 1] - 1,
                                    .train_loss = (double)k->train_loss[k->count - 1],
                                    .grad_norm = NAN,
                                    .lr = NAN,
                                    .score = {.loss = (double)k->validation_loss[k->count - 1],
                                              .cell_accuracy = (double)k->cells[k->count - 1],
                                              .exact_accuracy = (double)k->exact[k->count - 1],
                                              .path_recall = (double)NAN}};
}

trm_lesson_trainer *trm_lesson_trainer_new(trm_lesson *l, const trm_config *c, trm_rundir *rundir,
                                           const trm_lesson_history *history, double seconds) {
    trm_lesson_trainer *t = trm_alloc(1, sizeof *t);
    t->lesson = l;
    t->config = *c;
    t->rundir = rundir;
    t->seconds = seconds;
    t->mark = t->next_due = t->rate_since = trm_clock_now();
    trm_lesson_peek_init(&t->peek, l);
    trm_lesson_peek_init(&t->fresh, l);
    trm_lesson_history_init(&t->history);
    if (history)
        t->history = *history;
    init_sync(t);
    const int32_t batch = c->train.batch;
    t->snap = (trm_lesson_snapshot){.epochs = trm_supervised_epochs(l->learner),
                                    .epochs_total = c->train.epochs,
                                    .batches = (l->train->count + batch - 1) / batch,
                                    .seconds = seconds,
                                    .epoch.epoch = -1,
                                    .best_exact = (double)NAN,
                                    .best_epoch = -1};
    trm_supervised_batch(l->learner, &t->snap.last);
    take_best(t);
    return t;
}

void trm_lesson_trainer_free(trm_lesson_trainer *t) {
    if (!t)
        return;
    if (t->threaded) {
        trm_lesson_trainer_stop(t);
        trm_lesson_trainer_join(t);
    }
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    trm_lesson_peek_done(&t->peek);
    trm_lesson_peek_done(&t->fresh);
    free(t);
}

static bool done(const trm_lesson_trainer *t) {
    return trm_supervised_epochs(t->lesson->learner) >= t->config.train.epochs;
}

static bool stopping(trm_lesson_trainer *t) {
    pthread_mutex_lock(&t->lock);
    const bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

// score: of the test samples at the end; NULL: not there yet.
static bool save(trm_lesson_trainer *t, const trm_score *score, trm_error *e) {
    lesson_trainer_tally(t);
    if (t->rundir && !trm_lesson_save(t->rundir, t->lesson, &t->config, score, t->seconds, e))
        return false;
    pthread_mutex_lock(&t->lock);
    t->checkpoint = false;
    t->snap.checkpoints++;
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
    return true;
}

static void publish_epoch(trm_lesson_trainer *t, const trm_epoch *epoch) {
    pthread_mutex_lock(&t->lock);
    trm_lesson_snapshot *s = &t->snap;
    s->epoch = *epoch;
    s->epochs = epoch->epoch + 1;
    s->batch = 0;
    s->seconds = t->seconds;
    s->version++;
    if (!(epoch->score.exact_accuracy <= s->best_exact)) {
        s->best_exact = epoch->score.exact_accuracy;
        s->best_epoch = epoch->epoch;
    }
    trm_lesson_history_add_epoch(&t->history, epoch);
    pthread_mutex_unlock(&t->lock);
}

static bool asked_to_save(trm_lesson_trainer *t) {
    pthread_mutex_lock(&t->lock);
    const bool asked = t->checkpoint;
    pthread_mutex_unlock(&t->lock);
    return asked;
}

// A whole epoch was learned: recorded, with a checkpoint where one is due.
static bool keep_epoch(trm_lesson_trainer *t, const trm_epoch *epoch, trm_error *e) {
    const int64_t every = t->config.checkpoint_every;
    lesson_trainer_tally(t);
    publish_epoch(t, epoch);
    if (t->rundir && !trm_lesson_record(t->rundir, epoch, t->seconds, e))
        return false;
    if (every > 0 && (epoch->epoch + 1) % every == 0 && !save(t, NULL, e))
        return false;
    // While it waits, paused perhaps, a checkpoint may be asked for.
    do
        if (asked_to_save(t) && !save(t, NULL, e))
            return false;
    while (!done(t) && lesson_trainer_wait(t) && asked_to_save(t));
    return true;
}

// False: failed.
static bool advance(trm_lesson_trainer *t, trm_error *e) {
    trm_epoch epoch;
    trm_error ignored;
    switch (trm_lesson_epoch(t->lesson, lesson_trainer_gate, t, &epoch, e)) {
    case TRM_UPDATE_FAILED:
        if (e->code == TRM_E_NUMERIC) // the epoch was taken back: what was before it is sound
            save(t, NULL, &ignored);
        return false;
    case TRM_UPDATE_ABANDONED:
        return t->replay == 0 || save(t, NULL, e);
    case TRM_UPDATE_DONE:
        break;
    }
    return keep_epoch(t, &epoch, e);
}

static bool conclude(trm_lesson_trainer *t, trm_error *e) {
    if (!done(t))
        return save(t, NULL, e);
    const trm_samples test = trm_lesson_samples(t->lesson->test);
    trm_score score;
    trm_supervised_score(t->lesson->learner, &test, &score);
    if (!save(t, &score, e))
        return false;
    pthread_mutex_lock(&t->lock);
    t->snap.test = score;
    t->snap.tested = true;
    t->snap.seconds = t->seconds;
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
    return true;
}

static bool train(trm_lesson_trainer *t, trm_error *e) {
    while (!done(t) && !stopping(t))
        if (!advance(t, e))
            return false;
    return conclude(t, e);
}

static void finish(trm_lesson_trainer *t, bool ok, const trm_error *e) {
    pthread_mutex_lock(&t->lock);
    t->snap.state = ok ? TRM_TRAINER_STOPPED : TRM_TRAINER_FAILED;
    if (!ok)
        t->snap.error = *e;
    t->snap.seconds = t->seconds;
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
}

static void begin(trm_lesson_trainer *t) {
    pthread_mutex_lock(&t->lock);
    assert(t->snap.state == TRM_TRAINER_READY);
    t->snap.state = TRM_TRAINER_RUNNING;
    t->snap.version++;
    t->next_due = t->rate_since = trm_clock_now();
    pthread_mutex_unlock(&t->lock);
    t->mark = trm_clock_now();
}

bool trm_lesson_trainer_run(trm_lesson_trainer *t, bool (*go_on)(void *ctx), void *ctx,
                            trm_error *e) {
    t->go_on = go_on;
    t->go_on_ctx = ctx;
    begin(t);
    const bool ok = train(t, e);
    finish(t, ok, e);
    if (ok && !done(t))
        return trm_error_set(e, TRM_E_STOPPED, "stopped after %lld of %lld epochs",
                             (long long)trm_supervised_epochs(t->lesson->learner),
                             (long long)t->config.train.epochs);
    return ok;
}

static void *thread_main(void *arg) {
    trm_lesson_trainer *t = arg;
    trm_error e = {0};
    bool ok;
    do {
        ok = train(t, &e);
        if (ok && done(t))
            lesson_trainer_show(t);
    } while (ok && !stopping(t));
    finish(t, ok, &e);
    return NULL;
}

bool trm_lesson_trainer_start(trm_lesson_trainer *t, trm_error *e) {
    sigset_t all, before;
    begin(t);
    sigfillset(&all); // signals are for the thread that can answer them
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&t->thread, NULL, thread_main, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    t->threaded = !failed;
    return !failed || trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
}

void trm_lesson_trainer_join(trm_lesson_trainer *t) {
    if (t->threaded)
        pthread_join(t->thread, NULL);
    t->threaded = false;
}
