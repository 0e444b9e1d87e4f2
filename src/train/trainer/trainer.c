// SPDX-License-Identifier: Apache-2.0
#include "trm/train/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    s->episodes = trm_learner_episodes(t->learner);
    s->episodes_total = trm_learner_config(t->learner)->episodes;
    s->updates = trm_learner_updates(t->learner);
    s->steps = trm_learner_steps(t->learner);
    s->mean50 = trm_history_mean50(&t->history);
    s->success50 = trm_history_success50(&t->history);
    s->best_reward = t->history.best_reward;
    s->best_episode = t->history.best_episode;
    s->first_success = t->history.first_success;
    s->seconds = trm_trainer_seconds(t);
    s->version++;
}

trm_trainer *trm_trainer_new(trm_learner *l, const trm_trainer_hooks *hooks,
                             const trm_history *history, double seconds) {
    trm_trainer *t = trm_alloc(1, sizeof *t);
    t->learner = l;
    if (hooks)
        t->hooks = *hooks;
    if (history)
        t->history = *history;
    else
        trm_history_init(&t->history);
    init_sync(t);
    atomic_init(&t->attention, false);
    trm_reel_init(&t->reel, trm_learner_env(l), trm_learner_model(l));
    t->reel_weights_updates = -1;
    t->began = t->next_due = t->rate_since = trm_clock_now();
    t->seconds_before = seconds;
    t->rate_steps = trm_learner_steps(l);
    t->snap = (trm_snapshot){.loss = NAN,
                             .entropy = NAN,
                             .grad_norm = NAN,
                             .lr = NAN,
                             .reward = NAN,
                             .last_checkpoint = -1};
    fill_counters(t);
    return t;
}

