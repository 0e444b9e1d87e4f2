// SPDX-License-Identifier: Apache-2.0
#include "trm/env/env.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/bfs.h"
#include "env/spec.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

#define ROW(id) &trm_env_##id,
static const trm_env_spec *const specs[] = {TRM_ENVS(ROW)};
#undef ROW
enum { SPECS = sizeof specs / sizeof *specs };

trm_env_config trm_env_config_default(void) {
    return (trm_env_config){
        .type = "maze-open", .size = 5, .bonus = 10, .difficulty = NAN, .shaping = "geodesic"};
}

const char *trm_env_name(int32_t i) {
    return i >= 0 && i < SPECS ? specs[i]->name : NULL;
}

const char *trm_env_summary(int32_t i) {
    return i >= 0 && i < SPECS ? specs[i]->summary : NULL;
}

static const trm_env_spec *named(const char *name) {
    const int32_t i = trm_text_index(trm_env_name, name);
    return i < 0 ? NULL : specs[i];
}

bool trm_env_reads(const char *type, const char *field) {
    static const char *const all[] = {"type", "size", "mask_actions", NULL};
    const trm_env_spec *spec = named(type);
    return spec && (trm_text_among(all, field) || trm_text_among(spec->reads, field));
}

int32_t trm_env_usual_size(const char *type) {
    const trm_env_spec *spec = named(type);
    return spec ? spec->size_usual : 0;
}

static const trm_env_spec *find(const char type[TRM_ENV_TYPE], trm_error *e) {
    char name[TRM_ENV_TYPE + 1] = {0}; // a full array has no final 0
    memcpy(name, type, TRM_ENV_TYPE);
    const trm_env_spec *spec = named(name);
    if (!spec)
        trm_text_unknown(trm_env_name, "env.type: there is no environment", name, e);
    return spec;
}

trm_env *trm_env_new(const trm_env_config *config, trm_error *e) {
    const trm_env_spec *spec = find(config->type, e);
    if (!spec)
        return NULL;
    if (config->size < spec->size_min || config->size > spec->size_max) {
        trm_error_set(e, TRM_E_INPUT, "env.size: %d is out of range %d..%d for %s", config->size,
                      spec->size_min, spec->size_max, spec->name);
        return NULL;
    }
    if (!(config->difficulty >= 0 && config->difficulty <= 1) && !isnan(config->difficulty)) {
        trm_error_set(e, TRM_E_INPUT, "env.difficulty: %g is out of range 0..1",
                      (double)config->difficulty);
        return NULL;
    }
    if (spec->check && !spec->check(config, e))
        return NULL;
    assert(spec->state_size <= TRM_ENV_STATE_MAX);
    trm_env *env = trm_alloc(1, sizeof *env);
    env->spec = spec;
    env->given = env->config = *config;
    spec->configure(env);
    env->state_dim = env->channels * trm_geometry_cells(&env->geometry);
    assert(env->action_dim <= TRM_ENV_ACTIONS_MAX);
    if (!spec->open || spec->open(env, e))
        return env;
    free(env);
    return NULL;
}

void trm_env_free(trm_env *env) {
    if (env && env->spec->close)
        env->spec->close(env);
    free(env);
}

const trm_env_config *trm_env_get_config(const trm_env *env) {
    return &env->given;
}

int32_t trm_env_state_dim(const trm_env *env) {
    return env->state_dim;
}

int32_t trm_env_action_dim(const trm_env *env) {
    return env->action_dim;
}

trm_geometry trm_env_geometry(const trm_env *env) {
    return env->geometry;
}

int32_t trm_env_channels(const trm_env *env) {
    return env->channels;
}

int32_t trm_env_direction(const trm_env *env, int32_t action) {
    assert(action >= 0 && action < env->action_dim);
    return env->spec->moves ? action : -1;
}

int32_t trm_env_action_cells(const trm_env *env) {
    return env->action_cells ? env->action_cells : 1;
}

