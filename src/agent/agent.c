// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/agent.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/answering.h"
#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

static int32_t inputs_of(const trm_agent *a) {
    return trm_model_get_config(a->model)->state_dim;
}

static int32_t positions_of(const trm_model *m) {
    return trm_model_get_config(m)->positions;
}

static int32_t answers_of(const trm_model *m) {
    return positions_of(m) * trm_model_get_config(m)->action_dim;
}

static int32_t actions_of(const trm_agent *a) {
    return a->shape.actions;
}

// ---- lifetime

static bool fits(const trm_env *env, const trm_model *m) {
    return trm_model_get_config(m)->state_dim == trm_env_state_dim(env) &&
           answers_of(m) == trm_env_action_dim(env);
}

bool trm_agent_plays(const trm_env *env, const trm_model *m) {
    const trm_model_config *c = trm_model_get_config(m);
    const trm_geometry g = trm_env_geometry(env);
    if (fits(env, m))
        return c->height == 0 || (c->height == g.rows && c->width == g.cols);
    return trm_answering_fit(env, m);
}

static void init(trm_agent *a, const trm_env *env, const trm_model *model, trm_workspace *w,
                 int32_t rows) {
    *a = (trm_agent){.env = env,
                     .model = model,
                     .workspace = w,
                     .shape = trm_workspace_trace_shape(model, w),
                     .rows = rows,
                     .outputs = trm_model_outputs(model),
                     .before = -1};
    if (env && !fits(env, model)) {
        a->answering = trm_answering_new(env, model, w);
        a->shape = trm_answering_shape(a->answering);
    }
    const size_t actions = (size_t)actions_of(a);
    if (env && trm_agent_masks(env))
        a->legal = trm_alloc((size_t)rows * actions, sizeof *a->legal);
    a->obs = trm_alloc((size_t)inputs_of(a), sizeof *a->obs);
    a->decision = trm_alloc(actions, sizeof *a->decision);
    a->probs = trm_alloc(actions, sizeof *a->probs);
}

void trm_agent_init_rows(trm_agent *a, const trm_env *env, const trm_model *model, int32_t rows,
                         bool all_outputs) {
    assert(!env || fits(env, model));
    init(a, env, model, trm_workspace_new(model, rows, all_outputs), rows);
}

void trm_agent_init(trm_agent *a, const trm_env *env, const trm_model *model) {
    init(a, env, model, trm_workspace_new(model, 1, false), 1);
    a->trace = trm_alloc((size_t)trm_trace_size(&a->shape), sizeof *a->trace);
}

void trm_agent_init_inspect(trm_agent *a, const trm_env *env, const trm_model *model,
                            int32_t max_cycles) {
    assert(!env || fits(env, model));
    init(a, env, model, trm_workspace_new_inspect(model, 1, max_cycles), 1);
}

bool trm_agent_init_snapshot(trm_agent *a, const trm_env *env, const trm_model *model,
                             const float *weights, int32_t max_cycles, trm_error *e) {
    *a = (trm_agent){0};
    if (env && !fits(env, model))
        return trm_error_set(
            e, TRM_E_INPUT,
            "the model takes %d numbers and has %d actions, the environment %d and %d",
            trm_model_get_config(model)->state_dim, answers_of(model), trm_env_state_dim(env),
            trm_env_action_dim(env));
    // The model's own weights may be changing at this moment.
    trm_model *copy =
        weights ? trm_model_new(trm_model_get_config(model), e) : trm_model_copy(model, NULL, e);
    if (!copy)
        return false;
    if (weights)
        trm_model_set_weights(copy, weights);
    trm_agent_init_inspect(a, env, copy, max_cycles);
    a->snapshot = copy;
    return true;
}

void trm_agent_done(trm_agent *a) {
    trm_answering_free(a->answering);
    trm_workspace_free(a->workspace);
    trm_model_free(a->snapshot);
    free(a->legal);
    free(a->trace);
    free(a->obs);
    free(a->decision);
    free(a->probs);
    *a = (trm_agent){0};
}

// ---- what may be done

bool trm_agent_masks(const trm_env *env) {
    return trm_env_get_config(env)->mask_actions;
}

bool trm_agent_legal(const trm_env *env, const void *state, bool *legal) {
    const bool masks = trm_agent_masks(env);
    const int32_t n = masks ? trm_env_legal(env, state, legal) : 0;
    for (int32_t a = 0; n == 0 && a < trm_env_action_dim(env); a++)
        legal[a] = true;
    return masks;
}

const float *trm_agent_mask(const bool *legal, const float *logits, int32_t n, float *scratch) {
    if (!legal)
        return logits;
    for (int32_t a = 0; a < n; a++)
        scratch[a] = legal[a] ? logits[a] : TRM_MASKED;
    return scratch;
}

