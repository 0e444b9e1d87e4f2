// SPDX-License-Identifier: Apache-2.0
#include "trm/train/bench.h"

#include <math.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/pool.h"
#include "trm/base/streams.h"
#include "trm/nn/blas.h"

static float *random_floats(trm_arena *a, size_t count, trm_rng *rng) {
    float *x = trm_arena_array(a, count, sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = 2 * trm_rng_float(rng) - 1;
    return x;
}

// Calls work(ctx) in growing groups, so that the clock costs nothing; seconds a call.
static double time_calls(void (*work)(void *ctx), void *ctx, double seconds) {
    work(ctx); // pages and caches
    int64_t calls = 0, group = 1;
    double start = trm_clock_now(), spent = 0;
    while (spent < seconds) {
        for (int64_t i = 0; i < group; i++)
            work(ctx);
        calls += group;
        double before = spent;
        spent = trm_clock_now() - start;
        if (spent - before < seconds / 16)
            group *= 2;
    }
    return spent / (double)calls;
}

// ---- sgemm --------------------------------------------------------------------------------------

typedef struct product {
    trm_blas_form form;
    trm_mat a, b, c;
} product;

static void multiply(void *ctx) {
    const product *p = ctx;
    trm_blas_sgemm(p->form, p->c, 1, p->a, p->b, 0);
}

typedef struct squares {
    product *products; // one a thread
    double *seconds;   // likewise, a call
    double budget;
} squares;

static void multiply_for_a_while(void *ctx, int32_t i) {
    const squares *s = ctx;
    s->seconds[i] = time_calls(multiply, &s->products[i], s->budget);
}

double trm_bench_sgemm(int32_t n, int32_t threads, double seconds) {
    trm_arena arena = TRM_ARENA_INIT;
    trm_rng rng;
    trm_rng_seed(&rng, 1, TRM_STREAM_BENCH);
    size_t count = (size_t)n * (size_t)n, lanes = (size_t)threads;
    squares s = {.products = trm_arena_array(&arena, lanes, sizeof *s.products),
                 .seconds = trm_arena_array(&arena, lanes, sizeof *s.seconds),
                 .budget = seconds};
    for (int32_t i = 0; i < threads; i++)
        s.products[i] = (product){.form = TRM_BLAS_NN,
                                  .a = trm_mat_of(random_floats(&arena, count, &rng), n, n),
                                  .b = trm_mat_of(random_floats(&arena, count, &rng), n, n),
                                  .c = trm_mat_of(random_floats(&arena, count, &rng), n, n)};
    trm_pool *pool = trm_pool_new(threads);
    trm_pool_run(pool, threads, multiply_for_a_while, &s);
    trm_pool_free(pool);
    double flops = 2.0 * n * n * n, rate = 0;
    for (int32_t i = 0; i < threads; i++)
        rate += flops / s.seconds[i];
    trm_arena_free(&arena);
    return rate / 1e9;
}

// The three products of a Linear [out, in] with `rows` samples, by form.
static product of_linear(trm_blas_form form, const trm_product *p, int32_t rows,
                         float *const m[3]) {
    trm_mat x = trm_mat_of(m[0], rows, p->in), y = trm_mat_of(m[1], rows, p->out);
    trm_mat w = trm_mat_of(m[2], p->out, p->in);
    if (form == TRM_BLAS_NT)
        return (product){form, x, w, y};
    return form == TRM_BLAS_NN ? (product){form, y, w, x} : (product){form, y, x, w};
}

enum { FORMS = 3 };

// Work and time of each form, summed.
typedef struct tally {
    double flops[FORMS], seconds[FORMS];
} tally;

static double time_form(tally *t, trm_blas_form form, const trm_product *p, int32_t rows,
                        int32_t times, float *const m[3], double budget) {
    if (times == 0)
        return NAN;
    product work = of_linear(form, p, rows, m);
    double seconds = time_calls(multiply, &work, budget), flops = 2.0 * p->out * p->in * rows;
    t->flops[form] += flops * times;
    t->seconds[form] += seconds * times;
    return flops / seconds / 1e9;
}

static double rate_of(const tally *t, trm_blas_form form) {
    return t->seconds[form] > 0 ? t->flops[form] / t->seconds[form] / 1e9 : NAN;
}

static trm_product_speed time_product(tally *t, const trm_product *p, int32_t rows, double budget) {
    trm_arena arena = TRM_ARENA_INIT;
    trm_rng rng;
    trm_rng_seed(&rng, 1, TRM_STREAM_BENCH);
    size_t in = (size_t)p->in, out = (size_t)p->out, batch = (size_t)rows;
    float *const m[3] = {random_floats(&arena, batch * in, &rng),
                         random_floats(&arena, batch * out, &rng),
                         random_floats(&arena, out * in, &rng)};
    // NN overwrites x and TN overwrites w, so NT comes first and values stay tame.
    trm_product_speed speed = {
        .forward = time_form(t, TRM_BLAS_NT, p, rows, p->times, m, budget),
        .input_gradient = time_form(t, TRM_BLAS_NN, p, rows, p->input_gradients, m, budget),
        .weight_gradient = time_form(t, TRM_BLAS_TN, p, rows, p->times, m, budget)};
    trm_arena_free(&arena);
    return speed;
}

void trm_bench_products(const trm_product *products, int32_t count, int32_t rows, double seconds,
                        trm_product_speed *speeds, trm_product_speed *total, double *training) {
    tally t = {0};
    for (int32_t i = 0; i < count; i++) {
        trm_product_speed speed = time_product(&t, &products[i], rows, seconds / (FORMS * count));
        if (speeds)
            speeds[i] = speed;
    }
    *total = (trm_product_speed){.forward = rate_of(&t, TRM_BLAS_NT),
                                 .input_gradient = rate_of(&t, TRM_BLAS_NN),
                                 .weight_gradient = rate_of(&t, TRM_BLAS_TN)};
    double flops = 0, spent = 0;
    for (int32_t f = 0; f < FORMS; f++) {
        flops += t.flops[f];
        spent += t.seconds[f];
    }
    *training = flops / spent / 1e9;
}

// ---- environments -------------------------------------------------------------------------------

enum { ACTION_ROWS = 64 }; // random actions drawn beforehand: drawing is not what is measured

typedef struct field {
    const trm_env *env;
    int32_t n, row; // row: of the actions, the next one
    char *states;
    float *obs;
    int32_t *actions; // [ACTION_ROWS, n]
    trm_step *results;
    trm_rng rng;
} field;

static void start(field *f, int32_t i) {
    void *state = f->states + (size_t)i * trm_env_state_size(f->env);
    trm_env_reset(f->env, state, &f->rng, TRM_SPLIT_TRAIN);
    trm_env_observe(f->env, state, f->obs + (int64_t)i * trm_env_state_dim(f->env));
}

static void step_all(void *ctx) {
    field *f = ctx;
    trm_env_step_batch(f->env, f->states, f->n, f->actions + (int64_t)f->row * f->n, f->obs,
                       f->results);
    f->row = (f->row + 1) % ACTION_ROWS;
    for (int32_t i = 0; i < f->n; i++)
        if (f->results[i].done)
            start(f, i);
}

double trm_bench_env(const trm_env *env, int32_t n, double seconds, uint64_t seed) {
    trm_arena arena = TRM_ARENA_INIT;
    size_t count = (size_t)n, dim = (size_t)trm_env_state_dim(env);
    field f = {.env = env,
               .n = n,
               .states = trm_arena_array(&arena, count, trm_env_state_size(env)),
               .obs = trm_arena_array(&arena, count * dim, sizeof *f.obs),
               .actions = trm_arena_array(&arena, count * ACTION_ROWS, sizeof *f.actions),
               .results = trm_arena_array(&arena, count, sizeof *f.results)};
    trm_rng_seed(&f.rng, seed, TRM_STREAM_BENCH);
    for (size_t i = 0; i < count * ACTION_ROWS; i++)
        f.actions[i] = (int32_t)trm_rng_below(&f.rng, (uint32_t)trm_env_action_dim(env));
    for (int32_t i = 0; i < n; i++)
        start(&f, i);
    double each = time_calls(step_all, &f, seconds);
    trm_arena_free(&arena);
    return n / each;
}

// ---- models -------------------------------------------------------------------------------------

typedef struct thought {
    trm_model *model;
    trm_workspace *workspace;
    trm_mat x;
    int32_t *prev;
    float *grads;
} thought;

static void forward(void *ctx) {
    thought *t = ctx;
    for (int32_t r = 0; r < t->x.rows; r++) // a board that is known is not thought about again
        trm_mat_row(t->x, r)[0] *= -1;
    trm_model_forward(t->model, t->workspace, 0, t->x, t->prev);
}

static void no_loss(void *ctx, int32_t o, int32_t row0, int32_t rows) { // the gradients are there
    (void)ctx;
    (void)o;
    (void)row0;
    (void)rows;
}

static void learn(void *ctx) {
    const thought *t = ctx;
    trm_model_learn(t->model, t->workspace, t->x, t->prev, no_loss, NULL, t->grads);
}

static void fill_gradient(trm_mat d, trm_rng *rng) {
    for (int32_t r = 0; r < d.rows; r++)
        for (int32_t i = 0; i < d.cols; i++)
            trm_mat_row(d, r)[i] = 1e-3f * (2 * trm_rng_float(rng) - 1);
}

// Differentiates what trm_model_flops counts: of supervision steps every one.
static double time_model(trm_model *m, int32_t rows, double seconds, void (*work)(void *ctx)) {
    const int32_t last = trm_model_outputs(m) - 1;
    const bool steps = trm_model_trace_shape(m).kind == TRM_TRACE_STEPS;
    trm_arena arena = TRM_ARENA_INIT;
    trm_rng rng;
    trm_rng_seed(&rng, 1, TRM_STREAM_BENCH);
    const trm_model_config *c = trm_model_get_config(m);
    size_t n = (size_t)rows;
    thought t = {.model = m,
                 .workspace = trm_workspace_new(m, rows, steps),
                 .prev = trm_arena_array(&arena, n, sizeof *t.prev),
                 .grads =
                     trm_arena_array(&arena, (size_t)trm_model_params(m)->size, sizeof *t.grads)};
    t.x = trm_mat_of(random_floats(&arena, n * (size_t)c->state_dim, &rng), rows, c->state_dim);
    for (int32_t i = 0; i < rows; i++)
        t.prev[i] = (int32_t)trm_rng_below(&rng, (uint32_t)c->action_dim);
    for (int32_t o = steps ? 0 : last; o <= last; o++)
        fill_gradient(trm_workspace_dlogits(t.workspace, o), &rng);
    double each = time_calls(work, &t, seconds);
    trm_workspace_free(t.workspace);
    trm_arena_free(&arena);
    return each;
}

double trm_bench_forward(trm_model *m, int32_t rows, double seconds) {
    return time_model(m, rows, seconds, forward);
}

double trm_bench_backward(trm_model *m, int32_t rows, double seconds) {
    return time_model(m, rows, seconds, learn);
}

bool trm_bench_train(trm_learner *l, double seconds, trm_bench_training *out, trm_error *e) {
    trm_update update;
    int64_t steps = trm_learner_steps(l), updates = trm_learner_updates(l);
    double begun = trm_clock_now();
    *out = (trm_bench_training){0};
    do {
        if (trm_learner_update(l, NULL, &update, e) != TRM_UPDATE_DONE)
            return false;
        out->seconds = trm_clock_now() - begun;
    } while (out->seconds < seconds);
    out->steps = trm_learner_steps(l) - steps;
    out->updates = trm_learner_updates(l) - updates;
    return true;
}
