// SPDX-License-Identifier: Apache-2.0
// Does the learner's gradient follow the returns? Its updates are made as in training, with a
// learning rate of 0, and beside each stands the gradient that the same episodes ask for when every
// step is weighted by its own return. A product of shapes (T,1) and (T), whose mean is that of all
// log-probabilities times that of all returns, cannot hide here: normalised returns have mean 0.
#include <math.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/nn/categorical.h"

static const double NOTHING = 1e-2; // of the gradient there ought to be
static const double ALIGNED = 0.5;  // cosine
static const double EQUAL = 1e-6;

typedef struct comparison {
    trm_learner *l;
    float *weights; // [max_steps * envs] of one shard's rows
    float *grads;   // [size]
    trm_rng rng;
    double steps, sum, squares; // of returns
    int64_t episodes, one_weight;
} comparison;

static bool all_equal(const float *x, int32_t n) {
    double low = (double)x[0], high = low, size = 0;
    for (int32_t i = 0; i < n; i++) {
        low = fmin(low, (double)x[i]);
        high = fmax(high, (double)x[i]);
        size = fmax(size, fabs((double)x[i]));
    }
    return high - low <= EQUAL * size;
}

// One episode's own weights into c->weights, by row; counts what the learner gave its steps.
static void weigh_episode(comparison *c, const trm_shard *s, int32_t episode) {
    trm_learner *l = c->l;
    int32_t max_steps = trm_env_max_steps(l->env), n = s->length[episode];
    const int32_t *row_of = s->row_of + (int64_t)episode * max_steps;
    float *returns = l->returns;
    trm_returns_discount(returns, s->reward + (int64_t)episode * max_steps, n, l->config.gamma);
    for (int32_t t = 0; t < n; t++) {
        c->sum += (double)returns[t];
        c->squares += (double)returns[t] * (double)returns[t];
    }
    c->steps += n;
    bool varied = !all_equal(returns, n);
    if (strcmp(l->config.baseline, "running") == 0)
        trm_baseline_apply(&l->baseline, returns, n);
    else
        trm_returns_normalise(returns, n);
    for (int32_t t = 0; t < n; t++)
        c->weights[row_of[t]] = returns[t];
    for (int32_t t = 0; t < n; t++)
        returns[t] = s->weight[row_of[t]];
    c->episodes += varied;
    c->one_weight += varied && all_equal(returns, n);
}

// Norm of the gradient over the learner's newest episodes. random: weights +1 and -1.
static double reweighted(comparison *c, int64_t rows, bool random) {
    trm_learner *l = c->l;
    int32_t last = trm_model_outputs(l->model) - 1;
    memset(c->grads, 0, (size_t)l->adam.size * sizeof *c->grads);
    for (int32_t k = 0; k < l->shard_count; k++) {
        trm_shard *s = &l->shards[k];
        trm_mat logits = trm_workspace_logits(s->workspace, last);
        trm_mat dlogits = trm_workspace_dlogits(s->workspace, last);
        for (int32_t i = 0; i < s->count && !random; i++)
            weigh_episode(c, s, i);
        for (int32_t r = 0; r < s->rows; r++) {
            float weight = !random ? c->weights[r] : (trm_rng_next(&c->rng) >> 63) ? 1.0f : -1.0f;
            trm_categorical_backward(trm_mat_row(dlogits, r),
                                     trm_shard_decision(s, trm_mat_row(logits, r), r), logits.cols,
                                     s->action[r], -weight / (float)rows, 0);
        }
        trm_model_backward(l->model, s->workspace, 0, s->rows, c->grads);
    }
    return trm_diagnose_norm(c->grads, l->adam.size);
}

static void compare_update(comparison *c, const trm_update *u, trm_signal_diagnosis *out) {
    int64_t rows = 0;
    for (int32_t k = 0; k < c->l->shard_count; k++)
        rows += c->l->shards[k].rows;
    out->applied += (double)u->grad_norm;
    out->weighted += reweighted(c, rows, false);
    double cosine = trm_diagnose_cosine(c->l->grads, c->grads, c->l->adam.size);
    out->cosine += isnan(cosine) ? 0 : cosine;
    out->scale += reweighted(c, rows, true);
    out->updates++;
}

// ---- what it means ------------------------------------------------------------------------------

static const char *advice_for(const trm_signal_diagnosis *d) {
    if (d->one_weight <= 0.5)
        return "The weights that the updates use are not the steps' returns: look at how returns "
               "are normalised and matched to their steps.";
    if (d->applied < NOTHING * d->weighted)
        return "Log-probabilities of shape (T,1) times returns of shape (T) make a (T,T) product, "
               "whose mean is mean(log_prob) * mean(return), and mean(return) is 0 after "
               "normalising: nothing is learned from the rewards. Multiply step by step "
               "(train.broadcast_bug=false).";
    return "Log-probabilities of shape (T,1) times returns of shape (T) make a (T,T) product, "
           "whose mean is mean(log_prob) * mean(return): which step earned what is lost. Multiply "
           "step by step (train.broadcast_bug=false).";
}

