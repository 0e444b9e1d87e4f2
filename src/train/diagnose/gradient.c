// SPDX-License-Identifier: Apache-2.0
// The gradient: is it the loss's, and how large is it where?
#include <math.h>
#include <stdlib.h>

#include "train/diagnose/impl.h"
#include "trm/base/text.h"

enum { GRADIENT_ROWS = 128, GRADIENT_EPISODES = 8, RANDOM_PLACES = 3, STEPS = 4 };

static const double steps[STEPS] = {4e-3, 1e-3, 2.5e-4, 6e-5};
static const double TOLERANCE = 0.02; // of the tensor's largest derivative
static const double ROUNDING = 3e-6;  // what float32 leaves unsure in a difference quotient
static const double CLEAR = 1e-4;     // derivatives from here on stand clear of that

static double loss_at(const trm_diagnose_objective *o, float *x, float value) {
    if (!trm_diagnose_goes_on(o->watch))
        return 0;
    float kept = *x;
    *x = value;
    double loss = o->loss(o->ctx);
    *x = kept;
    return loss;
}

// The central difference, and how far the derivative is from the nearest of it and the slopes on
// either side, where a ReLU bends within the step.
static double central(const trm_diagnose_objective *p, float *x, double step, double here,
                      double said, double *error) {
    float above = (float)((double)*x + step), below = (float)((double)*x - step);
    double high = (loss_at(p, x, above) - here) / ((double)above - (double)*x);
    double low = (here - loss_at(p, x, below)) / ((double)*x - (double)below);
    double both = (high + low) / 2;
    *error = fmin(fabs(both - said), fmin(fabs(high - said), fabs(low - said)));
    return both;
}

// A large step drowns rounding, a small one avoids bends: a right derivative agrees at one of them.
// Where none agrees and the slopes do not agree with one another, nothing can be said.
static void compare_one(const trm_diagnose_objective *p, float *x, float derivative,
                        trm_gradient_tensor *t) {
    double said = (double)derivative, allowed = TOLERANCE * t->largest + ROUNDING;
    double here = loss_at(p, x, *x), nearest = INFINITY, low = INFINITY, high = -INFINITY;
    for (int i = 0; i < STEPS && !(nearest <= allowed); i++) {
        double error, slope = central(p, x, steps[i], here, said, &error);
        nearest = fmin(nearest, error);
        low = i + 1 < STEPS ? fmin(low, slope) : low;
        high = i + 1 < STEPS ? fmax(high, slope) : high;
    }
    bool agrees = nearest <= allowed, undecided = !agrees && 2 * (high - low) > nearest;
    t->compared++;
    t->undecided += undecided;
    t->wrong += !agrees && !undecided;
    t->error = undecided ? t->error : fmax(t->error, nearest);
}

static void measure_tensor(const trm_param *item, const float *values, const float *grads,
                           trm_gradient_tensor *t, int64_t *at) {
    trm_text_copy(t->name, sizeof t->name, item->name);
    t->size = item->size;
    t->norm = trm_diagnose_norm(grads, item->size);
    t->weight_norm = trm_diagnose_norm(values, item->size);
    *at = 0;
    for (int64_t i = 0; i < item->size; i++)
        if (fabs((double)grads[i]) > t->largest) {
            t->largest = fabs((double)grads[i]);
            *at = i;
        }
}

void trm_diagnose_compare(trm_model *m, const trm_diagnose_objective *loss, const float *grads,
                          uint64_t seed, trm_gradient_diagnosis *out) {
    trm_params *params = trm_model_params(m);
    trm_rng rng;
    trm_rng_seed(&rng, seed, TRM_STREAM_DIAGNOSE_PLACES);
    out->tensor_count = params->count;
    out->tensors = trm_alloc((size_t)params->count, sizeof *out->tensors);
    for (int32_t i = 0; i < params->count && trm_diagnose_goes_on(loss->watch); i++) {
        const trm_param *item = &params->items[i];
        trm_gradient_tensor *t = &out->tensors[i];
        float *x = trm_params_at(params, params->values, i);
        const float *g = grads + item->offset;
        int64_t at;
        const bool learns = item->learning != TRM_FIXED; // what does not has no gradient to compare
        measure_tensor(item, x, g, t, &at);
        if (learns)
            compare_one(loss, &x[at], g[at], t);
        for (int32_t k = 0; learns && k < RANDOM_PLACES && k < item->size - 1; k++) {
            at = (int64_t)trm_rng_below(&rng, (uint32_t)item->size);
            compare_one(loss, &x[at], g[at], t);
        }
        out->compared += t->compared;
        out->wrong += t->wrong;
        out->undecided += t->undecided;
        if (t->largest > CLEAR)
            out->error = fmax(out->error, t->error / t->largest);
    }
}

typedef struct visited {
    const trm_model *model;
    trm_workspace *workspace;
    const trm_diagnose_visits *visits;
    float entropy;
} visited;

static double visited_loss(void *ctx) {
    const visited *p = ctx;
    return trm_diagnose_loss(p->model, p->workspace, p->visits, p->entropy);
}

void trm_diagnose_differences(trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                              float entropy, const float *grads, uint64_t seed,
                              trm_gradient_diagnosis *out) {
    visited p = {m, w, v, entropy};
    const trm_diagnose_objective loss = {visited_loss, &p, v->watch};
    trm_diagnose_compare(m, &loss, grads, seed, out);
}

// ---- what it means ------------------------------------------------------------------------------

static const trm_gradient_tensor *worst_tensor(const trm_gradient_diagnosis *d) {
    const trm_gradient_tensor *worst = &d->tensors[0];
    for (int32_t i = 1; i < d->tensor_count; i++)
        if (d->tensors[i].wrong > worst->wrong)
            worst = &d->tensors[i];
    return worst;
}

