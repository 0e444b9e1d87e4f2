// SPDX-License-Identifier: Apache-2.0
#include "trm/run/evaluate.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "agent/asker.h"
#include "agent/parts.h"
#include "run/cluster/workers.h"
#include "trm/base/arena.h"

// Batches that are dealt out before what came of them is added up: this many a worker.
enum { ROUND = 32 };

// What every rank is told: how to make the model, whose weights follow, and what it is asked about.
typedef struct setup {
    trm_model_config model;
    trm_env_config env;
    trm_dataset_config data;
    bool stops, layers, fill;
} setup;

// A rank's own.
typedef struct own {
    setup told;
    trm_model *model;
    trm_env *env;
    trm_dataset shape; // no samples
} own;

static void *pack(const setup *s, const trm_model *m, size_t *bytes) {
    const trm_params *p = trm_model_params_const(m);
    const size_t weights = (size_t)p->size * sizeof *p->values;
    char *out = trm_alloc(sizeof *s + weights, 1);
    *bytes = sizeof *s + weights;
    memcpy(out, s, sizeof *s);
    memcpy(out + sizeof *s, p->values, weights);
    return out;
}

static void close_own(void *state) {
    own *o = state;
    trm_env_free(o->env);
    trm_model_free(o->model);
    free(o);
}

static own *open_own(const void *bytes, trm_error *e) {
    own *o = trm_alloc(1, sizeof *o);
    memcpy(&o->told, bytes, sizeof o->told);
    o->model = trm_model_new(&o->told.model, e);
    if (!o->model) {
        close_own(o);
        return NULL;
    }
    const trm_params *p = trm_model_params_const(o->model);
    float *weights = trm_alloc((size_t)p->size, sizeof *weights);
    memcpy(weights, (const char *)bytes + sizeof o->told, (size_t)p->size * sizeof *weights);
    trm_model_set_weights(o->model, weights);
    free(weights);
    return o;
}

// What both kinds share.
typedef struct evaluation {
    trm_workers *workers;
    size_t item_bytes, result_bytes;
    char *items, *results; // of a round
    pthread_mutex_t lock;  // guards what follows
    int64_t done;          // samples or episodes
    bool stop;
    bool (*go_on)(struct evaluation *x);
    bool (*progress)(void *ctx, int64_t done);
    bool (*progress_share)(void *ctx, double share);
    void *ctx;
    int64_t total;
    int32_t batch;
} evaluation;

static void do_batch(void *ctx, int32_t i, int32_t slot) {
    evaluation *x = ctx;
    pthread_mutex_lock(&x->lock);
    x->stop = x->stop || !x->go_on(x);
    const bool stop = x->stop;
    pthread_mutex_unlock(&x->lock);
    if (stop)
        return;
    trm_workers_do(x->workers, slot, x->items + (size_t)i * x->item_bytes,
                   x->results + (size_t)i * x->result_bytes, NULL, NULL);
    pthread_mutex_lock(&x->lock);
    x->done = x->done + x->batch < x->total ? x->done + x->batch : x->total;
    pthread_mutex_unlock(&x->lock);
}

static bool begin(evaluation *x, trm_peers *p, const trm_work_kind *kind, const setup *s,
                  const trm_model *m, trm_error *e) {
    trm_workers_request q = {
        .kind = kind, .threads = 1, .item_bytes = x->item_bytes, .result_bytes = x->result_bytes};
    void *bytes = pack(s, m, &q.setup_bytes);
    q.setup = bytes;
    x->workers = trm_workers_open(p, &q, e);
    free(bytes);
    if (!x->workers)
        return false;
    const size_t round = (size_t)ROUND * (size_t)trm_workers_count(x->workers);
    x->items = trm_alloc(round, x->item_bytes);
    x->results = trm_alloc(round, x->result_bytes);
    pthread_mutex_init(&x->lock, NULL);
    return true;
}

static void end(evaluation *x) {
    trm_workers_close(x->workers);
    pthread_mutex_destroy(&x->lock);
    free(x->items);
    free(x->results);
}

