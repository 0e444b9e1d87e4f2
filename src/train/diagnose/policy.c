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
    static const char check[] = "collapse";
    const trm_play *p = &d->sampled;
    bool collapsed = p->entropy < COLLAPSED || p->certain > 0.5;
    char seen[TRM_FINDING_SEEN];
    trm_text_format(seen, sizeof seen,
                    "Entropy is %.2f %% of its maximum on average; one action has more than "
                    "0.999 at %.1f %% of the steps; %.1f %% of the episodes succeed.",
                    100 * p->entropy, 100 * p->certain, 100 * p->success);
    if (!collapsed)
        trm_diagnose_add(f, TRM_SEVERITY_OK, check, "the policy still tries things", "", "%s",
                         seen);
    else if (p->success >= GOOD)
        trm_diagnose_add(f, TRM_SEVERITY_OK, check, "the policy is certain, and right", "", "%s",
                         seen);
    else
        trm_diagnose_add(
            f, TRM_SEVERITY_FAULT, check, "the policy has collapsed",
            "A policy this certain sees nothing new and gets no gradient: start again with "
            "a lower train.lr or a higher train.entropy.",
            "%s", seen);
}

// Where most random steps change nothing, too, only doing much worse tells.
static void judge_wall(const trm_policy_diagnosis *d, const trm_play *random, trm_findings *f) {
    static const char check[] = "wall";
    double idle = d->sampled.idle;
    char seen[TRM_FINDING_SEEN];
    trm_text_format(seen, sizeof seen,
                    "%.1f %% of its steps change nothing on the board, of random ones %.1f %%.",
                    100 * idle, 100 * random->idle);
    if (idle > STUCK && 1 - idle < 0.5 * (1 - random->idle))
        trm_diagnose_add(
            f, TRM_SEVERITY_FAULT, check, "the policy acts without effect",
            "It repeats an action that the board refuses, as into a wall: start again with "
            "a lower train.lr, more train.entropy, or train.baseline=running.",
            "%s", seen);
    else
        trm_diagnose_add(f, TRM_SEVERITY_OK, check, "it is not stuck at a wall", "", "%s", seen);
}

static double standard_error(const trm_play *a, const trm_play *b) {
    return sqrt(a->reward_sd * a->reward_sd / (double)a->episodes +
                b->reward_sd * b->reward_sd / (double)b->episodes);
}

static void judge_against_chance(const trm_policy_diagnosis *d, const trm_play *random,
                                 trm_findings *f) {
    static const char check[] = "chance-beaten";
    double rise = d->sampled.reward - random->reward, error = standard_error(&d->sampled, random);
    char seen[TRM_FINDING_SEEN];
    trm_text_format(seen, sizeof seen,
                    "Sampled play brings %.2f, random play %.2f: a difference of %+.2f, with a "
                    "standard error of %.2f.",
                    d->sampled.reward, random->reward, rise, error);
    if (rise > 2 * error)
        trm_diagnose_add(f, TRM_SEVERITY_OK, check, "training has brought more than chance", "",
                         "%s", seen);
    else
        trm_diagnose_add(f, TRM_SEVERITY_FAULT, check, "training has brought no more than chance",
                         "See the other faults; if there are none, train longer or with another "
                         "train.lr.",
                         "%s", seen);
}

void trm_diagnose_judge_policy(const trm_policy_diagnosis *d, const trm_play *random, bool trained,
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

// As eval measures it.
static trm_play play_greedy(const trm_learner *l, uint64_t seed) {
    trm_evaluation v;
    trm_evaluate(l->model, l->env, TRM_EVALUATION_EPISODES, seed, false, NULL, NULL, &v);
    return (trm_play){.episodes = v.episodes,
                      .success = (double)v.successes / (double)v.episodes,
                      .reward = v.mean_reward,
                      .reward_sd = v.reward_sd,
                      .length = v.mean_length,
                      .idle = v.idle,
                      .entropy = isnan(v.entropy) ? 0 : v.entropy,
                      .certain = isnan(v.certain) ? 0 : v.certain};
}

void trm_diagnose_policy(const trm_learner *l, int64_t episodes, uint64_t seed,
                         const trm_play *random, bool trained, trm_policy_diagnosis *out,
                         trm_findings *f) {
    *out = (trm_policy_diagnosis){.shape = trm_model_trace_shape(l->model)};
    out->first = trm_alloc((size_t)trm_trace_size(&out->shape), sizeof *out->first);
    read_first(l, seed, out);
    trm_diagnose_play(l->env, l->model, DIAGNOSE_SAMPLED, episodes, seed, NULL, &out->sampled);
    out->greedy = play_greedy(l, seed);
    trm_diagnose_judge_policy(out, random, trained, f);
}

void trm_policy_diagnosis_done(trm_policy_diagnosis *d) {
    free(d->first);
    free(d->legal);
    *d = (trm_policy_diagnosis){0};
}
