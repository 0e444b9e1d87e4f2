// SPDX-License-Identifier: Apache-2.0
// A board of one's own, from a word, a file or standard input.
#ifndef TRM_CLI_PUZZLE_H
#define TRM_CLI_PUZZLE_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/env/maze.h"
#include "trm/env/puzzle.h"

// A sudoku or a maze.
typedef struct trm_own_board {
    int32_t side; // of a sudoku; 0: it is none
    uint8_t cells[TRM_PUZZLE_CELLS];
    trm_maze maze; // geometry.rows 0: it is none
} trm_own_board;

// Reads the board that an option asks for: `word` itself if it holds one, standard input if it is
// "-", else the first board in the file of that name. Standard input is then the terminal again, so
// that keys can be read.
bool trm_own_board_read(const char *option, const char *word, trm_own_board *out, trm_error *e);

// The environment's type and size become those that the board needs.
void trm_own_board_fit(const trm_own_board *b, trm_env_config *c);

// Sets the environment's board to it. On failure one line says what and where.
bool trm_own_board_set(const trm_own_board *b, const char *option, const trm_env *env, void *state,
                       trm_error *e);

#endif
