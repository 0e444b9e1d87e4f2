// SPDX-License-Identifier: Apache-2.0
#include "train/rollout.h"

#include <string.h>

#include "trm/nn/categorical.h"

int32_t trm_rollout_shards(int32_t envs) {
    int32_t shards = (envs + TRM_SHARD_ENVS - 1) / TRM_SHARD_ENVS;
    return shards < TRM_SHARDS_MAX ? shards : TRM_SHARDS_MAX;
}

static void keep_more(trm_shard *s, trm_arena *a, const trm_env *env, size_t rows) {
    size_t actions = (size_t)trm_env_action_dim(env), dim = (size_t)trm_env_state_dim(env);
    if (s->keeps.values) {
        s->value = trm_arena_array(a, rows, sizeof *s->value);
        s->goal = trm_arena_array(a, rows, sizeof *s->goal);
    }
    if (s->keeps.labels)
        s->best = trm_arena_array(a, rows * actions, sizeof *s->best);
    if (s->keeps.explores)
        s->legal = trm_arena_array(a, rows * actions, sizeof *s->legal);
    if (!s->keeps.again)
        return;
    s->seen = trm_arena_array(a, rows * dim, sizeof *s->seen);
    s->seen_prev = trm_arena_array(a, rows, sizeof *s->seen_prev);
    s->order = trm_arena_array(a, rows, sizeof *s->order);
    s->again = trm_arena_array(a, TRM_AGAIN * dim, sizeof *s->again);
}

// The agent's row of the first environment in the newest step.
static int32_t agent_row(const trm_shard *s) {
    return s->keeps.passing ? 0 : s->rows;
}

void trm_rollout_init(trm_shard *s, trm_arena *a, const trm_env *env, const trm_model *m,
                      int32_t first, int32_t count, trm_keeps keeps) {
    size_t n = (size_t)count, steps = (size_t)trm_env_max_steps(env), rows = n * steps;
    *s = (trm_shard){.first = first, .count = count, .keeps = keeps};
    trm_agent_init_rows(&s->agent, env, m, keeps.passing ? count : (int32_t)rows,
                        keeps.all_outputs);
    s->workspace = s->agent.workspace;
    s->decision = trm_arena_array(a, (size_t)trm_env_action_dim(env), sizeof *s->decision);
    s->grads = trm_arena_array(a, (size_t)trm_model_params_const(m)->size, sizeof(float));
    s->action = trm_arena_array(a, rows, sizeof *s->action);
    s->weight = trm_arena_array(a, rows, sizeof *s->weight);
    s->entropy = trm_arena_array(a, rows, sizeof *s->entropy);
    s->log_prob = trm_arena_array(a, rows, sizeof *s->log_prob);
    s->length = trm_arena_array(a, n, sizeof *s->length);
    s->total = trm_arena_array(a, n, sizeof *s->total);
    s->row_of = trm_arena_array(a, rows, sizeof *s->row_of);
    s->reward = trm_arena_array(a, rows, sizeof *s->reward);
    s->which = trm_arena_array(a, n, sizeof *s->which);
    s->states = trm_arena_array(a, n, trm_env_state_size(env));
    s->obs = trm_arena_array(a, n * (size_t)trm_env_state_dim(env), sizeof *s->obs);
    s->prev = trm_arena_array(a, n, sizeof *s->prev);
    s->chosen = trm_arena_array(a, n, sizeof *s->chosen);
    s->results = trm_arena_array(a, n, sizeof *s->results);
    s->before = trm_arena_alloc(a, trm_env_state_size(env));
    keep_more(s, a, env, rows);
}

void trm_rollout_wrote(trm_shard *s, const trm_env *env, trm_rng *rngs, trm_parcel *parcel) {
    size_t n = (size_t)s->count, rows = n * (size_t)trm_env_max_steps(env);
    trm_parcel_add(parcel, rngs, n * sizeof *rngs);
    trm_parcel_add(parcel, &s->rows, sizeof s->rows);
    trm_parcel_add(parcel, &s->abandoned, sizeof s->abandoned);
    trm_parcel_add(parcel, s->length, n * sizeof *s->length);
    trm_parcel_add(parcel, s->total, n * sizeof *s->total);
    trm_parcel_add(parcel, s->row_of, rows * sizeof *s->row_of);
    trm_parcel_add(parcel, s->reward, rows * sizeof *s->reward);
    trm_parcel_add(parcel, s->action, rows * sizeof *s->action);
    if (s->keeps.values)
        trm_parcel_add(parcel, s->value, rows * sizeof *s->value);
    if (s->keeps.explores) {
        trm_parcel_add(parcel, s->seen, rows * (size_t)trm_env_state_dim(env) * sizeof *s->seen);
        trm_parcel_add(parcel, s->seen_prev, rows * sizeof *s->seen_prev);
        trm_parcel_add(parcel, s->legal, rows * (size_t)trm_env_action_dim(env));
    }
    if (s->keeps.labels)
        trm_parcel_add(parcel, s->best, rows * (size_t)trm_env_action_dim(env) * sizeof *s->best);
}

void trm_rollout_done(trm_shard *s) {
    trm_agent_done(&s->agent);
    s->workspace = NULL;
}

