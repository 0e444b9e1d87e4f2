// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate_answers.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/score.h"
#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

enum { ROWS = 16 }; // samples asked about at once

typedef struct exam {
    const trm_model *model;
    const trm_dataset *d;
    trm_agent agent; // of ROWS rows
    trm_rng *random; // NULL: the model answers
    trm_mat drawn;   // [ROWS, P * A], logits in its place
    bool (*progress)(void *ctx, double share);
    void *ctx;
    double done, parts; // passes over the samples that were made and that will be
    float *x;           // [ROWS, S]
    float *probs;       // [A]
    int32_t first;      // the batch's first sample
    int32_t rows;
} exam;

static bool next_rows(exam *x) {
    x->first += x->rows;
    int32_t left = x->d->count - x->first;
    x->rows = left < ROWS ? left : ROWS;
    return left > 0;
}

static bool go_on(const exam *x) {
    double share = (x->done + (double)(x->first + x->rows) / x->d->count) / x->parts;
    return !x->progress || x->progress(x->ctx, share);
}

static void load(exam *x) {
    memcpy(x->x, x->d->inputs + (int64_t)x->first * x->d->state_dim,
           (size_t)x->rows * (size_t)x->d->state_dim * sizeof *x->x);
}

static trm_mat draw(exam *x) {
    int64_t size = (int64_t)x->rows * x->drawn.cols;
    for (int64_t i = 0; i < size; i++)
        x->drawn.data[i] = trm_rng_float(x->random);
    return x->drawn;
}

static trm_mat ask(exam *x) {
    if (x->random)
        return draw(x);
    trm_agent_run(&x->agent, 0, x->rows, NULL, x->x, NULL);
    return trm_workspace_logits(x->agent.workspace, x->agent.outputs - 1);
}

// One pass over all samples, stopping or not.
static bool answer_all(exam *x, bool stops, trm_score *score, double *steps) {
    trm_score_tally t = {0};
    int64_t used = 0;
    x->first = x->rows = 0;
    trm_workspace_set_stopping(x->agent.workspace, stops);
    while (next_rows(x)) {
        load(x);
        trm_mat logits = ask(x);
        for (int32_t r = 0; r < x->rows; r++) {
            trm_score_count(trm_model_get_config(x->model), trm_mat_row(logits, r),
                            x->d->targets + (int64_t)(x->first + r) * x->d->positions, &t);
            used += stops ? trm_workspace_steps(x->agent.workspace, r) : 0;
        }
        if (!go_on(x))
            return false;
    }
    x->done++;
    *score = trm_score_of(&t);
    *steps = (double)used / x->d->count;
    return true;
}

// ---- filling ------------------------------------------------------------------------------------

// May digit plane `digit` stand at cell? Nothing that the cell sees may have it.
static bool allowed(const trm_dataset *d, const float *input, int32_t cell, int32_t digit) {
    const float *plane = input + (int64_t)digit * d->positions;
    for (int32_t p = 0; p < d->positions; p++)
        if (plane[p] > 0 && trm_geometry_sees(&d->geometry, cell, p))
            return false;
    return true;
}

static const float *given_plane(const trm_dataset *d, const float *input) {
    return input + (int64_t)d->classes * d->positions;
}

static void put_down(const trm_dataset *d, float *input, int32_t cell, int32_t digit) {
    input[(int64_t)digit * d->positions + cell] = 1;
    input[(int64_t)d->classes * d->positions + cell] = 1;
}

// The likeliest of the digits that may stand at a cell, -1 where none may.
static int32_t best_digit(exam *x, const float *input, const float *logits, int32_t cell,
                          float *sure) {
    const trm_dataset *d = x->d;
    int32_t best = -1;
    trm_softmax(x->probs, logits + (int64_t)cell * d->classes, d->classes);
    for (int32_t c = 0; c < d->classes; c++)
        if ((best < 0 || x->probs[c] > x->probs[best]) && allowed(d, input, cell, c))
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
        if (given_plane(d, input)[p] > 0)
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
        if (input[(int64_t)target[p] * d->positions + p] == 0)
            return false;
    return true;
}

