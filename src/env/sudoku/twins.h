// SPDX-License-Identifier: Apache-2.0
// Twins: sudokus that are the same but for the names of the digits, the order of bands, of rows in
// a band, of stacks, of columns in a stack, and, where boxes are square, which side is up. Pure.
#ifndef TRM_ENV_SUDOKU_TWINS_H
#define TRM_ENV_SUDOKU_TWINS_H

#include "env/sudoku/solver.h"

// A number that twins have in common, well mixed. 4x4 and 6x6: of the puzzle, from its smallest
// twin (digits numbered by first appearance, read by rows), so that only twins share it, collisions
// apart. 9x9: of the solved grid, because its puzzle has too many twins to try (3,359,232): all
// puzzles of a grid and of its twins share it. It is made of what twins cannot differ in: for each
// two rows (columns), the lengths of the cycles that lead from the digits of one to those of the
// other, and whether they lie in one band (stack).
uint64_t trm_sudoku_key(const trm_sudoku_shape *shape, const uint8_t *puzzle,
                        const uint8_t *solution);

// On which side of the split between training and evaluation such a puzzle stands: one class of
// twins in five is held out.
bool trm_sudoku_held_out(const trm_sudoku_shape *shape, const uint8_t *puzzle,
                         const uint8_t *solution);

#endif
