// SPDX-License-Identifier: Apache-2.0
// Supervised learning with deep supervision, as trm.py, simple_maze_comparison.py and
// maze_comparison.py do it:
//   loss = mean over supervision steps i of weight_i * cross entropy (mean over batch and
//   positions)
#include "trm/train/supervised.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/score.h"
#include "train/supervised/impl.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

// A batch is divided into shards of this many samples (carried: of as many as go through a model
// together), whatever the number of threads, and their gradients are added in order: results do not
// depend on threads.
enum { SHARD = 8 };

// Act: shards there are at least, where the batch has so many samples, to share among threads, and
// at most: each goes through its part of the batch chunk by chunk, so that a large batch of a large
// model takes no more memory than a small one.
enum { ACT_LEAST = 4, ACT_MOST = 8 };

static float *slab(trm_supervised *s) {
    return trm_arena_array(&s->arena, (size_t)trm_model_params(s->model)->size, sizeof(float));
}

static bool is(const char *choice, const char *name) {
    return strcmp(choice, name) == 0;
}

static bool by_step(const trm_supervised *s) {
    return s->slots || s->act;
}

static void add_shard(trm_supervised *s, int32_t i, uint64_t seed) {
    const trm_model_config *c = trm_model_get_config(s->model);
    size_t rows = (size_t)s->shard_rows;
    s->shards[i] =
        (trm_shard){.workspace = by_step(s) ? trm_workspace_new_carried(s->model, s->shard_rows)
                                            : trm_workspace_new(s->model, s->shard_rows, true),
                    .grads = slab(s),
                    .x = trm_arena_array(&s->arena, rows * (size_t)c->state_dim, sizeof(float)),
                    .targets = trm_arena_array(&s->arena, rows, sizeof *s->shards[i].targets)};
    trm_rng_seed(&s->shards[i].rng, seed, (uint64_t)(TRM_STREAM_DROPOUT + i));
    s->parts[i] = s->shards[i].grads;
    if (s->act && is(c->type, "hrm"))
        s->shards[i].further = trm_workspace_new_carried(s->model, s->shard_rows);
}

void trm_supervised_begin(trm_supervised *s) {
    const trm_params *p = trm_model_params_const(s->model);
    if (s->average)
        memcpy(s->average, p->values, (size_t)p->size * sizeof *p->values);
}

static void allocate(trm_supervised *s, uint64_t seed) {
    trm_arena *a = &s->arena;
    int64_t size = trm_model_params(s->model)->size;
    int32_t batch = s->config.batch;
    trm_adam_init(&s->adam, a, size, s->config.beta2, s->config.weight_decay);
    s->grads = slab(s);
    s->kept = (trm_kept){.values = slab(s), .m = slab(s), .v = slab(s)};
    if (s->config.ema > 0) {
        s->kept.average = slab(s);
        s->average = slab(s);
        trm_supervised_begin(s);
    }
    s->puzzles = trm_arena_array(a, (size_t)batch, sizeof *s->puzzles);
    if (is(s->config.supervision, "carried"))
        s->slots = trm_arena_array(a, (size_t)batch, sizeof *s->slots);
    if (is(s->config.supervision, "act"))
        trm_supervised_act_init(s);
    s->judge_rows = s->shard_rows = by_step(s) ? trm_model_chunk(s->model) : SHARD;
    if (s->act && s->shard_rows > (batch + ACT_LEAST - 1) / ACT_LEAST)
        s->shard_rows = (batch + ACT_LEAST - 1) / ACT_LEAST;
    s->shard_count = (batch + s->shard_rows - 1) / s->shard_rows;
    if (s->act && s->shard_count > ACT_MOST)
        s->shard_count = ACT_MOST;
    assert(s->shard_count <= TRM_STREAM_DROPOUT_COUNT);
    s->shards = trm_arena_array(a, (size_t)s->shard_count, sizeof *s->shards);
    s->parts = trm_arena_array(a, (size_t)s->shard_count, sizeof *s->parts);
    s->kept.shard_rngs = trm_arena_array(a, (size_t)s->shard_count, sizeof(trm_rng));
    for (int32_t i = 0; i < s->shard_count; i++)
        add_shard(s, i, seed);
    if (s->act)
        trm_supervised_act_count(s);
    s->judge =
        by_step(s) ? trm_workspace_new(s->model, s->judge_rows, false) : s->shards[0].workspace;
}

