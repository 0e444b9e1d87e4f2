// SPDX-License-Identifier: Apache-2.0
// Sudokus of files, for the environment and the data set.
#ifndef TRM_ENV_SUDOKU_LIST_COLLECTION_H
#define TRM_ENV_SUDOKU_LIST_COLLECTION_H

#include "env/files/collection.h"
#include "trm/env/puzzle.h"

// Items are trm_puzzle, the form is their side, an int32_t.
extern const trm_collection_kind trm_sudoku_collection;

#endif
