// SPDX-License-Identifier: Apache-2.0
#include "trm/train/sizes.h"

void trm_model_take_board(trm_model_config *c, const trm_geometry *g) {
    c->height = g->rows;
    c->width = g->cols;
    c->box_rows = g->box_rows;
    c->box_cols = g->box_cols;
}

void trm_model_take_env(trm_model_config *c, const trm_env *env) {
    const trm_geometry g = trm_env_geometry(env);
    trm_model_take_board(c, &g);
    c->state_dim = trm_env_state_dim(env);
    c->action_dim = trm_env_action_dim(env);
    c->positions = 1;
}

void trm_model_take_dataset(trm_model_config *c, const trm_dataset *d) {
    trm_model_take_board(c, &d->geometry);
    c->state_dim = d->state_dim;
    c->action_dim = d->classes;
    c->positions = d->positions;
}

bool trm_model_fits_env(const trm_model_config *c, const trm_env *env) {
    const trm_geometry g = trm_env_geometry(env);
    return c->state_dim == trm_env_state_dim(env) &&
           c->positions * c->action_dim == trm_env_action_dim(env) &&
           (c->height == 0 || (c->height == g.rows && c->width == g.cols));
}
