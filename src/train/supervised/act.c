// SPDX-License-Identifier: Apache-2.0
// Supervision steps one at a time as the public code of Jolicoeur-Martineau 2025 has them. The
// batch is a row of places. Every update brings a new batch of samples, of which each place takes
// its own if its sample before has stopped; the others are thrown away. All places begin with their
// first step, and what they hold goes on from epoch to epoch.
#include <string.h>

#include "train/supervised/impl.h"
#include "trm/nn/categorical.h"

static size_t carry_size(const trm_supervised *s) {
    return (size_t)trm_model_carry_size(s->model);
}

static trm_act allocate(trm_supervised *s) {
    const trm_model_config *c = trm_model_get_config(s->model);
    size_t batch = (size_t)s->config.batch;
    trm_arena *a = &s->arena;
    return (trm_act){.steps = trm_arena_array(a, 2 * batch, sizeof(int64_t)),
                     .carry = trm_arena_array(a, batch * carry_size(s), sizeof(float)),
                     .x = trm_arena_array(a, batch * (size_t)c->state_dim, sizeof(float)),
                     .targets = trm_arena_array(a, batch * (size_t)c->positions, sizeof(int32_t)),
                     .sure = trm_arena_array(a, batch, sizeof(bool))};
}

void trm_supervised_act_init(trm_supervised *s) {
    s->act = trm_arena_alloc(&s->arena, sizeof *s->act);
    *s->act = allocate(s);
    s->kept.act = allocate(s);
}

void trm_supervised_act_count(trm_supervised *s) {
    s->chunks = (s->config.batch + s->shard_rows - 1) / s->shard_rows;
}

void trm_supervised_act_copy(const trm_supervised *s, trm_act *to, const trm_act *from) {
    const trm_model_config *c = trm_model_get_config(s->model);
    size_t batch = (size_t)s->config.batch;
    memcpy(to->steps, from->steps, 2 * batch * sizeof *to->steps);
    memcpy(to->carry, from->carry, batch * carry_size(s) * sizeof *to->carry);
    memcpy(to->x, from->x, batch * (size_t)c->state_dim * sizeof *to->x);
    memcpy(to->targets, from->targets, batch * (size_t)c->positions * sizeof *to->targets);
}

void trm_supervised_act_tensors(trm_supervised *s, trm_listing *to) {
    const trm_model_config *c = trm_model_get_config(s->model);
    int64_t batch = s->config.batch;
    trm_listing_put(to, "state.", "act.steps", TRM_I64, 2, (int64_t[]){batch, 2}, s->act->steps);
    trm_listing_put(to, "state.", "act.carry", TRM_F32, 2,
                    (int64_t[]){batch, (int64_t)carry_size(s)}, s->act->carry);
    trm_listing_put(to, "state.", "act.x", TRM_F32, 2, (int64_t[]){batch, c->state_dim}, s->act->x);
    trm_listing_put(to, "state.", "act.targets", TRM_I32, 2, (int64_t[]){batch, c->positions},
                    s->act->targets);
}

bool trm_supervised_act_sound(const trm_supervised *s) {
    const trm_model_config *c = trm_model_get_config(s->model);
    int64_t batch = s->config.batch;
    bool ok = trm_values_finite(s->act->carry, batch * (int64_t)carry_size(s)) &&
              trm_values_finite(s->act->x, batch * c->state_dim);
    for (int64_t i = 0; i < 2 * batch; i++)
        ok &= s->act->steps[i] >= 0 && s->act->steps[i] <= c->sup_steps;
    for (int64_t i = 0; i < batch * c->positions; i++)
        ok &= s->act->targets[i] < c->action_dim;
    return ok;
}

static bool explores_each_step(const trm_supervised *s) {
    return strcmp(s->config.explore_each, "step") == 0;
}

static void take(trm_supervised *s, const trm_samples *samples, int32_t place, int32_t sample) {
    const trm_model_config *c = trm_model_get_config(s->model);
    int64_t at = place;
    memcpy(s->act->x + at * c->state_dim, samples->inputs + (int64_t)sample * c->state_dim,
           (size_t)c->state_dim * sizeof *s->act->x);
    memcpy(s->act->targets + at * c->positions, samples->targets + (int64_t)sample * c->positions,
           (size_t)c->positions * sizeof *s->act->targets);
    trm_model_carry_start(s->model, s->act->carry + at * (int64_t)carry_size(s));
    s->act->steps[2 * at + 1] = explores_each_step(s) ? 1 : trm_supervised_explore(s);
}

// What update `update` of the epoch brings.
static void take_batch(trm_supervised *s, const trm_samples *samples, int64_t update) {
    const trm_model_config *c = trm_model_get_config(s->model);
    s->puzzle_count = 0;
    for (int32_t i = 0; i < s->config.batch; i++) {
        if (s->act->steps[2 * i] == 0)
            take(s, samples, i, s->order[(update * s->config.batch + i) % samples->count]);
        trm_supervised_note_puzzle(s, s->act->x + (int64_t)i * c->state_dim);
    }
}

// ---- a shard ------------------------------------------------------------------------------------

// hrm's second output learns how sure a further step would be.
static double learn_to_continue(trm_supervised *s, trm_shard *sh, int32_t first, int32_t rows,
                                trm_mat x) {
    double share = 0.5 / s->config.batch, loss = 0;
    if (!sh->further)
        return 0;
    memcpy(trm_workspace_carry(sh->further), trm_workspace_carry(sh->workspace),
           (size_t)rows * carry_size(s) * sizeof(float));
    trm_model_forward(s->model, sh->further, 0, x, NULL);
    for (int32_t row = 0; row < rows; row++) {
        float halt = trm_workspace_halt(sh->further, 0)[row];
        float go_on = trm_workspace_continue(sh->further, 0)[row];
        bool last =
            s->act->steps[2 * (first + row)] + 1 >= trm_model_get_config(s->model)->sup_steps;
        loss += trm_supervised_bce((double)trm_workspace_continue(sh->workspace, 0)[row],
                                   (double)trm_logistic(last || halt > go_on ? halt : go_on), share,
                                   &trm_workspace_dcontinue(sh->workspace, 0)[row]);
    }
    return loss;
}

