// SPDX-License-Identifier: Apache-2.0
// A learner from the inside, for the algorithms.
#ifndef TRM_TRAIN_LEARNER_IMPL_H
#define TRM_TRAIN_LEARNER_IMPL_H

#include "train/returns.h"
#include "train/rollout.h"
#include "trm/base/arena.h"
#include "trm/base/pool.h"
#include "trm/base/streams.h"
#include "trm/nn/optim.h"
#include "trm/train/learner.h"

// What has to be put back when an update is abandoned or fails, and what a checkpoint keeps.
typedef struct trm_counters {
    int64_t episodes, updates, steps;
} trm_counters;

struct trm_learner {
    trm_train_config config;
    uint64_t seed;
    trm_env *env;
    trm_model *model;
    trm_model *answerer; // imitation: the same weights answering for every cell; NULL: none
    const struct trm_algorithm *algorithm;
    struct trm_dqn *dqn; // NULL: learns from the newest episodes alone
    trm_pool *pool;
    trm_peers *peers; // NULL: works alone
    trm_adam adam;
    trm_counters counters;
    trm_baseline baseline, baseline_kept;
    trm_rng *rngs;         // [envs] one a environment: starts and actions
    trm_rng *rngs_kept;    // [envs] as they were when the update began
    trm_episode *episodes; // [envs] of the newest update
    trm_shard *shards;     // [shard_count]
    int32_t shard_count;
    float *returns; // [max_steps] scratch
    float *grads;   // sum of the shards' gradients, laid out as the parameters
    float **parts;  // [shard_count] those gradients
    float *values_kept, *m_kept, *v_kept; // before the update
    int64_t step_kept;
    trm_arena arena;
};

typedef struct trm_algorithm {
    const char *name, *summary;
    bool values; // the model has a value head
    bool labels; // what is best is asked for at every step
    bool again;  // steps go through the model again after the rollout
    bool bonus;  // entropy is part of the loss
    bool q;      // the model's outputs are the values of actions, learned from a memory of steps
    bool (*prepare)(trm_learner *l, trm_error *e); // optional: once environment and model are there
    trm_outcome (*update)(trm_learner *l, const trm_learner_callback *callback, trm_update *out,
                          trm_error *e);
} trm_algorithm;

extern const trm_algorithm trm_algorithm_reinforce, trm_algorithm_actor_critic, trm_algorithm_ppo,
    trm_algorithm_imitation, trm_algorithm_dqn;

// The algorithm of that name with which a learner makes updates; NULL with *e filled: there is
// none.
const trm_algorithm *trm_algorithm_find(const char *name, trm_error *e);

// What of a rollout has to be kept.
trm_keeps trm_learner_keeps(const trm_learner *l);

// Plays an episode in every environment. False: abandoned.
bool trm_learner_roll(trm_learner *l, const trm_learner_callback *callback);

// Steps of the newest rollout, over all shards.
int64_t trm_learner_rows(const trm_learner *l);

// Weight of output o in the loss: 1 for the last, 0 for the others, unless supervision is deep.
float trm_learner_output_weight(const trm_learner *l, int32_t o);

// Learned halting, where it is asked for: for every output but the last the loss is the binary
// cross entropy between the halting head and whether that output's best action is the last one's.
// It is that head's alone, and not in s->loss. Of the workspace's rows 0 .. rows - 1, each weighing
// `share`. order [rows]: the rows of the rollout that they are; NULL: the same.
void trm_learner_halting(const trm_learner *l, trm_shard *s, const int32_t *order, int32_t rows,
                         float share);

// Runs each(l, shard) on every shard, gradients zeroed before, and adds up gradients in l->grads,
// losses and entropies: shard by shard, in a fixed order. out->loss becomes the loss, less the
// bonus where the algorithm has one, divided by rows; out->entropy the mean over what was added up
// with trm_shard_add_entropy.
void trm_learner_differentiate(trm_learner *l, void (*each)(trm_learner *l, trm_shard *s),
                               int64_t rows, trm_update *out);

static inline void trm_shard_add_entropy(trm_shard *s, double nats) {
    s->entropy_sum += nats;
    s->entropy_count++;
}

// Counts the update and its episodes.
void trm_learner_count(trm_learner *l, trm_update *out);

// Clips l->grads, steps Adam at the schedule's rate and checks that everything stayed finite; fills
// out->grad_norm and out->lr. What a failure leaves behind, trm_learner_update sets back.
bool trm_learner_optimise(trm_learner *l, trm_update *out, trm_error *e);

#endif
