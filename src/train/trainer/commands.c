// SPDX-License-Identifier: Apache-2.0
// Commands to a trainer, and reading from it: from any other thread.
#include <assert.h>
#include <string.h>

#include "train/trainer/impl.h"
#include "trm/base/arena.h"

static void lock(trm_trainer *t) {
    pthread_mutex_lock(&t->lock);
}

// Ends a command: the training thread is to look at it.
static void wake(trm_trainer *t) {
    trm_trainer_attend(t);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void trm_trainer_pause(trm_trainer *t) {
    lock(t);
    t->pause = true;
    t->credits = 0;
    wake(t);
}

void trm_trainer_resume(trm_trainer *t) {
    lock(t);
    t->pause = false;
    t->credits = 0;
    wake(t);
}

void trm_trainer_step(trm_trainer *t, int32_t steps) {
    lock(t);
    if (t->pause && steps > 0)
        t->credits = steps < INT32_MAX - t->credits ? t->credits + steps : INT32_MAX;
    wake(t);
}

void trm_trainer_speed(trm_trainer *t, double steps_per_second) {
    lock(t);
    t->speed = steps_per_second > 0 ? steps_per_second : 0;
    if (t->snap.speed < t->speed || t->snap.speed > t->speed) {
        t->snap.speed = t->speed;
        t->snap.version++;
    }
    wake(t);
}

void trm_trainer_hold_notable(trm_trainer *t, bool on) {
    lock(t);
    t->hold_notable = on;
    wake(t);
}

void trm_trainer_go_on(trm_trainer *t) {
    lock(t);
    t->go_on = true;
    wake(t);
}

void trm_trainer_checkpoint(trm_trainer *t) {
    lock(t);
    t->checkpoint = true;
    wake(t);
}

void trm_trainer_extend(trm_trainer *t, int64_t more) {
    lock(t);
    if (more > 0)
        t->extend = more < INT64_MAX - t->extend ? t->extend + more : INT64_MAX;
    wake(t);
}

void trm_trainer_stop(trm_trainer *t) {
    lock(t);
    t->stop = true;
    atomic_store_explicit(&t->leaving, true, memory_order_relaxed);
    wake(t);
}

void trm_trainer_request_episode(trm_trainer *t) {
    lock(t);
    t->episode_requested = true;
    wake(t);
}

void trm_trainer_request_sample(trm_trainer *t, trm_split side, int32_t sample) {
    lock(t);
    t->sample_requested = true;
    t->wanted_side = side;
    t->wanted_sample = sample;
    wake(t);
}

// Is the course at rest, no thread of the trainer's working on it?
static bool at_rest(const trm_trainer *t) {
    return t->snap.state == TRM_TRAINER_READY || t->snap.state == TRM_TRAINER_STOPPED ||
           t->snap.state == TRM_TRAINER_FAILED;
}

void trm_trainer_request_weights(trm_trainer *t) {
    const trm_params *p = trm_model_params_const(trm_course_model_const(t->course));
    lock(t);
    if (t->weights == NULL)
        t->weights = trm_alloc((size_t)p->size, sizeof *t->weights);
    t->weights_ready = false;
    t->weights_requested = true;
    if (at_rest(t)) {
        trm_trainer_copy_weights(t);
    } else if (t->steady) {
        t->weights_requested = false;
        t->weights_ready = true;
    }
    wake(t);
}

bool trm_trainer_weights(trm_trainer *t, trm_model *into) {
    assert(trm_model_params(into)->size ==
           trm_model_params_const(trm_course_model_const(t->course))->size);
    lock(t);
    bool ready = t->weights_ready;
    if (ready)
        trm_model_set_weights(into, t->weights);
    t->weights_ready = false;
    pthread_mutex_unlock(&t->lock);
    return ready;
}

bool trm_trainer_episode_weights(trm_trainer *t, uint64_t id, float *out) {
    const trm_params *p = trm_model_params_const(trm_course_model_const(t->course));
    lock(t);
    bool same = id != 0 && id == t->episode_trace.id;
    if (same)
        memcpy(out, t->episode_weights, (size_t)p->size * sizeof *out);
    pthread_mutex_unlock(&t->lock);
    return same;
}

void trm_trainer_snapshot(trm_trainer *t, trm_snapshot *out) {
    lock(t);
    *out = t->snap;
    out->update_share = trm_course_update_share(t->course);
    pthread_mutex_unlock(&t->lock);
}

bool trm_trainer_history(trm_trainer *t, trm_history *mine) {
    lock(t);
    const trm_history *h = &t->history;
    bool news = mine->episodes != h->episodes || mine->width != h->width ||
                mine->batches.seen != h->batches.seen || mine->epochs.seen != h->epochs.seen;
    if (news)
        *mine = *h;
    pthread_mutex_unlock(&t->lock);
    return news;
}

bool trm_trainer_episode(trm_trainer *t, trm_episode_trace *mine) {
    lock(t);
    bool news = mine->id != t->episode_trace.id || mine->length != t->episode_trace.length ||
                mine->finished != t->episode_trace.finished;
    if (news)
        trm_episode_trace_sync(mine, &t->episode_trace);
    pthread_mutex_unlock(&t->lock);
    return news;
}

bool trm_trainer_sample(trm_trainer *t, trm_sample *mine) {
    lock(t);
    bool news = mine->id != t->sample.id;
    if (news)
        trm_sample_copy(mine, &t->sample, trm_course_model_const(t->course));
    pthread_mutex_unlock(&t->lock);
    return news;
}
