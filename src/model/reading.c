// SPDX-License-Identifier: Apache-2.0
#include "trm/model/reading.h"

#include <math.h>

#include "trm/model/model.h"

static int32_t last_of(const trm_reading *r) {
    return r->shape->cycles - 1;
}

static const float *logits_of(const trm_reading *r, int32_t cycle) {
    return trm_trace_logits(r->shape, r->trace, cycle);
}

// What the head says of actions: probabilities, or values.
static const float *head_of(const trm_reading *r, int32_t cycle) {
    return r->shape->q_values ? logits_of(r, cycle) : trm_trace_probs(r->shape, r->trace, cycle);
}

bool trm_reading_known(const trm_reading *r, int32_t cycle) {
    return r->trace && cycle >= r->shape->first_logits && cycle < r->shape->cycles &&
           !isnan(trm_trace_probs(r->shape, r->trace, cycle)[0]);
}

bool trm_reading_legal(const trm_reading *r, int32_t action) {
    return !r->legal || r->legal[action];
}

float trm_reading_raw(const trm_reading *r, int32_t cycle, int32_t action) {
    return trm_reading_known(r, cycle) ? head_of(r, cycle)[action] : NAN;
}

// The softmax over the actions that may be taken, as it is where the others' logits are masked.
typedef struct softmax {
    float max, sum;
} softmax;

// Is there one distribution, and is something taken out of it?
static bool renormalises(const trm_reading *r) {
    return r->legal && r->shape->positions == 1 && !r->shape->q_values;
}

static softmax softmax_of(const trm_reading *r, int32_t cycle) {
    const float *logits = logits_of(r, cycle);
    softmax s = {-INFINITY, 0};
    for (int32_t a = 0; a < r->shape->actions; a++)
        s.max = r->legal[a] && logits[a] > s.max ? logits[a] : s.max;
    for (int32_t a = 0; a < r->shape->actions; a++)
        s.sum += r->legal[a] ? expf(logits[a] - s.max) : 0;
    return s;
}

static float masked(const trm_reading *r, int32_t cycle, int32_t action, const softmax *s) {
    if (!trm_reading_legal(r, action))
        return 0;
    return s ? expf(logits_of(r, cycle)[action] - s->max) / s->sum : head_of(r, cycle)[action];
}

float trm_reading_masked(const trm_reading *r, int32_t cycle, int32_t action) {
    if (!trm_reading_known(r, cycle))
        return NAN;
    if (!renormalises(r))
        return masked(r, cycle, action, NULL);
    const softmax s = softmax_of(r, cycle);
    return masked(r, cycle, action, &s);
}

float trm_reading_shown(const trm_reading *r, int32_t cycle, int32_t action) {
    return (trm_reading_legal(r, action) ? trm_reading_masked : trm_reading_raw)(r, cycle, action);
}

static const float *cell_of(const trm_reading *r, bool low, int32_t cycle, int32_t cell,
                            int32_t *width) {
    const trm_trace_shape *s = r->shape;
    const float *level = (low ? trm_trace_l : trm_trace_h)(s, r->trace, cycle);
    *width = s->cells > 0 ? (low ? s->l : s->h) / (s->prefix + s->cells) : 0;
    return level + (int64_t)(s->prefix + cell) * *width;
}

