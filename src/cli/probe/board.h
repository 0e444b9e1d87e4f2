// SPDX-License-Identifier: Apache-2.0
// A board that somebody has, as a sample of a data set.
#ifndef TRM_CLI_PROBE_BOARD_H
#define TRM_CLI_PROBE_BOARD_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "trm/env/dataset.h"

// word: a sudoku's line or a file with one; for mazes a file of as many rows of as many characters
// as the model's boards have: # wall, . or space free, S start, G goal. input [S]; target [P] where
// *solved: a sudoku with one solution.
bool trm_probe_board(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                     bool *solved, trm_error *e);

#endif
