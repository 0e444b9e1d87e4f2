// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate_steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/asker.h"
#include "agent/score.h"
#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/model/paper.h"
#include "trm/nn/categorical.h"

// Of one step, over all samples.
typedef struct count {
    int64_t right, turned, blanks, blanks_right; // cells
    int64_t exact, changed, says, agrees;        // samples
    double halt, moved;                          // sums
} count;

typedef struct tally {
    const trm_model *model;
    const trm_dataset *d;
    int32_t first, steps;            // steps that are read: first to steps - 1
    float sure;                      // the halting head stops a sample above
    int32_t *given;                  // [P] of the sample; -1: a blank
    int32_t *classes;                // [P] of the newest step
    int32_t *before;                 // [ROWS, P] of the step before
    int32_t stopped[TRM_ASKER_ROWS]; // steps after which a row stopped; 0: not yet
    count *counts;                   // [steps]
    uint64_t *answers;               // [count] a hash of each
    int64_t stop_exact, stop_steps;
    int32_t paths;
    trm_score_tally score;
} tally;

static uint64_t hash(const int32_t *classes, int32_t n) {
    uint64_t h = 14695981039346656037u; // FNV-1a
    for (int32_t i = 0; i < n; i++)
        h = (h ^ (uint64_t)classes[i]) * 1099511628211u;
    return h ^ (h >> 29);
}

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int32_t count_distinct(uint64_t *hashes, int32_t n) {
    int32_t distinct = 0;
    qsort(hashes, (size_t)n, sizeof *hashes, by_value);
    for (int32_t i = 0; i < n; i++)
        distinct += i == 0 || hashes[i] != hashes[i - 1];
    return distinct;
}

static bool is_board(const trm_dataset *d) {
    return d->geometry.rows > 0;
}

static const int32_t *target_of(const tally *t, int32_t sample) {
    return t->d->targets + (int64_t)sample * t->d->positions;
}

// t->classes against the target; returns whether all are right.
static bool count_cells(tally *t, int32_t sample, int32_t row, int32_t step) {
    const int32_t *target = target_of(t, sample), positions = t->d->positions;
    const float *input = t->d->inputs + (int64_t)sample * t->d->state_dim;
    int32_t *before = t->before + (int64_t)row * positions;
    count *c = &t->counts[step];
    int64_t right = 0;
    bool changes = false;
    for (int32_t p = 0; p < positions; p++) {
        const int32_t given = is_board(t->d) ? trm_dataset_given(t->d, input, p) : -1;
        const bool is = t->classes[p] == target[p];
        right += is;
        c->blanks += given < 0;
        c->blanks_right += given < 0 && is;
        changes |= given >= 0 && t->classes[p] != given;
        c->turned += step > t->first && t->classes[p] != before[p];
    }
    c->right += right;
    c->exact += right == positions;
    c->changed += changes;
    memcpy(before, t->classes, (size_t)positions * sizeof *before);
    return right == positions;
}

// What the halting head said, a logit.
static void count_halt(tally *t, int32_t row, int32_t step, bool exact, float halt) {
    count *c = &t->counts[step];
    c->halt += (double)trm_logistic(halt);
    c->says += halt >= 0;
    c->agrees += (halt >= 0) == exact;
    if (t->stopped[row] || (!(halt > t->sure) && step < t->steps - 1))
        return;
    t->stopped[row] = step + 1;
    t->stop_steps += step + 1;
    t->stop_exact += exact;
}

static void count_last(tally *t, int32_t sample, const float *logits) {
    trm_score_count(trm_model_get_config(t->model), logits, target_of(t, sample), &t->score);
    t->answers[sample] = hash(t->classes, t->d->positions);
    if (trm_dataset_is_maze(t->d))
        t->paths += trm_dataset_is_path(t->d, sample, t->classes);
}

// ---- by outputs, several samples side by side ---------------------------------------------------

static void classes_of(tally *t, const float *logits) {
    for (int32_t p = 0; p < t->d->positions; p++)
        t->classes[p] = trm_categorical_argmax(logits + (int64_t)p * t->d->classes, t->d->classes);
}

static void ask_batch(tally *t, trm_asker *a, int32_t first, int32_t rows) {
    const int32_t dim = t->d->state_dim;
    const trm_mat x = trm_mat_of(t->d->inputs + (int64_t)first * dim, rows, dim);
    memset(t->stopped, 0, sizeof t->stopped);
    for (int32_t step = 0; step < a->steps; step++) {
        const trm_mat logits = trm_asker_ask(a, x, step);
        for (int32_t r = 0; r < rows && step < t->steps; r++) {
            const float halt = trm_asker_halt(a, r, step);
            classes_of(t, trm_mat_row(logits, r));
            const bool exact = count_cells(t, first + r, r, step);
            count_halt(t, r, step, exact, halt);
            t->counts[step].moved += trm_asker_moved(a, r);
            if (step == a->steps - 1)
                count_last(t, first + r, trm_mat_row(logits, r));
        }
    }
}

