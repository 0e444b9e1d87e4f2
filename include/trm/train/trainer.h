// SPDX-License-Identifier: Apache-2.0
// A trainer drives a learner, on a thread of its own or on the caller's, publishes what happens and
// takes commands. Readers never wait for training: they copy the latest snapshot under a lock that
// is held for microseconds. Nothing a reader or a command does changes what is computed.
#ifndef TRM_TRAIN_TRAINER_H
#define TRM_TRAIN_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/episode.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/train/history.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

typedef enum trm_trainer_state {
    TRM_TRAINER_READY, // not started
    TRM_TRAINER_RUNNING,
    TRM_TRAINER_PAUSED,
    TRM_TRAINER_HOLDING, // a notable episode has ended; waits for trm_trainer_go_on
    TRM_TRAINER_SHOWING, // training is done; plays greedily on new starts
    TRM_TRAINER_STOPPED, // by command; everything is saved
    TRM_TRAINER_FAILED,  // error in the snapshot
} trm_trainer_state;

// What happens to results; called on the trainer's thread, between updates. Any may be NULL. false
// ends the run with the error.
typedef struct trm_trainer_hooks {
    void *ctx;
    bool (*update)(void *ctx, const trm_update *u, double seconds, trm_error *e);
    // Save. `final`: training is done or stopped.
    bool (*checkpoint)(void *ctx, trm_learner *l, bool final, double seconds, trm_error *e);
    int64_t checkpoint_every; // updates; 0: only at the end
} trm_trainer_hooks;

// Numbers for screens; copied out whole.
typedef struct trm_snapshot {
    uint64_t version; // grows whenever anything below changes
    trm_trainer_state state;
    int64_t episodes, episodes_total, updates, steps;
    double seconds;          // spent in training since the start of this run, pauses left out
    double steps_per_second; // over the last second or so
    float loss, entropy, grad_norm, lr; // of the last update; NaN before the first
    float reward;                       // of the last episode; NaN before the first
    float mean50, success50;            // NaN before the first
    float best_reward;
    int64_t best_episode, first_success; // -1: none yet
    int64_t last_checkpoint;             // update of it, -1: none
    double speed;                        // steps a second asked for; 0: as fast as it goes
    trm_error error;                     // code TRM_OK unless state is FAILED
} trm_snapshot;

typedef struct trm_trainer trm_trainer;

// The learner and hooks are borrowed and must outlive the trainer. `history` may be NULL, or what a
// resumed run did before; it is copied. `seconds` is where the clock starts (resume).
trm_trainer *trm_trainer_new(trm_learner *l, const trm_trainer_hooks *hooks,
                             const trm_history *history, double seconds);
void trm_trainer_free(trm_trainer *t); // stops and joins first

// Trains to the end (or to a stop) on the calling thread; with the end comes the final checkpoint.
// False: failed or stopped (TRM_E_STOPPED).
bool trm_trainer_run(trm_trainer *t, trm_error *e);

// The same on a new thread; after the end it goes on showing greedy episodes until stopped or
// extended.
bool trm_trainer_start(trm_trainer *t, trm_error *e);
void trm_trainer_join(trm_trainer *t);

// Commands; from any thread, answered within a step of environment 0. What concerns pace (pause,
// step, speed) waits in free running for the first step of an episode, so that every episode that
// is seen is seen whole. stop is also safe where a signal set a flag that the caller's loop saw
// (not inside the handler).
void trm_trainer_pause(trm_trainer *t);
void trm_trainer_resume(trm_trainer *t);
void trm_trainer_step(trm_trainer *t, int32_t steps); // while paused: so many environment steps
void trm_trainer_speed(trm_trainer *t, double steps_per_second); // 0: free
void trm_trainer_hold_notable(trm_trainer *t, bool on); // paced only: wait after a first success
                                                        // or a new best until trm_trainer_go_on
void trm_trainer_go_on(trm_trainer *t);
void trm_trainer_checkpoint(trm_trainer *t); // after the current update; while paused or holding,
                                             // at once
void trm_trainer_extend(trm_trainer *t, int64_t episodes);
void trm_trainer_stop(trm_trainer *t); // abandons the current update, saves, ends

// Reading; from one reader's thread.
void trm_trainer_snapshot(trm_trainer *t, trm_snapshot *out);
void trm_trainer_history(trm_trainer *t, trm_history *out);

// Brings `mine` up to the reel being recorded. True if anything was new. In paced running every
// episode of environment 0 is recorded as it happens; in free running (speed 0) one is recorded,
// whole, after each trm_trainer_request_reel.
bool trm_trainer_reel(trm_trainer *t, trm_reel *mine);
void trm_trainer_request_reel(trm_trainer *t);

// The weights as they are now, for a model to look at while training goes on. A request is answered
// within a step of environment 0, while paused or holding at once; trm_trainer_weights then copies
// them into a model of the learner's sizes, once a request. False: they are not there yet.
void trm_trainer_request_weights(trm_trainer *t);
bool trm_trainer_weights(trm_trainer *t, trm_model *into);

// The weights with which the episode of reel `id` was acted: out [size of the parameters' slab].
// False, with `out` untouched: another reel is being recorded by now.
bool trm_trainer_reel_weights(trm_trainer *t, uint64_t id, float *out);

TRM_END_DECLS

#endif
