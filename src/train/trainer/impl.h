// SPDX-License-Identifier: Apache-2.0
// A trainer from the inside. One lock guards what readers, commands and the training thread share;
// what only the training thread touches needs none.
#ifndef TRM_TRAIN_TRAINER_IMPL_H
#define TRM_TRAIN_TRAINER_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "trm/agent/player.h"
#include "trm/train/trainer.h"

struct trm_trainer {
    trm_learner *learner;
    trm_trainer_hooks hooks;
    pthread_t thread;
    bool threaded;

    pthread_mutex_t lock;
    pthread_cond_t wake; // a command has come

    // Commands, under the lock.
    bool pause, stop, hold_notable, go_on, checkpoint;
    int32_t credits; // steps allowed while paused
    double speed;    // steps a second; 0: free
    int64_t extend;  // episodes to add

    // Set, under the lock, whenever a step has more to do than to go on: the one thing that is read
    // at every step of a free run.
    atomic_bool attention;
    bool reel_requested, weights_requested;

    // Published, under the lock.
    trm_snapshot snap;
    trm_history history;
    trm_reel reel;
    uint64_t reel_id;
    float *reel_weights;          // the parameters' slab that the reel was acted with, …
    int64_t reel_weights_updates; // … after so many updates; -1: none yet
    float *weights; // the parameters' slab as it was copied last; NULL before the first request
    bool weights_ready;

    // The training thread's own.
    double began, blocked; // clock at the start; seconds spent waiting for pace since then
    double seconds_before; // of the runs that this one resumes
    double next_due;       // when the next step may come
    double rate_since;     // start of the window that steps a second are counted in
    int64_t rate_steps;    // steps at its start
    bool recording;
    int32_t replay; // steps to repeat in silence after an update was set back
    bool set_back;  // the update was abandoned only to save a checkpoint
    trm_player player;
    bool player_ready;
    trm_rng player_rng;
};

// trm_gate.step for the learner's updates.
bool trm_trainer_gate(void *ctx, const trm_step_view *view);

// Begins a new reel and keeps the weights that it is acted with; under the lock.
void trm_trainer_begin_reel(trm_trainer *t, int64_t episode);

// Waits after a step as pause, credits and speed ask. `fallback` is the speed where it is free.
// Under the lock. Returns false if the trainer is to stop.
bool trm_trainer_wait(trm_trainer *t, double fallback);

// Plays greedily until stopped or extended.
void trm_trainer_show(trm_trainer *t);

// Seconds of training so far.
double trm_trainer_seconds(const trm_trainer *t);

// Counts the snapshot's steps for the rate; under the lock.
void trm_trainer_rate(trm_trainer *t);

// Starts counting anew, after a time in which no step could be; under the lock.
void trm_trainer_rate_anew(trm_trainer *t);

// Adds the episodes that were asked for; on the training thread, under the lock.
void trm_trainer_take_extension(trm_trainer *t);

// Copies the weights if they were asked for; under the lock, where no update is being made: between
// updates, and on the training thread within a rollout.
void trm_trainer_copy_weights(trm_trainer *t);

// Recomputes `attention`; under the lock.
void trm_trainer_attend(trm_trainer *t);

#endif
