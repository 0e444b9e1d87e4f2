// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate_answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/asker.h"
#include "agent/parts.h"
#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

typedef struct exam {
    const trm_dataset *d;
    trm_asker asker;
    bool stablemax; // what makes probabilities of logits
    bool (*progress)(void *ctx, double share);
    void *ctx;
    double done, parts; // passes over the samples that were made and that will be
    float *x;           // [TRM_ASKER_ROWS, S]
    float *probs;       // [A]
} exam;

static bool go_on(void *ctx, int64_t done) {
    const exam *x = ctx;
    return !x->progress || x->progress(x->ctx, (x->done + (double)done / x->d->count) / x->parts);
}

// May a digit stand at a cell? Nothing that the cell sees may have it.
static bool allowed(const trm_dataset *d, const float *input, int32_t cell, int32_t digit) {
    for (int32_t p = 0; p < d->positions; p++)
        if (trm_geometry_sees(&d->geometry, cell, p) &&
            trm_dataset_cell(d, input, p).digit == digit)
            return false;
    return digit > 0;
}

static void put_down(const trm_dataset *d, float *input, int32_t cell, int32_t class_of) {
    const int32_t digit = trm_dataset_digit(d, class_of);
    trm_dataset_put(d, input, cell, (trm_cell){.kind = TRM_CELL_GIVEN, .digit = (uint8_t)digit});
}

// The likeliest of the digits that may stand at a cell, as a class; -1 where none may.
static int32_t best_digit(exam *x, const float *input, const float *logits, int32_t cell,
                          float *sure) {
    const trm_dataset *d = x->d;
    int32_t best = -1;
    (x->stablemax ? trm_stablemax : trm_softmax)(x->probs, logits + (int64_t)cell * d->classes,
                                                 d->classes);
    for (int32_t c = 0; c < d->classes; c++)
        if ((best < 0 || x->probs[c] > x->probs[best]) &&
            allowed(d, input, cell, trm_dataset_digit(d, c)))
            best = c;
    *sure = best < 0 ? 0 : x->probs[best];
    return best;
}

// Puts down what the model is surest of; false once nothing can be.
static bool fill_some(exam *x, float *input, const float *logits) {
    const trm_dataset *d = x->d;
    int32_t cell = -1, digit = -1;
    float most = -1, sure;
    bool any = false;
    for (int32_t p = 0; p < d->positions; p++) {
        if (trm_dataset_given(d, input, p) >= 0)
            continue;
        int32_t best = best_digit(x, input, logits, p, &sure);
        if (best >= 0 && sure > TRM_FILL_SURE) {
            put_down(d, input, p, best);
            any = true;
        } else if (best >= 0 && sure > most) {
            most = sure;
            cell = p;
            digit = best;
        }
    }
    if (!any && cell >= 0)
        put_down(d, input, cell, digit);
    return any || cell >= 0;
}

static bool is_solved(const trm_dataset *d, const float *input, const int32_t *target) {
    for (int32_t p = 0; p < d->positions; p++)
        if (trm_dataset_given(d, input, p) != target[p])
            return false;
    return true;
}

static bool is_full(const trm_dataset *d, const float *input) {
    for (int32_t p = 0; p < d->positions; p++)
        if (trm_dataset_given(d, input, p) < 0)
            return false;
    return true;
}

static void fill_batch(exam *x, int32_t first, int32_t rows, trm_fill_tally *out) {
    const trm_dataset *d = x->d;
    const size_t size = (size_t)d->state_dim;
    bool going[TRM_ASKER_ROWS] = {false}, any = true;
    memcpy(x->x, d->inputs + (size_t)first * size, (size_t)rows * size * sizeof *x->x);
    for (int32_t r = 0; r < rows; r++)
        going[r] = true;
    while (any) {
        trm_mat logits = trm_asker_answer(&x->asker, trm_mat_of(x->x, rows, d->state_dim));
        any = false;
        for (int32_t r = 0; r < rows; r++) {
            float *input = x->x + (size_t)r * size;
            if (!going[r])
                continue;
            out->rounds++;
            going[r] = fill_some(x, input, trm_mat_row(logits, r)) && !is_full(d, input);
            any |= going[r];
        }
    }
    for (int32_t r = 0; r < rows; r++)
        out->solved +=
            is_solved(d, x->x + (size_t)r * size, d->targets + (int64_t)(first + r) * d->positions);
}

static bool fill_all(exam *x, const trm_model *m, trm_rng *random, trm_fill_tally *out) {
    const int32_t count = x->d->count;
    bool go = true;
    x->stablemax = trm_model_trace_shape(m).stablemax;
    x->x = trm_alloc((size_t)TRM_ASKER_ROWS * (size_t)x->d->state_dim, sizeof *x->x);
    x->probs = trm_alloc((size_t)x->d->classes, sizeof *x->probs);
    trm_asker_open(&x->asker, m, random);
    for (int32_t first = 0; first < count && go; first += TRM_ASKER_ROWS) {
        const int32_t left = count - first, rows = left < TRM_ASKER_ROWS ? left : TRM_ASKER_ROWS;
        fill_batch(x, first, rows, out);
        go = go_on(x, first + rows);
    }
    trm_asker_close(&x->asker);
    free(x->x);
    free(x->probs);
    return go;
}

void trm_fill_boards(const trm_model *m, const trm_dataset *d, trm_fill_tally *out) {
    exam x = {.d = d};
    fill_all(&x, m, NULL, out);
}

void trm_fill_conclude(const trm_dataset *d, const trm_fill_tally *t, trm_answer_evaluation *out) {
    out->fill_exact = (double)t->solved / d->count;
    out->fill_rounds = (double)t->rounds / d->count;
}

bool trm_evaluate_answers(const trm_model *m, const trm_dataset *d, bool layers, bool fill,
                          trm_rng *random, bool (*progress)(void *ctx, double share), void *ctx,
                          trm_answer_evaluation *out) {
    const bool fills = fill && trm_dataset_is_sudoku(d);
    exam x = {.d = d, .progress = progress, .ctx = ctx, .parts = 1 + fills};
    out->samples = d->count;
    out->fill_exact = out->fill_rounds = (double)NAN;
    if (!trm_evaluate_steps(m, d, layers, random, go_on, &x, &out->by_step))
        return false;
    x.done++;
    trm_fill_tally filled = {0};
    if (!fills)
        return true;
    const bool done = fill_all(&x, m, random, &filled);
    trm_fill_conclude(d, &filled, out);
    return done;
}

void trm_share_interval(double share, int64_t n, double *low, double *high) {
    const double z = 1.959963984540054, z2 = z * z;
    double count = (double)n, middle = (share + z2 / (2 * count)) / (1 + z2 / count);
    double half =
        z / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count * count));
    *low = share > 0 ? fmax(middle - half, 0) : 0; // exactly, whatever rounding says
    *high = share < 1 ? fmin(middle + half, 1) : 1;
}