static void begin(trm_shard *s, const trm_env *env, trm_rng *rngs) {
    size_t state_size = trm_env_state_size(env);
    int32_t dim = trm_env_state_dim(env);
    s->rows = 0;
    s->abandoned = false;
    s->active = s->count;
    for (int32_t i = 0; i < s->count; i++) {
        s->which[i] = i;
        s->prev[i] = -1;
        s->length[i] = 0;
        s->total[i] = 0;
        trm_env_reset(env, s->states + (size_t)i * state_size, &rngs[i], TRM_SPLIT_TRAIN);
        trm_env_observe(env, s->states + (size_t)i * state_size, s->obs + (int64_t)i * dim);
    }
}

static void keep_legal(trm_shard *s, int64_t row, int32_t asked, int32_t actions) {
    const bool *legal = trm_agent_row_legal(&s->agent, asked);
    for (int32_t a = 0; a < actions; a++)
        s->legal[row * actions + a] = !legal || legal[a];
}

static void keep_step(trm_shard *s, const trm_env *env) {
    size_t state_size = trm_env_state_size(env), dim = (size_t)trm_env_state_dim(env);
    int32_t actions = trm_env_action_dim(env);
    for (int32_t k = 0; k < s->active; k++) {
        const int64_t row = s->rows + k;
        const int32_t asked = agent_row(s) + k;
        if (s->keeps.values)
            s->value[row] = trm_workspace_values(s->workspace)[asked];
        if (s->keeps.labels)
            trm_env_best(env, s->states + (size_t)k * state_size, s->best + row * actions);
        if (s->keeps.explores)
            keep_legal(s, row, asked, actions);
        if (!s->keeps.again)
            continue;
        memcpy(s->seen + row * (int64_t)dim, s->obs + (size_t)k * dim, dim * sizeof *s->seen);
        s->seen_prev[row] = s->prev[k];
        s->log_prob[row] = trm_categorical_log_prob(trm_agent_row_decision(&s->agent, asked),
                                                    actions, s->action[row]);
    }
}

// Samples an action for each active environment from the rows the model has just run.
static void choose(trm_shard *s, trm_rng *rngs) {
    for (int32_t k = 0; k < s->active; k++) {
        const int32_t asked = agent_row(s) + k;
        trm_rng *rng = &rngs[s->which[k]];
        s->chosen[k] = s->action[s->rows + k] =
            s->keeps.explores ? trm_agent_explore(&s->agent, asked, s->epsilon, rng, NULL)
                              : trm_agent_sample(&s->agent, asked, rng);
    }
}

static void record(trm_shard *s, int32_t max_steps) {
    for (int32_t k = 0; k < s->active; k++) {
        int32_t i = s->which[k], at = i * max_steps + s->length[i]++;
        s->row_of[at] = s->rows + k;
        s->reward[at] = s->results[k].reward;
        s->total[i] += s->results[k].reward;
    }
}

static bool show(const trm_shard *s, const trm_learner_callback *callback, int64_t episode) {
    const trm_step_view view = {.episode = episode,
                                .t = s->length[0] - 1,
                                .state = s->before,
                                .next_state = s->states,
                                .action = s->chosen[0],
                                .prev_action = s->prev[0],
                                .result = s->results[0],
                                .total_reward = s->total[0],
                                .legal = trm_agent_row_legal(&s->agent, agent_row(s)),
                                .model = s->agent.model,
                                .workspace = s->workspace,
                                .row = agent_row(s)};
    return callback->step(callback->ctx, &view);
}

// Closes the gaps that finished environments leave.
static void pack(trm_shard *s, const trm_env *env) {
    size_t state_size = trm_env_state_size(env), dim = (size_t)trm_env_state_dim(env);
    int32_t kept = 0;
    for (int32_t k = 0; k < s->active; k++) {
        if (s->results[k].done)
            continue;
        if (kept != k) {
            s->which[kept] = s->which[k];
            memcpy(s->states + (size_t)kept * state_size, s->states + (size_t)k * state_size,
                   state_size);
            memcpy(s->obs + (size_t)kept * dim, s->obs + (size_t)k * dim, dim * sizeof *s->obs);
        }
        s->prev[kept++] = s->chosen[k];
    }
    s->active = kept;
}

void trm_rollout_run(trm_shard *s, const trm_env *env, trm_rng *rngs,
                     const trm_learner_callback *callback, int64_t episode0) {
    int32_t max_steps = trm_env_max_steps(env);
    begin(s, env, rngs);
    while (s->active > 0) {
        bool shown = callback && s->which[0] == 0;
        trm_agent_run(&s->agent, agent_row(s), s->active, s->states, s->obs, s->prev);
        choose(s, rngs);
        keep_step(s, env);
        if (shown)
            memcpy(s->before, s->states, trm_env_state_size(env));
        trm_env_step_batch(env, s->states, s->active, s->chosen, s->obs, s->results);
        record(s, max_steps);
        if (shown && !show(s, callback, episode0)) {
            s->abandoned = true;
            return;
        }
        s->rows += s->active;
        pack(s, env);
    }
}
