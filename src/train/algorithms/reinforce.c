// SPDX-License-Identifier: Apache-2.0
// REINFORCE (Williams 1992) as the original runs it (trm_rl.py: train_rl_with_deep_supervision),
// with one or many environments an update:
//   loss = -mean(log_prob * weight) - entropy_coefficient * mean(entropy)
// over all steps of the update's episodes.
#include <string.h>

#include "train/learner_impl.h"
#include "trm/nn/categorical.h"

// An episode's rows lie apart, as environments run in lock-step: its weights are brought together
// in l->returns, and put back.
static const int32_t *rows_of(const trm_learner *l, const trm_shard *s, int32_t episode) {
    return s->row_of + (int64_t)episode * trm_env_max_steps(l->env);
}

static void gather(trm_learner *l, const trm_shard *s, int32_t episode) {
    const int32_t *rows = rows_of(l, s, episode);
    for (int32_t t = 0; t < s->length[episode]; t++)
        l->returns[t] = s->weight[rows[t]];
}

static void scatter(const trm_learner *l, trm_shard *s, int32_t episode) {
    const int32_t *rows = rows_of(l, s, episode);
    for (int32_t t = 0; t < s->length[episode]; t++)
        s->weight[rows[t]] = l->returns[t];
}

typedef struct moments {
    double sum, squares, count;
} moments;

// Every step's weight is its discounted return.
static void discount(trm_learner *l, trm_shard *s, int32_t episode, moments *all) {
    const float *rewards = s->reward + (int64_t)episode * trm_env_max_steps(l->env);
    trm_returns_discount(l->returns, rewards, s->length[episode], l->config.gamma);
    for (int32_t t = 0; t < s->length[episode]; t++) {
        all->sum += (double)l->returns[t];
        all->squares += (double)l->returns[t] * (double)l->returns[t];
    }
    all->count += s->length[episode];
    scatter(l, s, episode);
}

static void normalise(trm_learner *l, trm_shard *s, int32_t episode, bool running) {
    gather(l, s, episode);
    if (running)
        trm_baseline_apply(&l->baseline, l->returns, s->length[episode]);
    else
        trm_returns_normalise(l->returns, s->length[episode]);
    if (l->config.broadcast_bug)
        trm_returns_broadcast(l->returns, s->length[episode]);
    scatter(l, s, episode);
}

// From rewards to weights, for all episodes in order of environment.
static void weigh(trm_learner *l) {
    bool running = strcmp(l->config.baseline, "running") == 0;
    moments all = {0};
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t i = 0; i < l->shards[k].count; i++)
            discount(l, &l->shards[k], i, &all);
    if (running)
        trm_baseline_update(&l->baseline, all.sum / all.count, all.squares / all.count,
                            l->config.baseline_rate);
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t i = 0; i < l->shards[k].count; i++)
            normalise(l, &l->shards[k], i, running);
}

// One output's part of the loss. Entropy is that of the last.
static void differentiate_output(const trm_learner *l, trm_shard *s, int32_t o, float share) {
    trm_mat logits = trm_workspace_logits(s->workspace, o);
    trm_mat dlogits = trm_workspace_dlogits(s->workspace, o);
    float weight = trm_learner_output_weight(l, o);
    bool last = o == trm_model_outputs(l->model) - 1;
    for (int32_t r = 0; r < s->rows; r++) {
        const float *row = trm_shard_decision(s, trm_mat_row(logits, r), r);
        double log_prob = (double)trm_categorical_log_prob(row, logits.cols, s->action[r]);
        s->loss -= (double)weight * log_prob * (double)s->weight[r];
        if (last)
            trm_shard_add_entropy(s, (double)trm_categorical_entropy(row, logits.cols));
        trm_categorical_backward(trm_mat_row(dlogits, r), row, logits.cols, s->action[r],
                                 -s->weight[r] * share * weight,
                                 last ? -l->config.entropy * share : 0);
    }
}

static void differentiate(trm_learner *l, trm_shard *s) {
    int32_t outputs = trm_model_outputs(l->model);
    float share = 1.0f / (float)trm_learner_rows(l);
    for (int32_t o = l->config.deep_supervision ? 0 : outputs - 1; o < outputs; o++)
        differentiate_output(l, s, o, share);
    trm_learner_halting(l, s, NULL, s->rows, share);
    trm_model_backward(l->model, s->workspace, 0, s->rows, s->grads);
}

static trm_outcome update(trm_learner *l, const trm_learner_callback *callback, trm_update *out,
                          trm_error *e) {
    if (!trm_learner_roll(l, callback))
        return TRM_UPDATE_ABANDONED;
    weigh(l);
    trm_learner_differentiate(l, differentiate, trm_learner_rows(l), out);
    if (!trm_learner_optimise(l, out, e))
        return TRM_UPDATE_FAILED;
    trm_learner_count(l, out);
    return TRM_UPDATE_DONE;
}

const trm_algorithm trm_algorithm_reinforce = {
    .name = "reinforce",
    .summary = "REINFORCE, returns normalised by episode or by a running baseline",
    .bonus = true,
    .update = update};
