// SPDX-License-Identifier: Apache-2.0
// How cost grows with sizes: one size is varied at a time, and an exponent is fitted to cost
// against the size and against the operations that it means.
#include <math.h>
#include <stdio.h>

#include "cli/bench/impl.h"
#include "cli/common/report.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/train/bench.h"

enum { POINTS = 12, REPEATS = 5 };

#define POINT_SECONDS 0.10

typedef struct point {
    int32_t size;
    double micros; // a sample, a step or an update
    double flops;  // of it; NaN where operations are not what is counted
} point;

typedef struct axis {
    const char *name, *what;
    int32_t sizes[POINTS]; // ends with 0
    bool (*cost)(bench *b, int32_t size, point *out, trm_error *e);
} axis;

static double median_of(double *values, int32_t n) {
    return bench_spread_of(values, n).median;
}

// Forward and backward a sample, in batches.
static bool cost_of_model(bench *b, const trm_model_config *c, point *out, trm_error *e) {
    trm_model *m = trm_model_new(c, e);
    if (m == NULL)
        return false;
    trm_rng rng;
    trm_rng_seed(&rng, 1, TRM_STREAM_INIT);
    trm_model_init(m, &rng);
    double values[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        values[i] =
            trm_bench_backward(m, BENCH_BATCH, POINT_SECONDS * b->plan.share) * 1e6 / BENCH_BATCH;
    }
    out->micros = median_of(values, REPEATS);
    out->flops = trm_model_flops(c).training;
    trm_model_free(m);
    return true;
}

static bool cost_of_cycles(bench *b, int32_t size, point *out, trm_error *e) {
    trm_model_config c = b->presets[0].model;
    c.k_cycles = size;
    return cost_of_model(b, &c, out, e);
}

// l follows, so that the model keeps its proportions.
static bool cost_of_h(bench *b, int32_t size, point *out, trm_error *e) {
    trm_model_config c = b->presets[0].model;
    c.l_dim = c.l_dim * size / c.h_dim;
    c.h_dim = size;
    return cost_of_model(b, &c, out, e);
}

static bool cost_of_board(bench *b, int32_t size, point *out, trm_error *e) {
    trm_model_config c = b->presets[0].model;
    c.state_dim = size * size;
    return cost_of_model(b, &c, out, e);
}

static bool cost_of_env(bench *b, int32_t size, point *out, trm_error *e) {
    trm_env_config c = trm_env_config_default();
    c.size = size;
    trm_env *env = trm_env_new(&c, e);
    if (env == NULL)
        return false;
    double values[REPEATS];
    for (int i = 0; i < REPEATS; i++)
        values[i] = 1e6 / trm_bench_env(env, BENCH_BATCH, POINT_SECONDS * b->plan.share, 1);
    out->micros = median_of(values, REPEATS);
    out->flops = NAN;
    trm_env_free(env);
    return true;
}

// A whole update, by its steps: a step is what all episodes make of N.
static bool cost_of_envs(bench *b, int32_t size, point *out, trm_error *e) {
    const trm_config *c = &b->presets[0].config;
    trm_train_config train = c->train;
    train.envs = size;
    train.threads = 1;
    train.broadcast_bug = false;
    train.lr = 1e-9f;
    trm_learner *l = trm_learner_new(&c->env, &c->model, &train, 1, e);
    bool ok = l != NULL;
    double values[REPEATS];
    double steps = 0;
    for (int i = 0; i < REPEATS && ok; i++) {
        trm_bench_training t;
        ok = trm_bench_train(l, POINT_SECONDS * b->plan.share, &t, e);
        values[i] = ok ? t.seconds * 1e6 / (double)t.updates : NAN;
        steps = ok ? (double)t.steps / (double)t.updates : NAN;
    }
    trm_learner_free(l);
    out->micros = ok ? median_of(values, REPEATS) : NAN;
    out->flops = b->presets[0].flops.training * steps;
    return ok;
}