static void judge_lost(const trm_signal_diagnosis *d, const char *title, trm_findings *f) {
    trm_diagnose_add(
        f, "policy-gradient", fault(title, advice_for(d)),
        "Over %d updates without entropy bonus the gradient's norm is %.2g; weighted step by step "
        "by their returns (which vary by %.2g) the same episodes give %.2g. Cosine of the two: "
        "%.2f. In %.0f %% of the episodes all steps have one and the same weight.",
        d->updates, d->applied, d->returns_sd, d->weighted, d->cosine, 100 * d->one_weight);
}

void trm_diagnose_judge_signal(const trm_signal_diagnosis *d, trm_findings *f) {
    static const char check[] = "policy-gradient";
    if (!(d->returns_sd > EQUAL))
        trm_diagnose_add(
            f, check,
            note("the returns do not vary",
                 "Where every step brings the same there is nothing to prefer: look at the "
                 "rewards."),
            "Over %d updates they differ by %.2g.", d->updates, d->returns_sd);
    else if (d->applied < NOTHING * d->weighted)
        judge_lost(d, "the policy gradient cancels", f);
    else if (d->scale < EQUAL)
        trm_diagnose_add(
            f, check,
            note("the policy is too certain for a gradient", "See whether it has collapsed."),
            "Over %d updates even weights of 1 leave a norm of %.2g.", d->updates, d->scale);
    else if (d->cosine < ALIGNED || d->one_weight > 0.5)
        judge_lost(d, "the policy gradient does not follow the returns", f);
    else
        trm_diagnose_add(f, check, fine("the policy gradient follows the returns"),
                         "Over %d updates its norm is %.2g, as the returns ask for (%.2g, cosine "
                         "%.2f); they vary by %.2g.",
                         d->updates, d->applied, d->weighted, d->cosine, d->returns_sd);
}

// ---- measuring ----------------------------------------------------------------------------------

static bool run(comparison *c, int32_t updates, trm_diagnose_watch *watch,
                trm_signal_diagnosis *out, trm_error *e) {
    for (int32_t i = 0; i < updates; i++) {
        trm_update u;
        watch->done = i;
        if (!trm_diagnose_goes_on(watch))
            return trm_error_set(e, TRM_E_STOPPED, "stopped after %d of %d updates", i, updates);
        if (trm_learner_update(c->l, NULL, &u, e) != TRM_UPDATE_DONE)
            return false;
        compare_update(c, &u, out);
    }
    double n = updates, mean = c->sum / c->steps;
    out->returns_sd = sqrt(fmax(c->squares / c->steps - mean * mean, 0));
    out->applied /= n;
    out->weighted /= n;
    out->scale /= n;
    out->cosine /= n;
    out->one_weight = c->episodes ? (double)c->one_weight / (double)c->episodes : 0;
    return true;
}

bool trm_diagnose_signal(const trm_learner *l, int32_t updates,
                         bool (*progress)(void *ctx, int64_t done), void *ctx,
                         trm_signal_diagnosis *out, trm_findings *f, trm_error *e) {
    trm_diagnose_watch watch = {progress, ctx, 0, false};
    trm_train_config config = l->config;
    config.entropy = config.clip = config.lr = config.weight_decay = 0;
    *out = (trm_signal_diagnosis){0};
    if (l->algorithm != &trm_algorithm_reinforce) {
        trm_diagnose_add(f, "policy-gradient", fine("steps are not weighted by returns"),
                         "%s weighs them otherwise, so there is nothing to compare.",
                         l->algorithm->name);
        return true;
    }
    comparison c = {.l = trm_diagnose_copy(l, &config, e)};
    if (!c.l)
        return false;
    trm_arena arena = TRM_ARENA_INIT;
    size_t rows = (size_t)trm_env_max_steps(l->env) * (size_t)config.envs;
    c.weights = trm_arena_array(&arena, rows, sizeof *c.weights);
    c.grads = trm_arena_array(&arena, (size_t)l->adam.size, sizeof *c.grads);
    trm_rng_seed(&c.rng, l->seed, TRM_STREAM_DIAGNOSE_SIGNAL);
    bool ok = run(&c, updates, &watch, out, e);
    trm_arena_free(&arena);
    trm_learner_free(c.l);
    if (ok)
        trm_diagnose_judge_signal(out, f);
    return ok;
}
