// SPDX-License-Identifier: Apache-2.0
// Puzzles from a file or a folder, in the order of the split: what the environment starts from and
// what the data set has as samples.
#ifndef TRM_ENV_SUDOKU_COLLECTION_H
#define TRM_ENV_SUDOKU_COLLECTION_H

#include "trm/env/puzzle.h"

typedef struct trm_sudoku_collection {
    trm_puzzle_list list;
    int32_t *order; // [count] puzzles to train on, then those that are held out
    int32_t train;  // how many are to train on
} trm_sudoku_collection;

// Reads them; errors name file and line. NULL on failure.
trm_sudoku_collection *trm_sudoku_collection_open(const char *path, int32_t side, trm_error *e);
void trm_sudoku_collection_close(trm_sudoku_collection *c); // NULL is fine

// The puzzles of one side: *count of them (perhaps 0), as indices into list.items.
const int32_t *trm_sudoku_collection_side(const trm_sudoku_collection *c, trm_split split,
                                          int32_t *count);

#endif
