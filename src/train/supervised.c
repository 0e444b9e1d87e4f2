// SPDX-License-Identifier: Apache-2.0
// Supervised learning with deep supervision, as trm.py, simple_maze_comparison.py and
// maze_comparison.py do it:
//   loss = mean over supervision steps i of weight_i * cross entropy (mean over batch and
//   positions)
#include "trm/train/supervised.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/tensors.h"
#include "trm/base/arena.h"
#include "trm/base/pool.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/nn/optim.h"

// A batch is divided into shards of this many samples, whatever the number of threads, and their
// gradients are added in order: results do not depend on threads.
enum { SHARD = 8 };

typedef struct shard {
    trm_workspace *workspace;
    float *grads;
    int32_t count; // samples in the current batch
    float *x;      // [SHARD, S]
    const int32_t *targets[SHARD];
    double loss;
    trm_rng rng; // for dropout
} shard;

// What an epoch changes, kept to set it back.
typedef struct kept {
    float *values, *m, *v;
    int64_t step;
    trm_rng rng;
    trm_rng *shard_rngs;
} kept;

struct trm_supervised {
    trm_train_config config;
    trm_model *model;
    trm_pool *pool;
    trm_adam adam;
    trm_rng rng; // order of the samples
    int64_t epochs;
    shard *shards;
    int32_t shard_count;
    int32_t batch_count; // samples in the current batch
    trm_batch batch;     // the newest
    float *grads;
    int32_t *order; // [order_capacity]
    int32_t order_capacity;
    kept kept;
    trm_arena arena;
};

enum { STREAM_INIT = 0, STREAM_ORDER = 1, STREAM_DROPOUT = 2 };

static void allocate(trm_supervised *s, uint64_t seed) {
    const trm_model_config *c = trm_model_get_config(s->model);
    size_t size = (size_t)trm_model_params(s->model)->size;
    trm_arena *a = &s->arena;
    trm_adam_init(&s->adam, a, (int64_t)size, s->config.weight_decay);
    s->grads = trm_arena_array(a, size, sizeof *s->grads);
    s->kept.values = trm_arena_array(a, size, sizeof(float));
    s->kept.m = trm_arena_array(a, size, sizeof(float));
    s->kept.v = trm_arena_array(a, size, sizeof(float));
    s->shard_count = (s->config.batch + SHARD - 1) / SHARD;
    s->shards = trm_arena_array(a, (size_t)s->shard_count, sizeof *s->shards);
    s->kept.shard_rngs = trm_arena_array(a, (size_t)s->shard_count, sizeof(trm_rng));
    for (int32_t i = 0; i < s->shard_count; i++) {
        s->shards[i].workspace = trm_workspace_new(s->model, SHARD, true);
        s->shards[i].grads = trm_arena_array(a, size, sizeof(float));
        s->shards[i].x = trm_arena_array(a, (size_t)SHARD * (size_t)c->state_dim, sizeof(float));
        trm_rng_seed(&s->shards[i].rng, seed, (uint64_t)(STREAM_DROPOUT + i));
    }
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
    trm_supervised *s = trm_alloc(1, sizeof *s);
    trm_rng init;
    s->config = *train;
    s->model = m;
    s->batch = (trm_batch){.batch = -1, .loss = (double)NAN, .grad_norm = NAN, .lr = NAN};
    trm_rng_seed(&init, seed, STREAM_INIT);
    trm_rng_seed(&s->rng, seed, STREAM_ORDER);
    trm_model_init(m, &init);
    s->pool = trm_pool_new(train->threads);
    allocate(s, seed);
    return s;
}

void trm_supervised_free(trm_supervised *s) {
    if (!s)
        return;
    for (int32_t i = 0; i < s->shard_count; i++)
        trm_workspace_free(s->shards[i].workspace);
    trm_pool_free(s->pool);
    trm_model_free(s->model);
    trm_arena_free(&s->arena);
    free(s->order);
    free(s);
}

static float step_weight(const trm_supervised *s, int32_t output) {
    return strcmp(s->config.supervision, "uniform") == 0 ? 1.0f : 1.0f + 0.1f * (float)output;
}

// Cross entropy of one sample's answer at output o, with its gradient; summed over positions.
static double sample_loss(const trm_supervised *s, shard *sh, int32_t o, int32_t row, float scale) {
    const trm_model_config *c = trm_model_get_config(s->model);
    const float *logits = trm_mat_row(trm_workspace_logits(sh->workspace, o), row);
    float *dlogits = trm_mat_row(trm_workspace_dlogits(sh->workspace, o), row);
    double loss = 0;
    for (int32_t p = 0; p < c->positions; p++)
        loss += (double)trm_cross_entropy(dlogits + (int64_t)p * c->action_dim,
                                          logits + (int64_t)p * c->action_dim, c->action_dim,
                                          sh->targets[row][p], scale);
    return loss;
}

