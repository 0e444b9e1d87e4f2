// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku_solver.h"

#include <assert.h>
#include <string.h>

typedef struct search {
    const trm_sudoku_shape *shape;
    uint8_t cells[TRM_SUDOKU_CELLS];
    uint16_t rows[TRM_SUDOKU_SIDE], cols[TRM_SUDOKU_SIDE], boxes[TRM_SUDOKU_SIDE]; // used digits
    int64_t found, limit;
    uint8_t *solution;
} search;

static uint16_t free_digits(const search *s, int32_t cell) {
    int32_t side = s->shape->side, row = cell / side, col = cell % side;
    uint16_t all = (uint16_t)((1u << side) - 1);
    uint16_t used = s->rows[row] | s->cols[col] | s->boxes[trm_sudoku_box(s->shape, row, col)];
    return (uint16_t)(all & ~used);
}

// Puts a digit, or takes it away again: the masks are their own inverse.
static void toggle(search *s, int32_t cell, int32_t digit) {
    assert(digit >= 1 && digit <= s->shape->side);
    int32_t side = s->shape->side, row = cell / side, col = cell % side;
    uint16_t bit = (uint16_t)(1u << (digit - 1));
    s->rows[row] ^= bit;
    s->cols[col] ^= bit;
    s->boxes[trm_sudoku_box(s->shape, row, col)] ^= bit;
    s->cells[cell] = s->cells[cell] ? 0 : (uint8_t)digit;
}

// The empty cell with the fewest candidates; -1 if none is empty.
static int32_t hardest(const search *s, uint16_t *candidates) {
    int32_t best = -1, fewest = TRM_SUDOKU_SIDE + 1, n = s->shape->side * s->shape->side;
    for (int32_t cell = 0; cell < n; cell++) {
        if (s->cells[cell])
            continue;
        uint16_t open = free_digits(s, cell);
        int32_t count = __builtin_popcount(open);
        if (count < fewest) {
            best = cell;
            fewest = count;
            *candidates = open;
        }
    }
    return best;
}

static void descend(search *s) {
    uint16_t open = 0;
    int32_t cell = hardest(s, &open);
    if (cell < 0) {
        if (s->found++ == 0 && s->solution)
            memcpy(s->solution, s->cells, (size_t)(s->shape->side * s->shape->side));
        return;
    }
    for (; open && s->found < s->limit; open &= (uint16_t)(open - 1)) {
        int32_t digit = __builtin_ctz(open) + 1;
        toggle(s, cell, digit);
        descend(s);
        toggle(s, cell, digit);
    }
}

int64_t trm_sudoku_count(const trm_sudoku_shape *shape, const uint8_t *cells, int64_t limit,
                         uint8_t *solution) {
    search s = {.shape = shape, .limit = limit};
    s.solution = solution;
    for (int32_t i = 0; i < shape->side * shape->side; i++) {
        if (!cells[i])
            continue;
        if (cells[i] > shape->side || !(free_digits(&s, i) >> (cells[i] - 1) & 1))
            return 0;
        toggle(&s, i, cells[i]);
    }
    descend(&s);
    return s.found;
}
