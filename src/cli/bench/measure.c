// SPDX-License-Identifier: Apache-2.0
// Everything that computes. Each round measures each thing once, so that what disturbs the machine
// for a while disturbs all of them, and shares are of the sgemm of the same round.
#include <math.h>
#include <string.h>
#include <time.h>

#include "cli/bench/impl.h"
#include "trm/base/clock.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/train/bench.h"

enum { ENVIRONMENTS = 64, SEARCH_TRIES = 4 };

// Seconds for each, a round.
#define PRODUCTS_SECONDS 0.20
#define ENV_SECONDS      0.04
#define FORWARD_SECONDS  0.03
#define TRAIN_SECONDS    0.80
#define SEARCH_SECONDS   0.10

// The aims are those for a processor whose sgemm does this; others are scaled.
#define REFERENCE_GFLOPS 85.0
// The original's training steps a second there, and how many times that is aimed at.
#define ORIGINAL_STEPS 319.0
#define ORIGINAL_TIMES 30.0

// Floats of activations that candidates for the batch may need, about.
#define MOST_FLOATS (256.0 * 1024 * 1024)

// ---- setting up ---------------------------------------------------------------------------------

static trm_learner *new_learner(const bench_preset *p, int32_t envs, int32_t threads, uint64_t seed,
                                bool as_shipped, trm_error *e) {
    trm_train_config train = p->config.train;
    train.envs = envs;
    train.threads = threads;
    if (!as_shipped) { // a policy that learns would give later rounds other work
        train.lr = 1e-9f;
        train.broadcast_bug = false;
    }
    return trm_learner_new(&p->config.env, &p->config.model, &train, seed, e);
}

static bool fits(trm_learner *l, int32_t envs) {
    trm_trace_shape shape = trm_model_trace_shape(trm_learner_model(l));
    double rows = (double)envs * trm_env_max_steps(trm_learner_env(l));
    return rows * 12.0 * (double)trm_trace_size(&shape) <= MOST_FLOATS;
}

// Steps a second of a learner at its best: what disturbs a try only ever makes it slower.
static bool best_rate(trm_learner *l, double seconds, double *rate, trm_error *e) {
    trm_bench_training t;
    bool ok = trm_bench_train(l, 0, &t, e); // pages and caches
    *rate = 0;
    for (int i = 0; i < SEARCH_TRIES && ok; i++) {
        ok = trm_bench_train(l, seconds, &t, e);
        *rate = ok ? fmax(*rate, (double)t.steps / t.seconds) : NAN;
    }
    return ok;
}

// The number of environments an update with which one thread makes the most steps a second.
static bool find_batch(bench *b, bench_preset *p, trm_error *e) {
    static const int32_t candidates[] = {64, 128, 256, 512, 1024};
    double best = 0;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        int32_t envs = candidates[i];
        if (i > 0 && !fits(p->shipped, envs))
            break;
        double rate;
        trm_learner *l = new_learner(p, envs, 1, 1, false, e);
        bool ok = l != NULL && best_rate(l, SEARCH_SECONDS * b->plan.share, &rate, e);
        trm_learner_free(l);
        if (!ok)
            return false;
        if (rate > best) {
            best = rate;
            p->envs = envs;
        }
    }
    return true;
}

static bool set_up(bench *b, bench_preset *p, trm_error *e) {
    trm_train_config *train = &p->config.train;
    p->shipped = new_learner(p, train->envs, 1, (uint64_t)p->config.seed, true, e);
    if (p->shipped == NULL || !find_batch(b, p, e))
        return false;
    p->batched = new_learner(p, p->envs, 1, 1, false, e);
    if (p->batched == NULL)
        return false;
    if (b->threads > 1) {
        p->threaded = new_learner(p, p->envs, b->threads, 1, false, e);
        if (p->threaded == NULL)
            return false;
    }
    return true;
}

void bench_preset_done(bench_preset *p) {
    trm_model_free(p->thinker);
    trm_learner_free(p->shipped);
    trm_learner_free(p->batched);
    trm_learner_free(p->threaded);
}

// ---- a round ------------------------------------------------------------------------------------

static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// How much of a processor this program got while it asked for one is noted beside sgemm: on a busy
// machine everything else has to be read with it.
static void measure_machine(bench *b, double *sgemm) {
    bench_metrics *m = &b->metrics;
    double started = trm_clock_now();
    double used = processor_seconds();
    *sgemm = trm_bench_sgemm(BENCH_SQUARE, 1, BENCH_SGEMM_SECONDS * b->plan.share);
    used = processor_seconds() - used;
    bench_metric_add(bench_metric_of(m, BENCH_MACHINE, "processor_share"),
                     used / (trm_clock_now() - started), NAN);
    bench_metric_add(
        bench_metric_listed(m, BENCH_MACHINE, "sgemm_gflops", "sgemm at 1024^3", "GFLOP/s", 1),
        *sgemm, 1);
    if (b->threads == 1)
        return;
    char what[BENCH_WHAT];
    trm_text_format(what, sizeof what, "... %d at once", b->threads);
    double both = trm_bench_sgemm(BENCH_SQUARE, b->threads, BENCH_SGEMM_SECONDS * b->plan.share);
    bench_metric_add(bench_metric_listed(m, BENCH_MACHINE, "sgemm_threads_ratio", what, "x one", 2),
                     both / *sgemm, NAN);
}

