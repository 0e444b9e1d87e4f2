// SPDX-License-Identifier: Apache-2.0
#include "trm/run/reproduce.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "trm/base/pool.h"
#include "trm/run/config.h"
#include "trm/run/lesson.h"
#include "trm/train/history.h"

static const trm_claim claims[] = {
    {"rl-mlp", "RL on the maze: MLP", "36 %", TRM_CLAIM_SUCCESS, "original-maze-mlp",
     "original-maze-mlp-fixed", "maze-mlp",
     "(T,1) times (T) log-probabilities and returns: no policy gradient is left"},
    {"rl-k5", "RL on the maze: TRM K=5", "34 %", TRM_CLAIM_SUCCESS, "original-maze-k5",
     "original-maze-k5-fixed", "maze-k5",
     "the same bug; with the shapes right the recipe mostly collapses, a running baseline does "
     "not"},
    {"rl-k3", "RL on the maze: TRM K=3", "22 %", TRM_CLAIM_SUCCESS, "original-maze",
     "original-maze-fixed", "maze", "the same"},
    {"rl-sudoku", "RL on the empty sudoku: TRM K=3", "0-6 %", TRM_CLAIM_SUCCESS, "original-sudoku",
     "original-sudoku-fixed", NULL, "64 actions of which ever fewer are legal, and the bug"},
    {"rl-sudoku-one", "RL on one blank cell", "0-6 %", TRM_CLAIM_SUCCESS, "updated-2-sudoku-one",
     NULL, "sudoku-one",
     "one step an episode, so the bug has no hold; its schedule ends too early"},
    {"rl-sudoku-easy", "RL on the easy sudoku", "0-6 %", TRM_CLAIM_SUCCESS, "updated-3-sudoku-easy",
     NULL, NULL, "not learned; every puzzle is made from one grid"},
    {"rl-sudoku-medium", "RL on the medium sudoku", "0-6 %", TRM_CLAIM_SUCCESS,
     "updated-4-sudoku-medium", "updated-4-sudoku-medium-fixed", NULL, "the same"},
    {"mazes-8-cnn", "8x8 mazes: CNN", "100 %", TRM_CLAIM_ACCURACY, "mazes-8-cnn",
     "mazes-8-fixed-cnn", NULL, "obstacles never touch the border, so all targets are one"},
    {"mazes-8-trm", "8x8 mazes: TRM", "100 %", TRM_CLAIM_ACCURACY, "mazes-8-trm",
     "mazes-8-fixed-trm", NULL, "the same; no cell sees further than two away"},
    {"mazes-10-transformer", "10x10 mazes: transformer", "~100 %", TRM_CLAIM_ACCURACY,
     "mazes-10-transformer", "mazes-10-fixed-transformer", NULL,
     "on an even side the goal is walled off, so all targets are empty"},
    {"mazes-10-trm", "10x10 mazes: TRM", "~100 %", TRM_CLAIM_ACCURACY, "mazes-10-trm",
     "mazes-10-fixed-trm", NULL, "the same; its cells never see one another"},
    {"baseline", "Baseline on tokens learns", "", TRM_CLAIM_ACCURACY, "baseline", NULL, NULL,
     "chance is 10 %; rounding a sum of 32 normals is hard to learn in 6 epochs"},
    {"parameters-cnn", "parameters: CNN", "74,850", TRM_CLAIM_PARAMETERS, "mazes-8-cnn", NULL, NULL,
     "counted"},
    {"parameters-trm-8", "parameters: TRM, 8x8", "9,922", TRM_CLAIM_PARAMETERS, "mazes-8-trm", NULL,
     NULL, "counted"},
    {"parameters-transformer", "parameters: transformer", "~150,000", TRM_CLAIM_PARAMETERS,
     "mazes-10-transformer", NULL, NULL, "counted, not estimated"},
    {"parameters-trm-10", "parameters: TRM, 10x10", "~50,000", TRM_CLAIM_PARAMETERS, "mazes-10-trm",
     NULL, NULL, "counted, not estimated"},
    {"parameters-mlp", "parameters: MLP", "20,356", TRM_CLAIM_PARAMETERS, "original-maze-mlp", NULL,
     NULL, "counted"},
    {"parameters-trm", "parameters: TRM Full", "69,038", TRM_CLAIM_PARAMETERS, "original-maze",
     NULL, NULL, "counted; K shares its weights"},
    {"data-8", "8x8 mazes vary", "", TRM_CLAIM_DATA, "mazes-8-trm", "mazes-8-fixed-trm", NULL,
     "obstacles never touch the border: one answer for all"},
    {"data-10", "10x10 mazes have a path", "", TRM_CLAIM_DATA, "mazes-10-trm", "mazes-10-fixed-trm",
     NULL, "on an even side the goal is walled off: no answer at all"},
    {"deep-supervision", "deep supervision in RL", "", TRM_CLAIM_READ, NULL, NULL, NULL,
     "every cycle's logits are computed, only the last is in the loss"},
    {"halting", "adaptive halting", "", TRM_CLAIM_READ, NULL, NULL, NULL,
     "in a docstring only, not in the code"},
};

enum { CLAIMS = sizeof claims / sizeof *claims, DATA_SAMPLES = 2000 };

const trm_claim *trm_claim_at(int32_t i) {
    return i >= 0 && i < CLAIMS ? &claims[i] : NULL;
}

const trm_claim *trm_claim_find(const char *name) {
    for (int32_t i = 0; i < CLAIMS; i++)
        if (strcmp(claims[i].name, name) == 0)
            return &claims[i];
    return NULL;
}