trm_supervised *trm_supervised_new(const trm_model_config *model, const trm_train_config *train,
                                   uint64_t seed, trm_error *e) {
    if (train->batch < 1 || train->epochs < 1 || train->threads < 1) {
        trm_error_set(e, TRM_E_INPUT,
                      "train.batch, train.epochs and train.threads must be 1 or more");
        return NULL;
    }
    trm_model *m = trm_model_new(model, e);
    if (!m)
        return NULL;
    bool steps = is(train->supervision, "carried") || is(train->supervision, "act");
    if (steps && trm_model_carry_size(m) == 0) {
        trm_error_set(e, TRM_E_INPUT,
                      "train.supervision=%s: %s has no supervision steps that can be run one at a "
                      "time",
                      train->supervision, model->type);
        trm_model_free(m);
        return NULL;
    }
    trm_supervised *s = trm_alloc(1, sizeof *s);
    trm_rng init;
    s->config = *train;
    s->model = m;
    s->newest = (trm_batch){.batch = -1, .loss = (double)NAN, .grad_norm = NAN, .lr = NAN};
    trm_rng_seed(&init, seed, TRM_STREAM_INIT);
    trm_rng_seed(&s->rng, seed, TRM_STREAM_ORDER);
    trm_model_init(m, &init);
    s->pool = trm_pool_new(train->threads);
    allocate(s, seed);
    return s;
}

void trm_supervised_join(trm_supervised *s, trm_peers *peers) {
    s->peers = peers;
}

void trm_supervised_free(trm_supervised *s) {
    if (!s)
        return;
    for (int32_t i = 0; i < s->shard_count; i++) {
        trm_workspace_free(s->shards[i].workspace);
        trm_workspace_free(s->shards[i].further);
    }
    if (by_step(s))
        trm_workspace_free(s->judge);
    trm_pool_free(s->pool);
    trm_model_free(s->model);
    trm_arena_free(&s->arena);
    free(s->order);
    free(s);
}

void trm_supervised_set_stop(trm_supervised *s, trm_stop_asked *asked, void *ctx) {
    s->stop_asked = asked;
    s->stop_ctx = ctx;
    for (int32_t i = 0; i < s->shard_count; i++) {
        trm_workspace_set_stop(s->shards[i].workspace, asked, ctx);
        if (s->shards[i].further)
            trm_workspace_set_stop(s->shards[i].further, asked, ctx);
    }
    trm_workspace_set_stop(s->judge, asked, ctx);
}

bool trm_supervised_stopped(const trm_supervised *s) {
    bool stopped = false;
    for (int32_t i = 0; i < s->shard_count; i++)
        stopped |= trm_workspace_stopped(s->shards[i].workspace) ||
                   (s->shards[i].further && trm_workspace_stopped(s->shards[i].further));
    return stopped;
}

double trm_supervised_update_share(const trm_supervised *s) {
    const int32_t all = s->chunks;
    return all ? (double)atomic_load_explicit(&s->chunks_done, memory_order_relaxed) / all
               : (double)NAN;
}

static float step_weight(const trm_supervised *s, int32_t output) {
    return is(s->config.supervision, "uniform") ? 1.0f : 1.0f + 0.1f * (float)output;
}

// Share of samples that go on for a random number of steps, so that going on is learned too.
int32_t trm_supervised_explore(trm_supervised *s) {
    int32_t steps = trm_model_get_config(s->model)->sup_steps;
    if (steps < 2 || trm_rng_float(&s->rng) >= s->config.explore)
        return 1;
    return 2 + (int32_t)trm_rng_below(&s->rng, (uint32_t)steps - 1);
}

typedef struct shard_of {
    trm_supervised *s;
    trm_shard *shard;
} shard_of;

static void lose(void *ctx, int32_t o, int32_t row0, int32_t rows) {
    const shard_of *of = ctx;
    const trm_supervised *s = of->s;
    const double answers = (double)s->batch_count * trm_model_get_config(s->model)->positions *
                           trm_model_outputs(s->model);
    for (int32_t row = row0; row < row0 + rows; row++)
        of->shard->loss +=
            trm_supervised_loss(s, of->shard, o, row, (double)step_weight(s, o) / answers);
}

