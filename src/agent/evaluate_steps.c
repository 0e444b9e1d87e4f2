// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate_steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/asker.h"
#include "agent/parts.h"
#include "agent/score.h"
#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/model/paper.h"
#include "trm/nn/categorical.h"

// Of one step.
typedef struct count {
    int64_t right, turned, blanks, blanks_right; // cells
    int64_t exact, changed, says, agrees;        // samples
} count;

typedef struct totals {
    int64_t rows, stop_exact, stop_steps, paths;
    trm_score_tally score;
} totals;

// What came of TRM_ASKER_ROWS samples or fewer, as plain bytes. Numbers that are no whole ones are
// kept singly, so that a sum over all samples does not depend on who asked.
typedef struct part {
    totals n;
    uint64_t answers[TRM_ASKER_ROWS]; // a hash of each
    double values[];                  // count[steps], then halt and moved [steps, ROWS], losses
                                      // [ROWS, P]
} part;

struct trm_steps_tally {
    const trm_model *model;
    const trm_dataset *d;
    bool traces;          // are read, and not just outputs
    int32_t first, steps; // steps that are read: first to steps - 1
    trm_rng *random;
    trm_asker asker;
    trm_agent agent; // for traces
    float *trace;
    float sure;                      // the halting head stops a sample above
    int32_t *classes;                // [P] of the newest step
    int32_t *before;                 // [ROWS, P] of the step before
    int32_t stopped[TRM_ASKER_ROWS]; // steps after which a row stopped; 0: not yet
    part *part;                      // what is being filled
    // Of all parts that were added:
    totals whole;
    count *counts;        // [steps]
    double *halt, *moved; // [steps]
    uint64_t *answers;    // [count]
    trm_arena arena;
};

typedef trm_steps_tally tally;

enum { COUNT_VALUES = sizeof(count) / sizeof(double) };

static count *counts_of(part *p) {
    return (count *)(void *)p->values;
}

static double *halts_of(const tally *t, part *p, int32_t step) {
    return p->values + (size_t)t->steps * COUNT_VALUES + (size_t)step * TRM_ASKER_ROWS;
}

static double *moves_of(const tally *t, part *p, int32_t step) {
    return halts_of(t, p, t->steps) + (size_t)step * TRM_ASKER_ROWS;
}

static double *losses_of(const tally *t, part *p, int32_t row) {
    return moves_of(t, p, t->steps) + (size_t)row * (size_t)t->d->positions;
}

size_t trm_steps_part_size(const tally *t) {
    return sizeof(part) + sizeof(double) * ((size_t)t->steps * (COUNT_VALUES + 2 * TRM_ASKER_ROWS) +
                                            (size_t)TRM_ASKER_ROWS * (size_t)t->d->positions);
}

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
    count *c = &counts_of(t->part)[step];
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
    count *c = &counts_of(t->part)[step];
    halts_of(t, t->part, step)[row] = (double)trm_logistic(halt);
    c->says += halt >= 0;
    c->agrees += (halt >= 0) == exact;
    if (t->stopped[row] || (!(halt > t->sure) && step < t->steps - 1))
        return;
    t->stopped[row] = step + 1;
    t->part->n.stop_steps += step + 1;
    t->part->n.stop_exact += exact;
}

static void count_last(tally *t, int32_t sample, int32_t row, const float *logits) {
    part *p = t->part;
    p->n.score.losses = losses_of(t, p, row);
    trm_score_count(trm_model_get_config(t->model), logits, target_of(t, sample), &p->n.score);
    p->n.score.losses = NULL;
    p->answers[row] = hash(t->classes, t->d->positions);
    if (trm_dataset_is_maze(t->d))
        p->n.paths += trm_dataset_is_path(t->d, sample, t->classes);
}

// ---- by outputs, several samples side by side ---------------------------------------------------

