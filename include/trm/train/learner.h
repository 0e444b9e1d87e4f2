// SPDX-License-Identifier: Apache-2.0
// A learner joins a model and an environment and makes updates: gather episodes, compute the loss,
// differentiate, clip, Adam. It knows no threads but its pool, no files and no screen.
// One thread at a time.
#ifndef TRM_TRAIN_LEARNER_H
#define TRM_TRAIN_LEARNER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/step.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/peers.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

enum { TRM_ALGORITHM_NAME = 24, TRM_TENSOR_NAME = 128 };

typedef struct trm_train_config {
    char algorithm[TRM_ALGORITHM_NAME]; // a name of trm_algorithm_name()
    char
        baseline[TRM_ALGORITHM_NAME]; // what returns are normalised by: "episode" (its own mean and
                                      // deviation, as the original) or "running" (over episodes)
    int64_t episodes;                 // training length
    int32_t envs;                     // N: episodes an update, each in its own environment
    int32_t threads;                  // threads of the pool; never changes a result
    float gamma;                      // discount
    float lr;                         // Adam's learning rate, before the schedule
    float entropy;                    // coefficient of the entropy bonus
    float clip;                       // global gradient norm; 0: none
    int32_t warmup;                   // updates of linear warm-up, the first at lr 0; 0: none
    float decay;                      // factor an update after the warm-up; 1: none
    float beta2;                      // Adam's memory of squared gradients
    float weight_decay;               // Adam's L2; adam-atan2: decoupled
    float baseline_rate;              // running baseline: weight of the newest episode
    int32_t epochs;                   // supervised: passes over the training samples
    int32_t batch;                    // supervised: samples an update
    float ema;                        // supervised: decay of the average of the weights that is
                                      // judged and saved; 0: none
    bool ema_warmup;                  // supervised: that average is shorter at first
    bool cosine;                      // supervised: lr also falls along a cosine …
    float lr_min_ratio;               // … to this share of it
    char optimizer[TRM_ALGORITHM_NAME]; // supervised: "adam", or "adam-atan2", whose updates count
                                        // from 1 in the warm-up, as in the paper's code
    float puzzle_lr, puzzle_decay;      // supervised: SignSGD of the puzzles' vectors; 0: they stay
    float explore;                      // supervised, carried and act: share of samples …
    char explore_each[TRM_ALGORITHM_NAME]; // … that are drawn to go on for a number of steps, once
                                           // a "sample" or at every "step"
    char loss[TRM_ALGORITHM_NAME];        // supervised: "softmax", "stablemax" or "stablemax-f64"
    char supervision[TRM_ALGORITHM_NAME]; // supervised: weight of supervision step i (0-based) in
                                          // the loss: "rising" 1 + 0.1 i, as the original;
                                          // "uniform" 1; "carried": an update a step, samples at
                                          // steps of their own; "act": likewise, as the paper's
                                          // code has it
    bool deep_supervision;    // in an environment: the loss on every output, weighted as
                              // `supervision` says, divided by the sum of the weights
    bool halting;             // in an environment: a halting head learns beside the policy
    float gae;                // actor-critic, ppo: lambda (Schulman and others 2016)
    float value;              // … coefficient of the value loss
    float ratio_clip;         // ppo: epsilon (Schulman and others 2017)
    int32_t passes;           // ppo: over the steps of an update
    int32_t minibatches;      // ppo: optimiser steps a pass
    int32_t memory;           // dqn: steps that are remembered
    int32_t replays;          // … batches of them an update
    float epsilon;            // … share of actions taken at random in the first episode …
    float epsilon_min;        // … falling evenly to this …
    int32_t epsilon_episodes; // … over so many episodes
    int32_t n_step;           // … rewards that are added up before the value looked ahead to
    int32_t target_every;     // … updates after which the weights that look ahead are renewed
    float priority;           // … exponent of the error in a step's priority; 0: all alike
    float importance;         // … exponent of the correction for that
    bool dueling;             // … what a state is worth has a head of its own (trm-full)
    bool double_q;            // … the learned weights choose the action that those others judge
    bool broadcast_bug;       // the original's (T,T) product in place of the policy gradient
} trm_train_config;

// Names and one-line summaries of how a model can learn, for listings; NULL past the last.
// "supervised" is the last: trm/train/supervised.h does that, and a learner all the others.
const char *trm_algorithm_name(int32_t i);
const char *trm_algorithm_summary(int32_t i);

// Does the algorithm of that name read this field of trm_train_config ("gae")? False for names that
// are none.
bool trm_algorithm_reads(const char *name, const char *field);

// Does it need a model with a value head? Are the model's outputs the values of actions
// (trm_model_config.q_values)? False for names that are none.
bool trm_algorithm_values(const char *name);
bool trm_algorithm_learns_q(const char *name);

// The share of actions that an update of such an algorithm takes at random, after so many updates.
double trm_train_epsilon(const trm_train_config *c, int64_t updates);

trm_train_config trm_train_config_default(void); // the original's Full recipe