static void run_shard(void *ctx, int32_t i) {
    trm_supervised *s = ctx;
    trm_shard *sh = &s->shards[i];
    memset(sh->grads, 0, (size_t)s->adam.size * sizeof *sh->grads);
    sh->loss = 0;
    if (sh->count == 0)
        return;
    trm_workspace_set_dropout(sh->workspace, &sh->rng);
    trm_model_learn(s->model, sh->workspace,
                    trm_mat_of(sh->x, sh->count, trm_model_get_config(s->model)->state_dim), NULL,
                    lose, &(shard_of){s, sh}, sh->grads);
}

static void wrote(void *ctx, int32_t i, trm_parcel *parcel) {
    trm_shard *sh = &((trm_supervised *)ctx)->shards[i];
    trm_parcel_add(parcel, &sh->loss, sizeof sh->loss);
    trm_parcel_add(parcel, &sh->rng, sizeof sh->rng);
}

// Deals samples order[first ..] out to the shards.
static void deal(trm_supervised *s, const trm_samples *samples, int32_t first, int32_t count) {
    const trm_model_config *c = trm_model_get_config(s->model);
    s->batch_count = count;
    s->puzzle_count = 0;
    for (int32_t i = 0; i < s->shard_count; i++) {
        trm_shard *sh = &s->shards[i];
        sh->count = 0;
        for (int32_t k = i * SHARD; k < count && sh->count < SHARD; k++) {
            int32_t sample = s->order[first + k];
            memcpy(sh->x + (int64_t)sh->count * c->state_dim,
                   samples->inputs + (int64_t)sample * c->state_dim,
                   (size_t)c->state_dim * sizeof *sh->x);
            trm_supervised_note_puzzle(s, samples->inputs + (int64_t)sample * c->state_dim);
            sh->targets[sh->count++] = samples->targets + (int64_t)sample * c->positions;
        }
    }
}

void trm_supervised_note_puzzle(trm_supervised *s, const float *x) {
    const trm_model_config *c = trm_model_get_config(s->model);
    if (c->state_dim > c->positions)
        s->puzzles[s->puzzle_count++] = (int32_t)x[c->positions];
}

bool trm_supervised_goes_on(const trm_supervised *s, trm_epoch_progress *progress, void *ctx,
                            double share) {
    return trm_peers_agree(s->peers, !progress || progress(ctx, share));
}

static void keep(trm_supervised *s) {
    size_t bytes = (size_t)s->adam.size * sizeof(float);
    memcpy(s->kept.values, trm_model_params(s->model)->values, bytes);
    memcpy(s->kept.m, s->adam.m, bytes);
    memcpy(s->kept.v, s->adam.v, bytes);
    if (s->average)
        memcpy(s->kept.average, s->average, bytes);
    s->kept.step = s->adam.step;
    s->kept.rng = s->rng;
    for (int32_t i = 0; i < s->shard_count; i++)
        s->kept.shard_rngs[i] = s->shards[i].rng;
    if (s->act)
        trm_supervised_act_copy(s, &s->kept.act, s->act);
}

static void set_back(trm_supervised *s) {
    size_t bytes = (size_t)s->adam.size * sizeof(float);
    trm_model_set_weights(s->model, s->kept.values);
    memcpy(s->adam.m, s->kept.m, bytes);
    memcpy(s->adam.v, s->kept.v, bytes);
    if (s->average)
        memcpy(s->average, s->kept.average, bytes);
    s->adam.step = s->kept.step;
    s->rng = s->kept.rng;
    for (int32_t i = 0; i < s->shard_count; i++)
        s->shards[i].rng = s->kept.shard_rngs[i];
    if (s->act)
        trm_supervised_act_copy(s, s->act, &s->kept.act);
}

static void shuffle(trm_supervised *s, int32_t count) {
    if (s->order_capacity < count) {
        free(s->order);
        s->order = trm_alloc((size_t)count, sizeof *s->order);
        s->order_capacity = count;
    }
    for (int32_t i = 0; i < count; i++)
        s->order[i] = i;
    trm_rng_shuffle(&s->rng, s->order, (uint32_t)count);
}

