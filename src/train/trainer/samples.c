// SPDX-License-Identifier: Apache-2.0
// Watching a course of epochs: every batch is told of, and samples are answered when asked for,
// also after training.
#include <math.h>

#include "train/trainer/impl.h"

// What a resumed run had reached before.
static void take_best(trm_trainer *t) {
    const trm_history_epochs *k = &t->history.epochs;
    trm_snapshot *s = &t->snap;
    const double unknown = (double)NAN;
    for (int32_t i = 0; i < k->count; i++)
        if (!((double)k->exact[i] <= s->best_exact)) {
            s->best_exact = (double)k->exact[i];
            s->best_epoch = (int64_t)k->x[i] - 1;
        }
    if (k->count > 0)
        s->epoch = (trm_epoch){.epoch = (int64_t)k->x[k->count - 1] - 1,
                               .train_loss = (double)k->train_loss[k->count - 1],
                               .grad_norm = NAN,
                               .lr = NAN,
                               .score = {.loss = (double)k->validation_loss[k->count - 1],
                                         .cell_accuracy = (double)k->cells[k->count - 1],
                                         .exact_accuracy = (double)k->exact[k->count - 1],
                                         .path_recall = unknown}};
}

static void init(trm_trainer *t) {
    const int32_t count = trm_course_data(t->course, TRM_SET_TRAIN)->count;
    const int32_t batch = trm_course_config(t->course)->batch;
    trm_sample_init(&t->sample, t->course);
    trm_sample_init(&t->answer, t->course);
    t->snap.batches = (count + batch - 1) / batch;
    t->recording = true;
    take_best(t);
}

static void done(trm_trainer *t) {
    trm_sample_done(&t->sample);
    trm_sample_done(&t->answer);
}

static void publish_batch(trm_trainer *t, const trm_course_step *step) {
    trm_snapshot *s = &t->snap;
    const trm_batch *b = &step->batch;
    s->batch = (int32_t)step->index + 1;
    // How many an epoch has is known beforehand only where every sample is taken once.
    if (step->batch_count > 0)
        s->batches = step->batch_count;
    s->updates = s->steps = step->steps;
    s->loss = (float)b->loss;
    s->grad_norm = b->grad_norm;
    s->lr = b->lr;
    t->samples = trm_course_count(t->course).samples + b->samples;
    trm_history_add_batch(&t->history, (double)s->done + (double)b->samples / step->sample_count,
                          b->loss);
}

static void publish_epoch(trm_trainer *t, const trm_advance *a) {
    trm_snapshot *s = &t->snap;
    s->epoch = a->epoch;
    s->batch = 0;
    t->samples = trm_course_count(t->course).samples;
    if (!(a->epoch.score.exact_accuracy <= s->best_exact)) {
        s->best_exact = a->epoch.score.exact_accuracy;
        s->best_epoch = a->epoch.epoch;
    }
    trm_history_add_epoch(&t->history, &a->epoch);
}

// A step of an answer that takes long is there to be seen. Another sample ends the answer.
static bool publish_step(void *ctx, int32_t known) {
    trm_trainer *t = ctx;
    pthread_mutex_lock(&t->lock);
    t->answer.known = known;
    t->answer.id++;
    trm_sample_copy(&t->sample, &t->answer, trm_course_model_const(t->course));
    const bool another = t->sample_requested && (t->wanted_side != t->answered_side ||
                                                 t->wanted_sample != t->answered_sample);
    pthread_mutex_unlock(&t->lock);
    return !another;
}

static bool answer(trm_trainer *t) {
    if (!t->sample_requested)
        return false;
    t->answered_side = t->wanted_side;
    t->answered_sample = t->wanted_sample;
    t->sample_requested = false;
    t->answer.epochs = t->snap.done;
    t->answer.batch = t->snap.batch;
    t->answer.id = t->sample.id + 1;
    const bool steady = trm_trainer_hold_weights(t);
    pthread_mutex_unlock(&t->lock);
    trm_course_sample(t->course, t->answered_side, t->answered_sample, publish_step, t, &t->answer);
    pthread_mutex_lock(&t->lock);
    t->answer.id++;
    t->steady = steady;
    const trm_sample before = t->sample; // the slabs change hands
    t->sample = t->answer;
    t->answer = before;
    return true;
}

static void show(trm_trainer *t) {
    trm_trainer_set_state(t, TRM_TRAINER_SHOWING);
    trm_trainer_sleep(t, INFINITY);
}

const trm_watching trm_watching_samples = {.init = init,
                                           .done = done,
                                           .step = publish_batch,
                                           .advance = publish_epoch,
                                           .serve = answer,
                                           .show = show,
                                           .always = true,
                                           .wait_after = true};
