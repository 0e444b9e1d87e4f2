// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "run/cluster/workers.h"
#include "trm/base/arena.h"
#include "trm/run/config.h"
#include "trm/run/course.h"
#include "trm/run/reproduce.h"
#include "trm/train/history.h"

enum { DATA_SAMPLES = 2000 };

// What a worker is given, and what it comes to: the places of trm_measure.
typedef struct item {
    trm_claim_kind kind;
    trm_config config; // with the seed in it
} item;

typedef struct finding {
    double value, cells;
    int32_t samples;
} finding;

// One seed of one task.
typedef struct unit {
    trm_measure_task *task;
    item item;
    int32_t seed;
    double cost; // a guess, for the order
    bool ok;
    trm_error error;
} unit;

typedef struct work {
    unit *units; // [count], the longest first
    int32_t count;
    const trm_measure_watch *watch;
    trm_workers *workers;
    atomic_bool stop;
    pthread_mutex_t lock; // of the tasks' results
} work;

static bool stopped(trm_error *e) {
    return trm_error_set(e, TRM_E_STOPPED, "interrupted");
}

// ---- measuring ----------------------------------------------------------------------------------

static bool may_go_on(trm_heartbeat *p) {
    static const finding nothing_yet = {0};
    return !trm_heartbeat_due(p) || trm_heartbeat_beat(p, &nothing_yet);
}

static bool between_steps(void *ctx, const trm_course_step *step) {
    return step->view || may_go_on(ctx);
}

// Trains to the end; *h receives the episodes.
static bool train(trm_heartbeat *heartbeat, trm_course *course, trm_history *h, trm_error *e) {
    const trm_step_callback callback = {between_steps, heartbeat};
    while (!trm_course_done(course)) {
        trm_advance a;
        if (!may_go_on(heartbeat))
            return stopped(e);
        const trm_outcome outcome = trm_course_advance(course, &callback, &a, e);
        if (outcome != TRM_UPDATE_DONE)
            return outcome == TRM_UPDATE_ABANDONED && stopped(e);
        for (int32_t k = 0; k < a.update.count; k++)
            trm_history_add(h, &a.update.episodes[k]);
    }
    return true;
}

// Success of the last episodes, or the share of test samples with every cell right.
static bool measure_training(trm_heartbeat *heartbeat, const trm_config *c, finding *out,
                             trm_error *e) {
    trm_course *course = trm_run_course(c, e);
    trm_history h;
    trm_score score;
    if (!course)
        return false;
    trm_history_init(&h);
    const bool ok = train(heartbeat, course, &h, e);
    out->value = (double)trm_history_success50(&h);
    if (ok && trm_course_score(course, NULL, NULL, &score)) {
        out->value = score.exact_accuracy;
        out->cells = score.cell_accuracy;
    }
    trm_course_free(course);
    return ok;
}

static int64_t count_parameters(const trm_config *c, trm_error *e) {
    trm_model_config sized;
    trm_model *m = trm_config_model(c, &sized, e) ? trm_model_new(&sized, e) : NULL;
    if (!m)
        return -1;
    const int64_t total = trm_model_params(m)->total;
    trm_model_free(m);
    return total;
}

static bool measure_parameters(trm_heartbeat *heartbeat, const trm_config *c, finding *out,
                               trm_error *e) {
    (void)heartbeat;
    const int64_t total = count_parameters(c, e);
    out->value = (double)total;
    return total >= 0;
}

static bool measure_data(trm_heartbeat *heartbeat, const trm_config *c, finding *out,
                         trm_error *e) {
    trm_dataset *d = trm_dataset_new(&c->data, TRM_SPLIT_TRAIN, DATA_SAMPLES, (uint64_t)c->seed, e);
    trm_dataset_stats stats;
    (void)heartbeat;
    if (!d)
        return false;
    trm_dataset_measure(d, &stats);
    *out = (finding){stats.distinct_targets, stats.without_path, stats.count};
    trm_dataset_free(d);
    return true;
}

static bool measure(void *state, const void *bytes, void *result, trm_heartbeat *heartbeat,
                    trm_error *e) {
    static bool (*const measures[])(trm_heartbeat *, const trm_config *, finding *, trm_error *) = {
        [TRM_CLAIM_SUCCESS] = measure_training,
        [TRM_CLAIM_ACCURACY] = measure_training,
        [TRM_CLAIM_PARAMETERS] = measure_parameters,
        [TRM_CLAIM_DATA] = measure_data,
    };
    const item *x = bytes;
    (void)state;
    return may_go_on(heartbeat) ? measures[x->kind](heartbeat, &x->config, result, e) : stopped(e);
}

// Presets say everything.
static void *open_measure(const void *setup, size_t bytes, uint64_t *boards, trm_error *e) {
    static char nothing;
    (void)setup, (void)bytes, (void)e;
    *boards = 0;
    return &nothing;
}

static void close_measure(void *state) {
    (void)state;
}

const trm_work_kind trm_work_measure = {open_measure, close_measure, measure};

// ---- results ------------------------------------------------------------------------------------

static void mean_and_deviation(const double *values, int32_t n, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int32_t i = 0; i < n; i++)
        sum += values[i];
    *mean = sum / n;
    for (int32_t i = 0; i < n; i++)
        squares += (values[i] - *mean) * (values[i] - *mean);
    *deviation = n > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
}

