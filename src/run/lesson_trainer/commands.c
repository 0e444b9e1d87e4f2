// SPDX-License-Identifier: Apache-2.0
// Commands to the trainer of a supervised run, and reading from it: from any other thread.
#include <string.h>

#include "run/lesson_trainer/impl.h"

static void lock(trm_lesson_trainer *t) {
    pthread_mutex_lock(&t->lock);
}

// Ends a command: the training thread is to look at it.
static void wake(trm_lesson_trainer *t) {
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void trm_lesson_trainer_pause(trm_lesson_trainer *t) {
    lock(t);
    t->pause = true;
    t->credits = 0;
    wake(t);
}

void trm_lesson_trainer_resume(trm_lesson_trainer *t) {
    lock(t);
    t->pause = false;
    t->credits = 0;
    wake(t);
}

void trm_lesson_trainer_step(trm_lesson_trainer *t, int32_t batches) {
    lock(t);
    if (t->pause && batches > 0)
        t->credits = batches < INT32_MAX - t->credits ? t->credits + batches : INT32_MAX;
    wake(t);
}

void trm_lesson_trainer_speed(trm_lesson_trainer *t, double batches_per_second) {
    lock(t);
    t->speed = batches_per_second > 0 ? batches_per_second : 0;
    t->snap.version += t->snap.speed < t->speed || t->snap.speed > t->speed;
    t->snap.speed = t->speed;
    wake(t);
}

void trm_lesson_trainer_extend(trm_lesson_trainer *t, int64_t epochs) {
    lock(t);
    if (epochs > 0)
        t->extend = epochs < INT32_MAX - t->extend ? t->extend + epochs : INT32_MAX;
    wake(t);
}

void trm_lesson_trainer_checkpoint(trm_lesson_trainer *t) {
    lock(t);
    t->checkpoint = true;
    wake(t);
}

void trm_lesson_trainer_stop(trm_lesson_trainer *t) {
    lock(t);
    t->stop = true;
    wake(t);
}

void trm_lesson_trainer_look(trm_lesson_trainer *t, trm_split side, int32_t sample) {
    lock(t);
    t->wanted = true;
    t->wanted_side = side;
    t->wanted_sample = sample;
    wake(t);
}

void trm_lesson_trainer_snapshot(trm_lesson_trainer *t, trm_lesson_snapshot *out) {
    lock(t);
    *out = t->snap;
    pthread_mutex_unlock(&t->lock);
}

bool trm_lesson_trainer_history(trm_lesson_trainer *t, trm_lesson_history *mine) {
    lock(t);
    const bool news = mine->version != t->history.version;
    if (news)
        *mine = t->history;
    pthread_mutex_unlock(&t->lock);
    return news;
}

bool trm_lesson_trainer_peek(trm_lesson_trainer *t, trm_lesson_peek *mine) {
    // Sizes are the model's: samples may be drawn anew while this reads.
    const trm_model *model = trm_supervised_model(t->lesson->learner);
    const trm_model_config *c = trm_model_get_config(model);
    const trm_trace_shape shape = trm_model_trace_shape(model);
    lock(t);
    const trm_lesson_peek *p = &t->peek;
    const bool news = mine->id != p->id;
    if (news) {
        const trm_lesson_peek slabs = *mine;
        *mine = *p;
        mine->input = slabs.input;
        mine->target = slabs.target;
        mine->trace = slabs.trace;
        memcpy(mine->input, p->input, (size_t)c->state_dim * sizeof *p->input);
        memcpy(mine->target, p->target, (size_t)c->positions * sizeof *p->target);
        memcpy(mine->trace, p->trace, (size_t)trm_trace_size(&shape) * sizeof *p->trace);
    }
    pthread_mutex_unlock(&t->lock);
    return news;
}
