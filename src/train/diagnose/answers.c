// SPDX-License-Identifier: Apache-2.0
// A model that learns from answers: does it look at its input, does it beat one constant answer, do
// its steps add anything, and is its gradient the loss's?
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"

enum { GRADIENT_SAMPLES = 6, UNIT_SAMPLES = 64, VALUES = 1 << 22 };

static const double NEAR = 0.005; // shares of cells that are as good as equal

// ---- what it means ------------------------------------------------------------------------------

static void judge_distinct(const trm_step_evaluation *x, bool trained, trm_findings *f) {
    trm_verdict v =
        note("one answer to everything",
             "Weights that were not trained may do that; see whether training changes it.");
    if (x->distinct > 1 || x->stats.count < 2)
        v = fine("the answers vary");
    else if (x->stats.distinct_targets == 1)
        v = note("one answer to everything, as is asked for",
                 "Nothing can be told of a model from targets that are all the same.");
    else if (trained)
        v = fault("one answer to everything",
                  "It has learned what is most frequent, and nothing of its input: train longer, "
                  "with another train.lr, or with a model whose cells see one another.");
    trm_diagnose_add(f, "constant-answer", v,
                     "%d held-out samples get %d different answers; their targets are %d.",
                     x->stats.count, x->distinct, x->stats.distinct_targets);
}

static void judge_majority(const trm_step_evaluation *x, trm_findings *f) {
    const double cells = x->score.cell_accuracy, most = x->stats.majority;
    trm_verdict v =
        fault("no better than a constant answer",
              "Cells that are right say nothing here. Train longer, or take a model that "
              "can see what an answer depends on.");
    if (cells > most + NEAR || x->score.exact_accuracy > 0.5)
        v = fine("it does better than a constant answer");
    trm_diagnose_add(f, "majority", v,
                     "%.2f %% of held-out cells are right, and %.2f %% of whole samples; the best "
                     "constant answer has %.2f %% of the cells.",
                     100 * cells, 100 * x->score.exact_accuracy, 100 * most);
}

static void judge_steps(const trm_step_evaluation *x, const char *name, trm_findings *f) {
    const trm_step_score *first = &x->step[x->first_read], *last = &x->step[x->steps - 1];
    int32_t best = x->first_read;
    double turned = 0;
    for (int32_t i = x->first_read + 1; i < x->steps; i++) {
        best = x->step[i].cell_accuracy > x->step[best].cell_accuracy ? i : best;
        turned += x->step[i].turned;
    }
    trm_verdict v = note("later steps add nothing",
                         "The first step already answers what the last does: the recursion is not "
                         "used. Train longer, or with fewer model.sup_steps.");
    if (x->step[best].cell_accuracy > last->cell_accuracy + NEAR)
        v = note("the last steps undo what the ones before found",
                 "Fewer model.sup_steps would do better; or let the later ones weigh more in "
                 "the loss.");
    else if (last->cell_accuracy > first->cell_accuracy + NEAR ||
             last->exact_accuracy > first->exact_accuracy + NEAR)
        v = fine("later steps answer better");
    trm_diagnose_add(f, "steps-improve", v,
                     "%s %d has %.2f %% of the cells right, %s %d, the last, %.2f %%; on the way "
                     "%.2f %% of the cells turn.",
                     name, x->first_read + 1, 100 * first->cell_accuracy, name, x->steps,
                     100 * last->cell_accuracy, 100 * turned);
}

static void judge_givens(const trm_step_evaluation *x, trm_findings *f) {
    const trm_step_score *last = &x->step[x->steps - 1];
    const double n = x->stats.count;
    trm_verdict v = note("some answers change what is given",
                         "Nothing makes the model copy its input: train longer, or put the givens "
                         "back before its answers are used.");
    if (last->changed == 0)
        v = fine("what is given stays");
    trm_diagnose_add(f, "keeps-givens", v,
                     "%.0f of %.0f answers change a cell that the input gives, where %.0f are "
                     "wrong. Of the cells that are not given %.2f %% are right.",
                     last->changed * n, n, (1 - last->exact_accuracy) * n,
                     100 * last->blank_accuracy);
}

// Samples that the head calls right and that are not, less those the other way round, stand beside
// chance as McNemar has it: by the root of their sum.
static void judge_halting(const trm_step_evaluation *x, const char *name, trm_findings *f) {
    const trm_step_score *last = &x->step[x->steps - 1];
    const double n = x->stats.count, more = (last->halt_says - last->exact_accuracy) * n;
    const double mistaken = 1 - last->halt_agrees;
    trm_verdict v = note("the halting head is overconfident",
                         "Let the model run all its steps rather than stop where the head says so; "
                         "train longer, or on more samples than it can know by heart.");
    if (fabs(more) <= 2 * sqrt(mistaken * n))
        v = fine("halting is calibrated");
    else if (more < 0)
        v = note("the halting head is too careful",
                 "Answers are better than it says: train longer, or stop earlier.");
    trm_diagnose_add(f, "halting-calibrated", v,
                     "After %s %d the halting head says of %.1f %% of the answers that they are "
                     "right, and %.1f %% are; it is mistaken about %.1f %%. Stopped by it, %.2f %% "
                     "are right after %.2f steps.",
                     name, x->steps, 100 * last->halt_says, 100 * last->exact_accuracy,
                     100 * mistaken, 100 * x->stop_exact, x->stop_steps);
}