static bool *legal_row(const trm_agent *a, int32_t row) {
    return a->legal ? a->legal + (int64_t)row * actions_of(a) : NULL;
}

// Keeps the mask of a row; without a state everything may be taken.
static void keep_mask(trm_agent *a, int32_t row, const void *state) {
    bool *legal = legal_row(a, row);
    if (legal && state)
        trm_agent_legal(a->env, state, legal);
    else if (legal)
        memset(legal, true, (size_t)actions_of(a) * sizeof *legal);
}

// ---- asking

int32_t trm_agent_before(const trm_model *model, int32_t prev_action) {
    return positions_of(model) > 1 ? -1 : prev_action;
}

static void run_one(trm_agent *a, const float *input, int32_t prev_action) {
    const int32_t before = trm_agent_before(a->model, a->replaces_before ? a->before : prev_action);
    float *x = (float *)(uintptr_t)input; // the forward copies it: it is never written through
    trm_model_forward(a->model, a->workspace, 0, trm_mat_of(x, 1, inputs_of(a)), &before);
}

static void run_state(trm_agent *a, const void *state, int32_t prev_action) {
    trm_env_observe(a->env, state, a->obs);
    run_one(a, a->obs, prev_action);
    keep_mask(a, 0, state);
}

static bool answer_state(trm_agent *a, const void *state) {
    keep_mask(a, 0, state);
    return trm_answering_ask(a->answering, state);
}

int32_t trm_agent_ask(trm_agent *a, const void *state, int32_t prev_action) {
    if (a->answering)
        return answer_state(a, state) ? trm_agent_best(a, 0) : -1;
    run_state(a, state, prev_action);
    return trm_agent_best(a, 0);
}

int32_t trm_agent_think(trm_agent *a, const void *state, int32_t prev_action) {
    const int32_t action = trm_agent_ask(a, state, prev_action);
    assert(a->trace);
    if (a->answering && action >= 0)
        trm_answering_trace(a->answering, a->trace);
    else if (!a->answering)
        trm_model_trace(a->model, a->workspace, 0, a->trace);
    return action;
}

void trm_agent_inspect(trm_agent *a, const void *state, int32_t prev_action, float *trace) {
    run_state(a, state, prev_action);
    trm_model_trace(a->model, a->workspace, 0, trace);
}

void trm_agent_inspect_input(trm_agent *a, const float *input, int32_t prev_action, float *trace) {
    run_one(a, input, prev_action);
    keep_mask(a, 0, NULL);
    trm_model_trace(a->model, a->workspace, 0, trace);
}

trm_reading trm_agent_reading(const trm_agent *a, float *trace) {
    return (trm_reading){.shape = &a->shape, .trace = trace, .legal = a->legal};
}

bool trm_agent_gradient(trm_agent *a, const void *state, float *trace, int32_t action0,
                        int32_t actions, int32_t unit0, int32_t units, float *out) {
    trm_env_observe(a->env, state, a->obs);
    return trm_agent_gradient_at(a, a->obs, trace, action0, actions, unit0, units, out);
}

bool trm_agent_gradient_at(trm_agent *a, const float *input, float *trace, int32_t action0,
                           int32_t actions, int32_t unit0, int32_t units, float *out) {
    return trm_model_head_gradient(a->model, &a->shape, input, trace, action0, actions, unit0,
                                   units, out);
}

// A carried state is z_H, the trace's l, and z_L behind it.
void trm_agent_visit_passes(const trm_agent *a, trm_workspace *w, const float *input, float *trace,
                            int32_t step, trm_pass_visitor *see, void *ctx) {
    const trm_model *m = a->model;
    const size_t state = (size_t)a->shape.h;
    float *carry = trm_workspace_carry(w);
    trm_model_carry_start(m, carry);
    if (step > 0) {
        memcpy(carry, trm_trace_l(&a->shape, trace, step - 1), state * sizeof *carry);
        memcpy(carry + state, trm_trace_h(&a->shape, trace, step - 1), state * sizeof *carry);
    }
    if (trm_reading_restarts(&(trm_reading){.shape = &a->shape, .trace = trace}, step))
        trm_model_carry_restart(m, carry, step, NULL);
    // the forward copies its input: the view is never written through
    const trm_mat x = trm_mat_of((float *)(uintptr_t)input, 1, trm_model_get_config(m)->state_dim);
    trm_model_forward(m, w, 0, x, NULL);
    if (!trm_workspace_stopped(w))
        trm_model_visit_passes(m, w, 0, 0, see, ctx);
}

void trm_agent_set_puzzle(trm_agent *a, int32_t puzzle) {
    assert(a->answering);
    trm_answering_set_puzzle(a->answering, puzzle);
}

trm_dataset *trm_agent_samples(trm_agent *a, const void *states, int32_t n) {
    assert(a->answering);
    return trm_answering_samples(a->answering, states, n);
}

