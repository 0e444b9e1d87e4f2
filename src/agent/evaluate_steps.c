// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate_steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/score.h"
#include "trm/agent/agent.h"
#include "trm/base/arena.h"

// What is counted while the samples go by.
typedef struct tally {
    trm_trace_shape shape;
    int32_t steps;
    float *trace;
    int32_t *classes, *before; // [P] of the step, and of the one before
    int64_t *right, *turned;   // [steps] cells
    int64_t *exact;            // [steps] samples
    uint64_t *answers;         // [count] a hash of each
} tally;

static void count_step(tally *t, const int32_t *target, int32_t step) {
    const trm_reading r = {.shape = &t->shape, .trace = t->trace};
    const int32_t positions = t->shape.positions;
    int64_t right = 0;
    for (int32_t p = 0; p < positions; p++) {
        t->classes[p] = trm_reading_class(&r, step, p);
        right += t->classes[p] == target[p];
        t->turned[step] += step > t->shape.first_logits && t->classes[p] != t->before[p];
    }
    t->right[step] += right;
    t->exact[step] += right == positions;
    memcpy(t->before, t->classes, (size_t)positions * sizeof *t->before);
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

static void open_tally(tally *t, trm_arena *a, const trm_trace_shape *shape, int32_t count) {
    *t = (tally){.shape = *shape,
                 .steps =
                     shape->cycles < TRM_EVALUATION_STEPS ? shape->cycles : TRM_EVALUATION_STEPS};
    const size_t positions = (size_t)shape->positions, steps = (size_t)shape->cycles;
    t->trace = trm_arena_array(a, (size_t)trm_trace_size(shape), sizeof *t->trace);
    t->classes = trm_arena_array(a, positions, sizeof *t->classes);
    t->before = trm_arena_array(a, positions, sizeof *t->before);
    t->right = trm_arena_array(a, steps, sizeof *t->right);
    t->turned = trm_arena_array(a, steps, sizeof *t->turned);
    t->exact = trm_arena_array(a, steps, sizeof *t->exact);
    t->answers = trm_arena_array(a, (size_t)count, sizeof *t->answers);
}

static void conclude(const tally *t, int32_t count, trm_step_evaluation *out) {
    const double samples = count, cells = samples * t->shape.positions;
    out->steps = t->steps;
    out->first_read = t->shape.first_logits;
    out->distinct = count_distinct(t->answers, count);
    for (int32_t i = 0; i < t->steps; i++) {
        const bool read = i >= t->shape.first_logits;
        const double none = (double)NAN;
        out->step[i] = (trm_step_score){
            .cell_accuracy = read ? (double)t->right[i] / cells : none,
            .exact_accuracy = read ? (double)t->exact[i] / samples : none,
            .turned = i > t->shape.first_logits ? (double)t->turned[i] / cells : none,
        };
    }
}

bool trm_evaluate_steps(const trm_model *m, const trm_dataset *d,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_step_evaluation *out) {
    const trm_model_config *c = trm_model_get_config(m);
    const bool maze = trm_dataset_is_maze(d);
    assert(c->state_dim == d->state_dim && c->positions == d->positions && d->count > 0);
    trm_agent agent;
    trm_agent_init_rows(&agent, NULL, m, 1, true);
    const trm_trace_shape shape = agent.shape;
    trm_arena arena = TRM_ARENA_INIT;
    trm_score_tally score = {0};
    tally t;
    bool go = true;
    open_tally(&t, &arena, &shape, d->count);
    *out = (trm_step_evaluation){.paths = maze ? 0 : -1};
    for (int32_t i = 0; i < d->count && go; i++) {
        const int32_t *target = d->targets + (int64_t)i * d->positions;
        trm_agent_inspect_input(&agent, d->inputs + (int64_t)i * d->state_dim, -1, t.trace);
        for (int32_t step = shape.first_logits; step < shape.cycles; step++)
            count_step(&t, target, step);
        trm_score_count(c, trm_trace_logits(&shape, t.trace, shape.cycles - 1), target, &score);
        t.answers[i] = hash(t.classes, d->positions);
        out->paths += maze && trm_dataset_is_path(d, i, t.classes);
        go = !progress || progress(ctx, i + 1);
    }
    if (go) {
        conclude(&t, d->count, out);
        trm_dataset_measure(d, &out->stats);
        out->score = trm_score_of(&score);
    }
    trm_agent_done(&agent);
    trm_arena_free(&arena);
    return go;
}
