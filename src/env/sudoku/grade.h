// SPDX-License-Identifier: Apache-2.0
// How hard a sudoku is, by a solver that keeps the candidates of every cell and guesses only where
// nothing else helps. Pure; allocates nothing.
#ifndef TRM_ENV_SUDOKU_GRADE_H
#define TRM_ENV_SUDOKU_GRADE_H

#include "env/sudoku/solver.h"
#include "trm/env/puzzle.h"

// Of a puzzle with one solution.
trm_puzzle_rating trm_sudoku_rate(const trm_sudoku_shape *s, const uint8_t *cells);

#endif
