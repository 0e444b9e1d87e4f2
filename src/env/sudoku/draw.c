// SPDX-License-Identifier: Apache-2.0
// Drawing puzzles: with so many givens, minimal ones, and hard ones by local search.
#include <assert.h>
#include <string.h>

#include "env/sudoku/grade.h"
#include "env/sudoku/solver.h"
#include "env/sudoku/twins.h"
#include "trm/env/puzzle.h"

// Of a 9x9 the grid alone decides; the digits need not be taken out to know.
static bool grid_on_side(const trm_sudoku_shape *s, const uint8_t *grid, trm_split split) {
    return s->side < TRM_SUDOKU_SIDE ||
           trm_sudoku_held_out(s, grid, grid) == (split == TRM_SPLIT_HELD_OUT);
}

static void draw_grid(const trm_sudoku_shape *s, trm_split split, trm_rng *rng, uint8_t *grid) {
    do
        trm_sudoku_draw(s, rng, grid);
    while (!grid_on_side(s, grid, split));
}

void trm_puzzle_draw(int32_t side, int32_t givens, trm_split split, trm_rng *rng, trm_puzzle *out) {
    const trm_sudoku_shape *s = trm_sudoku_shape_of(side);
    const trm_puzzle_size *size = trm_puzzle_size_of(side);
    assert(s && size && givens <= size->most);
    (void)size;
    *out = (trm_puzzle){.side = side};
    do {
        draw_grid(s, split, rng, out->solution);
        out->givens = trm_sudoku_dig(s, rng, out->solution, givens, out->cells);
    } while (trm_puzzle_side(out) != split);
}

void trm_puzzle_draw_minimal(int32_t side, int32_t grade, trm_split split, trm_rng *rng,
                             trm_puzzle *out) {
    const trm_sudoku_shape *s = trm_sudoku_shape_of(side);
    assert(s && grade < TRM_GRADES && (side > 4 || grade <= TRM_GRADE_SINGLES));
    *out = (trm_puzzle){.side = side};
    do {
        draw_grid(s, split, rng, out->solution);
        out->givens = trm_sudoku_dig(s, rng, out->solution, 0, out->cells);
    } while ((grade >= 0 && (int32_t)trm_puzzle_rate(out).grade != grade) ||
             trm_puzzle_side(out) != split);
}

// ---- hard ones ----------------------------------------------------------------------------------

// Guesses that the solver needs, mean of four twins: which cell it takes of several with as few
// candidates is luck.
static int32_t guesses_of(const trm_sudoku_shape *s, const uint8_t *cells) {
    enum { TWINS = 4 };
    const int32_t side = s->side, count = side * side;
    int32_t guesses = 0;
    for (int32_t k = 0; k < TWINS; k++) {
        uint8_t twin[TRM_SUDOKU_CELLS];
        for (int32_t i = 0; i < count; i++) {
            const int32_t turned = k & 1 ? count - 1 - i : i;
            twin[k & 2 ? turned % side * side + turned / side : turned] = cells[i];
        }
        guesses += trm_sudoku_rate(s, twin).guesses;
    }
    return (guesses + TWINS / 2) / TWINS;
}

static bool is_unique(const trm_sudoku_shape *s, const uint8_t *cells) {
    return trm_sudoku_count(s, cells, 2, NULL) == 1;
}

// One or two givens go, others come until there is one solution, and those that are not needed any
// more go. Returns how many there are then, 0 where one solution was not found in a few tries.
static int32_t change(const trm_sudoku_shape *s, const trm_puzzle *p, trm_rng *rng,
                      uint8_t *cells) {
    enum { LEAST = 2, MOST = 8 };
    const uint32_t count = (uint32_t)(s->side * s->side);
    memcpy(cells, p->cells, count);
    for (uint32_t gone = 1 + trm_rng_below(rng, 2); gone > 0;) {
        const uint32_t i = trm_rng_below(rng, count);
        gone -= cells[i] != 0;
        cells[i] = 0;
    }
    for (int32_t come = 0; come < LEAST || (come < MOST && !is_unique(s, cells));) {
        const uint32_t i = trm_rng_below(rng, count);
        come += p->cells[i] == 0 && cells[i] == 0;
        if (p->cells[i] == 0)
            cells[i] = p->solution[i];
    }
    return is_unique(s, cells) ? trm_sudoku_minimize(s, rng, cells) : 0;
}

// Goes from puzzle to puzzle of the same grid, never to one that takes fewer guesses. Returns them.
static int32_t climb(const trm_sudoku_shape *s, trm_rng *rng, trm_puzzle *p) {
    enum { TRIES = 60, ENOUGH = 64 };
    int32_t best = guesses_of(s, p->cells);
    for (int32_t tries = 0; tries < TRIES && best < ENOUGH; tries++) {
        uint8_t cells[TRM_SUDOKU_CELLS];
        const int32_t givens = change(s, p, rng, cells);
        if (givens == 0)
            continue;
        const int32_t guesses = guesses_of(s, cells);
        if (guesses < best)
            continue;
        tries = guesses > best ? 0 : tries;
        best = guesses;
        p->givens = givens;
        memcpy(p->cells, cells, sizeof cells);
    }
    return best;
}

void trm_puzzle_draw_hardest(trm_split split, trm_rng *rng, trm_puzzle *out) {
    enum { HARD = 16 };
    const trm_sudoku_shape *s = trm_sudoku_shape_of(TRM_SUDOKU_SIDE);
    do
        trm_puzzle_draw_minimal(s->side, TRM_GRADE_DEEP, split, rng, out);
    while (climb(s, rng, out) < HARD);
}