static bool ask_all(tally *t, trm_rng *random, bool (*progress)(void *ctx, int64_t done),
                    void *ctx) {
    trm_asker a;
    bool go = true;
    trm_asker_open(&a, t->model, random);
    for (int32_t first = 0; first < t->d->count && go; first += TRM_ASKER_ROWS) {
        const int32_t left = t->d->count - first;
        const int32_t rows = left < TRM_ASKER_ROWS ? left : TRM_ASKER_ROWS;
        ask_batch(t, &a, first, rows);
        for (int32_t r = 0; r < rows && go; r++)
            go = !progress || progress(ctx, first + r + 1);
    }
    trm_asker_close(&a);
    return go;
}

// ---- by traces, which have what is between outputs, too -----------------------------------------

static bool trace_all(tally *t, trm_agent *agent, bool (*progress)(void *ctx, int64_t done),
                      void *ctx) {
    const trm_trace_shape *shape = &agent->shape;
    float *trace = trm_alloc((size_t)trm_trace_size(shape), sizeof *trace);
    const trm_reading r = {.shape = shape, .trace = trace};
    bool go = true;
    for (int32_t i = 0; i < t->d->count && go; i++) {
        trm_agent_inspect_input(agent, t->d->inputs + (int64_t)i * t->d->state_dim, -1, trace);
        for (int32_t step = t->first; step < t->steps; step++) {
            for (int32_t p = 0; p < t->d->positions; p++)
                t->classes[p] = trm_reading_class(&r, step, p);
            count_cells(t, i, 0, step);
        }
        count_last(t, i, trm_trace_logits(shape, trace, shape->cycles - 1));
        go = !progress || progress(ctx, i + 1);
    }
    free(trace);
    return go;
}

// ---- what came of it ----------------------------------------------------------------------------

static double share(double part, double all) {
    return all > 0 ? part / all : (double)NAN;
}

static void conclude(const tally *t, bool halts, trm_step_evaluation *out) {
    const double samples = t->d->count, cells = samples * t->d->positions, none = (double)NAN;
    out->steps = t->steps;
    out->first_read = t->first;
    out->distinct = count_distinct(t->answers, t->d->count);
    out->paths = trm_dataset_is_maze(t->d) ? t->paths : -1;
    out->score = trm_score_of(&t->score);
    out->stop_exact = halts ? (double)t->stop_exact / samples : none;
    out->stop_steps = halts ? (double)t->stop_steps / samples : none;
    for (int32_t i = 0; i < t->steps; i++) {
        const count *c = &t->counts[i];
        const bool read = i >= t->first, board = read && is_board(t->d);
        out->step[i] = (trm_step_score){
            .cell_accuracy = read ? (double)c->right / cells : none,
            .exact_accuracy = read ? (double)c->exact / samples : none,
            .turned = i > t->first ? (double)c->turned / cells : none,
            .blank_accuracy = board ? share((double)c->blanks_right, (double)c->blanks) : none,
            .changed = board ? (double)c->changed / samples : none,
            .moved = c->moved / samples,
            .halt_mean = halts ? c->halt / samples : none,
            .halt_says = halts ? (double)c->says / samples : none,
            .halt_agrees = halts ? (double)c->agrees / samples : none,
        };
    }
}

static void open_tally(tally *t, trm_arena *a) {
    const size_t positions = (size_t)t->d->positions;
    t->sure = trm_model_continues(t->model) ? 0 : TRM_HALT_SURE;
    t->steps = t->steps < TRM_EVALUATION_STEPS ? t->steps : TRM_EVALUATION_STEPS;
    t->classes = trm_arena_array(a, positions, sizeof *t->classes);
    t->before = trm_arena_array(a, TRM_ASKER_ROWS * positions, sizeof *t->before);
    t->counts = trm_arena_array(a, (size_t)t->steps, sizeof *t->counts);
    t->answers = trm_arena_array(a, (size_t)t->d->count, sizeof *t->answers);
}

bool trm_evaluate_steps(const trm_model *m, const trm_dataset *d, bool layers, trm_rng *random,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_step_evaluation *out) {
    assert(trm_model_get_config(m)->state_dim == d->state_dim && d->count > 0);
    const trm_trace_shape shape = trm_model_trace_shape(m);
    const bool traces = layers && !random && shape.cycles != trm_model_outputs(m);
    trm_agent agent = {0};
    trm_arena arena = TRM_ARENA_INIT;
    tally t = {.model = m, .d = d, .steps = random ? 1 : trm_model_outputs(m)};
    if (traces) {
        trm_agent_init_rows(&agent, NULL, m, 1, true);
        t.first = shape.first_logits;
        t.steps = shape.cycles;
    }
    open_tally(&t, &arena);
    *out = (trm_step_evaluation){0};
    const bool go =
        traces ? trace_all(&t, &agent, progress, ctx) : ask_all(&t, random, progress, ctx);
    if (go) {
        conclude(&t, trm_model_halts(m) && !random && !traces, out);
        trm_dataset_measure(d, &out->stats);
    }
    trm_agent_done(&agent);
    trm_arena_free(&arena);
    return go;
}