int32_t trm_env_max_steps(const trm_env *env) {
    return env->step_limit + 1;
}

size_t trm_env_state_size(const trm_env *env) {
    return env->spec->state_size;
}

const char *trm_env_task(const trm_env *env) {
    return env->spec->task;
}

void trm_env_reset(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    env->spec->reset(env, state, rng, split);
}

bool trm_env_set_grid(const trm_env *env, void *state, const int32_t *cells, trm_error *e) {
    if (!env->spec->set_grid)
        return trm_error_set(e, TRM_E_INPUT, "%s has no digits to set", env->spec->name);
    return env->spec->set_grid(env, state, cells, e);
}

bool trm_env_set_board(const trm_env *env, void *state, const trm_board *board, trm_error *e) {
    if (!env->spec->set_board)
        return trm_error_set(e, TRM_E_INPUT, "%s has no walls to set", env->spec->name);
    if (board->rows != env->geometry.rows || board->cols != env->geometry.cols)
        return trm_error_set(e, TRM_E_INPUT, "%s: the board has %d x %d cells, expected %d x %d",
                             env->spec->name, board->rows, board->cols, env->geometry.rows,
                             env->geometry.cols);
    return env->spec->set_board(env, state, board, e);
}

bool trm_env_editable(const trm_env *env, trm_edit_kind kind) {
    return env->spec->edits >> kind & 1;
}

bool trm_env_edit(const trm_env *env, void *state, const trm_edit *edit, trm_error *e) {
    static const char *const things[TRM_EDIT_KINDS] = {"no agent to move", "a goal that stays",
                                                       "no digits to set", "walls that stay"};
    const int32_t cells = trm_geometry_cells(&env->geometry);
    if (!trm_env_editable(env, edit->kind))
        return trm_error_set(e, TRM_E_INPUT, "%s has %s", env->spec->name, things[edit->kind]);
    if (env->spec->finished(env, state))
        return trm_error_set(e, TRM_E_INPUT, "%s: the episode is over", env->spec->name);
    if (edit->cell < 0 || edit->cell >= cells)
        return trm_error_set(e, TRM_E_INPUT, "%s: there is no cell %d, expected 0 to %d",
                             env->spec->name, edit->cell, cells - 1);
    return env->spec->edit(env, state, edit, e);
}

trm_placement trm_env_placement(const trm_env *env, const void *state, int32_t action) {
    assert(action >= 0 && action < env->action_dim);
    return env->spec->placement ? env->spec->placement(env, state, action) : (trm_placement){-1, 0};
}

trm_step trm_env_step(const trm_env *env, void *state, int32_t action) {
    assert(action >= 0 && action < env->action_dim);
    assert(!env->spec->finished(env, state));
    return env->spec->step(env, state, action);
}

void trm_env_observe(const trm_env *env, const void *state, float *obs) {
    env->spec->observe(env, state, obs);
}

void trm_env_step_batch(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                        float *obs, trm_step *out) {
    if (env->spec->step_batch) {
        env->spec->step_batch(env, states, n, actions, obs, out);
        return;
    }
    char *state = states;
    for (int32_t i = 0; i < n; i++, state += env->spec->state_size, obs += env->state_dim) {
        out[i] = trm_env_step(env, state, actions[i]);
        trm_env_observe(env, state, obs);
    }
}

int32_t trm_env_legal(const trm_env *env, const void *state, bool *mask) {
    return env->spec->legal(env, state, mask);
}

// Of a move: where it leads, seen from where the agent stands.
static trm_refusal refused_move(const trm_board *b, int32_t action) {
    const int32_t cells = trm_geometry_cells(&b->geometry);
    for (int32_t i = 0; i < cells; i++)
        if (b->cells[i].kind == TRM_CELL_AGENT)
            return trm_geometry_neighbour(&b->geometry, i, (trm_direction)action, 1) < 0
                       ? TRM_REFUSAL_EDGE
                       : TRM_REFUSAL_WALL;
    return TRM_REFUSAL_OVER;
}

