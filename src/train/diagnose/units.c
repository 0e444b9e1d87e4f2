// SPDX-License-Identifier: Apache-2.0
// Units that take no part, over the states that a policy visits. Two ways to see one: its value
// in the trace never changes; or no gradient ever comes through it, which also finds the units that
// no trace shows.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"

// Smallest and largest values of a trace's numbers.
typedef struct extent {
    float *low, *high; // [trace size]
} extent;

static void widen(extent *x, const float *trace, int64_t n, bool first) {
    for (int64_t i = 0; i < n; i++) {
        x->low[i] = first || trace[i] < x->low[i] ? trace[i] : x->low[i];
        x->high[i] = first || trace[i] > x->high[i] ? trace[i] : x->high[i];
    }
}

static void look_at_traces(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                           extent *x, float *trace) {
    trm_trace_shape shape = trm_model_trace_shape(m);
    for (int32_t row = 0; row < v->rows; row++) {
        const int32_t at = row % DIAGNOSE_CHUNK;
        if (at == 0 && trm_diagnose_forward(m, w, v, row) == 0)
            return;
        trm_model_trace(m, w, at, trace);
        widen(x, trace, trm_trace_size(&shape), row == 0);
    }
}

// Constant, but for rounding.
static bool still(float low, float high) {
    return !(high - low > 1e-6f * fmaxf(fabsf(low), fabsf(high)));
}

// A unit that every position has takes part if it does at any of them.
static void count_level(trm_unit_diagnosis *out, const trm_trace_shape *s, int32_t cycle,
                        const char *level, const float *low, const float *high, int32_t size) {
    if (size == 0)
        return;
    const int32_t positions = size % s->positions == 0 ? s->positions : 1;
    trm_unit_count *to = &out->levels[out->level_count++];
    to->units = size / positions;
    trm_text_format(to->name, sizeof to->name, "%s %d %s", trm_words_of_trace(s)->cycle, cycle + 1,
                    level);
    for (int32_t i = 0; i < to->units; i++) {
        float least = low[i], most = high[i];
        for (int32_t p = 1; p < positions; p++) {
            least = fminf(least, low[p * to->units + i]);
            most = fmaxf(most, high[p * to->units + i]);
        }
        to->dead += still(least, most);
    }
}

static void count_levels(const trm_trace_shape *s, const extent *x, trm_unit_diagnosis *out) {
    const trm_trace_words *words = trm_words_of_trace(s);
    out->levels = trm_alloc(3 * (size_t)s->cycles, sizeof *out->levels);
    for (int32_t c = 0; c < s->cycles; c++) {
        count_level(out, s, c, "mid", trm_trace_h_mid(s, x->low, c), trm_trace_h_mid(s, x->high, c),
                    s->h_mid);
        count_level(out, s, c, words->l, trm_trace_l(s, x->low, c), trm_trace_l(s, x->high, c),
                    s->l);
        count_level(out, s, c, words->h, trm_trace_h(s, x->low, c), trm_trace_h(s, x->high, c),
                    s->h);
    }
    const float *low = trm_trace_logits(s, x->low, s->cycles - 1);
    const float *high = trm_trace_logits(s, x->high, s->cycles - 1);
    out->blind = out->varied;
    for (int32_t a = 0; a < s->actions; a++) {
        out->logits_range = fmax(out->logits_range, (double)high[a] - (double)low[a]);
        out->blind &= still(low[a], high[a]);
    }
}

// Gradient of random weights times the logits: nothing cancels in it by design, so what is exactly
// 0 has no way to the output at any of the states.
static void push_noise(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                       uint64_t seed, float *grads) {
    trm_rng rng;
    trm_rng_seed(&rng, seed, TRM_STREAM_DIAGNOSE_NOISE);
    trm_mat dlogits = trm_workspace_dlogits(w, trm_model_outputs(m) - 1);
    for (int32_t row = 0; row < v->rows; row += DIAGNOSE_CHUNK) {
        const int32_t rows = trm_diagnose_forward(m, w, v, row);
        for (int32_t r = 0; r < rows; r++)
            for (int32_t i = 0; i < dlogits.cols; i++)
                trm_mat_row(dlogits, r)[i] = trm_rng_normal(&rng);
        if (rows > 0)
            trm_model_backward(m, w, 0, rows, grads);
    }
}

static void count_linears(const trm_params *p, float *grads, trm_unit_diagnosis *out) {
    out->linears = trm_alloc((size_t)p->count, sizeof *out->linears);
    for (int32_t i = 0; i < p->count; i++) {
        const trm_param *bias = &p->items[i];
        const char *dot = strrchr(bias->name, '.');
        if (!bias->linear || bias->ndim != 1 || !dot)
            continue;
        trm_unit_count *to = &out->linears[out->linear_count++];
        trm_text_format(to->name, sizeof to->name, "%.*s", (int)(dot - bias->name), bias->name);
        to->units = bias->shape[0];
        for (int32_t u = 0; u < to->units; u++)
            to->dead += trm_params_at(p, grads, i)[u] == 0;
    }
}

static bool states_vary(const trm_diagnose_visits *v) {
    for (int32_t r = 1; r < v->rows; r++)
        if (memcmp(v->obs, v->obs + (int64_t)r * v->states, (size_t)v->states * sizeof *v->obs) !=
            0)
            return true;
    return false;
}

