// SPDX-License-Identifier: Apache-2.0
// A trainer drives a course of any kind, on a thread of its own or on the caller's, publishes what
// happens and takes commands. Readers never wait for training: they copy the latest snapshot under
// a lock that is held for microseconds. Nothing a reader or a command does changes what is
// computed.
#ifndef TRM_TRAIN_TRAINER_H
#define TRM_TRAIN_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/episode.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/train/course.h"
#include "trm/train/history.h"

TRM_BEGIN_DECLS

typedef enum trm_trainer_state {
    TRM_TRAINER_READY, // not started
    TRM_TRAINER_RUNNING,
    TRM_TRAINER_PAUSED,
    TRM_TRAINER_HOLDING, // a notable episode has ended; waits for trm_trainer_go_on
    TRM_TRAINER_SHOWING, // training is done: plays greedily on new starts, or answers samples
    TRM_TRAINER_STOPPED, // by command; everything is saved
    TRM_TRAINER_FAILED,  // error in the snapshot
} trm_trainer_state;

// How a checkpoint is asked for.
typedef struct trm_saving {
    bool final;             // training is done or stopped
    double seconds;         // of training so far
    const trm_score *score; // final, done, and there are test samples; else NULL
} trm_saving;

// What happens to results; called on the trainer's thread, between advances. Any may be NULL. false
// ends the run with the error.
typedef struct trm_trainer_hooks {
    void *ctx;
    bool (*advance)(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                    trm_error *e);
    bool (*checkpoint)(void *ctx, trm_course *c, const trm_saving *how, trm_error *e);
    int64_t checkpoint_every;  // advances; 0: only at the end
    double checkpoint_seconds; // of training, after which one is due sooner; 0: never
} trm_trainer_hooks;

// Of a training that another process runs (trm_trainer_follow).
enum { TRM_FOLLOWING_FILES = -2 };
typedef struct trm_following {
    int64_t writer;    // the process that trains; 0: none does; -1: one that cannot be named;
                       // TRM_FOLLOWING_FILES: there are only checkpoints, whoever writes them
    double age;        // seconds since the last line, or the checkpoint shown, was written; NaN:
                       // there is none
    int64_t weights;   // how many updates made the weights that are shown
    char name[64];     // of the checkpoint that is shown, where there are only those
    char trouble[160]; // what cannot be read now, or ""
} trm_following;

// Numbers for screens; copied out whole.
typedef struct trm_snapshot {
    uint64_t version; // grows whenever anything below changes
    trm_trainer_state state;
    int64_t done, total;        // episodes or epochs
    int64_t updates, steps;     // of the course so far; steps are those of environments, or batches
    double seconds;             // spent in training since the start of this run, pauses left out
    double steps_per_second;    // over the last second or so; once done, over the whole training
    float loss, grad_norm, lr;  // of the last update; NaN before the first
    int64_t last_checkpoint;    // update of it, -1: none
    uint64_t checkpoints;       // written by this trainer
    double speed;               // steps a second asked for; 0: as fast as it goes
    trm_error error;            // code TRM_OK unless state is FAILED
    int32_t ranks;              // processes that compute it (trm_course_join); 1: this one alone
    double waiting, exchanging; // of `seconds`, what this process spent on the others

    // Of episodes.
    float entropy;           // of the last update; NaN before the first
    float reward;            // of the last episode; NaN before the first
    float mean50, success50; // of the last `window` episodes; NaN before the first
    int32_t window;          // TRM_HISTORY_WINDOW, or as many as there are
    float best_reward;
    int64_t best_episode, first_success; // -1: none yet

    // Of epochs.
    int32_t batch, batches;    // of the epoch being learned: done, and in all
    double samples_per_second; // as steps_per_second
    double update_share;       // of the running update; NaN where updates are short
    trm_epoch epoch;           // the newest whole epoch; epoch -1: none yet
    double best_exact;         // highest exact_accuracy of an epoch; NaN: none yet
    int64_t best_epoch;        // the first one that had it, 0-based; -1
    trm_score test;            // on the test samples, once training is done
    bool tested;

    trm_following following; // writer 0, trouble "" where nothing is followed
} trm_snapshot;

typedef struct trm_trainer trm_trainer;

// The course is borrowed and must outlive the trainer, as must what the hooks (NULL: none) point
// to. `history` may be NULL, or what a resumed run did before; it is copied. `seconds` is where the
// clock starts (resume).
trm_trainer *trm_trainer_new(trm_course *c, const trm_trainer_hooks *hooks,
                             const trm_history *history, double seconds);