// ---- states side by side

void trm_agent_run(trm_agent *a, int32_t row0, int32_t n, const void *states, const float *x,
                   const int32_t *prev) {
    const size_t size = states ? trm_env_state_size(a->env) : 0;
    float *input = (float *)(uintptr_t)x;
    assert(!a->replaces_before);
    trm_model_forward(a->model, a->workspace, row0, trm_mat_of(input, n, inputs_of(a)),
                      positions_of(a->model) > 1 ? NULL : prev);
    for (int32_t i = 0; a->legal && i < n; i++)
        keep_mask(a, row0 + i, states ? (const char *)states + (size_t)i * size : NULL);
}

const bool *trm_agent_row_legal(const trm_agent *a, int32_t row) {
    return legal_row(a, row);
}

// Of a model that answers position by position probabilities decide: logits of different positions
// cannot be compared.
const float *trm_agent_row_decision(trm_agent *a, int32_t row) {
    const int32_t positions = positions_of(a->model), n = actions_of(a);
    if (a->answering)
        return trm_agent_mask(legal_row(a, row), trm_answering_values(a->answering), n,
                              a->decision);
    const float *logits = trm_mat_row(trm_workspace_logits(a->workspace, a->outputs - 1), row);
    if (positions == 1)
        return trm_agent_mask(legal_row(a, row), logits, n, a->decision);
    for (int32_t p = 0; p < n; p += n / positions)
        trm_softmax(a->probs + p, logits + p, n / positions);
    return trm_agent_mask(legal_row(a, row), a->probs, n, a->decision);
}

const float *trm_agent_row_probs(trm_agent *a, int32_t row) {
    assert(positions_of(a->model) == 1);
    trm_softmax(a->probs, trm_agent_row_decision(a, row), actions_of(a));
    return a->probs;
}

static int32_t count_choices(const bool *legal, int32_t n) {
    int32_t choices = 0;
    for (int32_t i = 0; i < n; i++)
        choices += !legal || legal[i];
    return choices;
}

double trm_agent_row_entropy(trm_agent *a, int32_t row) {
    const bool *legal = legal_row(a, row);
    const int32_t n = actions_of(a);
    const int32_t choices = count_choices(legal, n);
    if (choices < 2 || positions_of(a->model) > 1 || trm_model_get_config(a->model)->q_values)
        return NAN;
    return (double)trm_categorical_entropy(trm_agent_row_decision(a, row), n) / log(choices);
}

int32_t trm_agent_best(trm_agent *a, int32_t row) {
    return trm_categorical_argmax(trm_agent_row_decision(a, row), actions_of(a));
}

int32_t trm_agent_any(const bool *legal, int32_t n, trm_rng *rng) {
    const int32_t choices = count_choices(legal, n);
    int32_t action = 0;
    if (choices == 0)
        return (int32_t)trm_rng_below(rng, (uint32_t)n);
    int32_t skip = (int32_t)trm_rng_below(rng, (uint32_t)choices);
    for (; (legal && !legal[action]) || skip > 0; action++)
        skip -= !legal || legal[action];
    return action;
}

int32_t trm_agent_explore(trm_agent *a, int32_t row, double epsilon, trm_rng *rng, bool *random) {
    const bool any = trm_rng_double(rng) < epsilon;
    if (random)
        *random = any;
    return any ? trm_agent_any(legal_row(a, row), actions_of(a), rng) : trm_agent_best(a, row);
}

int32_t trm_agent_sample(trm_agent *a, int32_t row, trm_rng *rng) {
    if (trm_model_get_config(a->model)->q_values)
        return trm_agent_best(a, row);
    return trm_categorical_sample(trm_agent_row_probs(a, row), actions_of(a), rng);
}

// ---- otherwise

bool trm_agent_intervene(trm_agent *a, const trm_agent_intervention *i, trm_error *e) {
    const int32_t actions = trm_model_get_config(a->model)->action_dim;
    if (i && i->replaces_before && (i->before < -1 || i->before >= actions))
        return trm_error_set(e, TRM_E_INPUT, "there is no action %d: the actions are 0 to %d",
                             i->before, actions - 1);
    if (i && i->replaces_before && !trm_model_interventions(a->model).prev_action)
        return trm_error_set(e, TRM_E_INPUT,
                             "a model of type %s takes no previous action: leave it out",
                             trm_model_get_config(a->model)->type);
    if (!trm_workspace_intervene(a->model, a->workspace, i ? &i->model : NULL, e))
        return false;
    a->replaces_before = i && i->replaces_before;
    a->before = a->replaces_before ? i->before : -1;
    a->shape = trm_workspace_trace_shape(a->model, a->workspace);
    a->outputs = i && i->model.cycles ? i->model.cycles : trm_model_outputs(a->model);
    return true;
}