static void judge_drift(const trm_step_evaluation *x, const char *name, trm_findings *f) {
    const double settled = 0.1; // of the state's length
    const double second = x->step[1].moved, last = x->step[x->steps - 1].moved;
    int32_t most = 1;
    for (int32_t i = 1; i < x->steps; i++)
        most = x->step[i].turned > x->step[most].turned ? i : most;
    trm_verdict v = note("the state goes on moving",
                         "More steps would give another state, and perhaps another answer: see "
                         "with a larger model.sup_steps whether it is a better one.");
    if (last <= settled || last <= second / 2)
        v = fine("the state settles");
    trm_diagnose_add(f, "state-settles", v,
                     "%s 2 moves the state by %.1f %% of its length, %s %d, the last, by %.1f %%; "
                     "most cells turn at %s %d, %.2f %%.",
                     name, 100 * second, name, x->steps, 100 * last, name, most + 1,
                     100 * x->step[most].turned);
}

static void judge_blind(const trm_unit_diagnosis *d, trm_findings *f) {
    static const char check[] = "input-blind";
    if (d->blind)
        trm_diagnose_add(f, check,
                         fault("the model does not look at its input",
                               "A layer on the way is dead or zero: start from new weights."),
                         "The logits are the same for all %d samples, though the samples differ.",
                         d->states);
    else
        trm_diagnose_add(f, check, fine("the model looks at its input"),
                         "Over %d samples a logit ranges over %.3g.", d->states, d->logits_range);
}

// ---- measuring ----------------------------------------------------------------------------------

// Samples as states without actions. Borrows the inputs.
static trm_diagnose_visits visits_of(const trm_dataset *d, int32_t most,
                                     trm_diagnose_watch *watch) {
    trm_diagnose_visits v = {.states = d->state_dim, .watch = watch};
    const int32_t fit = VALUES / d->state_dim > 0 ? VALUES / d->state_dim : 1;
    v.rows = v.capacity = d->count < most ? d->count : most;
    v.rows = v.capacity = v.rows < fit ? v.rows : fit;
    v.obs = d->inputs;
    v.prev = trm_arena_array(&v.arena, (size_t)v.rows, sizeof *v.prev);
    for (int32_t i = 0; i < v.rows; i++)
        v.prev[i] = -1;
    return v;
}

typedef struct objective {
    const trm_model *model;
    trm_workspace *workspace;
    const trm_dataset *data;
    int32_t rows;
} objective;

// Cross entropy of output o, mean over samples and positions, with its gradient.
static double cross_entropy(const objective *x, int32_t o) {
    const trm_dataset *d = x->data;
    const float scale = 1.0f / ((float)x->rows * (float)d->positions);
    double loss = 0;
    trm_model_forward(x->model, x->workspace, 0, trm_mat_of(d->inputs, x->rows, d->state_dim),
                      NULL);
    for (int32_t r = 0; r < x->rows; r++) {
        const float *logits = trm_mat_row(trm_workspace_logits(x->workspace, o), r);
        float *dlogits = trm_mat_row(trm_workspace_dlogits(x->workspace, o), r);
        const int32_t *target = d->targets + (int64_t)r * d->positions;
        for (int32_t p = 0; p < d->positions; p++)
            loss += (double)trm_cross_entropy(dlogits + (int64_t)p * d->classes,
                                              logits + (int64_t)p * d->classes, d->classes,
                                              target[p], scale);
    }
    return loss / ((double)x->rows * d->positions);
}

static double last_loss(void *ctx) {
    const objective *x = ctx;
    return cross_entropy(x, trm_model_outputs(x->model) - 1);
}

// The gradient of one output alone; overwrites grads.
static double differentiate(const objective *x, int32_t output, bool all, float *grads) {
    const double loss = cross_entropy(x, output);
    const int64_t size = trm_model_params_const(x->model)->size;
    memset(grads, 0, (size_t)size * sizeof *grads);
    for (int32_t o = 0; all && o < trm_model_outputs(x->model); o++)
        if (o != output)
            trm_mat_zero(trm_workspace_dlogits(x->workspace, o));
    trm_model_backward(x->model, x->workspace, 0, x->rows, grads);
    return loss;
}