void trm_trainer_free(trm_trainer *t) {
    if (!t)
        return;
    if (t->threaded) {
        trm_trainer_stop(t);
        trm_trainer_join(t);
    }
    trm_player_done(&t->player);
    trm_reel_done(&t->reel);
    free(t->weights);
    free(t->reel_weights);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

double trm_trainer_seconds(const trm_trainer *t) {
    return t->seconds_before + fmax(0, trm_clock_now() - t->began - t->blocked);
}

void trm_trainer_rate(trm_trainer *t) {
    double now = trm_clock_now(), span = now - t->rate_since;
    if (span < 0.5 && t->snap.steps_per_second > 0)
        return;
    if (span < 0.05)
        return;
    t->snap.steps_per_second = (double)(t->snap.steps - t->rate_steps) / span;
    trm_trainer_rate_anew(t);
}

void trm_trainer_rate_anew(trm_trainer *t) {
    t->rate_since = trm_clock_now();
    t->rate_steps = t->snap.steps;
}

void trm_trainer_take_extension(trm_trainer *t) {
    int64_t total = trm_learner_config(t->learner)->episodes;
    if (t->extend == 0)
        return;
    total = t->extend < INT64_MAX - total ? total + t->extend : INT64_MAX;
    trm_learner_set_episodes(t->learner, total);
    t->extend = 0;
    t->snap.episodes_total = total;
    t->snap.version++;
}

void trm_trainer_begin_reel(trm_trainer *t, int64_t episode) {
    const trm_params *p = trm_model_params_const(trm_learner_model(t->learner));
    trm_reel_begin(&t->reel, ++t->reel_id, episode);
    if (t->reel_weights == NULL)
        t->reel_weights = trm_alloc((size_t)p->size, sizeof *t->reel_weights);
    if (t->reel_weights_updates == trm_learner_updates(t->learner))
        return;
    memcpy(t->reel_weights, p->values, (size_t)p->size * sizeof *p->values);
    t->reel_weights_updates = trm_learner_updates(t->learner);
}

void trm_trainer_copy_weights(trm_trainer *t) {
    const trm_params *p = trm_model_params_const(trm_learner_model(t->learner));
    if (!t->weights_requested)
        return;
    memcpy(t->weights, p->values, (size_t)p->size * sizeof *p->values);
    t->weights_requested = false;
    t->weights_ready = true;
}

void trm_trainer_attend(trm_trainer *t) {
    bool needed = t->stop || t->pause || t->speed > 0 || t->reel_requested ||
                  t->weights_requested || t->replay > 0;
    atomic_store_explicit(&t->attention, needed, memory_order_relaxed);
}

static void publish_update(trm_trainer *t, const trm_update *u) {
    pthread_mutex_lock(&t->lock);
    for (int32_t i = 0; i < u->count; i++)
        trm_history_add(&t->history, &u->episodes[i]);
    t->snap.loss = u->loss;
    t->snap.entropy = u->entropy;
    t->snap.grad_norm = u->grad_norm;
    t->snap.lr = u->lr;
    t->snap.reward = u->episodes[u->count - 1].reward;
    fill_counters(t);
    trm_trainer_rate(t);
    pthread_mutex_unlock(&t->lock);
}

static bool save(trm_trainer *t, bool final, trm_error *e) {
    if (t->hooks.checkpoint &&
        !t->hooks.checkpoint(t->hooks.ctx, t->learner, final, trm_trainer_seconds(t), e))
        return false;
    pthread_mutex_lock(&t->lock);
    t->snap.last_checkpoint = trm_learner_updates(t->learner);
    t->snap.version++;
    pthread_mutex_unlock(&t->lock);
    return true;
}

// Takes what commands ask for between updates; true if a checkpoint is due.
static bool take_commands(trm_trainer *t) {
    int64_t every = t->hooks.checkpoint_every, updates = trm_learner_updates(t->learner);
    pthread_mutex_lock(&t->lock);
    bool due = t->checkpoint || (every > 0 && updates % every == 0 && !t->set_back);
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

// An update whose numbers went wrong was taken back: what was before it is saved, as it is sound.
static void keep_sound(trm_trainer *t, const trm_error *why) {
    trm_error ignored; // the failure is that of the update
    if (why->code == TRM_E_NUMERIC)
        save(t, false, &ignored);
}

// One update and what follows from it. False: failed.
static bool advance(trm_trainer *t, trm_error *e) {
    const trm_gate gate = {trm_trainer_gate, t};
    trm_update u;
    switch (trm_learner_update(t->learner, &gate, &u, e)) {
    case TRM_UPDATE_FAILED:
        keep_sound(t, e);
        return false;
    case TRM_UPDATE_ABANDONED:
        return !t->set_back || !take_commands(t) || save(t, false, e);
    case TRM_UPDATE_DONE:
        break;
    }
    publish_update(t, &u);
    if (t->hooks.update && !t->hooks.update(t->hooks.ctx, &u, trm_trainer_seconds(t), e))
        return false;
    return !take_commands(t) || save(t, false, e);
}

static bool train(trm_trainer *t, trm_error *e) {
    while (!trm_learner_done(t->learner) && !stopping(t))
        if (!advance(t, e))
            return false;
    return save(t, true, e);
}

static void finish(trm_trainer *t, trm_trainer_state state, const trm_error *e) {
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
    t->snap.state = TRM_TRAINER_RUNNING;
    t->snap.version++;
    t->began = t->next_due = t->rate_since = trm_clock_now();
    pthread_mutex_unlock(&t->lock);
}

bool trm_trainer_run(trm_trainer *t, trm_error *e) {
    begin(t);
    bool ok = train(t, e);
    finish(t, ok ? TRM_TRAINER_STOPPED : TRM_TRAINER_FAILED, e);
    if (ok && !trm_learner_done(t->learner))
        return trm_error_set(e, TRM_E_STOPPED, "stopped after %lld of %lld episodes",
                             (long long)trm_learner_episodes(t->learner),
                             (long long)trm_learner_config(t->learner)->episodes);
    return ok;
}

static void *thread_main(void *arg) {
    trm_trainer *t = arg;
    trm_error e = {0};
    bool ok;
    do {
        ok = train(t, &e);
        if (ok && trm_learner_done(t->learner) && !stopping(t)) {
            trm_trainer_show(t);
            take_commands(t);
            pthread_mutex_lock(&t->lock);
            if (!t->stop)
                t->snap.state = TRM_TRAINER_RUNNING;
            pthread_mutex_unlock(&t->lock);
        }
    } while (ok && !stopping(t));
    finish(t, ok ? TRM_TRAINER_STOPPED : TRM_TRAINER_FAILED, &e);
    return NULL;
}

bool trm_trainer_start(trm_trainer *t, trm_error *e) {
    begin(t);
    int failed = trm_thread_start(&t->thread, thread_main, t);
    t->threaded = !failed;
    return !failed || trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
}

void trm_trainer_join(trm_trainer *t) {
    if (t->threaded)
        pthread_join(t->thread, NULL);
    t->threaded = false;
}