static void run_shard(void *ctx, int32_t i) {
    trm_supervised *s = ctx;
    shard *sh = &s->shards[i];
    const trm_model_config *c = trm_model_get_config(s->model);
    int32_t outputs = trm_model_outputs(s->model);
    memset(sh->grads, 0, (size_t)s->adam.size * sizeof *sh->grads);
    sh->loss = 0;
    if (sh->count == 0)
        return;
    trm_workspace_set_dropout(sh->workspace, &sh->rng);
    trm_model_forward(s->model, sh->workspace, 0, trm_mat_of(sh->x, sh->count, c->state_dim), NULL);
    double answers = (double)s->batch_count * c->positions * outputs;
    for (int32_t o = 0; o < outputs; o++) {
        double share = (double)step_weight(s, o) / answers;
        for (int32_t row = 0; row < sh->count; row++)
            sh->loss += share * sample_loss(s, sh, o, row, (float)share);
    }
    trm_model_backward(s->model, sh->workspace, 0, sh->count, sh->grads);
}

// Deals samples order[first ..] out to the shards.
static void deal(trm_supervised *s, const trm_samples *samples, int32_t first, int32_t count) {
    const trm_model_config *c = trm_model_get_config(s->model);
    s->batch_count = count;
    for (int32_t i = 0; i < s->shard_count; i++) {
        shard *sh = &s->shards[i];
        sh->count = 0;
        for (int32_t k = i * SHARD; k < count && sh->count < SHARD; k++) {
            int32_t sample = s->order[first + k];
            memcpy(sh->x + (int64_t)sh->count * c->state_dim,
                   samples->inputs + (int64_t)sample * c->state_dim,
                   (size_t)c->state_dim * sizeof *sh->x);
            sh->targets[sh->count++] = samples->targets + (int64_t)sample * c->positions;
        }
    }
}

static bool batch_update(trm_supervised *s, trm_epoch *out, double *loss, trm_error *e) {
    trm_pool_run(s->pool, s->shard_count, run_shard, s);
    *loss = 0;
    memset(s->grads, 0, (size_t)s->adam.size * sizeof *s->grads);
    for (int32_t i = 0; i < s->shard_count; i++) {
        *loss += s->shards[i].loss;
        for (int64_t p = 0; p < s->adam.size; p++)
            s->grads[p] += s->shards[i].grads[p];
    }
    out->grad_norm = trm_grad_clip(s->grads, s->adam.size, s->config.clip);
    out->lr = trm_schedule_lr(&s->config, s->adam.step);
    if (!isfinite(*loss) || !isfinite(out->grad_norm))
        return trm_error_set(e, TRM_E_NUMERIC,
                             "the loss of epoch %lld is not finite; training stopped before it did "
                             "harm: try a lower train.lr or a train.clip",
                             (long long)s->epochs);
    s->batch = (trm_batch){s->adam.step, *loss, out->grad_norm, out->lr};
    trm_adam_step(&s->adam, trm_model_params(s->model)->values, s->grads, out->lr);
    return true;
}

static void keep(trm_supervised *s) {
    size_t bytes = (size_t)s->adam.size * sizeof(float);
    memcpy(s->kept.values, trm_model_params(s->model)->values, bytes);
    memcpy(s->kept.m, s->adam.m, bytes);
    memcpy(s->kept.v, s->adam.v, bytes);
    s->kept.step = s->adam.step;
    s->kept.rng = s->rng;
    for (int32_t i = 0; i < s->shard_count; i++)
        s->kept.shard_rngs[i] = s->shards[i].rng;
}