// ---- what it means ------------------------------------------------------------------------------

typedef struct unit_tally {
    const trm_unit_count *worst; // the largest share of dead units
    int32_t units, dead;
    int32_t closed; // Linears that no gradient comes to at all
    const trm_unit_count *closed_one;
} unit_tally;

static void tally(unit_tally *t, const trm_unit_count *counts, int32_t n, bool linears) {
    for (int32_t i = 0; i < n; i++) {
        const trm_unit_count *c = &counts[i];
        if (linears && c->dead == c->units) {
            t->closed++;
            t->closed_one = c;
            continue;
        }
        t->units += c->units;
        t->dead += c->dead;
        if (!t->worst || (int64_t)c->dead * t->worst->units > (int64_t)t->worst->dead * c->units)
            t->worst = c;
    }
}

void trm_diagnose_judge_dead(const trm_unit_diagnosis *d, trm_findings *f) {
    static const char check[] = "dead-units";
    unit_tally t = {0};
    tally(&t, d->levels, d->level_count, false);
    tally(&t, d->linears, d->linear_count, true);
    char closed[192] = "";
    if (t.closed)
        trm_text_format(closed, sizeof closed, " No gradient at all comes to %s%s.",
                        t.closed_one->name, t.closed > 1 ? " and others" : "");
    const char *worst = t.worst && t.dead ? t.worst->name : "";
    int32_t dead = t.worst ? t.worst->dead : 0, units = t.worst ? t.worst->units : 0;
    if (!d->varied)
        trm_diagnose_add(f, check,
                         note("dead units cannot be told", "Let it play where boards differ."),
                         "All %d states that were visited are the same.", d->states);
    else if (t.dead && 2 * dead >= units)
        trm_diagnose_add(
            f, check,
            fault("much of a layer is dead",
                  "Units that are never on learn nothing more: start again with a lower "
                  "train.lr or a smaller model.xavier_gain; check the scale of the inputs."),
            "%d of %d units of %s never change or pass no gradient over %d states.%s", dead, units,
            worst, d->states, closed);
    else if (t.dead || t.closed)
        trm_diagnose_add(f, check,
                         note("some units take no part",
                              t.closed
                                  ? "A part without gradient is one that these states, or this K, "
                                    "never use."
                                  : "A few are common; see whether they grow more."),
                         "%d of %d units never change or pass no gradient over %d states%s%s.%s",
                         t.dead, t.units, d->states, *worst ? ", most in " : "", worst, closed);
    else
        trm_diagnose_add(f, check, fine("every unit takes part"),
                         "All %d units change and pass gradients over %d states.", t.units,
                         d->states);
}

static void judge_blind(const trm_unit_diagnosis *d, trm_findings *f) {
    static const char check[] = "blind";
    if (d->blind)
        trm_diagnose_add(f, check,
                         fault("the policy does not look at the state",
                               "A layer on the way is dead or zero: start from new weights."),
                         "The logits are the same at all %d states, though the states differ.",
                         d->states);
    else
        trm_diagnose_add(f, check, fine("the state reaches the logits"),
                         "Over %d states a logit ranges over %.3g.", d->states, d->logits_range);
}

void trm_diagnose_count_units(const trm_model *m, const trm_diagnose_visits *v, uint64_t seed,
                              trm_unit_diagnosis *out) {
    trm_arena arena = TRM_ARENA_INIT;
    const trm_params *params = trm_model_params_const(m);
    trm_trace_shape shape = trm_model_trace_shape(m);
    size_t size = (size_t)trm_trace_size(&shape);
    *out = (trm_unit_diagnosis){.states = v->rows, .varied = states_vary(v)};
    trm_workspace *w = trm_workspace_new(m, DIAGNOSE_CHUNK, false);
    extent x = {trm_arena_array(&arena, size, sizeof(float)),
                trm_arena_array(&arena, size, sizeof(float))};
    float *trace = trm_arena_array(&arena, size, sizeof *trace);
    float *grads = trm_arena_array(&arena, (size_t)params->size, sizeof *grads);
    look_at_traces(m, w, v, &x, trace);
    count_levels(&shape, &x, out);
    push_noise(m, w, v, seed, grads);
    count_linears(params, grads, out);
    trm_workspace_free(w);
    trm_arena_free(&arena);
}

bool trm_diagnose_units(const trm_learner *l, int64_t episodes, uint64_t seed,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_unit_diagnosis *out, trm_findings *f) {
    trm_diagnose_watch watch = {progress, ctx, 0, false};
    trm_diagnose_visits v;
    *out = (trm_unit_diagnosis){0};
    if (trm_diagnose_visit(&v, l, episodes, DIAGNOSE_ROWS, seed, &watch)) {
        trm_diagnose_count_units(l->model, &v, seed, out);
        trm_diagnose_ask_choices(l->model, &v, &out->choice);
    }
    trm_diagnose_visits_done(&v);
    if (watch.stopped)
        return false;
    trm_diagnose_judge_dead(out, f);
    judge_blind(out, f);
    trm_diagnose_judge_choice(&out->choice, f);
    return true;
}

void trm_unit_diagnosis_done(trm_unit_diagnosis *d) {
    free(d->levels);
    free(d->linears);
    *d = (trm_unit_diagnosis){0};
}
