// SPDX-License-Identifier: Apache-2.0
#include "trm/train/evaluate.h"

#include <math.h>

#include "player.h"

// Stream of the seed that held-out starts are drawn from; far from training's.
enum { STREAM_EVALUATION = 1 << 30 };

void trm_evaluate(const trm_model *m, const trm_env *env, int64_t episodes, uint64_t seed,
                  bool (*progress)(void *ctx, int64_t done), void *ctx, trm_evaluation *out) {
    trm_player p;
    trm_rng rng;
    double reward = 0, length = 0, best_reward = 0, best_length = 0;
    *out = (trm_evaluation){0};
    trm_player_init(&p, env, m);
    trm_rng_seed(&rng, seed, STREAM_EVALUATION);
    while (out->episodes < episodes && (!progress || progress(ctx, out->episodes))) {
        float optimum = NAN;
        int32_t steps = 0;
        trm_player_reset(&p, &rng, TRM_SPLIT_HELD_OUT);
        bool solvable = trm_env_optimum(env, p.state, &optimum, &steps);
        while (!p.finished)
            trm_player_step(&p, m);
        out->episodes++;
        out->successes += trm_env_success(env, p.total_reward);
        reward += (double)p.total_reward;
        length += p.t;
        best_reward += solvable ? (double)optimum : NAN;
        best_length += solvable ? steps : NAN;
    }
    double n = out->episodes ? (double)out->episodes : NAN;
    out->mean_reward = reward / n;
    out->mean_length = length / n;
    out->optimal_reward = best_reward / n;
    out->optimal_length = best_length / n;
    trm_player_done(&p);
}
