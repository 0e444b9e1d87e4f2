// SPDX-License-Identifier: Apache-2.0
// What a learner keeps beside its model to learn the values of actions.
#ifndef TRM_TRAIN_DQN_H
#define TRM_TRAIN_DQN_H

#include "train/algorithms/replay_buffer.h"
#include "train/learner_impl.h"
#include "train/tensors.h"

// A shard's part of a batch.
typedef struct trm_dqn_part {
    int32_t first, count;     // rows of the batch
    trm_workspace *workspace; // of the steps looked ahead to
    float *x;                 // [count, S]
    int32_t *prev;            // [count]
    int32_t *chosen;          // [count] what the weights that learn would do there
} trm_dqn_part;

typedef struct trm_dqn {
    trm_replay_buffer memory;
    trm_model *target; // the weights that look ahead
    trm_rng rng, rng_kept;
    int32_t *slot;       // [batch] what is learned from
    float *weight;       // [batch] importance
    float *miss;         // [batch] value less what it should be, of the last output
    trm_dqn_part *parts; // [shard_count]
} trm_dqn;

bool trm_dqn_prepare(trm_learner *l, trm_error *e);

// These do nothing where the algorithm has no memory.
double trm_dqn_bytes(const trm_learner *l); // before anything is allocated
void trm_dqn_init(trm_learner *l);
void trm_dqn_seed(trm_learner *l); // once the model has its first weights
void trm_dqn_done(trm_learner *l);
void trm_dqn_wrote(trm_learner *l, int32_t shard, trm_parcel *parcel);
void trm_dqn_list(trm_learner *l, trm_listing *to);

// Checks what was read, and makes what follows from it.
bool trm_dqn_restored(trm_learner *l);

// Loss and gradient of one row: the derivative of Huber's loss (1 from 1 on) of `miss`.
double trm_huber(double miss, double *slope);

#endif