static void run_chunk(trm_supervised *s, trm_shard *sh, int32_t first, int32_t rows) {
    const trm_model_config *c = trm_model_get_config(s->model);
    float *carry = s->act->carry + first * (int64_t)carry_size(s);
    size_t bytes = (size_t)rows * carry_size(s) * sizeof *carry;
    trm_mat x = trm_mat_of(s->act->x + (int64_t)first * c->state_dim, rows, c->state_dim);
    memcpy(trm_workspace_carry(sh->workspace), carry, bytes);
    trm_model_forward(s->model, sh->workspace, 0, x, NULL);
    if (trm_workspace_stopped(sh->workspace))
        return;
    for (int32_t row = 0; row < rows; row++) {
        sh->targets[row] = s->act->targets + (int64_t)(first + row) * c->positions;
        sh->loss +=
            trm_supervised_loss(s, sh, 0, row, 1.0 / ((double)s->config.batch * c->positions));
        s->act->sure[first + row] = trm_supervised_is_sure(s, sh->workspace, row);
    }
    sh->loss += learn_to_continue(s, sh, first, rows, x);
    trm_model_backward(s->model, sh->workspace, 0, rows, sh->grads);
    memcpy(carry, trm_workspace_carry(sh->workspace), bytes);
    atomic_fetch_add_explicit(&s->chunks_done, 1, memory_order_relaxed);
}

// Shard i's chunks: the first begins at place i * shard_rows.
static int32_t next_chunk(const trm_supervised *s, int32_t first) {
    return first + s->shard_count * s->shard_rows;
}

static int32_t chunk_rows(const trm_supervised *s, int32_t first) {
    int32_t left = s->config.batch - first;
    return left < s->shard_rows ? left : s->shard_rows;
}

static void run_shard(void *ctx, int32_t i) {
    trm_supervised *s = ctx;
    trm_shard *sh = &s->shards[i];
    memset(sh->grads, 0, (size_t)s->adam.size * sizeof *sh->grads);
    sh->loss = 0;
    bool stopped = false;
    for (int32_t at = i * s->shard_rows; at < s->config.batch && !stopped; at = next_chunk(s, at)) {
        run_chunk(s, sh, at, chunk_rows(s, at));
        stopped = trm_workspace_stopped(sh->workspace);
    }
}

static void wrote(void *ctx, int32_t i, trm_parcel *parcel) {
    trm_supervised *s = ctx;
    trm_parcel_add(parcel, &s->shards[i].loss, sizeof s->shards[i].loss);
    for (int32_t at = i * s->shard_rows; at < s->config.batch; at = next_chunk(s, at)) {
        size_t rows = (size_t)chunk_rows(s, at);
        trm_parcel_add(parcel, s->act->carry + (size_t)at * carry_size(s),
                       rows * carry_size(s) * sizeof *s->act->carry);
        trm_parcel_add(parcel, s->act->sure + at, rows * sizeof *s->act->sure);
    }
}

// ---- an epoch -----------------------------------------------------------------------------------

// Counts the step; places whose samples have stopped are free.
static void turn_over(trm_supervised *s) {
    int32_t steps = trm_model_get_config(s->model)->sup_steps;
    for (int32_t i = 0; i < s->config.batch; i++) {
        int64_t *done = &s->act->steps[2 * i], *least = done + 1;
        if (explores_each_step(s))
            *least = trm_supervised_explore(s);
        if (++*done >= steps || (s->act->sure[i] && *done >= *least))
            *done = 0;
        else if (!s->act->sure[i] && trm_model_restarts(s->model, (int32_t)*done))
            trm_model_carry_restart(s->model, s->act->carry + i * (int64_t)carry_size(s),
                                    (int32_t)*done, &s->rng);
    }
}

// Batches in the first `epochs` epochs: over all of them none is cut short.
static int64_t batches_in(const trm_supervised *s, const trm_samples *train, int64_t epochs) {
    return epochs * train->count / s->config.batch;
}

trm_outcome trm_supervised_act_epoch(trm_supervised *s, const trm_samples *train,
                                     trm_epoch_progress *progress, void *ctx, trm_epoch *out,
                                     trm_error *e) {
    int64_t updates = batches_in(s, train, s->epochs + 1) - batches_in(s, train, s->epochs);
    double total = 0, loss;
    for (int64_t update = 0; update < updates; update++) {
        take_batch(s, train, update);
        atomic_store_explicit(&s->chunks_done, 0, memory_order_relaxed);
        trm_peers_run(s->peers, s->pool, s->shard_count, run_shard, wrote, s);
        if (!trm_peers_agree(s->peers, !trm_supervised_stopped(s)))
            return TRM_UPDATE_ABANDONED;
        s->share = (double)update / (double)updates;
        if (!trm_supervised_update(s, out, &loss, e))
            return TRM_UPDATE_FAILED;
        total += loss;
        turn_over(s);
        s->newest.samples = (int32_t)((update + 1) * train->count / updates);
        if (!trm_supervised_goes_on(s, progress, ctx, (double)(update + 1) / (double)updates))
            return TRM_UPDATE_ABANDONED;
    }
    out->train_loss = total / (double)updates;
    return TRM_UPDATE_DONE;
}
