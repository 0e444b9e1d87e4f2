// SPDX-License-Identifier: Apache-2.0
// The task itself: has it a solution, and what does chance reach?
#include <stdlib.h>

#include "train/diagnose/impl.h"

static void judge_solution(const trm_environment_diagnosis *d, int32_t max_steps, trm_findings *f) {
    static const char check[] = "solution";
    if (!d->solvable)
        trm_diagnose_add(
            f, check,
            fault("the start has no solution",
                  "No policy can learn what cannot be done: draw boards that have a solution."),
            "The exact solver finds none from the first start.");
    else if (!d->optimum_succeeds)
        trm_diagnose_add(
            f, check,
            fault("the best play does not count as a success",
                  "Raise the limit of steps, or change what counts as a success."),
            "The best play, of length %d, brings a reward of %.2f, which is below what a success "
            "takes.",
            d->optimal_length, (double)d->optimal_reward);
    else
        trm_diagnose_add(f, check, fine("the task can be solved"),
                         "The best play has length %d and brings %.2f; an episode has room for %d.",
                         d->optimal_length, (double)d->optimal_reward, max_steps);
}

static void judge_chance(const trm_play *p, trm_findings *f) {
    static const char check[] = "chance";
    if (p->success >= 0.5)
        trm_diagnose_add(
            f, check,
            note("chance alone succeeds",
                 "Judge by reward and length, not by the success rate, or make the task harder."),
            "Random actions succeed in %.1f %% of %lld episodes.", 100 * p->success,
            (long long)p->episodes);
    else if (p->success <= 0)
        trm_diagnose_add(
            f, check,
            note("chance never succeeds",
                 "Expect a slow start: a policy cannot learn from a success that it never "
                 "meets. Rewards on the way, a smaller board or more entropy help."),
            "None of %lld episodes of random actions ends in a success.", (long long)p->episodes);
    else
        trm_diagnose_add(
            f, check, fine("chance succeeds now and then"),
            "Random actions succeed in %.1f %% of %lld episodes, reward %.2f: less than "
            "that is no learning.",
            100 * p->success, (long long)p->episodes, p->reward);
}

void trm_diagnose_judge_environment(const trm_environment_diagnosis *d, int32_t max_steps,
                                    trm_findings *f) {
    judge_solution(d, max_steps, f);
    judge_chance(&d->random, f);
}

bool trm_diagnose_environment(const trm_learner *l, int64_t episodes, uint64_t seed,
                              bool (*progress)(void *ctx, int64_t done), void *ctx,
                              trm_environment_diagnosis *out, trm_findings *f) {
    *out = (trm_environment_diagnosis){0};
    char *state = trm_alloc(1, trm_env_state_size(l->env));
    trm_rng rng;
    trm_rng_seed(&rng, seed, (uint64_t)TRM_STREAM_DIAGNOSE + DIAGNOSE_SAMPLED);
    trm_env_reset(l->env, state, &rng, TRM_SPLIT_TRAIN);
    int32_t steps = trm_env_solve(l->env, state, out->path, TRM_DIAGNOSE_PATH);
    out->path_count = steps < 0 ? 0 : steps < TRM_DIAGNOSE_PATH ? steps : TRM_DIAGNOSE_PATH;
    out->solvable = trm_env_optimum(l->env, state, &out->optimal_reward, &out->optimal_length);
    out->optimum_succeeds = out->solvable && trm_env_success(l->env, out->optimal_reward);
    free(state);
    trm_diagnose_watch watch = {progress, ctx, 0, false};
    if (!trm_diagnose_play(l->env, NULL, DIAGNOSE_RANDOM, episodes, seed, NULL, &watch,
                           &out->random))
        return false;
    trm_diagnose_judge_environment(out, trm_env_max_steps(l->env), f);
    return true;
}