static void enter(work *w, const unit *u, const finding *found) {
    trm_measure_task *t = u->task;
    trm_measure *m = &t->result;
    pthread_mutex_lock(&w->lock);
    m->value[u->seed] = found->value;
    m->cells[u->seed] = found->cells;
    m->samples = found->samples;
    t->done = ++t->seeds_done == m->seeds;
    if (t->done) {
        mean_and_deviation(m->value, m->seeds, &m->mean, &m->deviation);
        mean_and_deviation(m->cells, m->seeds, &m->cells_mean, &m->cells_deviation);
    }
    if (w->watch->ended)
        w->watch->ended(w->watch->ctx, t);
    pthread_mutex_unlock(&w->lock);
}

static bool asks_on(void *ctx, const void *result) {
    work *w = ctx;
    (void)result;
    if (!atomic_load(&w->stop) && w->watch->go_on && !w->watch->go_on(w->watch->ctx))
        atomic_store(&w->stop, true);
    return !atomic_load(&w->stop);
}

static void measure_unit(void *ctx, int32_t i, int32_t slot) {
    work *w = ctx;
    unit *u = &w->units[i];
    const trm_heartbeat heartbeat = {.beat = asks_on, .ctx = w};
    finding found = {0};
    u->ok = asks_on(w, NULL)
                ? trm_workers_do(w->workers, slot, &u->item, &found, &heartbeat, &u->error)
                : stopped(&u->error);
    if (u->ok)
        enter(w, u, &found);
    else
        atomic_store(&w->stop, true); // the others end, too
}

// ---- what there is to do ------------------------------------------------------------------------

// Parameters met by samples: enough to tell the long from the short.
static double guess_cost(const trm_claim *claim, const trm_config *c, int64_t parameters) {
    trm_dataset shape = {.positions = 1};
    if (claim->kind == TRM_CLAIM_SUCCESS)
        return (double)parameters * (double)c->train.episodes * c->model.k_cycles;
    if (claim->kind != TRM_CLAIM_ACCURACY || !trm_dataset_shape(&c->data, &shape, NULL))
        return 0;
    return (double)parameters * c->data.train * c->train.epochs * shape.positions;
}

static bool plan_task(trm_measure_task *t, unit *units, trm_error *e) {
    trm_config c;
    assert(t->seeds >= 1 && t->seeds <= TRM_MEASURE_SEEDS && t->claim->kind != TRM_CLAIM_READ);
    if (!trm_config_preset(&c, t->preset, e))
        return false;
    const int64_t parameters = count_parameters(&c, e);
    if (parameters < 0)
        return false;
    const int32_t whole = c.train.epochs;
    if (t->epochs > 0 && t->epochs < whole)
        c.train.epochs = t->epochs;
    c.train.threads = 1;
    t->result = (trm_measure){.seeds = t->claim->kind == TRM_CLAIM_PARAMETERS ? 1 : t->seeds};
    if (t->claim->kind == TRM_CLAIM_ACCURACY) {
        t->result.epochs = c.train.epochs;
        t->result.epochs_whole = whole;
    }
    for (int32_t i = 0; i < t->result.seeds; i++) {
        c.seed = i;
        units[i] = (unit){.task = t,
                          .item = {t->claim->kind, c},
                          .seed = i,
                          .cost = guess_cost(t->claim, &c, parameters)};
    }
    return true;
}

static int by_cost(const void *a, const void *b) {
    const unit *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? 1 : -1;
    return x->task != y->task ? (x->task > y->task) - (x->task < y->task)
                              : (x->seed > y->seed) - (x->seed < y->seed);
}

// An error that is not the echo of another's, if there is one.
static bool first_error(const work *w, trm_error *e) {
    const unit *failed = NULL;
    for (int32_t i = 0; i < w->count; i++)
        if (!w->units[i].ok && (!failed || failed->error.code == TRM_E_STOPPED))
            failed = &w->units[i];
    if (failed && e)
        *e = failed->error;
    return failed != NULL;
}

static bool measure_all(work *w, trm_peers *peers, int32_t threads, trm_error *e) {
    const trm_workers_request request = {.kind = &trm_work_measure,
                                         .threads = threads,
                                         .item_bytes = sizeof(item),
                                         .result_bytes = sizeof(finding)};
    w->workers = trm_workers_open(peers, &request, e);
    if (!w->workers)
        return false;
    pthread_mutex_init(&w->lock, NULL);
    trm_workers_each(w->workers, w->count, measure_unit, w);
    pthread_mutex_destroy(&w->lock);
    trm_workers_close(w->workers);
    return !first_error(w, e);
}

bool trm_claims_measure(trm_measure_task *tasks, int32_t count, trm_peers *peers, int32_t threads,
                        const trm_measure_watch *watch, trm_error *e) {
    static const trm_measure_watch nobody = {0};
    work w = {.watch = watch ? watch : &nobody};
    bool ok = true;
    w.units = trm_alloc((size_t)count * TRM_MEASURE_SEEDS + 1, sizeof *w.units);
    for (int32_t i = 0; i < count && ok; i++) {
        ok = plan_task(&tasks[i], w.units + w.count, e);
        w.count += ok ? tasks[i].result.seeds : 0;
    }
    if (ok) {
        qsort(w.units, (size_t)w.count, sizeof *w.units, by_cost);
        ok = measure_all(&w, peers, threads, e);
    }
    free(w.units);
    return ok;
}