static void classes_of(tally *t, const float *logits) {
    for (int32_t p = 0; p < t->d->positions; p++)
        t->classes[p] = trm_categorical_argmax(logits + (int64_t)p * t->d->classes, t->d->classes);
}

static void ask(tally *t, int32_t first, int32_t rows) {
    trm_asker *a = &t->asker;
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
            moves_of(t, t->part, step)[r] = trm_asker_moved(a, r);
            if (step == a->steps - 1)
                count_last(t, first + r, r, trm_mat_row(logits, r));
        }
    }
}

// ---- by traces, which have what is between outputs, too -----------------------------------------

static void read_trace(tally *t, int32_t sample, int32_t row) {
    const trm_trace_shape *shape = &t->agent.shape;
    const trm_reading r = {.shape = shape, .trace = t->trace};
    trm_agent_inspect_input(&t->agent, t->d->inputs + (int64_t)sample * t->d->state_dim, -1,
                            t->trace);
    for (int32_t step = t->first; step < t->steps; step++) {
        for (int32_t p = 0; p < t->d->positions; p++)
            t->classes[p] = trm_reading_class(&r, step, p);
        count_cells(t, sample, row, step);
    }
    count_last(t, sample, row, trm_trace_logits(shape, t->trace, shape->cycles - 1));
}

void trm_steps_fill(tally *t, int32_t first, int32_t rows, void *part_bytes) {
    part *p = t->part = part_bytes;
    assert(rows <= TRM_ASKER_ROWS);
    memset(p, 0, trm_steps_part_size(t));
    p->n.rows = rows;
    if (!t->traces)
        ask(t, first, rows);
    for (int32_t r = 0; r < rows && t->traces; r++)
        read_trace(t, first + r, r);
}

// ---- what came of it ----------------------------------------------------------------------------

static double share(double some, double all) {
    return all > 0 ? some / all : (double)NAN;
}

void trm_steps_add(tally *t, void *part_bytes) {
    part *p = part_bytes;
    const count *c = counts_of(p);
    trm_score_tally *score = &t->whole.score;
    for (int32_t i = 0; i < t->steps; i++) {
        count *to = &t->counts[i];
        to->right += c[i].right;
        to->turned += c[i].turned;
        to->blanks += c[i].blanks;
        to->blanks_right += c[i].blanks_right;
        to->exact += c[i].exact;
        to->changed += c[i].changed;
        to->says += c[i].says;
        to->agrees += c[i].agrees;
        for (int32_t r = 0; r < p->n.rows; r++) {
            t->halt[i] += halts_of(t, p, i)[r];
            t->moved[i] += moves_of(t, p, i)[r];
        }
    }
    for (int64_t k = 0; k < p->n.rows * t->d->positions; k++)
        score->loss += losses_of(t, p, 0)[k];
    score->samples += p->n.score.samples;
    score->cells += p->n.score.cells;
    score->right += p->n.score.right;
    score->exact += p->n.score.exact;
    score->path += p->n.score.path;
    score->path_found += p->n.score.path_found;
    memcpy(t->answers + t->whole.rows, p->answers, (size_t)p->n.rows * sizeof *p->answers);
    t->whole.rows += p->n.rows;
    t->whole.stop_exact += p->n.stop_exact;
    t->whole.stop_steps += p->n.stop_steps;
    t->whole.paths += p->n.paths;
}

