// SPDX-License-Identifier: Apache-2.0
// A learner from the inside, for the algorithms.
#ifndef TRM_TRAIN_LEARNER_IMPL_H
#define TRM_TRAIN_LEARNER_IMPL_H

#include "train/returns.h"
#include "train/rollout.h"
#include "trm/base/arena.h"
#include "trm/base/pool.h"
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
    const struct trm_algorithm *algorithm;
    trm_pool *pool;
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
    float *values_kept, *m_kept, *v_kept; // before the optimiser's step
    trm_arena arena;
};

// Numbers of the random streams of a seed.
enum { TRM_STREAM_INIT = 0, TRM_STREAM_ENVS = 1 }; // environment i has stream TRM_STREAM_ENVS + i

typedef struct trm_algorithm {
    const char *name;
    trm_outcome (*update)(trm_learner *l, const trm_gate *gate, trm_update *out, trm_error *e);
} trm_algorithm;

extern const trm_algorithm trm_algorithm_reinforce;

// Clips l->grads, steps Adam at the schedule's rate and checks that everything stayed finite; fills
// out->grad_norm and out->lr. On failure weights and moments are as before.
bool trm_learner_optimise(trm_learner *l, trm_update *out, trm_error *e);

#endif
