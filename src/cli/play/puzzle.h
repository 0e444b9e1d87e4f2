// SPDX-License-Identifier: Apache-2.0
// A puzzle of one's own, from a word, a file or standard input.
#ifndef TRM_CLI_PUZZLE_H
#define TRM_CLI_PUZZLE_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "trm/env/env.h"

enum { TRM_PUZZLE_LINE = 512 };

// Reads the puzzle's line: `word` itself if it is made of digits and dots, standard input if it is
// "-", else the first line of the file of that name that is neither empty nor a comment (#).
// Standard input is then the terminal again, so that keys can be read.
bool trm_puzzle_line(const char *word, char line[TRM_PUZZLE_LINE], trm_error *e);

// Cells along a side that a line of its length has, 0 if it is no square.
int trm_puzzle_side_of(const char *line);

// Sets the environment's board to it: a digit or '.' or '0' (blank) for each cell, row by row. On
// failure one line says what and where.
bool trm_puzzle_set(const trm_env *env, void *state, const char *line, trm_error *e);

#endif
