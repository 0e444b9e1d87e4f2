// SPDX-License-Identifier: Apache-2.0
// Configurations of models and the boards that they play on.
#include <string.h>

#include "trm/agent/subject.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"
#include "trm/run/config.h"

static int32_t within(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

// The size's usual number of givens, or the nearest to it that the data set has.
static int32_t givens_of(const trm_dataset_config *d, const trm_puzzle_size *size) {
    int32_t low = d->givens_min ? d->givens_min : d->givens_max;
    int32_t high = d->givens_max ? d->givens_max : d->givens_min;
    return low > 0 && high >= low ? within(size->usual, low, high) : size->usual;
}

bool trm_config_board(const trm_config *c, trm_env_config *out, trm_error *e) {
    trm_dataset shape;
    const trm_dataset_config data = trm_config_data(c);
    if (!trm_config_supervised(c) && trm_arch_reads_tokens(c->model.type))
        return trm_error_set(e, TRM_E_INPUT,
                             "%d tokens for %d cells are of no board that is known here: say "
                             "data.type=sudoku (or mazes-10-fixed), data.size or model.cells",
                             c->model.action_dim, c->model.positions);
    if (!trm_config_supervised(c)) {
        *out = c->env;
        return true;
    }
    if (!trm_dataset_shape(&data, &shape, e))
        return false;
    if (shape.geometry.rows == 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "a model of the data set %s answers at once: there is no board to act "
                             "on (`trm watch`, `trm eval` and `trm probe` show its answers)",
                             c->data.type);
    const trm_subject board = {.set = &shape};
    trm_env_config own;
    if (!trm_subject_env(&board, &own, e))
        return false;
    *out = c->env; // puzzles of one's own stay
    trm_text_copy(out->type, sizeof out->type, own.type);
    out->size = own.size;
    out->width = own.width;
    out->mask_actions = own.mask_actions;
    out->placed_given = own.placed_given;
    if (trm_dataset_is_sudoku(&shape) && out->givens <= 0)
        out->givens = givens_of(&c->data, trm_puzzle_size_of(out->size));
    return true;
}

trm_config trm_config_of_player(const trm_env *env, const trm_model *m) {
    trm_config c = trm_config_default();
    c.env = *trm_env_get_config(env);
    c.model = *trm_model_get_config(m);
    if (c.model.positions > 1 && strcmp(c.env.type, "sudoku") == 0) {
        c.data.size = c.env.size;
        c.data.givens_min = c.data.givens_max = c.env.givens;
        trm_text_copy(c.data.type, sizeof c.data.type, "sudoku");
        trm_text_copy(c.train.algorithm, sizeof c.train.algorithm, "supervised");
    }
    return c;
}