static void judge_differences(const trm_gradient_diagnosis *d, trm_findings *f) {
    static const char check[] = "finite-differences";
    if (d->wrong > 0) {
        const trm_gradient_tensor *t = worst_tensor(d);
        trm_diagnose_add(
            f, check,
            fault("the gradient is not the loss's",
                  "A backward pass is wrong: no setting helps. Look at the tensor named first."),
            "%d of %d derivatives differ from central differences; in %s %d of %d, by up "
            "to %.3g where the largest is %.3g.",
            d->wrong, d->compared, t->name, t->wrong, t->compared, t->error, t->largest);
    } else if (10 * d->undecided > d->compared) {
        trm_diagnose_add(
            f, check,
            note("the loss bends too sharply to compare",
                 "Expect jumps: a LayerNorm over an input of zeros and without biases does "
                 "this. model.xavier_gain=0 keeps biases."),
            "At %d of %d derivatives differences with small and large steps contradict "
            "each other; the others agree.",
            d->undecided, d->compared);
    } else {
        trm_diagnose_add(
            f, check, fine("the gradient is the loss's"),
            "%d derivatives in %d tensors agree with central differences, to %.2g %% of "
            "the tensor's largest.",
            d->compared - d->undecided, d->tensor_count, 100 * d->error);
    }
}

static void judge_size(const trm_gradient_diagnosis *d, float clip, trm_findings *f) {
    static const char check[] = "gradient-size";
    static const double TINY = 1e-6, MANY = 10;
    char seen[TRM_FINDING_SEEN];
    trm_text_format(seen, sizeof seen, "Its norm is %.3g over %d states.", d->norm, d->states);
    if (!isfinite(d->norm))
        trm_diagnose_add(f, check,
                         fault("the gradient is not finite",
                               "The weights are too large: start again with a lower train.lr."),
                         "%s", seen);
    else if (d->norm < TINY)
        trm_diagnose_add(
            f, check,
            fault("there is no gradient",
                  "Nothing is learned from here: see whether answers have collapsed, or rewards "
                  "are all the same."),
            "%s", seen);
    else if (clip > 0 && d->norm > MANY * (double)clip)
        trm_diagnose_add(
            f, check,
            note("clipping takes most of the gradient",
                 "Steps then have the clip's length whatever the gradient: a lower train.lr or "
                 "a higher train.clip keeps small and large apart."),
            "Its norm is %.3g over %d states, train.clip is %.3g.", d->norm, d->states,
            (double)clip);
    else
        trm_diagnose_add(f, check, fine("the gradient has a fair size"), "%s", seen);
}

void trm_diagnose_judge_gradient(const trm_gradient_diagnosis *d, float clip, trm_findings *f) {
    judge_differences(d, f);
    judge_size(d, clip, f);
}

// ---- measuring ----------------------------------------------------------------------------------

static void measure_outputs(const trm_learner *l, const trm_diagnose_visits *v, const float *grads,
                            float *scratch, trm_gradient_diagnosis *out) {
    out->output_count = trm_model_outputs(l->model);
    out->outputs = trm_alloc((size_t)out->output_count, sizeof *out->outputs);
    trm_workspace *w = trm_workspace_new(l->model, DIAGNOSE_CHUNK, true);
    for (int32_t o = 0; o < out->output_count; o++) {
        trm_diagnose_differentiate(l->model, w, true, v, l->config.entropy, o, scratch);
        out->outputs[o].norm = trm_diagnose_norm(scratch, l->adam.size);
        out->outputs[o].cosine = trm_diagnose_cosine(scratch, grads, l->adam.size);
    }
    trm_workspace_free(w);
}

static void measure(const trm_learner *l, const trm_diagnose_visits *visits, uint64_t seed,
                    trm_gradient_diagnosis *out) {
    trm_arena arena = TRM_ARENA_INIT;
    trm_model *m = trm_model_copy(l->model, NULL, NULL);
    trm_workspace *w = trm_workspace_new(m, DIAGNOSE_CHUNK, false);
    float *grads = trm_arena_array(&arena, (size_t)l->adam.size, sizeof *grads);
    float *scratch = trm_arena_array(&arena, (size_t)l->adam.size, sizeof *scratch);
    out->loss = trm_diagnose_loss(m, w, visits, l->config.entropy);
    trm_diagnose_differentiate(m, w, false, visits, l->config.entropy, trm_model_outputs(m) - 1,
                               grads);
    out->norm = trm_diagnose_norm(grads, l->adam.size);
    trm_diagnose_differences(m, w, visits, l->config.entropy, grads, seed, out);
    measure_outputs(l, visits, grads, scratch, out);
    trm_workspace_free(w);
    trm_model_free(m);
    trm_arena_free(&arena);
}

bool trm_diagnose_gradient(const trm_learner *l, uint64_t seed,
                           bool (*progress)(void *ctx, int64_t done), void *ctx,
                           trm_gradient_diagnosis *out, trm_findings *f) {
    trm_diagnose_watch watch = {progress, ctx, 0, false};
    trm_diagnose_visits v;
    const bool whole = trm_diagnose_visit(&v, l, GRADIENT_EPISODES, GRADIENT_ROWS, seed, &watch);
    *out = (trm_gradient_diagnosis){.states = v.rows};
    if (whole)
        measure(l, &v, seed, out);
    trm_diagnose_visits_done(&v);
    if (watch.stopped)
        return false;
    trm_diagnose_judge_gradient(out, l->config.clip, f);
    return true;
}

void trm_gradient_diagnosis_done(trm_gradient_diagnosis *d) {
    free(d->tensors);
    free(d->outputs);
    *d = (trm_gradient_diagnosis){0};
}
