// SPDX-License-Identifier: Apache-2.0
// REINFORCE (Williams 1992) as the original runs it (trm_rl.py: train_rl_with_deep_supervision),
// with one or many environments an update:
//   loss = -mean(log_prob * weight) - entropy_coefficient * mean(entropy)
// over all steps of the update's episodes.
#include <math.h>
#include <string.h>

#include "train/learner_impl.h"
#include "trm/nn/categorical.h"

typedef struct job {
    trm_learner *l;
    const trm_gate *gate;
    int64_t rows; // of all shards
} job;

static void roll(void *ctx, int32_t i) {
    const job *j = ctx;
    trm_learner *l = j->l;
    trm_shard *s = &l->shards[i];
    trm_rollout_run(s, l->env, l->model, l->rngs + s->first, i == 0 ? j->gate : NULL,
                    l->counters.episodes);
}

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

static void differentiate(void *ctx, int32_t i) {
    const job *j = ctx;
    const trm_learner *l = j->l;
    trm_shard *s = &l->shards[i];
    int32_t last = trm_model_outputs(l->model) - 1;
    trm_mat logits = trm_workspace_logits(s->workspace, last);
    trm_mat dlogits = trm_workspace_dlogits(s->workspace, last);
    float share = 1.0f / (float)j->rows;
    s->loss = s->entropy_sum = 0;
    for (int32_t r = 0; r < s->rows; r++) {
        const float *row = trm_mat_row(logits, r);
        double log_prob = (double)trm_categorical_log_prob(row, logits.cols, s->action[r]);
        double entropy = (double)trm_categorical_entropy(row, logits.cols);
        s->loss -= log_prob * (double)s->weight[r];
        s->entropy_sum += entropy;
        trm_categorical_backward(trm_mat_row(dlogits, r), row, logits.cols, s->action[r],
                                 -s->weight[r] * share, -l->config.entropy * share);
    }
    memset(s->grads, 0, (size_t)l->adam.size * sizeof *s->grads);
    trm_model_backward(l->model, s->workspace, 0, s->rows, s->grads);
}

// Shard by shard, in a fixed order.
static void reduce(trm_learner *l, trm_update *out, int64_t rows) {
    double loss = 0, entropy = 0;
    memcpy(l->grads, l->shards[0].grads, (size_t)l->adam.size * sizeof *l->grads);
    for (int32_t k = 0; k < l->shard_count; k++) {
        const trm_shard *s = &l->shards[k];
        loss += s->loss;
        entropy += s->entropy_sum;
        for (int64_t p = 0; k > 0 && p < l->adam.size; p++)
            l->grads[p] += s->grads[p];
    }
    out->entropy = (float)(entropy / (double)rows);
    out->loss = (float)((loss - (double)l->config.entropy * entropy) / (double)rows);
}

static void count_episodes(trm_learner *l, trm_update *out) {
    for (int32_t k = 0; k < l->shard_count; k++) {
        const trm_shard *s = &l->shards[k];
        for (int32_t i = 0; i < s->count; i++) {
            l->counters.steps += s->length[i];
            l->episodes[s->first + i] =
                (trm_episode){.episode = l->counters.episodes++,
                              .update = l->counters.updates,
                              .step = l->counters.steps,
                              .reward = s->total[i],
                              .success = trm_env_success(l->env, s->total[i]),
                              .length = s->length[i]};
        }
    }
    out->update = l->counters.updates++;
    out->count = l->config.envs;
    out->episodes = l->episodes;
}

static trm_outcome update(trm_learner *l, const trm_gate *gate, trm_update *out, trm_error *e) {
    job j = {.l = l, .gate = gate};
    trm_pool_run(l->pool, l->shard_count, roll, &j);
    if (l->shards[0].abandoned)
        return TRM_UPDATE_ABANDONED;
    for (int32_t k = 0; k < l->shard_count; k++)
        j.rows += l->shards[k].rows;
    weigh(l);
    trm_pool_run(l->pool, l->shard_count, differentiate, &j);
    reduce(l, out, j.rows);
    if (!trm_learner_optimise(l, out, e))
        return TRM_UPDATE_FAILED;
    count_episodes(l, out);
    return TRM_UPDATE_DONE;
}

const trm_algorithm trm_algorithm_reinforce = {.name = "reinforce", .update = update};