static bool is_full(const trm_dataset *d, const float *input) {
    for (int32_t p = 0; p < d->positions; p++)
        if (given_plane(d, input)[p] == 0)
            return false;
    return true;
}

static void fill_batch(exam *x, trm_answer_evaluation *out) {
    const trm_dataset *d = x->d;
    bool going[ROWS] = {false}, any = true;
    load(x);
    for (int32_t r = 0; r < x->rows; r++)
        going[r] = true;
    while (any) {
        trm_mat logits = ask(x);
        any = false;
        for (int32_t r = 0; r < x->rows; r++) {
            float *input = x->x + (int64_t)r * d->state_dim;
            if (!going[r])
                continue;
            out->fill_rounds++;
            going[r] = fill_some(x, input, trm_mat_row(logits, r)) && !is_full(d, input);
            any |= going[r];
        }
    }
    for (int32_t r = 0; r < x->rows; r++)
        out->fill_exact += is_solved(d, x->x + (int64_t)r * d->state_dim,
                                     d->targets + (int64_t)(x->first + r) * d->positions);
}

static bool fill_all(exam *x, trm_answer_evaluation *out) {
    trm_workspace_set_stopping(x->agent.workspace, false);
    x->first = x->rows = 0;
    out->fill_exact = out->fill_rounds = 0;
    while (next_rows(x)) {
        fill_batch(x, out);
        if (!go_on(x))
            return false;
    }
    out->fill_exact /= x->d->count;
    out->fill_rounds /= x->d->count;
    return true;
}

bool trm_evaluate_answers(const trm_model *m, const trm_dataset *d, bool fill, trm_rng *random,
                          bool (*progress)(void *ctx, double share), void *ctx,
                          trm_answer_evaluation *out) {
    assert(trm_model_get_config(m)->state_dim == d->state_dim && d->count > 0);
    assert(trm_model_get_config(m)->positions == d->positions);
    trm_score stopped = {0};
    double steps;
    bool halts = trm_model_halts(m) && !random, fills = fill && d->geometry.box_rows > 0;
    exam x = {.model = m,
              .d = d,
              .random = random,
              .progress = progress,
              .ctx = ctx,
              .parts = 1 + halts + fills};
    *out = (trm_answer_evaluation){.samples = d->count,
                                   .stop_exact = NAN,
                                   .stop_steps = NAN,
                                   .fill_exact = NAN,
                                   .fill_rounds = NAN};
    trm_agent_init_rows(&x.agent, NULL, m, ROWS, false);
    x.x = trm_alloc((size_t)ROWS * (size_t)d->state_dim, sizeof *x.x);
    x.probs = trm_alloc((size_t)d->classes, sizeof *x.probs);
    if (random) {
        int32_t logits = d->positions * d->classes;
        x.drawn = trm_mat_of(trm_alloc((size_t)ROWS * (size_t)logits, sizeof(float)), ROWS, logits);
    }
    bool ok = answer_all(&x, false, &out->score, &steps);
    if (ok && halts) {
        ok = answer_all(&x, true, &stopped, &out->stop_steps);
        out->stop_exact = stopped.exact_accuracy;
    }
    ok = ok && (!fills || fill_all(&x, out));
    free(x.x);
    free(x.probs);
    free(x.drawn.data);
    trm_agent_done(&x.agent);
    return ok;
}

void trm_share_interval(double share, int64_t n, double *low, double *high) {
    const double z = 1.959963984540054, z2 = z * z;
    double count = (double)n, middle = (share + z2 / (2 * count)) / (1 + z2 / count);
    double half =
        z / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count * count));
    *low = share > 0 ? fmax(middle - half, 0) : 0; // exactly, whatever rounding says
    *high = share < 1 ? fmin(middle + half, 1) : 1;
}