// Truncated on purpose, the gradient of several steps is not the loss's: what is compared with
// finite differences is one step of each kind, differentiated whole.
static void compare(const trm_model *model, const trm_dataset *d, uint64_t seed,
                    trm_diagnose_watch *watch, trm_gradient_diagnosis *out) {
    trm_model_config c = *trm_model_get_config(model);
    c.sup_steps = c.k_cycles = 1;
    c.detach_inner_steps = false;
    trm_model *m = trm_model_copy(model, &c, NULL);
    objective x = {m, NULL, d, d->count < GRADIENT_SAMPLES ? d->count : GRADIENT_SAMPLES};
    x.workspace = trm_workspace_new(m, x.rows, false);
    float *grads = trm_alloc((size_t)trm_model_params(m)->size, sizeof *grads);
    differentiate(&x, trm_model_outputs(m) - 1, false, grads);
    const trm_diagnose_objective o = {last_loss, &x, watch};
    trm_diagnose_compare(m, &o, grads, seed, out);
    free(grads);
    trm_workspace_free(x.workspace);
    trm_model_free(m);
}

// Norms as training has them: of the whole model, each output by itself, and the last one's by
// tensor.
static void measure_norms(const trm_model *model, const trm_dataset *d, trm_diagnose_watch *watch,
                          trm_gradient_diagnosis *out) {
    const trm_params *params = trm_model_params_const(model);
    objective x = {model, NULL, d, d->count < GRADIENT_SAMPLES ? d->count : GRADIENT_SAMPLES};
    float *last = trm_alloc((size_t)params->size, sizeof *last);
    float *grads = trm_alloc((size_t)params->size, sizeof *grads);
    x.workspace = trm_workspace_new(model, x.rows, true);
    out->states = x.rows;
    out->output_count = trm_model_outputs(model);
    out->outputs = trm_alloc((size_t)out->output_count, sizeof *out->outputs);
    out->loss = differentiate(&x, out->output_count - 1, true, last);
    out->norm = trm_diagnose_norm(last, params->size);
    for (int32_t i = 0; i < out->tensor_count; i++)
        out->tensors[i].norm =
            trm_diagnose_norm(last + params->items[i].offset, params->items[i].size);
    for (int32_t o = 0; o < out->output_count && trm_diagnose_goes_on(watch); o++) {
        differentiate(&x, o, true, grads);
        out->outputs[o].norm = trm_diagnose_norm(grads, params->size);
        out->outputs[o].cosine = trm_diagnose_cosine(grads, last, params->size);
    }
    trm_workspace_free(x.workspace);
    free(last);
    free(grads);
}

// What goes into the first step before any input is in it, as a constant first answer: not dead.
static void leave_constants_out(trm_unit_diagnosis *d, const trm_trace_shape *s) {
    char first[TRM_TENSOR_NAME];
    int32_t kept = 0;
    trm_text_format(first, sizeof first, "%s 1 %s", trm_words_of_trace(s)->cycle,
                    trm_words_of_trace(s)->l);
    for (int32_t i = 0; i < d->level_count; i++) {
        const trm_unit_count *c = &d->levels[i];
        if (c->dead < c->units || strcmp(c->name, first) != 0)
            d->levels[kept++] = *c;
    }
    d->level_count = kept;
}

static void judge(bool trained, const trm_trace_shape *shape, float clip, trm_answer_diagnosis *out,
                  trm_findings *f) {
    const trm_step_evaluation *x = &out->evaluation;
    const char *name = trm_words_of_trace(shape)->cycle;
    judge_distinct(x, trained, f);
    if (trained)
        judge_majority(x, f);
    if (trained && x->steps - x->first_read > 1)
        judge_steps(x, name, f);
    if (trained && !isnan(x->step[x->steps - 1].changed))
        judge_givens(x, f);
    if (trained && !isnan(x->step[x->steps - 1].halt_says))
        judge_halting(x, name, f);
    if (trained && x->steps > 1 && !isnan(x->step[1].moved))
        judge_drift(x, name, f);
    leave_constants_out(&out->units, shape);
    trm_diagnose_judge_dead(&out->units, f);
    judge_blind(&out->units, f);
    trm_diagnose_judge_gradient(&out->gradient, clip, f);
}

bool trm_diagnose_answers(const trm_model *m, float clip, const trm_dataset *held_out, bool trained,
                          uint64_t seed, bool (*progress)(void *ctx, int64_t done), void *ctx,
                          trm_answer_diagnosis *out, trm_findings *f) {
    const trm_trace_shape shape = trm_model_trace_shape(m);
    *out = (trm_answer_diagnosis){0};
    if (!trm_evaluate_steps(m, held_out, true, NULL, progress, ctx, &out->evaluation))
        return false;
    trm_diagnose_watch watch = {progress, ctx, held_out->count, false};
    trm_diagnose_visits v = visits_of(held_out, UNIT_SAMPLES, &watch);
    trm_diagnose_count_units(m, &v, seed, &out->units);
    trm_diagnose_visits_done(&v);
    if (!watch.stopped)
        compare(m, held_out, seed, &watch, &out->gradient);
    if (!watch.stopped)
        measure_norms(m, held_out, &watch, &out->gradient);
    if (watch.stopped)
        return false;
    judge(trained, &shape, clip, out, f);
    return true;
}

void trm_answer_diagnosis_done(trm_answer_diagnosis *d) {
    trm_unit_diagnosis_done(&d->units);
    trm_gradient_diagnosis_done(&d->gradient);
}
