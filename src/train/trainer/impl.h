// SPDX-License-Identifier: Apache-2.0
// A trainer from the inside. One lock guards what readers, commands and the training thread share;
// what only the training thread touches needs none.
#ifndef TRM_TRAIN_TRAINER_IMPL_H
#define TRM_TRAIN_TRAINER_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "trm/agent/player.h"
#include "trm/train/trainer.h"

// How a kind of course is watched. All of it happens on the training thread, under the lock.
typedef struct trm_watching {
    void (*init)(trm_trainer *t);
    void (*done)(trm_trainer *t);
    // Publishes a step, or an advance.
    void (*step)(trm_trainer *t, const trm_course_step *step);
    void (*advance)(trm_trainer *t, const trm_advance *a);
    // Answers what readers asked for, where that takes time; the lock is open meanwhile. True if
    // there was anything.
    bool (*serve)(trm_trainer *t);
    // Once training is done: one step of the show. Waits for pace or for a request.
    void (*show)(trm_trainer *t);
    bool always;     // every step is published, whatever the pace
    bool wait_after; // the last step's wait comes after the advance
} trm_watching;

extern const trm_watching trm_watching_episodes, trm_watching_samples;

struct trm_trainer {
    trm_course *course;
    const trm_watching *watching;
    trm_trainer_hooks hooks;
    pthread_t thread;
    bool threaded;

    pthread_mutex_t lock;
    pthread_cond_t wake; // a command has come

    // Commands, under the lock.
    bool pause, stop, hold_notable, go_on, checkpoint;
    int32_t credits; // steps allowed while paused
    double speed;    // steps a second; 0: free
    int64_t extend;  // episodes or epochs to add

    // Set, under the lock, whenever a step has more to do than to go on: the one thing that is read
    // at every step of a free run.
    atomic_bool attention;
    atomic_bool leaving; // as stop, for the threads that compute
    bool episode_requested, weights_requested, sample_requested;
    trm_split wanted_side;
    int32_t wanted_sample;

    // Published, under the lock.
    trm_snapshot snap;
    trm_history history;
    float *weights; // the parameters' slab as it was copied last; NULL before the first request
    bool weights_ready;
    bool steady; // nothing learns for a while: `weights` are those of now
    // … of episodes
    trm_episode_trace episode_trace;
    uint64_t episode_id;
    float *episode_weights; // the parameters' slab that the episode trace was acted with, …
    int64_t episode_weights_updates; // … after so many updates; -1: none yet
    // … of epochs
    trm_sample sample;

    // The training thread's own.
    double seconds;       // of training up to `mark`, and running since then
    double mark;          // infinite: the clock stands still
    double saved_at;      // seconds of training at the last checkpoint
    double next_due;      // when the next step may come
    double rate_since;    // start of the window that rates are counted in
    int64_t rate_steps;   // steps at its start
    int64_t samples;      // learned from so far
    int64_t rate_samples; // at the window's start
    bool recording;       // steps are published
    bool notable;         // the newest one ended an episode worth a look
    bool ended;           // … or any
    bool showing;         // training is over
    int64_t replay;       // steps to repeat in silence after an advance was abandoned
    bool unscored;        // stopped in the final score
    bool set_back;        // it was abandoned only to save a checkpoint
    trm_player player;
    trm_rng player_rng;

    // What is followed.
    bool following;
    trm_trainer_source source;
    double next_look;
    trm_episode_trace moment; // in sight …
    int32_t moment_at;        // … up to this step; -1: none is
    float *moment_weights;
    trm_sample answer; // in the making, to
    trm_split answered_side;
    int32_t answered_sample;
};

// trm_step_callback.step of the course's advances.
bool trm_trainer_on_step(void *ctx, const trm_course_step *step);

// Waits after a step as pause, credits and speed ask. `fallback` is the speed where it is free.
// Under the lock. Returns false if the trainer is to stop.
bool trm_trainer_wait(trm_trainer *t, double fallback);

// Between two advances: waits where the course's last step did not. False: the trainer is to stop.
bool trm_trainer_wait_between(trm_trainer *t);

// Sleeps, under the lock, until a command comes or `due` has come (infinite: only a command);
// answers what is asked for meanwhile. May return early.
void trm_trainer_sleep(trm_trainer *t, double due);

void trm_trainer_set_state(trm_trainer *t, trm_trainer_state state);

// Seconds of training so far; the clock is stopped while the trainer waits or answers.
double trm_trainer_seconds(const trm_trainer *t);
void trm_trainer_clock_stop(trm_trainer *t);
void trm_trainer_clock_go(trm_trainer *t);

// Counts the snapshot's steps, and the samples, for the rates; under the lock.
void trm_trainer_rate(trm_trainer *t);

// Starts counting again, after a time in which no step could be; under the lock.
void trm_trainer_rate_restart(trm_trainer *t);

// Adds the episodes or epochs that were asked for; on the training thread, under the lock.
void trm_trainer_take_extension(trm_trainer *t);

// Following: looks what the source has, if it is time; the lock is open meanwhile. True if there is
// anything new.
bool trm_trainer_look(trm_trainer *t);

// The next one at once; from any thread.
void trm_trainer_look_now(void *trainer);

// Following: takes newer weights; without the lock.
void trm_trainer_take_weights(trm_trainer *t);

// Answers requests: copies weights, answers samples. Under the lock, on the training thread, where
// the weights are whole: between advances, and within a step. True if there was anything.
bool trm_trainer_serve(trm_trainer *t);

// Copies the weights if they were asked for; under the lock.
bool trm_trainer_copy_weights(trm_trainer *t);

// Before something that takes long and learns nothing, under the lock: who asks for weights
// meanwhile gets these. Returns what `steady` was, to be put back after it.
bool trm_trainer_hold_weights(trm_trainer *t);

// Recomputes `attention`; under the lock.
void trm_trainer_attend(trm_trainer *t);

#endif
