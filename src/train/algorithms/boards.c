// SPDX-License-Identifier: Apache-2.0
#include "train/algorithms/boards.h"

#include <assert.h>
#include <string.h>

#include "trm/nn/categorical.h"

int32_t trm_count_best(const bool *best, int32_t actions) {
    int32_t n = 0;
    for (int32_t a = 0; a < actions; a++)
        n += best[a];
    return n;
}

double trm_imitate(float *dlogits, const float *logits, const bool *best, int32_t n, float share) {
    int32_t count = trm_count_best(best, n);
    double loss = 0;
    assert(count > 0);
    trm_softmax(dlogits, logits, n);
    for (int32_t a = 0; a < n; a++) {
        if (best[a])
            loss -= (double)trm_categorical_log_prob(logits, n, a) / count;
        dlogits[a] = share * (dlogits[a] - (best[a] ? 1.0f / (float)count : 0.0f));
    }
    return loss;
}

bool trm_boards_prepare(trm_learner *l, trm_error *e) {
    trm_model_config c = *trm_model_get_config(l->model);
    if (!c.read_at_agent || !trm_env_editable(l->env, TRM_EDIT_AGENT))
        return true;
    c.positions = c.height * c.width;
    l->answerer = trm_model_new(&c, e);
    if (!l->answerer)
        return false;
    assert(trm_model_params(l->answerer)->size == trm_model_params(l->model)->size);
    if (l->config.batch >= l->config.envs)
        return true;
    return trm_error_set(
        e, TRM_E_INPUT,
        "train.batch: %d boards are fewer than the %d environments: raise it, or lower train.envs",
        l->config.batch, l->config.envs);
}

void trm_boards_init(trm_learner *l) {
    const trm_model_config *c = l->answerer ? trm_model_get_config(l->answerer) : NULL;
    for (int32_t k = 0; c && k < l->shard_count; k++) {
        trm_boards *b = trm_arena_alloc(&l->arena, sizeof *b);
        int64_t boards = l->config.batch;
        b->count = (int32_t)(boards * (k + 1) / l->shard_count - boards * k / l->shard_count);
        b->workspace = trm_workspace_new(l->answerer, b->count, l->config.deep_supervision);
        size_t n = (size_t)b->count, size = trm_env_state_size(l->env);
        b->x = trm_arena_array(&l->arena, n * (size_t)c->state_dim, sizeof *b->x);
        b->best = trm_arena_array(&l->arena, n * (size_t)(c->positions * c->action_dim), 1);
        b->state = trm_arena_alloc(&l->arena, size);
        b->moved = trm_arena_alloc(&l->arena, size);
        l->shards[k].boards = b;
    }
}

void trm_boards_done(trm_learner *l) {
    for (int32_t k = 0; l->shards && k < l->shard_count; k++)
        if (l->shards[k].boards)
            trm_workspace_free(l->shards[k].boards->workspace);
    trm_model_free(l->answerer);
}

// The best moves from every cell that the agent can be put into.
static void label(const trm_learner *l, const trm_boards *b, bool *best) {
    const trm_model_config *c = trm_model_get_config(l->answerer);
    size_t size = trm_env_state_size(l->env);
    memset(best, 0, (size_t)(c->positions * c->action_dim));
    for (int32_t p = 0; p < c->positions; p++) {
        const trm_edit edit = {.kind = TRM_EDIT_AGENT, .cell = p};
        memcpy(b->moved, b->state, size);
        if (trm_env_edit(l->env, b->moved, &edit, NULL))
            trm_env_best(l->env, b->moved, best + (int64_t)p * c->action_dim);
    }
}

static void draw(const trm_learner *l, const trm_boards *b, trm_rng *rng) {
    const trm_model_config *c = trm_model_get_config(l->answerer);
    for (int32_t i = 0; i < b->count; i++) {
        trm_env_reset(l->env, b->state, rng, TRM_SPLIT_TRAIN);
        trm_env_observe(l->env, b->state, b->x + (int64_t)i * c->state_dim);
        label(l, b, b->best + (int64_t)i * c->positions * c->action_dim);
    }
}

static int32_t labelled_cells(const bool *best, int32_t positions, int32_t actions) {
    int32_t n = 0;
    for (int32_t p = 0; p < positions; p++)
        n += trm_count_best(best + (int64_t)p * actions, actions) > 0;
    return n;
}

// One board at one output.
static void differentiate_board(const trm_learner *l, trm_shard *s, int32_t i, int32_t o) {
    const trm_model_config *c = trm_model_get_config(l->answerer);
    const trm_boards *b = s->boards;
    const bool *best = b->best + (int64_t)i * c->positions * c->action_dim;
    const float *logits = trm_mat_row(trm_workspace_logits(b->workspace, o), i);
    float *dlogits = trm_mat_row(trm_workspace_dlogits(b->workspace, o), i);
    int32_t cells = labelled_cells(best, c->positions, c->action_dim);
    bool last = o == trm_model_outputs(l->answerer) - 1;
    double weight = (double)trm_learner_output_weight(l, o) / (cells > 0 ? cells : 1);
    float share = (float)(weight / l->config.batch);
    for (int32_t p = 0; p < c->positions; p++) {
        const bool *of = best + (int64_t)p * c->action_dim;
        const float *at = logits + (int64_t)p * c->action_dim;
        float *to = dlogits + (int64_t)p * c->action_dim;
        if (trm_count_best(of, c->action_dim) == 0) {
            memset(to, 0, (size_t)c->action_dim * sizeof *to);
            continue;
        }
        s->loss += weight * trm_imitate(to, at, of, c->action_dim, share);
        if (last)
            s->entropy_sum += (double)trm_categorical_entropy(at, c->action_dim) / cells;
    }
    s->entropy_count += last && cells > 0;
}

typedef struct shard_of {
    const trm_learner *l;
    trm_shard *shard;
} shard_of;

static void lose(void *ctx, int32_t o, int32_t row0, int32_t rows) {
    const shard_of *of = ctx;
    for (int32_t i = row0; i < row0 + rows; i++)
        differentiate_board(of->l, of->shard, i, o);
}

static void differentiate(trm_learner *l, trm_shard *s) {
    const trm_boards *b = s->boards;
    draw(l, b, &l->rngs[s->first]);
    trm_model_learn(l->answerer, b->workspace,
                    trm_mat_of(b->x, b->count, trm_env_state_dim(l->env)), NULL, lose,
                    &(shard_of){l, s}, s->grads);
}

void trm_boards_learn(trm_learner *l, trm_update *out) {
    trm_model_set_weights(l->answerer, trm_model_params(l->model)->values);
    trm_learner_differentiate(l, differentiate, l->config.batch, out);
}