void trm_steps_conclude(tally *t, trm_step_evaluation *out) {
    const double samples = t->d->count, cells = samples * t->d->positions, none = (double)NAN;
    const bool halts = trm_model_halts(t->model) && !t->random && !t->traces;
    *out = (trm_step_evaluation){
        .steps = t->steps,
        .first_read = t->first,
        .distinct = count_distinct(t->answers, t->d->count),
        .paths = trm_dataset_is_maze(t->d) ? (int32_t)t->whole.paths : -1,
        .score = trm_score_of(&t->whole.score),
        .stop_exact = halts ? (double)t->whole.stop_exact / samples : none,
        .stop_steps = halts ? (double)t->whole.stop_steps / samples : none,
    };
    for (int32_t i = 0; i < t->steps; i++) {
        const count *c = &t->counts[i];
        const bool read = i >= t->first, board = read && is_board(t->d);
        out->step[i] = (trm_step_score){
            .cell_accuracy = read ? (double)c->right / cells : none,
            .exact_accuracy = read ? (double)c->exact / samples : none,
            .turned = i > t->first ? (double)c->turned / cells : none,
            .blank_accuracy = board ? share((double)c->blanks_right, (double)c->blanks) : none,
            .changed = board ? (double)c->changed / samples : none,
            .moved = t->moved[i] / samples,
            .halt_mean = halts ? t->halt[i] / samples : none,
            .halt_says = halts ? (double)c->says / samples : none,
            .halt_agrees = halts ? (double)c->agrees / samples : none,
        };
    }
    trm_dataset_measure(t->d, &out->stats);
}

static void open_sums(tally *t) {
    const size_t steps = (size_t)t->steps;
    t->counts = trm_arena_array(&t->arena, steps, sizeof *t->counts);
    t->halt = trm_arena_array(&t->arena, steps, sizeof *t->halt);
    t->moved = trm_arena_array(&t->arena, steps, sizeof *t->moved);
    t->answers = trm_arena_array(&t->arena, (size_t)t->d->count, sizeof *t->answers);
}

tally *trm_steps_open(const trm_model *m, const trm_dataset *d, bool layers, trm_rng *random,
                      bool fills) {
    const size_t positions = (size_t)d->positions;
    const trm_trace_shape shape = trm_model_trace_shape(m);
    tally *t = trm_alloc(1, sizeof *t);
    assert(trm_model_get_config(m)->state_dim == d->state_dim && d->count > 0);
    *t = (tally){.model = m, .d = d, .random = random};
    t->traces = layers && !random && shape.cycles != trm_model_outputs(m);
    t->sure = trm_model_continues(m) ? 0 : TRM_HALT_SURE;
    t->first = t->traces ? shape.first_logits : 0;
    t->steps = random ? 1 : t->traces ? shape.cycles : trm_model_outputs(m);
    t->steps = t->steps < TRM_EVALUATION_STEPS ? t->steps : TRM_EVALUATION_STEPS;
    t->classes = trm_arena_array(&t->arena, positions, sizeof *t->classes);
    t->before = trm_arena_array(&t->arena, TRM_ASKER_ROWS * positions, sizeof *t->before);
    open_sums(t);
    if (fills && t->traces) {
        trm_agent_init_rows(&t->agent, NULL, m, 1, true);
        t->trace = trm_arena_array(&t->arena, (size_t)trm_trace_size(&shape), sizeof *t->trace);
    } else if (fills) {
        trm_asker_open(&t->asker, m, random);
    }
    return t;
}

void trm_steps_free(tally *t) {
    trm_agent_done(&t->agent);
    trm_asker_close(&t->asker);
    trm_arena_free(&t->arena);
    free(t);
}

bool trm_evaluate_steps(const trm_model *m, const trm_dataset *d, bool layers, trm_rng *random,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_step_evaluation *out) {
    tally *t = trm_steps_open(m, d, layers, random, true);
    part *p = trm_alloc(trm_steps_part_size(t), 1);
    bool go = true;
    for (int32_t first = 0, rows; first < d->count && go; first += rows) {
        rows = d->count - first < TRM_ASKER_ROWS ? d->count - first : TRM_ASKER_ROWS;
        trm_steps_fill(t, first, rows, p);
        trm_steps_add(t, p);
        for (int32_t r = 0; r < rows && go; r++)
            go = !progress || progress(ctx, first + r + 1);
    }
    if (go)
        trm_steps_conclude(t, out);
    trm_steps_free(t);
    free(p);
    return go;
}