typedef struct work {
    trm_config config;
    const trm_claim *claim;
    trm_measure *out;
    bool (*go_on)(void *ctx);
    void *ctx;
    trm_error errors[TRM_MEASURE_SEEDS];
    bool ok[TRM_MEASURE_SEEDS];
    atomic_bool stop;
} work;

static bool may_go_on(work *w) {
    if (!atomic_load(&w->stop) && w->go_on && !w->go_on(w->ctx))
        atomic_store(&w->stop, true);
    return !atomic_load(&w->stop);
}

static bool stopped(trm_error *e) {
    return trm_error_set(e, TRM_E_STOPPED, "interrupted");
}

static bool measure_success(work *w, const trm_config *c, int32_t i, trm_error *e) {
    trm_learner *l = trm_learner_new(&c->env, &c->model, &c->train, (uint64_t)c->seed, e);
    trm_history h;
    trm_update u;
    if (!l)
        return false;
    bool ok = true;
    trm_history_init(&h);
    while (ok && !trm_learner_done(l)) {
        ok = may_go_on(w) ? trm_learner_update(l, NULL, &u, e) == TRM_UPDATE_DONE : stopped(e);
        for (int32_t k = 0; ok && k < u.count; k++)
            trm_history_add(&h, &u.episodes[k]);
    }
    w->out->value[i] = (double)trm_history_success50(&h);
    trm_learner_free(l);
    return ok;
}

static bool between_batches(void *ctx, double share) {
    (void)share;
    return may_go_on(ctx);
}

static bool measure_accuracy(work *w, const trm_config *c, int32_t i, trm_error *e) {
    trm_lesson l;
    if (!trm_lesson_init(&l, c, e))
        return false;
    trm_outcome outcome = TRM_UPDATE_DONE;
    while (outcome == TRM_UPDATE_DONE && trm_supervised_epochs(l.learner) < c->train.epochs) {
        trm_epoch epoch;
        outcome = trm_lesson_epoch(&l, between_batches, w, &epoch, e);
    }
    if (outcome == TRM_UPDATE_DONE) {
        const trm_samples test = trm_lesson_samples(l.test);
        trm_score score;
        trm_supervised_score(l.learner, &test, &score);
        w->out->value[i] = score.exact_accuracy;
        w->out->cells[i] = score.cell_accuracy;
    }
    trm_lesson_done(&l);
    return outcome == TRM_UPDATE_DONE || (outcome == TRM_UPDATE_ABANDONED && stopped(e));
}

static bool measure_parameters(work *w, const trm_config *c, int32_t i, trm_error *e) {
    trm_model_config sized;
    trm_model *m = trm_config_model(c, &sized, e) ? trm_model_new(&sized, e) : NULL;
    if (!m)
        return false;
    w->out->value[i] = (double)trm_model_params(m)->total;
    trm_model_free(m);
    return true;
}

static bool measure_data(work *w, const trm_config *c, int32_t i, trm_error *e) {
    trm_dataset *d = trm_dataset_new(&c->data, TRM_SPLIT_TRAIN, DATA_SAMPLES, (uint64_t)c->seed, e);
    trm_dataset_stats stats;
    if (!d)
        return false;
    trm_dataset_measure(d, &stats);
    w->out->value[i] = stats.distinct_targets;
    w->out->cells[i] = stats.without_path;
    w->out->samples = stats.count;
    trm_dataset_free(d);
    return true;
}

static void measure_seed(void *ctx, int32_t i) {
    static bool (*const measures[])(work *, const trm_config *, int32_t, trm_error *) = {
        [TRM_CLAIM_SUCCESS] = measure_success,
        [TRM_CLAIM_ACCURACY] = measure_accuracy,
        [TRM_CLAIM_PARAMETERS] = measure_parameters,
        [TRM_CLAIM_DATA] = measure_data,
    };
    work *w = ctx;
    trm_config c = w->config;
    c.seed = i;
    w->ok[i] = measures[w->claim->kind](w, &c, i, &w->errors[i]);
}

static void summarise(trm_measure *m) {
    double sum = 0, cells = 0, squares = 0;
    for (int32_t i = 0; i < m->seeds; i++) {
        sum += m->value[i];
        cells += m->cells[i];
    }
    m->mean = sum / m->seeds;
    m->cells_mean = cells / m->seeds;
    for (int32_t i = 0; i < m->seeds; i++)
        squares += (m->value[i] - m->mean) * (m->value[i] - m->mean);
    m->deviation = m->seeds > 1 ? sqrt(squares / (m->seeds - 1)) : (double)NAN;
}

bool trm_claim_measure(const trm_claim *claim, const char *preset, int32_t seeds, int32_t threads,
                       bool (*go_on)(void *ctx), void *ctx, trm_measure *out, trm_error *e) {
    assert(seeds >= 1 && seeds <= TRM_MEASURE_SEEDS && claim->kind != TRM_CLAIM_READ);
    work w = {.claim = claim, .out = out, .go_on = go_on, .ctx = ctx};
    *out = (trm_measure){.seeds = claim->kind == TRM_CLAIM_PARAMETERS ? 1 : seeds};
    if (!trm_config_preset(&w.config, preset, e))
        return false;
    w.config.train.threads = 1;
    trm_pool *pool = trm_pool_new(threads);
    trm_pool_run(pool, out->seeds, measure_seed, &w);
    trm_pool_free(pool);
    for (int32_t i = 0; i < out->seeds; i++)
        if (!w.ok[i]) {
            if (e)
                *e = w.errors[i];
            return false;
        }
    summarise(out);
    return true;
}
