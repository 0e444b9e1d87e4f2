// SPDX-License-Identifier: Apache-2.0
// Exact search for completions of a sudoku: the cell with the fewest candidates first, candidates
// as bit masks. Pure; allocates nothing.
#ifndef TRM_ENV_SUDOKU_SOLVER_H
#define TRM_ENV_SUDOKU_SOLVER_H

#include <stdint.h>

#include "trm/base/rng.h"
#include "trm/env/board.h"

enum { TRM_SUDOKU_SIDE = 9, TRM_SUDOKU_CELLS = TRM_SUDOKU_SIDE * TRM_SUDOKU_SIDE };

typedef struct trm_sudoku_shape {
    int32_t side;               // cells and digits, box_rows * box_cols, at most 9
    int32_t box_rows, box_cols; // of a box
} trm_sudoku_shape;

// The shape of a side: 4 (boxes of 2x2), 6 (2x3), 9 (3x3); NULL for others.
const trm_sudoku_shape *trm_sudoku_shape_of(int32_t side);

static inline trm_geometry trm_sudoku_geometry(const trm_sudoku_shape *s) {
    return (trm_geometry){s->side, s->side, s->box_rows, s->box_cols};
}

static inline int32_t trm_sudoku_box(const trm_sudoku_shape *s, int32_t row, int32_t col) {
    return row / s->box_rows * s->box_rows + col / s->box_cols;
}

// Counts completions of `cells`, stopping at `limit`; the first found goes to solution (may be
// NULL). 0 where the given digits contradict each other.
int64_t trm_sudoku_count(const trm_sudoku_shape *s, const uint8_t *cells, int64_t limit,
                         uint8_t *solution);

// Draws a solved grid. 4x4: each of the 288 alike. 6x6 and 9x9: the search above from the empty
// grid, digits tried in random order, then a random one of the grid's twins (digits, bands, rows in
// a band, stacks, columns in a stack). So every grid can come up, and twins alike often; between
// grids that are no twins, those that the search meets early come up somewhat more often.
void trm_sudoku_draw(const trm_sudoku_shape *s, trm_rng *rng, uint8_t *grid);

// Takes digits out of a solved grid, in random order, each only if there remains one solution,
// until `givens` are left. If none can go before that, it starts again with another order, a few
// times; then the puzzle is the one with the fewest givens that was met. givens 0: the first order
// alone, so that the puzzle is any minimal one. Returns how many givens it has.
int32_t trm_sudoku_dig(const trm_sudoku_shape *s, trm_rng *rng, const uint8_t *grid, int32_t givens,
                       uint8_t *puzzle);

// Takes digits out of a puzzle with one solution in the same way, until none can go. Returns how
// many givens it has then.
int32_t trm_sudoku_minimize(const trm_sudoku_shape *s, trm_rng *rng, uint8_t *puzzle);

#endif
