// SPDX-License-Identifier: Apache-2.0
// Exact search for completions of a sudoku: the cell with the fewest candidates first, candidates
// as bit masks. Pure; allocates nothing.
#ifndef TRM_ENV_SUDOKU_SOLVER_H
#define TRM_ENV_SUDOKU_SOLVER_H

#include <stdbool.h>
#include <stdint.h>

enum { TRM_SUDOKU_SIDE = 9, TRM_SUDOKU_CELLS = TRM_SUDOKU_SIDE * TRM_SUDOKU_SIDE };

typedef struct trm_sudoku_shape {
    int32_t side;               // cells and digits, box_rows * box_cols, at most 9
    int32_t box_rows, box_cols; // of a box
} trm_sudoku_shape;

static inline int32_t trm_sudoku_box(const trm_sudoku_shape *s, int32_t row, int32_t col) {
    return row / s->box_rows * s->box_rows + col / s->box_cols;
}

// Counts completions of `cells`, stopping at `limit`; the first found goes to solution (may be
// NULL). 0 where the given digits contradict each other.
int64_t trm_sudoku_count(const trm_sudoku_shape *s, const uint8_t *cells, int64_t limit,
                         uint8_t *solution);

#endif
