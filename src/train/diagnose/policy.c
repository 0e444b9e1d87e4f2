// SPDX-License-Identifier: Apache-2.0
// The policy as it plays: has it settled on something, and on what?
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/base/text.h"

static const double COLLAPSED = 0.01; // share of the greatest entropy
static const double STUCK = 0.9;      // share of steps that change nothing
static const double GOOD = 0.9;       // share of successes that makes certainty welcome

static void judge_collapse(const trm_policy_diagnosis *d, trm_findings *f) {
    const trm_play *p = &d->sampled;
    if (d->shape.q_values) {
        trm_diagnose_add(
            f, "collapse", fine("it tries things by chance while it learns"),
            "Its outputs are the values of actions; it takes the best one, and a share "
            "of train.epsilon at random.");
        return;
    }
    bool collapsed = p->entropy < COLLAPSED || p->certain > 0.5;
    trm_verdict v =
        fault("the policy has collapsed",
              "A policy this certain sees nothing new and gets no gradient: start again with "
              "a lower train.lr or a higher train.entropy.");
    if (!collapsed)
        v = fine("the policy still tries things");
    else if (p->success >= GOOD)
        v = fine("the policy is certain, and right");
    trm_diagnose_add(f, "collapse", v,
                     "Entropy is %.2f %% of its maximum on average; one action has more than "
                     "0.999 at %.1f %% of the steps; %.1f %% of the episodes succeed.",
                     100 * p->entropy, 100 * p->certain, 100 * p->success);
}

// Where most random steps change nothing, too, only doing much worse tells.
static void judge_wall(const trm_policy_diagnosis *d, const trm_play *random, trm_findings *f) {
    double idle = d->sampled.idle;
    trm_verdict v = fine("it is not stuck at a wall");
    if (idle > STUCK && 1 - idle < 0.5 * (1 - random->idle))
        v = fault("the policy acts without effect",
                  "It repeats an action that the board refuses, as into a wall: start again with "
                  "a lower train.lr, more train.entropy, or train.baseline=running.");
    trm_diagnose_add(f, "wall", v,
                     "%.1f %% of its steps change nothing on the board, of random ones %.1f %%.",
                     100 * idle, 100 * random->idle);
}

static double standard_error(const trm_play *a, const trm_play *b) {
    return sqrt(a->reward_sd * a->reward_sd / (double)a->episodes +
                b->reward_sd * b->reward_sd / (double)b->episodes);
}

static void judge_against_chance(const trm_policy_diagnosis *d, const trm_play *random,
                                 trm_findings *f) {
    double rise = d->sampled.reward - random->reward, error = standard_error(&d->sampled, random);
    trm_verdict v = fault("training has brought no more than chance",
                          "See the other faults; if there are none, train longer or with another "
                          "train.lr.");
    if (rise > 2 * error)
        v = fine("training has brought more than chance");
    trm_diagnose_add(f, "chance-beaten", v,
                     "Sampled play brings %.2f, random play %.2f: a difference of %+.2f, with a "
                     "standard error of %.2f.",
                     d->sampled.reward, random->reward, rise, error);
}

static void judge(const trm_policy_diagnosis *d, const trm_play *random, bool trained,
                  trm_findings *f) {
    judge_collapse(d, f);
    judge_wall(d, random, f);
    if (trained)
        judge_against_chance(d, random, f);
}

// What is thought of the state that the episodes begin with.
static void read_first(const trm_learner *l, uint64_t seed, trm_policy_diagnosis *out) {
    char *state = trm_alloc(1, trm_env_state_size(l->env));
    trm_agent agent;
    trm_rng rng;
    trm_agent_init(&agent, l->env, l->model);
    trm_rng_seed(&rng, seed, (uint64_t)TRM_STREAM_DIAGNOSE + DIAGNOSE_SAMPLED);
    trm_env_reset(l->env, state, &rng, TRM_SPLIT_TRAIN);
    trm_agent_inspect(&agent, state, -1, out->first);
    if (agent.legal) {
        out->legal = trm_alloc((size_t)out->shape.actions, sizeof *out->legal);
        memcpy(out->legal, agent.legal, (size_t)out->shape.actions * sizeof *out->legal);
    }
    trm_agent_done(&agent);
    free(state);
}

// As eval measures it. False: stopped.
static bool play_greedy(const trm_learner *l, uint64_t seed,
                        bool (*progress)(void *ctx, int64_t done), void *ctx, trm_play *out) {
    trm_evaluation v;
    trm_evaluate(l->model, l->env, TRM_EVALUATION_EPISODES, seed, false, progress, ctx, &v);
    if (v.episodes < TRM_EVALUATION_EPISODES)
        return false;
    *out = (trm_play){.episodes = v.episodes,
                      .success = (double)v.successes / (double)v.episodes,
                      .reward = v.mean_reward,
                      .reward_sd = v.reward_sd,
                      .length = v.mean_length,
                      .idle = v.idle,
                      .entropy = v.entropy,
                      .certain = isnan(v.certain) ? 0 : v.certain};
    return true;
}

bool trm_diagnose_policy(const trm_learner *l, int64_t episodes, uint64_t seed,
                         const trm_play *random, bool trained,
                         bool (*progress)(void *ctx, int64_t done), void *ctx,
                         trm_policy_diagnosis *out, trm_findings *f) {
    *out = (trm_policy_diagnosis){.shape = trm_model_trace_shape(l->model)};
    out->first = trm_alloc((size_t)trm_trace_size(&out->shape), sizeof *out->first);
    read_first(l, seed, out);
    trm_diagnose_watch watch = {progress, ctx, 0, false};
    if (!trm_diagnose_play(l->env, l->model, DIAGNOSE_SAMPLED, episodes, seed, NULL, &watch,
                           &out->sampled) ||
        !play_greedy(l, seed, progress, ctx, &out->greedy))
        return false;
    judge(out, random, trained, f);
    return true;
}

void trm_policy_diagnosis_done(trm_policy_diagnosis *d) {
    free(d->first);
    free(d->legal);
    *d = (trm_policy_diagnosis){0};
}
