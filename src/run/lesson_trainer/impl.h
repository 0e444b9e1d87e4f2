// SPDX-License-Identifier: Apache-2.0
// The trainer of a supervised run from the inside. One lock guards everything that both threads
// touch; lesson, config, run directory and clock belong to the training thread.
#ifndef RUN_LESSON_TRAINER_IMPL_H
#define RUN_LESSON_TRAINER_IMPL_H

#include <pthread.h>

#include "trm/run/lesson_trainer.h"

struct trm_lesson_trainer {
    trm_lesson *lesson;
    trm_config config;
    trm_rundir *rundir; // NULL: nothing is recorded
    bool (*go_on)(void *ctx);
    void *go_on_ctx;

    // The clock of training: seconds up to `mark`, and running since then.
    double seconds, mark;
    int32_t replay;        // batches to repeat in silence after an epoch was set back
    trm_lesson_peek fresh; // an answer in the making

    pthread_t thread;
    bool threaded;
    pthread_mutex_t lock;
    pthread_cond_t wake;

    // Under the lock: commands, …
    bool pause, stop, checkpoint, wanted;
    trm_split wanted_side;
    int32_t wanted_sample;
    int32_t credits; // batches granted while paused
    double speed, next_due;
    int64_t extend;
    // … and what is published.
    trm_lesson_snapshot snap;
    trm_lesson_history history;
    trm_lesson_peek peek;
    double rate_since; // start of the window that rates are counted in
    int64_t rate_updates, rate_samples, samples;
};

// trm_supervised_epoch's progress.
bool lesson_trainer_gate(void *ctx, double share);

// Between two epochs: waits as pause, credits and speed ask, answering samples meanwhile. False if
// the trainer is to stop.
bool lesson_trainer_wait(trm_lesson_trainer *t);

// After training: answers samples until stopped or extended.
void lesson_trainer_show(trm_lesson_trainer *t);

// Starts counting the rates anew, after a time in which no batch could be; under the lock.
void lesson_trainer_rate_anew(trm_lesson_trainer *t);

// Brings the clock up to now.
void lesson_trainer_tally(trm_lesson_trainer *t);

#endif