float trm_reading_cell_norm(const trm_reading *r, bool low, int32_t cycle, int32_t cell) {
    int32_t n;
    float sum = 0;
    const float *x = cell_of(r, low, cycle, cell, &n);
    for (int32_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return n > 0 ? sqrtf(sum) : NAN;
}

float trm_reading_cell_change(const trm_reading *r, bool low, int32_t cycle, int32_t cell) {
    int32_t n;
    float sum = 0;
    if (cycle == 0)
        return NAN;
    const float *x = cell_of(r, low, cycle, cell, &n);
    const float *before = cell_of(r, low, cycle - 1, cell, &n);
    for (int32_t i = 0; i < n; i++)
        sum += (x[i] - before[i]) * (x[i] - before[i]);
    return n > 0 ? sqrtf(sum) : NAN;
}

float trm_reading_share(const trm_reading *r, int32_t cycle, int32_t action) {
    const float own = trm_reading_shown(r, cycle, action);
    float low = own, high = own;
    if (!r->shape->q_values || isnan(own))
        return own;
    for (int32_t a = 0; a < r->shape->actions; a++) {
        low = fminf(low, logits_of(r, cycle)[a]);
        high = fmaxf(high, logits_of(r, cycle)[a]);
    }
    return high > low ? (own - low) / (high - low) : 1;
}

void trm_reading_shown_all(const trm_reading *r, int32_t cycle, float *out) {
    const bool known = trm_reading_known(r, cycle), again = known && renormalises(r);
    const softmax s = again ? softmax_of(r, cycle) : (softmax){0, 0};
    for (int32_t a = 0; a < r->shape->actions; a++)
        out[a] = known && trm_reading_legal(r, a) ? masked(r, cycle, a, again ? &s : NULL)
                                                  : trm_reading_raw(r, cycle, a);
}

// The best of `count` actions from `first` on by `values`, those that may be taken first.
static int32_t best_of(const trm_reading *r, const float *values, int32_t first, int32_t count) {
    int32_t best = first;
    for (int32_t a = first + 1; a < first + count; a++) {
        const bool may = trm_reading_legal(r, a), did = trm_reading_legal(r, best);
        if (may > did || (may == did && values[a] > values[best]))
            best = a;
    }
    return best;
}

int32_t trm_reading_best(const trm_reading *r, int32_t cycle) {
    if (!trm_reading_known(r, cycle))
        return -1;
    // Logits of different positions cannot be compared, their probabilities can.
    const float *values =
        r->shape->positions == 1 ? logits_of(r, cycle) : trm_trace_probs(r->shape, r->trace, cycle);
    return best_of(r, values, 0, r->shape->actions);
}

int32_t trm_reading_in_place_of(const trm_reading *r, int32_t cycle, int32_t action) {
    const int32_t classes = trm_trace_classes(r->shape);
    if (r->shape->positions == 1)
        return trm_reading_best(r, cycle);
    return trm_reading_known(r, cycle)
               ? best_of(r, logits_of(r, cycle), action - action % classes, classes)
               : -1;
}

int32_t trm_reading_class(const trm_reading *r, int32_t cycle, int32_t position) {
    const trm_reading all = {r->shape, r->trace, NULL};
    const int32_t classes = trm_trace_classes(r->shape);
    if (!trm_reading_known(r, cycle))
        return -1;
    return best_of(&all, logits_of(r, cycle), position * classes, classes) % classes;
}

bool trm_reading_turns(const trm_reading *r, int32_t cycle) {
    return cycle > 0 && trm_reading_known(r, cycle - 1) &&
           trm_reading_best(r, cycle) != trm_reading_best(r, cycle - 1);
}

// What a cycle has where the last one has `action`: where actions are chosen between, of one cell
// or of a board, its best one; of an answer without a choice the class of that position.
static int32_t stood(const trm_reading *r, int32_t cycle, int32_t action) {
    return r->legal ? trm_reading_best(r, cycle) : trm_reading_in_place_of(r, cycle, action);
}

int32_t trm_reading_decided(const trm_reading *r) {
    int32_t cycle = last_of(r);
    const int32_t best = trm_reading_best(r, cycle);
    if (best < 0)
        return -1;
    while (trm_reading_known(r, cycle - 1) && stood(r, cycle - 1, best) == best)
        cycle--;
    return cycle;
}

bool trm_reading_sure(const trm_reading *r, int32_t cycle) {
    const float p = *trm_trace_halt(r->shape, r->trace, cycle);
    return r->shape->stops_at_half ? p > 0.5f : p >= TRM_HALT_SURE_SHARE;
}

bool trm_reading_restarts(const trm_reading *r, int32_t cycle) {
    const int32_t every = r->shape->restart;
    return r->trace && every > 0 && cycle > 0 && cycle % every == 0 &&
           !trm_reading_sure(r, cycle - 1);
}

int32_t trm_reading_stop(const trm_reading *r) {
    int32_t cycle = 0;
    if (!r->trace || !r->shape->halts)
        return -1;
    while (cycle < last_of(r) && !trm_reading_sure(r, cycle))
        cycle++;
    return cycle;
}

// ---- lists

typedef struct ranking {
    const trm_reading *reading;
    int32_t cycle;
    bool renormalised;
    softmax softmax;
} ranking;

static ranking ranking_of(const trm_reading *r, int32_t cycle) {
    ranking k = {.reading = r, .cycle = cycle, .renormalised = renormalises(r)};
    if (k.renormalised)
        k.softmax = softmax_of(r, cycle);
    return k;
}

// What may not be taken stands below everything else, in its own order.
static float rank(const ranking *k, int32_t count, int32_t action) {
    float sum = 0;
    for (int32_t i = 0; i < count; i++) {
        const trm_reading *r = k[i].reading;
        sum += trm_reading_legal(r, action)
                   ? masked(r, k[i].cycle, action, k[i].renormalised ? &k[i].softmax : NULL)
                   : head_of(r, k[i].cycle)[action] - (r->shape->q_values ? 1e6f : 2.0f);
    }
    return sum;
}

static int32_t list(const ranking *k, int32_t rankings, int32_t actions, int32_t n, int32_t *out) {
    int32_t count = 0;
    for (int32_t a = 0; a < actions; a++) {
        const float x = rank(k, rankings, a);
        int32_t at = count < n ? count++ : n;
        for (; at > 0 && x > rank(k, rankings, out[at - 1]); at--)
            if (at < n)
                out[at] = out[at - 1];
        if (at < n)
            out[at] = a;
    }
    return count;
}

int32_t trm_reading_list(const trm_reading *r, int32_t cycle, int32_t n, int32_t *out) {
    if (!trm_reading_known(r, cycle))
        return 0;
    const ranking k = ranking_of(r, cycle);
    return list(&k, 1, r->shape->actions, n, out);
}

int32_t trm_reading_list_both(const trm_reading *r, const trm_reading *other, int32_t n,
                              int32_t *out) {
    if (!trm_reading_known(r, last_of(r)) || !trm_reading_known(other, last_of(other)))
        return 0;
    const ranking k[2] = {ranking_of(r, last_of(r)), ranking_of(other, last_of(other))};
    return list(k, 2, r->shape->actions, n, out);
}

// ---- facts

static int32_t turns_of(const trm_reading *r, int32_t action) {
    int32_t turns = 0;
    for (int32_t c = r->shape->first_logits + 1; c < r->shape->cycles; c++)
        turns += stood(r, c, action) != stood(r, c - 1, action);
    return turns;
}

trm_reading_facts trm_reading_facts_of(const trm_reading *r, int32_t chosen) {
    const int32_t last = last_of(r), action = trm_reading_best(r, last);
    trm_reading_facts f = {.action = action, .first = r->shape->first_logits, .chosen = chosen};
    if (action < 0)
        return f;
    f.decided = trm_reading_decided(r);
    f.turns = turns_of(r, action);
    f.from = f.decided > f.first ? stood(r, f.decided - 1, action) : -1;
    f.p_from = f.from >= 0 ? trm_reading_masked(r, f.decided - 1, action) : NAN;
    f.p_then = trm_reading_masked(r, f.decided, action);
    f.p_end = trm_reading_masked(r, last, action);
    f.p_chosen = chosen >= 0 ? trm_reading_masked(r, last, chosen) : NAN;
    f.greedy = chosen < 0 || chosen == action;
    return f;
}
