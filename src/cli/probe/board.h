// SPDX-License-Identifier: Apache-2.0
// A board that somebody has, as a sample of a data set or as a state of an environment.
#ifndef TRM_CLI_PROBE_BOARD_H
#define TRM_CLI_PROBE_BOARD_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"

// word: a sudoku's line or a file with one; for mazes a file of as many rows of as many characters
// as the model's boards have: # wall, . or space free, S start, G goal. input [S]; target [P] where
// *solved: a sudoku with one solution.
bool trm_probe_board(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                     bool *solved, trm_error *e);

// What a model that plays sees at the start of the board [state_dim], to be freed; NULL: failed.
float *trm_probe_start(const trm_env *env, const char *word, trm_error *e);

#endif