static trm_outcome whole_epoch(trm_supervised *s, const trm_samples *train,
                               trm_epoch_progress *progress, void *ctx, trm_epoch *out,
                               trm_error *e) {
    int32_t batches = 0;
    double total = 0, loss;
    for (int32_t first = 0; first < train->count; first += s->config.batch, batches++) {
        int32_t left = train->count - first;
        deal(s, train, first, left < s->config.batch ? left : s->config.batch);
        s->share = (double)first / train->count;
        trm_peers_run(s->peers, s->pool, s->shard_count, run_shard, wrote, s);
        if (!trm_peers_agree(s->peers, !trm_supervised_stopped(s)))
            return TRM_UPDATE_ABANDONED;
        if (!trm_supervised_update(s, out, &loss, e))
            return TRM_UPDATE_FAILED;
        total += loss;
        s->newest.samples = first + s->batch_count;
        if (!trm_supervised_goes_on(s, progress, ctx, (double)s->newest.samples / train->count))
            return TRM_UPDATE_ABANDONED;
    }
    out->train_loss = total / batches;
    return TRM_UPDATE_DONE;
}

static bool sound(const trm_supervised *s) {
    const trm_params *p = trm_model_params_const(s->model);
    return trm_training_sound(p, &s->adam) &&
           (!s->average || trm_values_finite(s->average, p->size));
}

static bool goes_on(void *ctx) {
    const trm_supervised *s = ctx;
    return !s->stop_asked || !s->stop_asked(s->stop_ctx);
}

trm_outcome trm_supervised_epoch(trm_supervised *s, const trm_samples *train,
                                 const trm_samples *validation, trm_epoch_progress *progress,
                                 void *ctx, trm_epoch *out, trm_error *e) {
    *out = (trm_epoch){.epoch = s->epochs};
    keep(s);
    shuffle(s, train->count);
    trm_outcome outcome = (s->act     ? trm_supervised_act_epoch
                           : s->slots ? trm_supervised_carried_epoch
                                      : whole_epoch)(s, train, progress, ctx, out, e);
    if (outcome == TRM_UPDATE_DONE && !sound(s)) {
        outcome = TRM_UPDATE_FAILED;
        trm_error_set(e, TRM_E_NUMERIC,
                      "the weights of epoch %lld are not finite; those before it are kept: try a "
                      "lower train.lr",
                      (long long)s->epochs);
    }
    if (outcome != TRM_UPDATE_DONE) {
        set_back(s);
        return outcome;
    }
    const bool scored = trm_supervised_score(s, validation, goes_on, s, &out->score);
    if (!trm_peers_agree(s->peers, scored)) {
        set_back(s);
        return TRM_UPDATE_ABANDONED;
    }
    s->epochs++;
    return TRM_UPDATE_DONE;
}

// The model takes the averaged weights, or its own back.
static void swap_weights(trm_supervised *s) {
    trm_params *p = trm_model_params(s->model);
    if (!s->average)
        return;
    float *values = p->values;
    p->values = s->average;
    s->average = values;
}

bool trm_supervised_score(trm_supervised *s, const trm_samples *samples, bool (*go_on)(void *ctx),
                          void *ctx, trm_score *out) {
    const trm_model_config *c = trm_model_get_config(s->model);
    trm_workspace *w = s->judge;
    int32_t last = trm_model_outputs(s->model) - 1, most = s->judge_rows;
    trm_score_tally t = {0};
    for (int32_t first = 0; first < samples->count; first += most) {
        if (go_on && !go_on(ctx))
            return false;
        int32_t rows = samples->count - first < most ? samples->count - first : most;
        // the forward copies its input: the view is never written through
        float *x = (float *)(uintptr_t)(samples->inputs + (int64_t)first * c->state_dim);
        swap_weights(s);
        trm_workspace_set_dropout(w, NULL);
        trm_model_forward(s->model, w, 0, trm_mat_of(x, rows, c->state_dim), NULL);
        swap_weights(s);
        if (trm_workspace_stopped(w))
            return false;
        for (int32_t r = 0; r < rows; r++)
            trm_score_count(c, trm_mat_row(trm_workspace_logits(w, last), r),
                            samples->targets + (int64_t)(first + r) * c->positions, &t);
    }
    *out = trm_score_of(&t);
    return true;
}

void trm_supervised_batch(const trm_supervised *s, trm_batch *out) {
    *out = s->newest;
}

// Runs one sample. Between batches the workspace is free for it.
static trm_workspace *run_one(trm_supervised *s, const float *input) {
    trm_workspace *w = s->judge;
    float *x = (float *)(uintptr_t)input;
    trm_workspace_set_dropout(w, NULL);
    trm_model_forward(s->model, w, 0, trm_mat_of(x, 1, trm_model_get_config(s->model)->state_dim),
                      NULL);
    return w;
}