// The rounds: put(ctx, first, rows, item) fills an item, add(ctx, result) takes what came of it.
static bool run(evaluation *x, void (*put)(void *ctx, int64_t first, int32_t rows, void *item),
                void (*add)(void *ctx, void *result), void *ctx) {
    const int32_t round = ROUND * trm_workers_count(x->workers);
    for (int64_t first = 0; first < x->total && !x->stop;) {
        int32_t n = 0;
        for (; n < round && first < x->total; n++) {
            const int64_t left = x->total - first;
            const int32_t rows = left < x->batch ? (int32_t)left : x->batch;
            put(ctx, first, rows, x->items + (size_t)n * x->item_bytes);
            first += rows;
        }
        trm_workers_each(x->workers, n, do_batch, x);
        for (int32_t i = 0; i < n && !x->stop; i++)
            add(ctx, x->results + (size_t)i * x->result_bytes);
    }
    return !x->stop;
}

// ---- episodes -----------------------------------------------------------------------------------

static void *open_episodes(const void *bytes, size_t size, uint64_t *boards, trm_error *e) {
    own *o = open_own(bytes, e);
    (void)size;
    *boards = 0; // states say everything
    if (o && !(o->env = trm_env_new(&o->told.env, e))) {
        close_own(o);
        return NULL;
    }
    return o;
}

// An item: how many, and their states.
static bool play(void *state, const void *item, void *result, trm_heartbeat *heartbeat,
                 trm_error *e) {
    const own *o = state;
    int64_t count;
    trm_evaluator *v = trm_evaluator_new(o->model, o->env, 0, o->told.stops);
    (void)heartbeat, (void)e;
    memcpy(&count, item, sizeof count);
    memset(result, 0, sizeof(trm_evaluation_tally));
    trm_evaluator_play(v, (const char *)item + sizeof count, (int32_t)count, NULL, NULL, result);
    trm_evaluator_free(v);
    return true;
}

const trm_work_kind trm_work_episodes = {open_episodes, close_own, play};

typedef struct episodes {
    const trm_env *env;
    trm_evaluator *starts;
    trm_evaluation_tally sums;
} episodes;

static void put_starts(void *ctx, int64_t first, int32_t rows, void *item) {
    const episodes *x = ctx;
    const int64_t count = rows;
    (void)first;
    memcpy(item, &count, sizeof count);
    trm_evaluator_draw(x->starts, rows, (char *)item + sizeof count);
}

static void add_episodes(void *ctx, void *result) {
    episodes *x = ctx;
    trm_evaluation_add(x->env, &x->sums, result);
}

static bool episodes_go_on(evaluation *x) {
    return !x->progress || x->progress(x->ctx, x->done);
}

bool trm_run_evaluate(trm_peers *p, const trm_model *m, const trm_env *env, int64_t count,
                      uint64_t seed, bool stops, bool (*progress)(void *ctx, int64_t done),
                      void *ctx, trm_evaluation *out, trm_error *e) {
    const setup s = {
        .model = *trm_model_get_config(m), .env = *trm_env_get_config(env), .stops = stops};
    evaluation x = {.item_bytes = sizeof(int64_t) + TRM_EVALUATION_BATCH * trm_env_state_size(env),
                    .result_bytes = sizeof(trm_evaluation_tally),
                    .go_on = episodes_go_on,
                    .progress = progress,
                    .ctx = ctx,
                    .total = count,
                    .batch = TRM_EVALUATION_BATCH};
    if (!begin(&x, p, &trm_work_episodes, &s, m, e))
        return false;
    episodes *sums = trm_alloc(1, sizeof *sums);
    sums->env = env;
    sums->starts = trm_evaluator_new(NULL, env, seed, false);
    run(&x, put_starts, add_episodes, sums);
    trm_evaluation_conclude(&sums->sums, stops && trm_model_halts(m), out);
    trm_evaluator_free(sums->starts);
    free(sums);
    end(&x);
    return true;
}

// ---- answers ------------------------------------------------------------------------------------

static void *open_answers(const void *bytes, size_t size, uint64_t *boards, trm_error *e) {
    own *o = open_own(bytes, e);
    (void)size;
    *boards = 0; // samples come with each item
    if (o && !trm_dataset_shape(&o->told.data, &o->shape, e)) {
        close_own(o);
        return NULL;
    }
    return o;
}

