// SPDX-License-Identifier: Apache-2.0
#include "trm/train/learner.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/algorithms/boards.h"
#include "train/algorithms/dqn.h"
#include "train/learner_impl.h"
#include "train/tensors.h"
#include "trm/base/text.h"
#include "trm/train/sizes.h"

// What one update may keep, over all environments: steps, and GiB of activations and gradients.
enum { MAX_ROWS = 1 << 20, MAX_GIB = 4 };

trm_train_config trm_train_config_default(void) {
    return (trm_train_config){.algorithm = "reinforce",
                              .baseline = "episode",
                              .episodes = 500,
                              .envs = 1,
                              .threads = 1,
                              .gamma = 0.95f,
                              .lr = 2e-3f,
                              .entropy = 0.01f,
                              .clip = 1.0f,
                              .decay = 1.0f,
                              .beta2 = 0.999f,
                              .baseline_rate = 0.05f,
                              .epochs = 20,
                              .batch = 16,
                              .ema_warmup = true,
                              .optimizer = "adam",
                              .explore = 0.5f,
                              .explore_each = "sample",
                              .loss = "softmax",
                              .supervision = "rising",
                              .gae = 0.95f,
                              .value = 0.5f,
                              .ratio_clip = 0.2f,
                              .passes = 4,
                              .minibatches = 4,
                              .memory = 10000,
                              .replays = 8,
                              .epsilon = 1,
                              .epsilon_min = 0.05f,
                              .epsilon_episodes = 200,
                              .n_step = 3,
                              .target_every = 5,
                              .priority = 0.6f,
                              .importance = 0.4f,
                              .double_q = true};
}

float trm_schedule_lr(const trm_train_config *c, int64_t update) {
    if (update < c->warmup)
        return (float)((double)c->lr * (double)update / c->warmup);
    return (float)((double)c->lr * pow((double)c->decay, (double)(update - c->warmup)));
}

static bool check(const trm_train_config *c, const trm_env *env, trm_error *e) {
    if (c->envs < 1 || c->threads < 1 || c->episodes < 1)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.envs, train.threads and train.episodes must be 1 or more");
    if ((int64_t)c->envs * trm_env_max_steps(env) > MAX_ROWS)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.envs: %d environments of up to %d steps are more than the %d "
                             "steps an update may keep",
                             c->envs, trm_env_max_steps(env), (int)MAX_ROWS);
    if (strcmp(c->baseline, "episode") != 0 && strcmp(c->baseline, "running") != 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.baseline: found \"%s\", expected \"episode\" or \"running\"",
                             c->baseline);
    return true;
}

static size_t workspace_size(const trm_model *m, int32_t rows, bool all_outputs) {
    trm_workspace *w = trm_workspace_new(m, rows, all_outputs);
    size_t size = trm_workspace_size(w);
    trm_workspace_free(w);
    return size;
}

// Refuses what would not fit before it is asked for. Two small workspaces tell what a row takes;
// double, because the product is what may be too large.
static bool check_memory(const trm_learner *l, trm_error *e) {
    enum { FEW = 1, MORE = 17, COPIES = 8 }; // COPIES: weights, moments and what is kept of them
    const double gib = 1 << 30;
    const bool all = trm_learner_keeps(l).all_outputs, boards = trm_learner_keeps(l).passing;
    double row =
        (double)(workspace_size(l->model, MORE, all) - workspace_size(l->model, FEW, all)) /
        (MORE - FEW);
    double weights = (double)trm_model_params_const(l->model)->size * sizeof(float);
    double episode = boards ? row : row * trm_env_max_steps(l->env);
    double fixed = weights * (COPIES + TRM_SHARDS_MAX) + trm_dqn_bytes(l) +
                   (boards ? row * l->config.batch : 0),
           left = MAX_GIB * gib - fixed;
    const int fit = (int)((left + row * l->config.batch) / row) - l->config.envs;
    if (boards && left < episode * l->config.envs && fit > 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.batch: %d boards need %.1f GiB with this model, and %d may be "
                             "used: expected %d or fewer",
                             l->config.batch, fixed / gib, MAX_GIB, fit);
    if (left < episode)
        return trm_error_set(e, TRM_E_INPUT,
                             "the model is too large for this environment: one episode of up to %d "
                             "steps needs %.1f GiB, and %d may be used",
                             trm_env_max_steps(l->env), (fixed + episode) / gib, MAX_GIB);
    if (left < episode * l->config.envs)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.envs: %d episodes of up to %d steps need %.1f GiB with this "
                             "model, and %d may be used: expected %d or fewer",
                             l->config.envs, trm_env_max_steps(l->env),
                             (fixed + episode * l->config.envs) / gib, MAX_GIB,
                             (int)(left / episode));
    return true;
}