typedef struct thinking {
    trm_supervised *s;
    trm_steps_seen *seen;
    void *ctx;
    float *data;
    int32_t known;
} thinking;

// Asked before every pass.
static bool look(void *ctx) {
    thinking *k = ctx;
    trm_workspace *w = k->s->judge;
    if (k->s->stop_asked && k->s->stop_asked(k->s->stop_ctx))
        return true;
    if (trm_workspace_done(w) == k->known)
        return false;
    k->known = trm_workspace_done(w);
    trm_model_trace(k->s->model, w, 0, k->data);
    return !k->seen(k->ctx, k->known);
}

int32_t trm_supervised_trace(trm_supervised *s, const float *input, trm_steps_seen *seen, void *ctx,
                             float *data) {
    thinking k = {s, seen, ctx, data, 0};
    const trm_trace_shape shape = trm_model_trace_shape(s->model);
    memset(data, 0, (size_t)trm_trace_size(&shape) * sizeof *data);
    if (seen)
        trm_workspace_set_stop(s->judge, look, &k);
    swap_weights(s);
    trm_model_trace(s->model, run_one(s, input), 0, data);
    swap_weights(s);
    const bool stopped = trm_workspace_stopped(s->judge);
    if (seen)
        trm_workspace_set_stop(s->judge, s->stop_asked, s->stop_ctx);
    return stopped ? k.known : shape.cycles;
}

void trm_supervised_answer(trm_supervised *s, const float *input, int32_t *classes) {
    const trm_model_config *c = trm_model_get_config(s->model);
    swap_weights(s);
    trm_workspace *w = run_one(s, input);
    swap_weights(s);
    const float *logits = trm_workspace_logits(w, trm_model_outputs(s->model) - 1).data;
    for (int32_t p = 0; p < c->positions; p++)
        classes[p] = trm_categorical_argmax(logits + (int64_t)p * c->action_dim, c->action_dim);
}

trm_model *trm_supervised_model(trm_supervised *s) {
    return s->model;
}

int64_t trm_supervised_epochs(const trm_supervised *s) {
    return s->epochs;
}

int64_t trm_supervised_updates(const trm_supervised *s) {
    return s->adam.step;
}

void trm_supervised_set_epochs(trm_supervised *s, int32_t total) {
    s->config.epochs = total;
}

void trm_supervised_weights(const trm_supervised *s, float *out) {
    const trm_params *p = trm_model_params_const(s->model);
    memcpy(out, s->average ? s->average : p->values, (size_t)p->size * sizeof *out);
}

int32_t trm_supervised_tensors(trm_supervised *s, trm_tensor *out, int32_t capacity) {
    trm_listing to = {out, capacity, 0};
    trm_params *p = trm_model_params(s->model);
    if (s->average) // what is judged goes under the plain names
        trm_listing_put_slab(&to, p, "optim.w.", p->values);
    swap_weights(s);
    trm_listing_put_training(&to, p, &s->adam);
    swap_weights(s);
    trm_listing_put(&to, "state.", "epochs", TRM_I64, 1, (int64_t[]){1}, &s->epochs);
    trm_listing_put(&to, "state.", "rng", TRM_I64, 1, (int64_t[]){4}, &s->rng);
    for (int32_t i = 0; i < s->shard_count; i++) {
        char name[32];
        trm_text_format(name, sizeof name, "dropout_rng.%d", i);
        trm_listing_put(&to, "state.", name, TRM_I64, 1, (int64_t[]){4}, &s->shards[i].rng);
    }
    if (s->act)
        trm_supervised_act_tensors(s, &to);
    return to.count;
}

bool trm_supervised_restored(trm_supervised *s, trm_error *e) {
    bool agrees = s->epochs >= 0 && s->adam.step >= s->epochs && trm_rng_sound(&s->rng);
    for (int32_t i = 0; i < s->shard_count; i++)
        agrees &= trm_rng_sound(&s->shards[i].rng);
    agrees = agrees && (!s->act || trm_supervised_act_sound(s));
    return (agrees && sound(s)) ||
           trm_error_set(e, TRM_E_INPUT, "the checkpoint's state contradicts itself");
}