// An item: how many samples, their inputs, their targets.
static size_t input_bytes(const trm_dataset *d) {
    return (size_t)d->state_dim * sizeof *d->inputs;
}

static size_t target_bytes(const trm_dataset *d) {
    return (size_t)d->positions * sizeof *d->targets;
}

static bool answer(void *state, const void *item, void *result, trm_heartbeat *heartbeat,
                   trm_error *e) {
    const own *o = state;
    trm_dataset d = o->shape;
    int64_t count;
    (void)heartbeat, (void)e;
    memcpy(&count, item, sizeof count);
    d.count = (int32_t)count;
    d.inputs = trm_alloc((size_t)count, input_bytes(&d));
    d.targets = trm_alloc((size_t)count, target_bytes(&d));
    const char *at = (const char *)item + sizeof count;
    memcpy(d.inputs, at, (size_t)count * input_bytes(&d));
    memcpy(d.targets, at + (size_t)count * input_bytes(&d), (size_t)count * target_bytes(&d));
    trm_fill_tally *filled = result;
    *filled = (trm_fill_tally){0};
    trm_steps_tally *t = trm_steps_open(o->model, &d, o->told.layers, NULL, true);
    trm_steps_fill(t, 0, d.count, filled + 1);
    trm_steps_free(t);
    if (o->told.fill)
        trm_fill_boards(o->model, &d, filled);
    free(d.inputs);
    free(d.targets);
    return true;
}

const trm_work_kind trm_work_answers = {open_answers, close_own, answer};

typedef struct answers {
    const trm_dataset *d;
    trm_steps_tally *steps;
    trm_fill_tally filled;
} answers;

static void put_samples(void *ctx, int64_t first, int32_t rows, void *item) {
    const trm_dataset *d = ((const answers *)ctx)->d;
    const int64_t count = rows;
    char *at = (char *)item + sizeof count;
    memcpy(item, &count, sizeof count);
    memcpy(at, d->inputs + first * d->state_dim, (size_t)rows * input_bytes(d));
    memcpy(at + (size_t)rows * input_bytes(d), d->targets + first * d->positions,
           (size_t)rows * target_bytes(d));
}

static void add_answers(void *ctx, void *result) {
    answers *x = ctx;
    const trm_fill_tally *filled = result;
    x->filled.solved += filled->solved;
    x->filled.rounds += filled->rounds;
    trm_steps_add(x->steps, (trm_fill_tally *)result + 1);
}

static bool answers_go_on(evaluation *x) {
    return !x->progress_share || x->progress_share(x->ctx, (double)x->done / (double)x->total);
}

bool trm_run_evaluate_answers(trm_peers *p, const trm_model *m, const trm_dataset_config *data,
                              const trm_dataset *d, bool layers, bool fill,
                              bool (*progress)(void *ctx, double share), void *ctx,
                              trm_answer_evaluation *out, trm_error *e) {
    const bool fills = fill && trm_dataset_is_sudoku(d);
    const setup s = {
        .model = *trm_model_get_config(m), .data = *data, .layers = layers, .fill = fills};
    answers sums = {.d = d, .steps = trm_steps_open(m, d, layers, NULL, false)};
    evaluation x = {.item_bytes =
                        sizeof(int64_t) + TRM_ASKER_ROWS * (input_bytes(d) + target_bytes(d)),
                    .result_bytes = sizeof(trm_fill_tally) + trm_steps_part_size(sums.steps),
                    .go_on = answers_go_on,
                    .progress_share = progress,
                    .ctx = ctx,
                    .total = d->count,
                    .batch = TRM_ASKER_ROWS};
    bool done = begin(&x, p, &trm_work_answers, &s, m, e);
    if (done) {
        done = run(&x, put_samples, add_answers, &sums) ||
               trm_error_set(e, TRM_E_STOPPED, "interrupted");
        end(&x);
    }
    out->samples = d->count;
    out->fill_exact = out->fill_rounds = (double)NAN;
    if (done)
        trm_steps_conclude(sums.steps, &out->by_step);
    if (done && fills)
        trm_fill_conclude(d, &sums.filled, out);
    trm_steps_free(sums.steps);
    return done;
}
