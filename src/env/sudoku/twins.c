// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku/twins.h"

#include <assert.h>
#include <string.h>

enum { SIDE = TRM_SUDOKU_SIDE, HELD_OUT_OF = 5, SMALL = 6, SMALL_ORDERS = 72 };
enum { LARGEST_GROUP = 3, TRIOS = 6 };

// The finaliser of splitmix64.
static uint64_t mix(uint64_t h) {
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 31);
}

// ---- the smallest twin

// The orders of up to three things; the first two are those of two.
static const uint8_t trios[TRIOS][LARGEST_GROUP] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                                    {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};

static int32_t factorial(int32_t n) {
    return n < 3 ? n : TRIOS;
}

// Every order of the rows (or columns) that keeps bands together: of `groups` bands, and of `size`
// rows within each.
static int32_t list_orders(int32_t groups, int32_t size, uint8_t orders[SMALL_ORDERS][SMALL]) {
    assert(groups <= LARGEST_GROUP && size <= LARGEST_GROUP);
    int32_t n = 0, within = factorial(size), count = factorial(groups);
    for (int32_t g = 0; g < groups; g++)
        count *= within;
    assert(groups * size <= SMALL && count <= SMALL_ORDERS);
    for (; n < count; n++) {
        int32_t left = n / factorial(groups);
        const uint8_t *bands = trios[n % factorial(groups)];
        for (int32_t g = 0; g < groups; g++, left /= within)
            for (int32_t i = 0; i < size; i++)
                orders[n][g * size + i] = (uint8_t)(bands[g] * size + trios[left % within][i]);
    }
    return n;
}

// Reads the puzzle in an order of rows and columns, digits renamed by first appearance; keeps it if
// it is smaller than the best so far.
static void read_twin(const uint8_t *puzzle, int32_t side, const uint8_t *rows, const uint8_t *cols,
                      uint8_t *best) {
    uint8_t names[SMALL + 1] = {0}, next = 1;
    bool smaller = false;
    for (int32_t r = 0, at = 0; r < side; r++)
        for (int32_t c = 0; c < side; c++, at++) {
            uint8_t digit = puzzle[rows[r] * side + cols[c]];
            if (digit && !names[digit])
                names[digit] = next++;
            if (!smaller && names[digit] > best[at])
                return;
            smaller |= names[digit] < best[at];
            if (smaller)
                best[at] = names[digit];
        }
}

static void smallest_twin(const trm_sudoku_shape *s, const uint8_t *puzzle, uint8_t *best) {
    uint8_t rows[SMALL_ORDERS][SMALL], cols[SMALL_ORDERS][SMALL], turned[SMALL * SMALL];
    int32_t side = s->side, row_orders = list_orders(side / s->box_rows, s->box_rows, rows);
    int32_t col_orders = list_orders(side / s->box_cols, s->box_cols, cols);
    memset(best, SIDE + 1, (size_t)(side * side));
    for (int32_t i = 0; i < side * side; i++)
        turned[i] = puzzle[i % side * side + i / side];
    for (int32_t r = 0; r < row_orders; r++)
        for (int32_t c = 0; c < col_orders; c++) {
            read_twin(puzzle, side, rows[r], cols[c], best);
            if (s->box_rows == s->box_cols)
                read_twin(turned, side, rows[r], cols[c], best);
        }
}

static uint64_t key_of_smallest(const trm_sudoku_shape *s, const uint8_t *puzzle) {
    uint8_t best[SMALL * SMALL] = {0};
    uint64_t h = (uint64_t)s->side;
    smallest_twin(s, puzzle, best);
    for (int32_t i = 0; i < s->side * s->side; i++)
        h = mix(h * 16 + best[i]);
    return h;
}

// ---- what twins cannot differ in

// The lengths of the cycles of digits that lead from row a to row b, counted in three bits each.
static uint64_t cycles(const uint8_t *grid, int32_t side, int32_t a, int32_t b) {
    uint8_t to[SIDE + 1];
    uint64_t lengths = 0;
    for (int32_t c = 0; c < side; c++)
        to[grid[a * side + c]] = grid[b * side + c];
    for (uint32_t seen = 0, digit = 1; digit <= (uint32_t)side; digit++) {
        int32_t length = 0;
        for (uint32_t d = digit; !(seen >> d & 1); d = to[d], length++)
            seen |= 1u << d;
        if (length > 0)
            lengths += UINT64_C(1) << 3 * (length - 1);
    }
    return lengths;
}

// Sums, because order must not matter.
static uint64_t key_of_rows(const uint8_t *grid, int32_t side, int32_t band_rows) {
    uint64_t all = 0;
    for (int32_t first = 0; first < side; first += band_rows) {
        uint64_t band = 0;
        for (int32_t a = first; a < first + band_rows; a++) {
            uint64_t row = 0;
            for (int32_t b = 0; b < side; b++)
                if (b != a)
                    row += mix(2 * cycles(grid, side, a, b) + (b / band_rows == a / band_rows));
            band += mix(row);
        }
        all += mix(band);
    }
    return mix(all);
}

static uint64_t key_of_grid(const trm_sudoku_shape *s, const uint8_t *grid) {
    uint8_t turned[TRM_SUDOKU_CELLS] = {0};
    for (int32_t i = 0; i < s->side * s->side; i++)
        turned[i] = grid[i % s->side * s->side + i / s->side];
    return mix(key_of_rows(grid, s->side, s->box_rows) + key_of_rows(turned, s->side, s->box_cols));
}

uint64_t trm_sudoku_key(const trm_sudoku_shape *s, const uint8_t *puzzle, const uint8_t *solution) {
    return s->side <= SMALL ? key_of_smallest(s, puzzle) : key_of_grid(s, solution);
}

bool trm_sudoku_held_out(const trm_sudoku_shape *s, const uint8_t *puzzle,
                         const uint8_t *solution) {
    return trm_sudoku_key(s, puzzle, solution) % HELD_OUT_OF == 0;
}
