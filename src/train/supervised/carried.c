// SPDX-License-Identifier: Apache-2.0
// Supervision steps one at a time, latent and answer carried from one to the next (the training of
// Jolicoeur-Martineau 2025). Every update sees a batch of samples of which each is at a step of its
// own; a sample leaves after the model's N steps, or as soon as the halting head takes it to be
// right.
#include <string.h>

#include "train/supervised/impl.h"

static trm_shard *shard_of(trm_supervised *s, int32_t slot, int32_t *row) {
    *row = slot % s->shard_rows;
    return &s->shards[slot / s->shard_rows];
}

static bool explores_each_step(const trm_supervised *s) {
    return strcmp(s->config.explore_each, "step") == 0;
}

// Puts the next sample of the order at a slot, or leaves it empty.
static void fill(trm_supervised *s, const trm_samples *samples, int32_t i, int32_t *next) {
    const trm_model_config *c = trm_model_get_config(s->model);
    int32_t row;
    trm_shard *sh = shard_of(s, i, &row);
    trm_slot *slot = &s->slots[i];
    *slot = (trm_slot){.sample = -1, .least = 1};
    sh->targets[row] = NULL;
    if (*next >= samples->count)
        return;
    slot->sample = s->order[(*next)++];
    if (!explores_each_step(s))
        slot->least = trm_supervised_explore(s);
    sh->targets[row] = samples->targets + (int64_t)slot->sample * c->positions;
    memcpy(sh->x + (int64_t)row * c->state_dim,
           samples->inputs + (int64_t)slot->sample * c->state_dim,
           (size_t)c->state_dim * sizeof *sh->x);
    trm_model_carry_start(s->model, trm_workspace_carry(sh->workspace) +
                                        row * trm_model_carry_size(s->model));
}

static void run_shard(void *ctx, int32_t i) {
    trm_supervised *s = ctx;
    trm_shard *sh = &s->shards[i];
    const trm_model_config *c = trm_model_get_config(s->model);
    memset(sh->grads, 0, (size_t)s->adam.size * sizeof *sh->grads);
    sh->loss = 0;
    bool any = false;
    for (int32_t row = 0; row < sh->count; row++)
        any |= sh->targets[row] != NULL;
    if (!any)
        return;
    trm_model_forward(s->model, sh->workspace, 0, trm_mat_of(sh->x, sh->count, c->state_dim), NULL);
    double share = 1.0 / ((double)s->config.batch * c->positions);
    for (int32_t row = 0; row < sh->count; row++) {
        sh->loss += trm_supervised_loss(s, sh, 0, row, share);
        s->slots[i * s->shard_rows + row].sure = trm_supervised_is_sure(s, sh->workspace, row);
    }
    trm_model_backward(s->model, sh->workspace, 0, sh->count, sh->grads);
}

static void wrote(void *ctx, int32_t i, trm_parcel *parcel) {
    trm_supervised *s = ctx;
    trm_shard *sh = &s->shards[i];
    trm_parcel_add(parcel, &sh->loss, sizeof sh->loss);
    for (int32_t row = 0; row < sh->count; row++)
        trm_parcel_add(parcel, &s->slots[i * s->shard_rows + row].sure, sizeof s->slots->sure);
}

static bool has_stopped(trm_supervised *s, int32_t i) {
    trm_slot *slot = &s->slots[i];
    if (explores_each_step(s))
        slot->least = trm_supervised_explore(s);
    return slot->steps >= trm_model_get_config(s->model)->sup_steps ||
           (slot->steps >= slot->least && slot->sure);
}

static void restart(trm_supervised *s, int32_t i) {
    int32_t row;
    trm_shard *sh = shard_of(s, i, &row);
    trm_model_carry_restart(
        s->model, trm_workspace_carry(sh->workspace) + row * trm_model_carry_size(s->model),
        s->slots[i].steps, &s->rng);
}

// Counts the step and replaces the samples that have stopped; returns how many are there.
static int32_t turn_over(trm_supervised *s, const trm_samples *samples, int32_t *next) {
    int32_t there = 0;
    for (int32_t i = 0; i < s->config.batch; i++) {
        if (s->slots[i].sample < 0)
            continue;
        s->slots[i].steps++;
        if (has_stopped(s, i))
            fill(s, samples, i, next);
        else if (!s->slots[i].sure && trm_model_restarts(s->model, s->slots[i].steps))
            restart(s, i);
        there += s->slots[i].sample >= 0;
    }
    return there;
}

// The first samples start as if they had done some of their steps, so that at any time there are
// some at each.
static int32_t fill_all(trm_supervised *s, const trm_samples *samples, int32_t *next) {
    int32_t there = 0;
    for (int32_t i = 0; i < s->config.batch; i++) {
        fill(s, samples, i, next);
        s->slots[i].steps = i % trm_model_get_config(s->model)->sup_steps;
        there += s->slots[i].sample >= 0;
    }
    for (int32_t i = 0; i < s->shard_count; i++) {
        int32_t left = s->config.batch - i * s->shard_rows;
        s->shards[i].count = left < s->shard_rows ? left : s->shard_rows;
    }
    return there;
}

static void note_puzzles(trm_supervised *s) {
    s->puzzle_count = 0;
    for (int32_t i = 0, row; i < s->config.batch; i++) {
        const trm_shard *sh = shard_of(s, i, &row);
        if (sh->targets[row])
            trm_supervised_note_puzzle(s, sh->x + (int64_t)row *
                                                      trm_model_get_config(s->model)->state_dim);
    }
}

trm_outcome trm_supervised_carried_epoch(trm_supervised *s, const trm_samples *train,
                                         trm_epoch_progress *progress, void *ctx, trm_epoch *out,
                                         trm_error *e) {
    int32_t next = 0, there = fill_all(s, train, &next);
    int64_t updates = 0;
    double total = 0, loss;
    while (there > 0) {
        note_puzzles(s);
        trm_peers_run(s->peers, s->pool, s->shard_count, run_shard, wrote, s);
        if (!trm_peers_agree(s->peers, !trm_supervised_stopped(s)))
            return TRM_UPDATE_ABANDONED;
        s->share = (double)(next - there) / train->count;
        if (!trm_supervised_update(s, out, &loss, e))
            return TRM_UPDATE_FAILED;
        s->newest.loss = loss * s->config.batch / there;
        total += s->newest.loss;
        updates++;
        there = turn_over(s, train, &next);
        s->newest.samples = next - there;
        if (!trm_supervised_goes_on(s, progress, ctx, (double)s->newest.samples / train->count))
            return TRM_UPDATE_ABANDONED;
    }
    out->train_loss = total / (double)updates;
    return TRM_UPDATE_DONE;
}