trm_refusal trm_env_refusal(const trm_env *env, const void *state, int32_t action) {
    bool legal[TRM_ENV_ACTIONS_MAX];
    trm_board board;
    trm_env_legal(env, state, legal);
    if (legal[action])
        return TRM_REFUSAL_NONE;
    const trm_placement at = trm_env_placement(env, state, action);
    trm_env_describe(env, state, &board);
    if (at.cell < 0)
        return refused_move(&board, action);
    switch (board.cells[at.cell].kind) {
    case TRM_CELL_GIVEN:
        return TRM_REFUSAL_GIVEN;
    case TRM_CELL_FILLED:
        return TRM_REFUSAL_FILLED;
    default:
        return env->spec->finished(env, state) ? TRM_REFUSAL_OVER : TRM_REFUSAL_RULE;
    }
}

bool trm_env_restore(const trm_env *env, const float *obs, void *state) {
    if (!env->spec->restore(env, obs, state))
        return false;
    float *again = trm_alloc((size_t)env->state_dim, sizeof *again);
    trm_env_observe(env, state, again);
    bool same = true;
    for (int32_t i = 0; i < env->state_dim; i++)
        same &= again[i] >= obs[i] && again[i] <= obs[i];
    free(again);
    return same;
}

int32_t trm_env_solve(const trm_env *env, const void *state, int32_t *actions, int32_t capacity) {
    assert(capacity >= 0 && (actions || capacity == 0));
    return env->spec->solve(env, state, actions, capacity);
}

int32_t trm_env_best(const trm_env *env, const void *state, bool *mask) {
    if (env->spec->best)
        return env->spec->best(env, state, mask);
    int32_t first = 0, n = trm_env_solve(env, state, &first, 1);
    memset(mask, 0, (size_t)env->action_dim * sizeof *mask);
    if (n > 0)
        mask[first] = true;
    return n > 0;
}

bool trm_env_optimum(const trm_env *env, const void *state, float *total_reward, int32_t *length) {
    int32_t actions[TRM_ENV_SOLUTION_MAX];
    int32_t n = trm_env_solve(env, state, actions, TRM_ENV_SOLUTION_MAX);
    if (n < 0)
        return false;
    assert(n <= TRM_ENV_SOLUTION_MAX);
    _Alignas(64) char copy[TRM_ENV_STATE_MAX];
    memcpy(copy, state, env->spec->state_size);
    float total = 0.0f;
    for (int32_t i = 0; i < n && !env->spec->finished(env, copy); i++)
        total += trm_env_step(env, copy, actions[i]).reward;
    *total_reward = total;
    *length = n;
    return true;
}

bool trm_env_success(const trm_env *env, float total_reward) {
    return total_reward > env->success_above;
}

void trm_env_describe(const trm_env *env, const void *state, trm_board *board) {
    board->geometry = env->geometry;
    env->spec->describe(env, state, board);
}

void trm_env_describe_start(const trm_env *env, const void *state, trm_board *board) {
    const int32_t start = env->spec->start_cell ? env->spec->start_cell(state) : -1;
    trm_env_describe(env, state, board);
    for (int32_t i = 0; i < trm_geometry_cells(&env->geometry); i++) {
        trm_cell *c = &board->cells[i];
        if (c->kind == TRM_CELL_FILLED || (start >= 0 && c->kind == TRM_CELL_AGENT))
            *c = (trm_cell){.kind = TRM_CELL_EMPTY};
    }
    if (start >= 0)
        board->cells[start].kind = TRM_CELL_AGENT;
}

void trm_env_action_name(const trm_env *env, int32_t action, char out[16]) {
    assert(action >= 0 && action < env->action_dim);
    env->spec->action_name(env, action, out);
}

const char *trm_env_action_glyph(const trm_env *env, int32_t action, bool ascii) {
    assert(action >= 0 && action < env->action_dim);
    return env->spec->action_glyph(env, action, ascii);
}