static void divide(trm_learner *l) {
    l->shards = trm_arena_array(&l->arena, (size_t)l->shard_count, sizeof *l->shards);
    l->parts = trm_arena_array(&l->arena, (size_t)l->shard_count, sizeof *l->parts);
    for (int32_t k = 0; k < l->shard_count; k++) {
        int32_t first = (int32_t)((int64_t)l->config.envs * k / l->shard_count);
        int32_t end = (int32_t)((int64_t)l->config.envs * (k + 1) / l->shard_count);
        trm_rollout_init(&l->shards[k], &l->arena, l->env, l->model, first, end - first,
                         trm_learner_keeps(l));
        l->parts[k] = l->shards[k].grads;
    }
}

static void allocate(trm_learner *l) {
    size_t size = (size_t)trm_model_params(l->model)->size, envs = (size_t)l->config.envs;
    trm_arena *a = &l->arena;
    trm_adam_init(&l->adam, a, (int64_t)size, l->config.beta2, l->config.weight_decay);
    l->rngs = trm_arena_array(a, envs, sizeof *l->rngs);
    l->rngs_kept = trm_arena_array(a, envs, sizeof *l->rngs);
    l->episodes = trm_arena_array(a, envs, sizeof *l->episodes);
    l->returns = trm_arena_array(a, (size_t)trm_env_max_steps(l->env), sizeof *l->returns);
    l->grads = trm_arena_array(a, size, sizeof *l->grads);
    l->values_kept = trm_arena_array(a, size, sizeof *l->values_kept);
    l->m_kept = trm_arena_array(a, size, sizeof *l->m_kept);
    l->v_kept = trm_arena_array(a, size, sizeof *l->v_kept);
    divide(l);
    trm_boards_init(l);
    trm_dqn_init(l);
}

static void seed_all(trm_learner *l) {
    trm_rng init;
    trm_rng_seed(&init, l->seed, TRM_STREAM_INIT);
    trm_model_init(l->model, &init);
    assert(l->config.envs <= TRM_STREAM_ENVS_COUNT);
    for (int32_t i = 0; i < l->config.envs; i++)
        trm_rng_seed(&l->rngs[i], l->seed, (uint64_t)(TRM_STREAM_ENVS + i));
}

trm_learner *trm_learner_new(const trm_env_config *env, const trm_model_config *model,
                             const trm_train_config *train, uint64_t seed, trm_error *e) {
    trm_learner *l = trm_alloc(1, sizeof *l);
    l->config = *train;
    l->seed = seed;
    l->algorithm = trm_algorithm_find(train->algorithm, e);
    l->env = l->algorithm ? trm_env_new(env, e) : NULL;
    if (!l->env || !check(train, l->env, e))
        goto fail;
    trm_model_config sized = *model;
    trm_model_take_env(&sized, l->env);
    sized.value_head = l->algorithm->values;
    sized.q_values = l->algorithm->q;
    sized.halting_head = train->halting;
    sized.dueling_head = l->algorithm->q && train->dueling;
    l->model = trm_model_new(&sized, e);
    if (!l->model || (l->algorithm->prepare && !l->algorithm->prepare(l, e)) || !check_memory(l, e))
        goto fail;
    l->shard_count = trm_rollout_shards(train->envs);
    // More threads than shards would only sleep.
    l->pool = trm_pool_new(train->threads < l->shard_count ? train->threads : l->shard_count);
    allocate(l);
    seed_all(l);
    trm_dqn_seed(l);
    return l;
fail:
    trm_learner_free(l);
    return NULL;
}