static void key_of_env(char key[BENCH_KEY], const char *name) {
    trm_text_format(key, BENCH_KEY, "env_%s_steps_s", name);
    for (char *c = key; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
}

static double env_aim(const char *name) {
    if (strcmp(name, "maze-open") == 0)
        return 50e6;
    return strncmp(name, "sudoku-", 7) == 0 ? 20e6 : NAN;
}

static bool measure_envs(bench *b, double sgemm, trm_error *e) {
    double slowest = NAN; // of the sudokus
    const char *name;
    for (int32_t i = 0; (name = trm_env_name(i)) != NULL; i++) {
        trm_env_config c = trm_env_config_default();
        bool sudoku = strncmp(name, "sudoku", 6) == 0;
        trm_text_copy(c.type, sizeof c.type, name);
        c.size = sudoku ? 4 : strcmp(name, "maze") == 0 ? 11 : c.size;
        trm_env *env = trm_env_new(&c, e);
        if (env == NULL)
            return false;
        double rate = trm_bench_env(env, ENVIRONMENTS, ENV_SECONDS * b->plan.share, 1);
        trm_env_free(env);
        char key[BENCH_KEY];
        key_of_env(key, name);
        bench_metric *metric =
            bench_metric_listed(&b->metrics, BENCH_MACHINE, key, name, "steps/s", 0);
        if (!isnan(env_aim(name)))
            bench_metric_aim(metric, BENCH_AT_LEAST, env_aim(name) * sgemm / REFERENCE_GFLOPS);
        bench_metric_add(metric, rate, NAN);
        slowest = !isnan(env_aim(name)) && sudoku && !(rate > slowest) ? rate : slowest;
    }
    bench_metric_add(bench_metric_of(&b->metrics, BENCH_MACHINE, "env_sudoku_steps_s"), slowest,
                     NAN);
    return true;
}

static void measure_products(bench *b, int32_t group, double sgemm) {
    const bench_preset *p = &b->presets[group];
    trm_product_speed each[TRM_PRODUCTS_MAX];
    trm_product_speed total;
    double training;
    trm_bench_products(p->products, p->product_count, BENCH_BATCH, PRODUCTS_SECONDS * b->plan.share,
                       each, &total, &training);
    const struct {
        const char *key, *what;
        double value;
    } rows[] = {{"sgemm_forward_gflops", "sgemm NT, batch 64", total.forward},
                {"sgemm_input_gradient_gflops", "sgemm NN, batch 64", total.input_gradient},
                {"sgemm_weight_gradient_gflops", "sgemm TN, batch 64", total.weight_gradient},
                {"sgemm_model_gflops", "all sgemm of a training", training}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench_metric_add(
            bench_metric_listed(&b->metrics, group, rows[i].key, rows[i].what, "GFLOP/s", 1),
            rows[i].value, rows[i].value / sgemm);
    }
    for (int32_t i = 0; i < p->product_count; i++) {
        const double speeds[] = {each[i].forward, each[i].input_gradient, each[i].weight_gradient};
        static const char *const forms[] = {"nt", "nn", "tn"};
        for (size_t f = 0; f < sizeof speeds / sizeof *speeds; f++) {
            char key[BENCH_KEY];
            trm_text_format(key, sizeof key, "sgemm_%s_%dx%d_gflops", forms[f], p->products[i].out,
                            p->products[i].in);
            bench_metric *metric = bench_metric_of(&b->metrics, group, key);
            if (!isnan(speeds[f]))
                bench_metric_add(metric, speeds[f], speeds[f] / sgemm);
        }
    }
}

static void measure_forwards(bench *b, int32_t group, double sgemm) {
    static const int32_t batches[] = {1, 16, 256};
    const bench_preset *p = &b->presets[group];
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        double seconds = trm_bench_forward(p->thinker, batches[i], FORWARD_SECONDS * b->plan.share);
        double gflops = p->flops.forward * batches[i] / seconds / 1e9;
        char key[BENCH_KEY];
        char what[BENCH_WHAT];
        trm_text_format(key, sizeof key, "forward_b%d_us", batches[i]);
        trm_text_format(what, sizeof what, "forward, batch %d", batches[i]);
        bench_metric *metric = bench_metric_listed(&b->metrics, group, key, what, "us", 1);
        if (batches[i] == 1 && group == 0)
            bench_metric_aim(metric, BENCH_AT_MOST, 25.0 * REFERENCE_GFLOPS / sgemm);
        bench_metric_add(metric, seconds * 1e6, gflops / sgemm);
        trm_text_format(key, sizeof key, "forward_b%d_gflops", batches[i]);
        bench_metric_add(bench_metric_of(&b->metrics, group, key), gflops, gflops / sgemm);
        trm_text_format(key, sizeof key, "forward_b%d_share", batches[i]);
        bench_metric_add(bench_metric_of(&b->metrics, group, key), gflops / sgemm, NAN);
    }
}

