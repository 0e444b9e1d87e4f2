// SPDX-License-Identifier: Apache-2.0
#include "trm/train/lens.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/nn/categorical.h"
#include "trm/train/mind.h"

struct trm_lens {
    const trm_env *env;
    trm_model *model;
    trm_workspace *workspace;
    float *obs; // [S]
};

static trm_model *copy_model(const trm_model *model, const float *weights, trm_error *e) {
    const trm_params *from = trm_model_params_const(model);
    trm_model *copy = trm_model_new(trm_model_get_config(model), e);
    if (copy)
        memcpy(trm_model_params(copy)->values, weights ? weights : from->values,
               (size_t)from->size * sizeof *from->values);
    return copy;
}

trm_lens *trm_lens_new(const trm_env *env, const trm_model *model, const float *weights,
                       int32_t max_cycles, trm_error *e) {
    const trm_model_config *c = trm_model_get_config(model);
    if (c->state_dim != trm_env_state_dim(env) ||
        c->positions * c->action_dim != trm_env_action_dim(env)) {
        trm_error_set(e, TRM_E_INPUT,
                      "the model takes %d numbers and has %d actions, the environment %d and %d",
                      c->state_dim, c->positions * c->action_dim, trm_env_state_dim(env),
                      trm_env_action_dim(env));
        return NULL;
    }
    trm_model *copy = copy_model(model, weights, e);
    if (!copy)
        return NULL;
    trm_lens *l = trm_alloc(1, sizeof *l);
    l->env = env;
    l->model = copy;
    l->workspace = trm_workspace_new_inspect(copy, 1, max_cycles);
    l->obs = trm_alloc((size_t)c->state_dim, sizeof *l->obs);
    return l;
}

void trm_lens_free(trm_lens *l) {
    if (!l)
        return;
    trm_workspace_free(l->workspace);
    trm_model_free(l->model);
    free(l->obs);
    free(l);
}

const trm_model *trm_lens_model(const trm_lens *l) {
    return l->model;
}

bool trm_lens_intervene(trm_lens *l, const trm_intervention *i, trm_error *e) {
    return trm_workspace_intervene(l->model, l->workspace, i, e);
}

trm_trace_shape trm_lens_shape(const trm_lens *l) {
    return trm_workspace_trace_shape(l->model, l->workspace);
}

void trm_lens_look(trm_lens *l, const void *state, int32_t prev_action, float *trace) {
    const int32_t before = trm_mind_before(l->model, prev_action);
    trm_env_observe(l->env, state, l->obs);
    trm_model_forward(l->model, l->workspace, 0, trm_mat_of(l->obs, 1, trm_env_state_dim(l->env)),
                      &before);
    trm_model_trace(l->model, l->workspace, 0, trace);
}

bool trm_lens_gradient(trm_lens *l, const void *state, float *trace, int32_t action0,
                       int32_t actions, int32_t unit0, int32_t units, float *out) {
    const trm_trace_shape s = trm_lens_shape(l);
    trm_env_observe(l->env, state, l->obs);
    return trm_model_head_gradient(l->model, &s, l->obs, trace, action0, actions, unit0, units,
                                   out);
}

void trm_policy_map_init(trm_policy_map *p, const trm_lens *l, const void *state,
                         int32_t max_cycles) {
    *p = (trm_policy_map){0};
    if (!trm_env_editable(l->env, TRM_EDIT_AGENT))
        return;
    trm_board board;
    trm_env_describe(l->env, state, &board);
    trm_trace_shape shape = trm_lens_shape(l);
    int32_t most = shape.cycles > max_cycles ? shape.cycles : max_cycles;
    p->cells = board.rows * board.cols;
    p->order = trm_alloc((size_t)p->cells, sizeof *p->order);
    p->action = trm_alloc((size_t)p->cells * (size_t)most, sizeof *p->action);
    p->prob = trm_alloc((size_t)p->cells * (size_t)most, sizeof *p->prob);
    p->state = trm_alloc(1, trm_env_state_size(l->env));
    shape.cycles = most;
    p->trace = trm_alloc((size_t)trm_trace_size(&shape), sizeof *p->trace);
}

void trm_policy_map_done(trm_policy_map *p) {
    free(p->order);
    free(p->action);
    free(p->prob);
    free(p->state);
    free(p->trace);
    *p = (trm_policy_map){0};
}

void trm_policy_map_begin(trm_policy_map *p, const trm_lens *l, int32_t near) {
    p->cycles = trm_lens_shape(l).cycles;
    p->done = 0;
    if (p->cells == 0)
        return;
    for (int32_t i = 0; i < p->cells * p->cycles; i++) {
        p->action[i] = -1;
        p->prob[i] = 0;
    }
    const trm_geometry g = trm_env_geometry(l->env);
    trm_geometry_by_distance(&g, near >= 0 && near < p->cells ? near : 0, p->order);
}

bool trm_policy_map_next(trm_policy_map *p, trm_lens *l, const void *state, int32_t prev_action) {
    if (p->done >= p->cells)
        return false;
    int32_t cell = p->order[p->done++];
    trm_error e;
    memcpy(p->state, state, trm_env_state_size(l->env));
    if (!trm_env_edit(l->env, p->state, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = cell}, &e))
        return true;
    trm_trace_shape s = trm_lens_shape(l);
    trm_lens_look(l, p->state, prev_action, p->trace);
    for (int32_t c = s.first_logits; c < s.cycles; c++) {
        const float *probs = trm_trace_probs(&s, p->trace, c);
        int32_t best = trm_categorical_argmax(probs, s.actions);
        p->action[c * p->cells + cell] = (int16_t)best;
        p->prob[c * p->cells + cell] = probs[best];
    }
    return true;
}
