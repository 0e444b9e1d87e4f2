// SPDX-License-Identifier: Apache-2.0
#include "cli/common/environment.h"

#include "trm/agent/agent.h"
#include "trm/train/sizes.h"

static bool fits(const char *path, const trm_model *model, const trm_env *env, trm_error *e) {
    const trm_model_config *m = trm_model_get_config(model);
    const trm_env_config *board = trm_env_get_config(env);
    int32_t states = trm_env_state_dim(env);
    int32_t actions = trm_env_action_dim(env);
    int32_t answers = m->positions * m->action_dim;
    if (trm_model_fits_env(m, env))
        return true;
    if (states == m->state_dim && actions == answers) {
        const trm_geometry g = trm_env_geometry(env);
        return trm_error_set(e, TRM_E_INPUT,
                             "%s is for boards of %d x %d, and this one has %d x %d: set env.size "
                             "and env.width",
                             path, m->height, m->width, g.rows, g.cols);
    }
    if (trm_arch_reads_tokens(m->type))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s answers boards of %d x %d, and this one is %s of size %d: set "
                             "env.type and env.size",
                             path, m->height, m->width, board->type, board->size);
    return trm_error_set(e, TRM_E_INPUT,
                         "%s takes %d numbers and has %d actions, but %s of size %d gives %d and "
                         "has %d: set env.type and env.size",
                         path, m->state_dim, answers, board->type, board->size, states, actions);
}

// plays: by its answers will do.
static trm_env *make(const char *path, const trm_model *model, const trm_env_config *board,
                     bool plays, trm_error *e) {
    trm_env *env = trm_env_new(board, e);
    if (env != NULL && !(plays && trm_agent_plays(env, model)) && !fits(path, model, env, e)) {
        trm_env_free(env);
        env = NULL;
    }
    return env;
}

static trm_env *of_config(const char *path, const trm_model *model, const trm_config *c, bool plays,
                          trm_error *e) {
    trm_env_config board;
    if (!trm_config_board(c, &board, e)) {
        trm_error_prefix(e, "%s", path);
        return NULL;
    }
    return make(path, model, &board, plays, e);
}

trm_env *trm_environment_for(const char *path, const trm_model *model, const trm_config *c,
                             trm_error *e) {
    return of_config(path, model, c, false, e);
}

trm_env *trm_environment_played(const char *path, const trm_model *model, const trm_config *c,
                                trm_error *e) {
    return of_config(path, model, c, true, e);
}

trm_env *trm_environment_shared(const char *path, const trm_model *model, const trm_config *trained,
                                const trm_env_config *board, trm_error *e) {
    trm_env_config own;
    trm_env_config shared = *board;
    if (!trm_config_board(trained, &own, e)) {
        trm_error_prefix(e, "%s", path);
        return NULL;
    }
    shared.mask_actions = own.mask_actions;
    shared.placed_given = own.placed_given;
    return make(path, model, &shared, true, e);
}
