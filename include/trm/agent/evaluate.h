// SPDX-License-Identifier: Apache-2.0
// How good a model is: greedy episodes on held-out starts.
#ifndef TRM_AGENT_EVALUATE_H
#define TRM_AGENT_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// Episodes, or samples, unless told otherwise; and what counts as certain of an action.
enum { TRM_EVALUATION_EPISODES = 100 };
#define TRM_CERTAIN 0.999

typedef struct trm_evaluation {
    int64_t episodes;
    int64_t successes;
    int64_t shortest; // successes in as few steps as the solver needs
    double mean_reward;
    double reward_sd; // over the episodes; NaN for one
    double mean_length;
    double optimal_length; // mean of the solver's; NaN if a start has no solution
    double optimal_reward;
    double idle;        // share of steps whose action changed nothing on the board
    double entropy;     // trm_agent_row_entropy, mean over the steps that have it; NaN: none has
    double certain;     // share of those at which the action had more than TRM_CERTAIN
    double mean_cycles; // cycles or supervision steps an action; NaN unless the model stopped
} trm_evaluation;

// m NULL: plays at random, each action that may be taken alike. stops: the model acts as
// soon as its halting head says so (nothing without one). Plays `episodes` (>= 1) greedy episodes,
// starts drawn from the held-out side with the seed. Several are played in lock-step. `progress` is
// called before every step with the episodes that have ended; it may be NULL, and returning false
// stops early (the figures then are of those that have ended).
void trm_evaluate(const trm_model *m, const trm_env *env, int64_t episodes, uint64_t seed,
                  bool stops, bool (*progress)(void *ctx, int64_t done), void *ctx,
                  trm_evaluation *out);

// ---- the same in pieces, which may be played anywhere -------------------------------------------

enum { TRM_EVALUATION_BATCH = 32 };

// Plain bytes. Sums of the episodes added so far, and what was played since, in the order in which
// it ended.
typedef struct trm_evaluation_tally {
    trm_evaluation sums;
    double squares;                          // of rewards
    int64_t actions, idle, choices, certain; // as trm_evaluation's shares
    double entropy, cycles;                  // sums
    int32_t ended;
    struct {
        float reward, optimum; // optimum: reward of the solver's solution; NaN: none
        double optimum_length;
        int32_t length;
    } episodes[TRM_EVALUATION_BATCH];
} trm_evaluation_tally;

typedef struct trm_evaluator trm_evaluator;

// As trm_evaluate; env must outlive it.
trm_evaluator *trm_evaluator_new(const trm_model *m, const trm_env *env, uint64_t seed, bool stops);
void trm_evaluator_free(trm_evaluator *b);

// The next `count` starts, at most TRM_EVALUATION_BATCH: state blocks, one after the other.
void trm_evaluator_draw(trm_evaluator *b, int32_t count, void *states);

// Plays from there, adding to *t. progress is called before every step with the episodes that have
// ended in the tally.
bool trm_evaluator_play(trm_evaluator *b, const void *states, int32_t count,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_evaluation_tally *t);

// Adds what was played to *into, which may be the same; parts in the order of their starts give the
// figures of one that played them all.
void trm_evaluation_add(const trm_env *env, trm_evaluation_tally *into,
                        const trm_evaluation_tally *part);
void trm_evaluation_conclude(const trm_evaluation_tally *t, bool stops, trm_evaluation *out);

TRM_END_DECLS

#endif
