// SPDX-License-Identifier: Apache-2.0
// What the ways of learning from answers share: whole samples at once (supervised.c), one
// supervision step at a time (carried.c), and that as the paper's code has it
// (act.c).
#ifndef TRM_TRAIN_SUPERVISED_IMPL_H
#define TRM_TRAIN_SUPERVISED_IMPL_H

#include <stdatomic.h>

#include "train/tensors.h"
#include "trm/base/arena.h"
#include "trm/base/pool.h"
#include "trm/model/paper.h"
#include "trm/nn/optim.h"
#include "trm/train/supervised.h"

typedef struct trm_shard {
    trm_workspace *workspace;
    float *grads;
    int32_t count;           // samples in the current batch
    float *x;                // [rows, S]
    const int32_t **targets; // [rows]; NULL: the row takes no part
    double loss;
    trm_rng rng;            // for dropout
    trm_workspace *further; // act, where a second output is learned: one more step
} trm_shard;

// Carried: a place in the batch, at which one sample after the other goes through its steps.
typedef struct trm_slot {
    int32_t sample; // -1: empty
    int32_t steps;  // supervision steps done
    int32_t least;  // it does not stop before
    bool sure;      // what the halting head said last
} trm_slot;

// Act: what the places of the batch hold. It outlives an epoch.
typedef struct trm_act {
    int64_t *steps; // [batch, 2]: steps done, 0: the place takes a new sample; and it does not stop
                    // before the second
    float *carry;   // [batch, carry size]
    float *x;       // [batch, S]
    int32_t *targets; // [batch, P]
    bool *sure;       // [batch]: what the halting head said last
} trm_act;

// What an epoch changes, kept to set it back.
typedef struct trm_kept {
    float *values, *m, *v, *average;
    int64_t step;
    trm_rng rng;
    trm_rng *shard_rngs;
    trm_act act;
} trm_kept;

typedef bool trm_stop_asked(void *ctx);

struct trm_supervised {
    trm_train_config config;
    trm_model *model;
    trm_pool *pool;
    trm_peers *peers; // NULL: works alone
    trm_adam adam;
    float *average; // exponential moving average of the weights; NULL: none
    trm_rng rng;    // order of the samples
    int64_t epochs;
    double share;               // of the current epoch that is done
    atomic_int chunks_done;     // of the current update; any thread may read it
    int32_t chunks;             // it has in all; 0: it is too short to be told of
    trm_stop_asked *stop_asked; // NULL: never
    void *stop_ctx;
    trm_workspace *judge;
    int32_t judge_rows;
    trm_shard *shards;
    int32_t shard_count, shard_rows;
    int32_t batch_count; // samples in the current batch
    trm_batch newest;    // what the newest update did
    float *grads;
    float **parts;  // [shard_count] the shards' gradients
    int32_t *order; // [order_capacity]
    int32_t order_capacity;
    trm_slot *slots;  // [batch]; NULL: not carried
    trm_act *act;     // NULL: not as the paper's code has it
    int32_t *puzzles; // [batch]: of the samples in the current batch, whose vectors learn by sign
    int32_t puzzle_count;
    trm_kept kept;
    trm_arena arena;
};

// Loss of one sample's answer at output o of its shard, weighted by `share` and with its gradient;
// a mean over the positions that have a target (>= 0), times their number. The halting head's share
// is half as much, of whether every position is right.
double trm_supervised_loss(const trm_supervised *s, trm_shard *sh, int32_t o, int32_t row,
                           double share);

// Binary cross entropy of a logit against a probability, and its gradient, weighted.
double trm_supervised_bce(double logit, double target, double share, float *gradient);

// Takes note of the puzzle of a sample [S] that takes part in the batch.
void trm_supervised_note_puzzle(trm_supervised *s, const float *x);

// Draws how many steps a sample must take at least, at its start or when it begins again: 1 or
// more.
int32_t trm_supervised_explore(trm_supervised *s);

// Does the halting head take a row's answer to be right? hrm: rather than think on.
bool trm_supervised_is_sure(const trm_supervised *s, const trm_workspace *w, int32_t row);

// Has the update been given up by a shard that was told to stop?
bool trm_supervised_stopped(const trm_supervised *s);

typedef bool trm_epoch_progress(void *ctx, double share);

// Does the epoch go on, of which `share` is done?
bool trm_supervised_goes_on(const trm_supervised *s, trm_epoch_progress *progress, void *ctx,
                            double share);

// Adds up what the shards found, clips, updates weights and average.
bool trm_supervised_update(trm_supervised *s, trm_epoch *out, double *loss, trm_error *e);

// Every sample in s->order through its supervision steps, an update a step. Samples stand at
// different steps, and one that has stopped makes room for the next.
trm_outcome trm_supervised_carried_epoch(trm_supervised *s, const trm_samples *train,
                                         trm_epoch_progress *progress, void *ctx, trm_epoch *out,
                                         trm_error *e);

// Supervision steps as the paper's code has them: places in the batch that outlive the epoch, a new
// batch of s->order an update, of which busy places take nothing.
trm_outcome trm_supervised_act_epoch(trm_supervised *s, const trm_samples *train,
                                     trm_epoch_progress *progress, void *ctx, trm_epoch *out,
                                     trm_error *e);
void trm_supervised_act_init(trm_supervised *s);
void trm_supervised_act_count(trm_supervised *s); // chunks of an update
void trm_supervised_act_copy(const trm_supervised *s, trm_act *to, const trm_act *from);
void trm_supervised_act_tensors(trm_supervised *s, trm_listing *to);
bool trm_supervised_act_sound(const trm_supervised *s);

#endif