static void set_back(trm_supervised *s) {
    size_t bytes = (size_t)s->adam.size * sizeof(float);
    memcpy(trm_model_params(s->model)->values, s->kept.values, bytes);
    memcpy(s->adam.m, s->kept.m, bytes);
    memcpy(s->adam.v, s->kept.v, bytes);
    s->adam.step = s->kept.step;
    s->rng = s->kept.rng;
    for (int32_t i = 0; i < s->shard_count; i++)
        s->shards[i].rng = s->kept.shard_rngs[i];
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

trm_outcome trm_supervised_epoch(trm_supervised *s, const trm_samples *train,
                                 const trm_samples *validation,
                                 bool (*progress)(void *ctx, double share), void *ctx,
                                 trm_epoch *out, trm_error *e) {
    int32_t batches = 0;
    double total = 0, loss;
    *out = (trm_epoch){.epoch = s->epochs};
    keep(s);
    shuffle(s, train->count);
    for (int32_t first = 0; first < train->count; first += s->config.batch, batches++) {
        int32_t left = train->count - first;
        deal(s, train, first, left < s->config.batch ? left : s->config.batch);
        if (!batch_update(s, out, &loss, e)) {
            set_back(s);
            return TRM_UPDATE_FAILED;
        }
        total += loss;
        if (progress && !progress(ctx, (double)(first + s->batch_count) / train->count)) {
            set_back(s);
            return TRM_UPDATE_ABANDONED;
        }
    }
    if (!trm_training_sound(trm_model_params(s->model), &s->adam)) {
        set_back(s);
        trm_error_set(e, TRM_E_NUMERIC,
                      "the weights of epoch %lld are not finite; set back: try a lower train.lr",
                      (long long)s->epochs);
        return TRM_UPDATE_FAILED;
    }
    s->epochs++;
    out->train_loss = total / batches;
    trm_supervised_score(s, validation, &out->score);
    return TRM_UPDATE_DONE;
}

typedef struct tally {
    double loss;
    int64_t cells, right, exact, path, path_found;
} tally;

static void tally_sample(const trm_model_config *c, const float *logits, const int32_t *targets,
                         tally *t) {
    bool exact = true;
    for (int32_t p = 0; p < c->positions; p++) {
        const float *row = logits + (int64_t)p * c->action_dim;
        bool right = trm_categorical_argmax(row, c->action_dim) == targets[p];
        t->loss += (double)trm_cross_entropy(NULL, row, c->action_dim, targets[p], 1);
        t->right += right;
        t->path += c->action_dim == 2 && targets[p] == 1;
        t->path_found += right && c->action_dim == 2 && targets[p] == 1;
        exact &= right;
    }
    t->cells += c->positions;
    t->exact += exact;
}

void trm_supervised_score(trm_supervised *s, const trm_samples *samples, trm_score *out) {
    const trm_model_config *c = trm_model_get_config(s->model);
    trm_workspace *w = s->shards[0].workspace;
    int32_t last = trm_model_outputs(s->model) - 1;
    tally t = {0};
    trm_workspace_set_dropout(w, NULL);
    for (int32_t first = 0; first < samples->count; first += SHARD) {
        int32_t rows = samples->count - first < SHARD ? samples->count - first : SHARD;
        // the forward copies its input: the view is never written through
        float *x = (float *)(uintptr_t)(samples->inputs + (int64_t)first * c->state_dim);
        trm_model_forward(s->model, w, 0, trm_mat_of(x, rows, c->state_dim), NULL);
        for (int32_t r = 0; r < rows; r++)
            tally_sample(c, trm_mat_row(trm_workspace_logits(w, last), r),
                         samples->targets + (int64_t)(first + r) * c->positions, &t);
    }
    *out = (trm_score){.loss = t.loss / (double)t.cells,
                       .cell_accuracy = (double)t.right / (double)t.cells,
                       .exact_accuracy = (double)t.exact / (double)samples->count,
                       .path_recall = t.path ? (double)t.path_found / (double)t.path : NAN};
}

void trm_supervised_batch(const trm_supervised *s, trm_batch *out) {
    *out = s->batch;
}

// Runs one sample. Between batches the workspace is free for it.
static trm_workspace *run_one(trm_supervised *s, const float *input) {
    trm_workspace *w = s->shards[0].workspace;
    float *x = (float *)(uintptr_t)input;
    trm_workspace_set_dropout(w, NULL);
    trm_model_forward(s->model, w, 0, trm_mat_of(x, 1, trm_model_get_config(s->model)->state_dim),
                      NULL);
    return w;
}

void trm_supervised_trace(trm_supervised *s, const float *input, float *data) {
    trm_model_trace(s->model, run_one(s, input), 0, data);
}

void trm_supervised_answer(trm_supervised *s, const float *input, int32_t *classes) {
    const trm_model_config *c = trm_model_get_config(s->model);
    trm_workspace *w = run_one(s, input);
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

int32_t trm_supervised_tensors(trm_supervised *s, trm_tensor *out, int32_t capacity) {
    trm_listing to = {out, capacity, 0};
    trm_listing_put_training(&to, trm_model_params(s->model), &s->adam);
    trm_listing_put(&to, "state.", "epochs", TRM_I64, 1, (int64_t[]){1}, &s->epochs);
    trm_listing_put(&to, "state.", "rng", TRM_I64, 1, (int64_t[]){4}, &s->rng);
    for (int32_t i = 0; i < s->shard_count; i++) {
        char name[32];
        trm_text_format(name, sizeof name, "dropout_rng.%d", i);
        trm_listing_put(&to, "state.", name, TRM_I64, 1, (int64_t[]){4}, &s->shards[i].rng);
    }
    return to.count;
}

bool trm_supervised_restored(trm_supervised *s, trm_error *e) {
    bool sound = s->epochs >= 0 && s->adam.step >= s->epochs && trm_rng_sound(&s->rng);
    for (int32_t i = 0; i < s->shard_count; i++)
        sound &= trm_rng_sound(&s->shards[i].rng);
    return (sound && trm_training_sound(trm_model_params(s->model), &s->adam)) ||
           trm_error_set(e, TRM_E_INPUT, "the checkpoint's state contradicts itself");
}