void trm_learner_free(trm_learner *l) {
    if (!l)
        return;
    for (int32_t k = 0; l->shards && k < l->shard_count; k++)
        trm_rollout_done(&l->shards[k]);
    trm_boards_done(l);
    trm_dqn_done(l);
    trm_pool_free(l->pool);
    trm_model_free(l->model);
    trm_env_free(l->env);
    trm_arena_free(&l->arena);
    free(l);
}

void trm_learner_join(trm_learner *l, trm_peers *peers) {
    l->peers = peers;
}

// Weights and moments as they are before an update.
static void keep(trm_learner *l) {
    size_t bytes = (size_t)l->adam.size * sizeof(float);
    memcpy(l->values_kept, trm_model_params_const(l->model)->values, bytes);
    memcpy(l->m_kept, l->adam.m, bytes);
    memcpy(l->v_kept, l->adam.v, bytes);
    l->step_kept = l->adam.step;
}

static void set_back(trm_learner *l) {
    size_t bytes = (size_t)l->adam.size * sizeof(float);
    trm_model_set_weights(l->model, l->values_kept);
    memcpy(l->adam.m, l->m_kept, bytes);
    memcpy(l->adam.v, l->v_kept, bytes);
    l->adam.step = l->step_kept;
}

trm_outcome trm_learner_update(trm_learner *l, const trm_learner_callback *callback,
                               trm_update *out, trm_error *e) {
    size_t rngs = (size_t)l->config.envs * sizeof *l->rngs;
    memcpy(l->rngs_kept, l->rngs, rngs);
    l->baseline_kept = l->baseline;
    keep(l);
    *out = (trm_update){0};
    trm_outcome outcome = l->algorithm->update(l, callback, out, e);
    out->learner = l;
    if (outcome != TRM_UPDATE_DONE) {
        memcpy(l->rngs, l->rngs_kept, rngs);
        l->baseline = l->baseline_kept;
        set_back(l);
    }
    return outcome;
}

static bool not_finite(trm_error *e, const char *what, int64_t update) {
    return trm_error_set(
        e, TRM_E_NUMERIC,
        "the %s of update %lld is not finite; the weights before it are kept: try a lower "
        "train.lr, or train.clip",
        what, (long long)update);
}

bool trm_learner_optimise(trm_learner *l, trm_update *out, trm_error *e) {
    const trm_params *params = trm_model_params_const(l->model);
    if (!isfinite(out->loss))
        return not_finite(e, "loss", l->counters.updates);
    out->lr = trm_schedule_lr(&l->config, l->counters.updates);
    out->grad_norm = trm_grad_clip(l->grads, l->adam.size, l->config.clip);
    if (!isfinite(out->grad_norm))
        return not_finite(e, "gradient", l->counters.updates);
    trm_adam_step(&l->adam, params->values, l->grads, out->lr);
    return trm_training_sound(params, &l->adam) || not_finite(e, "step", l->counters.updates);
}

trm_played trm_learner_played(const trm_learner *l, int32_t i, int32_t *actions, float *rewards) {
    assert(i >= 0 && i < l->config.envs);
    const trm_shard *s = l->shards;
    while (i >= s->first + s->count)
        s++;
    int64_t at = (int64_t)(i - s->first) * trm_env_max_steps(l->env);
    int32_t length = s->length[i - s->first];
    for (int32_t t = 0; t < length; t++) {
        actions[t] = s->action[s->row_of[at + t]];
        rewards[t] = s->reward[at + t];
    }
    return (trm_played){.start = l->rngs_kept[i], .length = length, .weights = l->values_kept};
}

const trm_env *trm_learner_env(const trm_learner *l) {
    return l->env;
}

trm_model *trm_learner_model(trm_learner *l) {
    return l->model;
}

const trm_train_config *trm_learner_config(const trm_learner *l) {
    return &l->config;
}

int64_t trm_learner_episodes(const trm_learner *l) {
    return l->counters.episodes;
}

int64_t trm_learner_updates(const trm_learner *l) {
    return l->counters.updates;
}

int64_t trm_learner_steps(const trm_learner *l) {
    return l->counters.steps;
}

bool trm_learner_done(const trm_learner *l) {
    return l->counters.episodes >= l->config.episodes;
}

void trm_learner_set_episodes(trm_learner *l, int64_t total) {
    assert(total >= l->counters.episodes);
    l->config.episodes = total;
}