static const axis axes[] = {
    {"k_cycles", "forward + backward a sample", {1, 2, 3, 4, 6, 8, 12, 16}, cost_of_cycles},
    {"h_dim", "forward + backward a sample", {32, 64, 96, 128, 192, 256, 384, 512}, cost_of_h},
    {"envs", "update of N episodes", {1, 4, 16, 64, 128, 256, 512, 1024}, cost_of_envs},
    {"maze_model", "forward + backward a sample", {4, 8, 16, 24, 32, 48, 64}, cost_of_board},
    {"maze_env", "environment step", {4, 8, 16, 24, 32, 48, 64}, cost_of_env}};
enum { AXES = sizeof axes / sizeof *axes };

// Slope of log y over log x by least squares; NaN where x does not vary.
static double exponent(const double *x, const double *y, int32_t n) {
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    for (int32_t i = 0; i < n; i++) {
        double u = log(x[i]);
        double v = log(y[i]);
        sx += u;
        sy += v;
        sxx += u * u;
        sxy += u * v;
    }
    double spread = n * sxx - sx * sx;
    return spread > 1e-9 ? (n * sxy - sx * sy) / spread : NAN;
}

static void exponents(const point *points, int32_t n, double *by_size, double *by_flops) {
    double size[POINTS];
    double micros[POINTS];
    double flops[POINTS];
    for (int32_t i = 0; i < n; i++) {
        size[i] = points[i].size;
        micros[i] = points[i].micros;
        flops[i] = points[i].flops;
    }
    *by_size = exponent(size, micros, n);
    *by_flops = exponent(flops, micros, n);
}

static void print_axis(const axis *a, const point *points, int32_t n) {
    double by_size;
    double by_flops;
    exponents(points, n, &by_size, &by_flops);
    printf("\n%s: %s\n%10s %14s %14s %10s\n", a->name, a->what, a->name, "us", "kFLOP", "GFLOP/s");
    for (int32_t i = 0; i < n; i++) {
        printf("%10d %14.3f", points[i].size, points[i].micros);
        if (!isnan(points[i].flops)) {
            printf(" %14.1f %10.1f", points[i].flops / 1e3,
                   points[i].flops / points[i].micros / 1e3);
        }
        putchar('\n');
    }
    printf("cost grows as %s^%.2f", a->name, by_size);
    if (!isnan(by_flops))
        printf(", as operations^%.2f", by_flops);
    putchar('\n');
    fflush(stdout);
}

static void print_axis_json(const axis *a, const point *points, int32_t n, bool first) {
    double by_size;
    double by_flops;
    exponents(points, n, &by_size, &by_flops);
    fputs(first ? "{" : ",\n {", stdout);
    trm_json_text_member(stdout, true, "axis", a->name);
    trm_json_text_member(stdout, false, "cost", a->what);
    trm_json_member(stdout, false, "exponent", by_size);
    trm_json_member(stdout, false, "exponent_of_operations", by_flops);
    fputs(",\"points\":[", stdout);
    for (int32_t i = 0; i < n; i++) {
        fputs(i > 0 ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "size", points[i].size);
        trm_json_member(stdout, false, "us", points[i].micros);
        trm_json_member(stdout, false, "flop", points[i].flops);
        putchar('}');
    }
    fputs("]}", stdout);
}

bool bench_scaling(bench *b, bool json, trm_error *e) {
    point points[AXES][POINTS] = {0};
    int32_t counts[AXES] = {0};
    b->total = 0;
    for (int32_t a = 0; a < AXES; a++)
        for (int32_t i = 0; i < POINTS && axes[a].sizes[i] != 0; i++)
            b->total++;
    for (int32_t a = 0; a < AXES; a++) {
        for (; counts[a] < POINTS && axes[a].sizes[counts[a]] != 0; counts[a]++) {
            point *p = &points[a][counts[a]];
            p->size = axes[a].sizes[counts[a]];
            if (!axes[a].cost(b, p->size, p, e) || !bench_go_on(b, e))
                return false;
        }
        if (!json) {
            trm_progress_clear(&b->progress);
            print_axis(&axes[a], points[a], counts[a]);
        }
    }
    trm_progress_clear(&b->progress);
    fputs(json ? "{\"scaling\":[" : "", stdout);
    for (int32_t a = 0; a < AXES && json; a++)
        print_axis_json(&axes[a], points[a], counts[a], a == 0);
    fputs(json ? "]}\n" : "", stdout);
    return true;
}