// The recipe as it stands, from the start again with other numbers whenever it is through.
static bool train_shipped(bench_preset *p, double seconds, double *rate, trm_error *e) {
    double spent = 0;
    int64_t steps = 0;
    while (spent < seconds) {
        trm_bench_training t;
        if (trm_learner_done(p->shipped)) {
            trm_learner_free(p->shipped);
            p->shipped = new_learner(p, p->config.train.envs, 1,
                                     (uint64_t)p->config.seed + ++p->restarts, true, e);
            if (p->shipped == NULL)
                return false;
        }
        if (!trm_bench_train(p->shipped, 0, &t, e))
            return false;
        spent += t.seconds;
        steps += t.steps;
    }
    *rate = (double)steps / spent;
    return true;
}

static void note_training(bench *b, int32_t group, const char *name, const char *what, double rate,
                          double sgemm) {
    double gflops = rate * b->presets[group].flops.training / 1e9;
    char key[BENCH_KEY];
    trm_text_format(key, sizeof key, "%s_steps_s", name);
    bench_metric_add(bench_metric_listed(&b->metrics, group, key, what, "steps/s", 0), rate,
                     gflops / sgemm);
    trm_text_format(key, sizeof key, "%s_gflops", name);
    bench_metric_add(bench_metric_of(&b->metrics, group, key), gflops, gflops / sgemm);
    trm_text_format(key, sizeof key, "%s_share", name);
    bench_metric_add(bench_metric_of(&b->metrics, group, key), gflops / sgemm, NAN);
}

static bool measure_threads(bench *b, int32_t group, double one, trm_error *e) {
    const bench_preset *p = &b->presets[group];
    trm_bench_training t;
    if (!trm_bench_train(p->threaded, TRAIN_SECONDS * b->plan.share, &t, e))
        return false;
    char key[BENCH_KEY];
    char what[BENCH_WHAT];
    trm_text_format(key, sizeof key, "train_threads%d_ratio", b->threads);
    trm_text_format(what, sizeof what, "... on %d threads", b->threads);
    bench_metric *metric = bench_metric_listed(&b->metrics, group, key, what, "x one", 2);
    if (b->threads == 2)
        bench_metric_aim(metric, BENCH_AT_LEAST, 1.8);
    bench_metric_add(metric, (double)t.steps / t.seconds / one, NAN);
    return true;
}

static bool measure_training(bench *b, int32_t group, double sgemm, trm_error *e) {
    bench_preset *p = &b->presets[group];
    double seconds = TRAIN_SECONDS * b->plan.share;
    double rate;
    if (!train_shipped(p, seconds, &rate, e))
        return false;
    note_training(b, group, "train_shipped", "training, as shipped", rate, sgemm);
    if (group == 0) {
        bench_metric_aim(bench_metric_of(&b->metrics, group, "train_shipped_steps_s"),
                         BENCH_AT_LEAST,
                         ORIGINAL_TIMES * ORIGINAL_STEPS * sgemm / REFERENCE_GFLOPS);
    }
    trm_bench_training t;
    if (!trm_bench_train(p->batched, seconds, &t, e))
        return false;
    rate = (double)t.steps / t.seconds;
    char what[BENCH_WHAT];
    trm_text_format(what, sizeof what, "training, %d at once", p->envs);
    note_training(b, group, "train_batched", what, rate, sgemm);
    bench_metric *share = bench_metric_listed(&b->metrics, group, "train_batched_share",
                                              "... of sgemm at 1024^3", "", 2);
    if (group == 0)
        bench_metric_aim(share, BENCH_AT_LEAST, 0.6);
    return b->threads == 1 || measure_threads(b, group, rate, e);
}

static bool measure_round(bench *b, trm_error *e) {
    double sgemm;
    measure_machine(b, &sgemm);
    if (!measure_envs(b, sgemm, e))
        return false;
    for (int32_t i = 0; i < b->preset_count; i++) {
        measure_products(b, i, sgemm);
        measure_forwards(b, i, sgemm);
        if (!measure_training(b, i, sgemm, e) || !bench_go_on(b, e))
            return false;
    }
    return true;
}

bool bench_measure(bench *b, trm_error *e) {
    for (int32_t i = 0; i < b->preset_count; i++)
        if (!set_up(b, &b->presets[i], e) || !bench_go_on(b, e))
            return false;
    for (int32_t round = 0; round < b->plan.rounds; round++)
        if (!measure_round(b, e))
            return false;
    return true;
}

int64_t bench_measure_pieces(const bench *b) {
    return (int64_t)b->preset_count * (b->plan.rounds + 1);
}
