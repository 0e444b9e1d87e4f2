// SPDX-License-Identifier: Apache-2.0
// Gathering episodes. A shard is a fixed part of an update's environments with a workspace and a
// gradient of its own; all its activations stay for the backward, unless others are learned from.
// How environments are divided depends on their number only, so that the number of threads cannot
// change a result.
#ifndef TRM_TRAIN_ROLLOUT_H
#define TRM_TRAIN_ROLLOUT_H

#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/train/learner.h"

// TRM_AGAIN: rows that are brought together to go through the model again.
enum { TRM_SHARDS_MAX = 8, TRM_SHARD_ENVS = 16, TRM_AGAIN = 64 };

// What is kept of every step beside what reinforce needs.
typedef struct trm_keeps {
    bool passing; // of the model's activations those of the newest step only: the rollout is not
                  // differentiated
    bool all_outputs; // logits and gradients of every output
    bool values;      // the value head's
    bool labels;      // the best actions
    bool again;       // all that goes into the model, and what may come out
    bool explores;    // … what could be done, for all peers; and actions are not sampled, but the
                      // best, or any with the chance `epsilon`
} trm_keeps;

typedef struct trm_shard {
    int32_t first, count;     // environments
    trm_agent agent;          // of max_rows rows, or `count` where they pass; its masks are those
                              // of the newest rollout
    trm_workspace *workspace; // the agent's
    float *decision;          // [A] scratch of trm_shard_decision
    float *grads;             // as the parameters' slab

    // The newest rollout, row by row in the order the model saw them.
    int32_t rows;
    int32_t *action; // [max_rows]
    float *weight;   // [max_rows] what multiplies the log-probability in the loss
    float *entropy;  // [max_rows]
    float *log_prob; // [max_rows]

    // NULL where they are not kept
    float *value;       // [max_rows]
    float *goal;        // [max_rows] what the value should be
    bool *legal;        // [max_rows, A] what could be done
    double epsilon;     // chance of any action that could be done
    bool *best;         // [max_rows, A] all false where there is no best action
    float *seen;        // [max_rows, S]
    int32_t *seen_prev; // [max_rows]
    int32_t *order;     // [max_rows]
    float *again;       // [TRM_AGAIN, S]
    int32_t part;       // of how the rows are gone through again
    trm_keeps keeps;
    struct trm_boards *boards; // NULL: none

    // The same, episode by episode.
    int32_t *length; // [count]
    float *total;    // [count]
    int32_t *row_of; // [count, max_steps] row of step t
    float *reward;   // [count, max_steps]

    // While it is gathered.
    int32_t active;    // environments still going
    int32_t *which;    // [count] the active ones, in rising order
    char *states;      // [count] state blocks of the active ones, packed
    float *obs;        // [count, S] packed likewise
    int32_t *prev;     // [count] packed likewise
    int32_t *chosen;   // [count]
    trm_step *results; // [count]
    char *before;      // state of environment 0 before its step, for the step callback
    bool abandoned;
    double loss, entropy_sum;
    int64_t entropy_count; // of what entropy_sum is the sum
} trm_shard;

// How many shards `envs` environments make.
int32_t trm_rollout_shards(int32_t envs);

// Takes a shard's memory from the arena, but for its agent's; that is freed with trm_rollout_done.
void trm_rollout_init(trm_shard *s, trm_arena *a, const trm_env *env, const trm_model *m,
                      int32_t first, int32_t count, trm_keeps keeps);
void trm_rollout_done(trm_shard *s);

// Plays an episode in each environment, sampling actions. rngs [count] are the shard's own. The
// step callback (NULL: none) is called for the shard's first environment. episode0: the first
// environment's episode number.
void trm_rollout_run(trm_shard *s, const trm_env *env, trm_rng *rngs,
                     const trm_learner_callback *callback, int64_t episode0);

// Names what others need to know of the newest rollout, all that is kept of it but what only the
// shard's own gradient is made from.
void trm_rollout_wrote(trm_shard *s, const trm_env *env, trm_rng *rngs, trm_parcel *parcel);

// A row's logits as they decide, of what could be done at row `row` of the newest rollout: `logits`
// [A] themselves, or a copy that is masked. Borrowed until the next call.
static inline const float *trm_shard_decision(const trm_shard *s, const float *logits,
                                              int32_t row) {
    return trm_agent_mask(trm_agent_row_legal(&s->agent, row), logits, s->agent.shape.actions,
                          s->decision);
}

#endif