// lr of update u (0-based): lr * u / warmup while u < warmup, then lr * decay^(u - warmup).
float trm_schedule_lr(const trm_train_config *c, int64_t update);

// One finished episode, as it stands in metrics.jsonl.
typedef struct trm_episode {
    int64_t episode; // 0-based
    int64_t update;  // the update it belongs to, 0-based
    int64_t step;    // environment steps in all, this episode included
    float reward;    // undiscounted total
    bool success;
    int32_t length;
} trm_episode;

// What one update did.
typedef struct trm_update {
    int64_t update;  // 0-based
    float loss;      // what was differentiated: for reinforce, policy loss - entropy coefficient *
                     // mean entropy; for ppo, the mean over its minibatches
    float entropy;   // mean over steps, nats
    float grad_norm; // before clipping
    float lr;
    int32_t count;               // episodes in it
    const trm_episode *episodes; // [count], in order of environment; borrowed until the next update
    const struct trm_learner *learner; // that made it; borrowed
} trm_update;

// How an episode was played: enough to play it again, step by step.
typedef struct trm_played {
    trm_rng start;  // the environment's generator as the episode began: trm_env_reset draws from
                    // it (TRM_SPLIT_TRAIN), then each action in turn
    int32_t length; // steps
    const float *weights; // the parameters' slab that acted; borrowed until the next update
} trm_played;

// Called after every step of environment 0, on the thread that runs it. It may block (that is how a
// watched run is paced) and cannot change anything. Returning false abandons the update.
typedef struct trm_learner_callback {
    bool (*step)(void *ctx, const trm_step_view *view);
    void *ctx;
} trm_learner_callback;

typedef enum trm_outcome { TRM_UPDATE_DONE, TRM_UPDATE_ABANDONED, TRM_UPDATE_FAILED } trm_outcome;

typedef struct trm_learner trm_learner;

// Builds environment, model (initialised from the seed), optimiser, workspaces. All sizes are
// checked. model->state_dim and action_dim are taken from the environment. Free with
// trm_learner_free.
trm_learner *trm_learner_new(const trm_env_config *env, const trm_model_config *model,
                             const trm_train_config *train, uint64_t seed, trm_error *e);
void trm_learner_free(trm_learner *l);

// From now on updates are computed together with peers, which must outlive the learner. Every peer
// has a learner of the same configuration and state, and makes the same calls.
void trm_learner_join(trm_learner *l, trm_peers *peers);

// One update. step callback may be NULL. ABANDONED: the step callback said so; the learner is
// exactly as before the call. FAILED: loss, gradient or weights are not finite (*e says which);
// weights and optimiser are as before the call.
trm_outcome trm_learner_update(trm_learner *l, const trm_learner_callback *callback,
                               trm_update *out, trm_error *e);

// Episode i (0 <= i < count) of the newest update that was done. Writes its actions and rewards,
// each [trm_env_max_steps].
trm_played trm_learner_played(const trm_learner *l, int32_t i, int32_t *actions, float *rewards);

const trm_env *trm_learner_env(const trm_learner *l);
trm_model *trm_learner_model(trm_learner *l);
const trm_train_config *trm_learner_config(const trm_learner *l);
int64_t trm_learner_episodes(const trm_learner *l); // finished so far
int64_t trm_learner_updates(const trm_learner *l);
int64_t trm_learner_steps(const trm_learner *l);
bool trm_learner_done(const trm_learner *l); // episodes >= config.episodes

// More episodes than configured ("extend"); total must not be below what is done.
void trm_learner_set_episodes(trm_learner *l, int64_t total);

// Everything a checkpoint must hold, as named tensors over the learner's own memory: the parameters
// under their names, "optim.m.*", "optim.v.*", "state.*". Writing them out and reading them back in
// makes the learner bit for bit what it was. Borrowed; valid while the learner lives.
typedef enum trm_dtype {
    TRM_F32,
    TRM_F64,
    TRM_I64,
    TRM_U8,
    // Other people's files only. The last two are never a tensor's: reading makes F32 of them.
    TRM_I32,
    TRM_I16,
    TRM_I8,
    TRM_U64,
    TRM_U32,
    TRM_U16,
    TRM_BOOL,
    TRM_F16,
    TRM_BF16,
} trm_dtype;
typedef struct trm_tensor {
    char name[TRM_TENSOR_NAME];
    trm_dtype dtype;
    int32_t ndim;
    int64_t shape[TRM_PARAM_DIMS];
    void *data;
} trm_tensor;

size_t trm_dtype_size(trm_dtype t);            // bytes of an element
int64_t trm_tensor_count(const trm_tensor *t); // elements
size_t trm_tensor_bytes(const trm_tensor *t);

// Writes up to capacity tensors, returns how many there are.
int32_t trm_learner_tensors(trm_learner *l, trm_tensor *out, int32_t capacity);

// To be called after the tensors were written from outside: checks that counters make sense.
bool trm_learner_restored(trm_learner *l, trm_error *e);

TRM_END_DECLS

#endif