void trm_trainer_free(trm_trainer *t); // stops and joins first; NULL is fine

// Trains to the end (or to a stop) on the calling thread; with the end come the score on the test
// samples, where there are any, and the final checkpoint. False: failed or stopped (TRM_E_STOPPED).
bool trm_trainer_run(trm_trainer *t, trm_error *e);

// The same on a new thread, which takes no signals; after the end it goes on showing what was
// learned until stopped or extended.
bool trm_trainer_start(trm_trainer *t, trm_error *e);
void trm_trainer_join(trm_trainer *t);

// A training that another process runs, as a trainer sees it. Called on the trainer's thread.
typedef struct trm_trainer_source {
    void *ctx;
    const char *folder; // that changes when there is something new; NULL: none
    // Looks what is new. True: the numbers in *snap are up to date now, and *history points to the
    // training so far (NULL: it has not changed), borrowed until the next call.
    bool (*renew)(void *ctx, trm_snapshot *snap, const trm_history **history);
    // Puts the newest weights into the model if they are others than those given last.
    bool (*weights)(void *ctx, trm_model *m);
    // Courses of episodes: plays the newest moment that was not given yet into *out, with the
    // weights that played it (the parameters' slab). False: there is none.
    bool (*moment)(void *ctx, trm_episode_trace *out, float *weights);
} trm_trainer_source;

// In place of trm_trainer_start: trains nothing, and shows what another process trains. The trainer
// is in the state SHOWING until stopped; its numbers and history are those of the source, its model
// has the source's weights, and of episodes the newest moments are played between greedy ones.
// *source is copied.
bool trm_trainer_follow(trm_trainer *t, const trm_trainer_source *source, trm_error *e);

// Commands; from any thread, answered within a step (of environment 0, or a batch). What concerns
// pace (pause, step, speed) waits in free running for the first step of an episode, so that every
// episode that is seen is seen whole. stop is also safe where a signal set a flag that the caller's
// loop saw (not inside the handler).
void trm_trainer_pause(trm_trainer *t);
void trm_trainer_resume(trm_trainer *t);
void trm_trainer_step(trm_trainer *t, int32_t steps);            // while paused: so many steps
void trm_trainer_speed(trm_trainer *t, double steps_per_second); // 0: free
void trm_trainer_hold_notable(trm_trainer *t, bool on); // paced only: wait after a first success
                                                        // or a new best until trm_trainer_go_on
void trm_trainer_go_on(trm_trainer *t);
// A checkpoint of whole advances: after the current one; while paused or holding at once, for which
// the current one is abandoned, and repeated in silence.
void trm_trainer_checkpoint(trm_trainer *t);
void trm_trainer_extend(trm_trainer *t, int64_t more); // episodes or epochs
void trm_trainer_stop(trm_trainer *t);                 // abandons the current advance, saves, ends

// Reading; from one reader's thread.
void trm_trainer_snapshot(trm_trainer *t, trm_snapshot *out);

// Brings `mine` up to date. True if anything was new.
bool trm_trainer_history(trm_trainer *t, trm_history *mine);

// The weights that answer, as they are now, for a model to look at while training goes on. A
// request is answered within a step, while paused or holding at once; trm_trainer_weights then
// copies them into a model of the course's sizes, once a request. False: they are not there yet.
void trm_trainer_request_weights(trm_trainer *t);
bool trm_trainer_weights(trm_trainer *t, trm_model *into);

// ---- courses of episodes ------------------------------------------------------------------------

// Brings `mine` up to the episode trace being recorded. True if anything was new. In paced running
// every episode of environment 0 is recorded as it happens; in free running (speed 0) one is
// recorded, whole, after each trm_trainer_request_episode.
bool trm_trainer_episode(trm_trainer *t, trm_episode_trace *mine);
void trm_trainer_request_episode(trm_trainer *t);

// The weights with which the episode of episode trace `id` was acted: out [size of the parameters'
// slab]. False, with `out` untouched: another episode trace is being recorded by now.
bool trm_trainer_episode_weights(trm_trainer *t, uint64_t id, float *out);

// ---- courses of epochs --------------------------------------------------------------------------

// Asks for a sample to be answered by the weights of now; the newest request counts. The sample is
// taken modulo their number.
void trm_trainer_request_sample(trm_trainer *t, trm_split side, int32_t sample);

// Brings `mine` up to the newest answer. True if it was new. One that takes long comes step by
// step, each time under an id of its own (trm_sample's known says how far it is).
bool trm_trainer_sample(trm_trainer *t, trm_sample *mine);

TRM_END_DECLS

#endif
