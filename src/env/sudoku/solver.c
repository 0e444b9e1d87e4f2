// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku/solver.h"

#include <assert.h>
#include <string.h>

static const trm_sudoku_shape shapes[] = {{4, 2, 2}, {6, 2, 3}, {9, 3, 3}};

typedef struct search {
    int32_t side, count;
    uint8_t cells[TRM_SUDOKU_CELLS];
    uint8_t row[TRM_SUDOKU_CELLS], col[TRM_SUDOKU_CELLS], box[TRM_SUDOKU_CELLS];   // of a cell
    uint16_t rows[TRM_SUDOKU_SIDE], cols[TRM_SUDOKU_SIDE], boxes[TRM_SUDOKU_SIDE]; // used digits
    uint8_t empty[TRM_SUDOKU_CELLS]; // the cells without a digit, in any order
    int32_t empties;
    int64_t found, limit;
    uint8_t *solution; // gets number `limit`; may be NULL
    trm_rng *rng;      // digits are tried in random order; NULL: rising
    bool counting;     // which solution comes first does not matter: digits with one place left in
                       // a unit are placed at once, which finds contradictions far earlier
} search;

const trm_sudoku_shape *trm_sudoku_shape_of(int32_t side) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].side == side)
            return &shapes[i];
    return NULL;
}

static void search_init(search *s, const trm_sudoku_shape *shape) {
    memset(s, 0, sizeof *s);
    s->side = shape->side;
    s->count = shape->side * shape->side;
    for (int32_t row = 0, cell = 0; row < s->side; row++)
        for (int32_t col = 0; col < s->side; col++, cell++) {
            s->row[cell] = (uint8_t)row;
            s->col[cell] = (uint8_t)col;
            s->box[cell] = (uint8_t)trm_sudoku_box(shape, row, col);
        }
}

static uint16_t free_digits(const search *s, int32_t cell) {
    uint16_t all = (uint16_t)((1u << s->side) - 1);
    return (uint16_t)(all &
                      ~(s->rows[s->row[cell]] | s->cols[s->col[cell]] | s->boxes[s->box[cell]]));
}

// Puts a digit, or takes it away again: the masks are their own inverse.
static void toggle(search *s, int32_t cell, int32_t digit) {
    assert(digit >= 1 && digit <= s->side);
    uint16_t bit = (uint16_t)(1u << (digit - 1));
    s->rows[s->row[cell]] ^= bit;
    s->cols[s->col[cell]] ^= bit;
    s->boxes[s->box[cell]] ^= bit;
    s->cells[cell] = s->cells[cell] ? 0 : (uint8_t)digit;
}

// The place in s->empty of the cell with the fewest candidates.
static int32_t hardest(const search *s, uint16_t *candidates) {
    int32_t best = 0, fewest = TRM_SUDOKU_SIDE + 1;
    for (int32_t i = 0; i < s->empties && fewest > 1; i++) {
        uint16_t open = free_digits(s, s->empty[i]);
        int32_t count = __builtin_popcount(open);
        if (count < fewest) {
            best = i;
            fewest = count;
            *candidates = open;
        }
    }
    return best;
}

// The place in s->empty of a cell that alone in its row, column or box can take a digit; -1: none.
// *candidates becomes 0 where some digit has no place left.
static int32_t only_place(const search *s, uint16_t *candidates) {
    uint16_t once[3][TRM_SUDOKU_SIDE] = {{0}}, more[3][TRM_SUDOKU_SIDE] = {{0}};
    for (int32_t i = 0; i < s->empties; i++) {
        int32_t cell = s->empty[i];
        const uint8_t units[3] = {s->row[cell], s->col[cell], s->box[cell]};
        uint16_t open = free_digits(s, cell);
        for (int32_t u = 0; u < 3; u++) {
            more[u][units[u]] |= once[u][units[u]] & open;
            once[u][units[u]] |= open;
        }
    }
    uint16_t all = (uint16_t)((1u << s->side) - 1);
    for (int32_t u = 0; u < s->side; u++)
        if (((once[0][u] | s->rows[u]) & (once[1][u] | s->cols[u]) & (once[2][u] | s->boxes[u])) !=
            all) {
            *candidates = 0;
            return 0;
        }
    for (int32_t i = 0; i < s->empties; i++) {
        int32_t cell = s->empty[i];
        uint16_t alone =
            free_digits(s, cell) &
            (uint16_t) ~(more[0][s->row[cell]] & more[1][s->col[cell]] & more[2][s->box[cell]]);
        if (alone) {
            *candidates = alone & (uint16_t)-alone;
            return i;
        }
    }
    return -1;
}

static int32_t pick(search *s, uint16_t open) {
    if (s->rng)
        for (uint32_t skip = trm_rng_below(s->rng, (uint32_t)__builtin_popcount(open)); skip;
             skip--)
            open &= (uint16_t)(open - 1);
    return __builtin_ctz(open) + 1;
}

// The set of empty cells is the same afterwards; their order need not be.
static void descend(search *s) {
    uint16_t open = 0;
    if (s->empties == 0) {
        if (++s->found == s->limit && s->solution)
            memcpy(s->solution, s->cells, (size_t)s->count);
        return;
    }
    int32_t at = hardest(s, &open);
    if (s->counting && (open & (open - 1))) {
        int32_t only = only_place(s, &open);
        at = only < 0 ? at : only;
    }
    int32_t cell = s->empty[at];
    s->empty[at] = s->empty[--s->empties];
    while (open && s->found < s->limit) {
        int32_t digit = pick(s, open);
        open &= (uint16_t) ~(1u << (digit - 1));
        toggle(s, cell, digit);
        descend(s);
        toggle(s, cell, digit);
    }
    s->empty[s->empties++] = (uint8_t)cell;
}

// False where digits contradict each other.
static bool search_load(search *s, const uint8_t *cells) {
    for (int32_t i = 0; i < s->count; i++) {
        if (!cells[i]) {
            s->empty[s->empties++] = (uint8_t)i;
            continue;
        }
        if (cells[i] > s->side || !(free_digits(s, i) >> (cells[i] - 1) & 1))
            return false;
        toggle(s, i, cells[i]);
    }
    return true;
}

int64_t trm_sudoku_count(const trm_sudoku_shape *shape, const uint8_t *cells, int64_t limit,
                         uint8_t *solution) {
    search s;
    search_init(&s, shape);
    if (!search_load(&s, cells))
        return 0;
    s.counting = true;
    s.limit = 1;
    s.solution = solution;
    descend(&s);
    if (s.found == 0 || (limit == 1 && !solution))
        return s.found;
    s.found = 0; // how many more?
    s.limit = limit > 2 ? limit : 2;
    s.solution = NULL;
    descend(&s);
    int64_t found = s.found < limit ? s.found : limit;
    if (s.found > 1 && solution) { // the first in order of digits
        s.counting = false;
        s.found = 0;
        s.limit = 1;
        s.solution = solution;
        descend(&s);
    }
    return found;
}

// ---- drawing grids

// Puts the items of 0 .. groups * size - 1 in an order that keeps groups together.
static void draw_order(trm_rng *rng, int32_t groups, int32_t size, int32_t *order) {
    int32_t group[TRM_SUDOKU_SIDE], within[TRM_SUDOKU_SIDE];
    for (int32_t g = 0; g < groups; g++)
        group[g] = g;
    trm_rng_shuffle(rng, group, (uint32_t)groups);
    for (int32_t g = 0; g < groups; g++) {
        for (int32_t i = 0; i < size; i++)
            within[i] = i;
        trm_rng_shuffle(rng, within, (uint32_t)size);
        for (int32_t i = 0; i < size; i++)
            order[g * size + i] = group[g] * size + within[i];
    }
}

static void draw_digits(trm_rng *rng, int32_t side, int32_t *digits) {
    for (int32_t d = 0; d < side; d++)
        digits[d] = d + 1;
    trm_rng_shuffle(rng, digits, (uint32_t)side);
}

static void twin(const trm_sudoku_shape *shape, trm_rng *rng, const uint8_t *from, uint8_t *grid) {
    int32_t side = shape->side, rows[TRM_SUDOKU_SIDE] = {0}, cols[TRM_SUDOKU_SIDE] = {0};
    int32_t digits[TRM_SUDOKU_SIDE] = {0};
    draw_order(rng, side / shape->box_rows, shape->box_rows, rows);
    draw_order(rng, side / shape->box_cols, shape->box_cols, cols);
    draw_digits(rng, side, digits);
    bool turned = shape->box_rows == shape->box_cols && trm_rng_below(rng, 2);
    for (int32_t r = 0; r < side; r++)
        for (int32_t c = 0; c < side; c++) {
            int32_t at = turned ? cols[c] * side + rows[r] : rows[r] * side + cols[c];
            grid[r * side + c] = (uint8_t)digits[from[at] - 1];
        }
}

// With the first row given there are 12 grids for each of its 24 orders.
static void draw_four(search *s, trm_rng *rng, uint8_t *grid) {
    enum { FOUR = 4, COMPLETIONS = 12 };
    const uint8_t first[FOUR * FOUR] = {1, 2, 3, 4};
    int32_t digits[FOUR];
    draw_digits(rng, FOUR, digits);
    search_load(s, first);
    s->limit = 1 + trm_rng_below(rng, COMPLETIONS);
    s->solution = grid;
    descend(s);
    for (int32_t i = 0; i < FOUR * FOUR; i++)
        grid[i] = (uint8_t)digits[grid[i] - 1];
}

void trm_sudoku_draw(const trm_sudoku_shape *shape, trm_rng *rng, uint8_t *grid) {
    const uint8_t blank[TRM_SUDOKU_CELLS] = {0};
    uint8_t found[TRM_SUDOKU_CELLS] = {0};
    search s;
    search_init(&s, shape);
    if (shape->side == shapes[0].side) {
        draw_four(&s, rng, grid);
        return;
    }
    search_load(&s, blank);
    s.limit = 1;
    s.solution = found;
    s.rng = rng;
    descend(&s);
    twin(shape, rng, found, grid);
}

// ---- drawing puzzles

// Would the cell, empty now and not yet in s->empty, have another digit than `digit` in some
// solution?
static bool ambiguous(search *s, int32_t cell, int32_t digit) {
    uint16_t others = (uint16_t)(free_digits(s, cell) & ~(1u << (digit - 1)));
    s->found = 0;
    s->limit = 1;
    for (; others && s->found == 0; others &= (uint16_t)(others - 1)) {
        int32_t other = __builtin_ctz(others) + 1;
        toggle(s, cell, other);
        descend(s);
        toggle(s, cell, other);
    }
    return s->found > 0;
}

static int32_t dig_once(search *s, const int32_t *order, int32_t givens) {
    int32_t left = s->count - s->empties;
    for (int32_t i = 0; i < s->count && left > givens; i++) {
        int32_t cell = order[i], digit = s->cells[cell];
        if (!digit)
            continue;
        toggle(s, cell, digit);
        if (ambiguous(s, cell, digit)) {
            toggle(s, cell, digit);
            continue;
        }
        s->empty[s->empties++] = (uint8_t)cell;
        left--;
    }
    return left;
}

int32_t trm_sudoku_dig(const trm_sudoku_shape *shape, trm_rng *rng, const uint8_t *grid,
                       int32_t givens, uint8_t *puzzle) {
    enum { ORDERS = 8 };
    search full, s;
    int32_t order[TRM_SUDOKU_CELLS], best = TRM_SUDOKU_CELLS + 1;
    search_init(&full, shape);
    bool sound = search_load(&full, grid);
    assert(sound && full.empties == 0);
    (void)sound;
    full.counting = true;
    for (int32_t i = 0; i < full.count; i++)
        order[i] = i;
    const int32_t orders = givens > 0 ? ORDERS : 1;
    for (int32_t k = 0; k < orders && best > givens; k++) {
        s = full;
        trm_rng_shuffle(rng, order, (uint32_t)s.count);
        int32_t left = dig_once(&s, order, givens);
        if (left < best) {
            best = left;
            memcpy(puzzle, s.cells, (size_t)s.count);
        }
    }
    return best;
}

int32_t trm_sudoku_minimize(const trm_sudoku_shape *shape, trm_rng *rng, uint8_t *puzzle) {
    search s;
    int32_t order[TRM_SUDOKU_CELLS];
    search_init(&s, shape);
    const bool sound = search_load(&s, puzzle);
    assert(sound);
    (void)sound;
    s.counting = true;
    for (int32_t i = 0; i < s.count; i++)
        order[i] = i;
    trm_rng_shuffle(rng, order, (uint32_t)s.count);
    const int32_t left = dig_once(&s, order, 0);
    memcpy(puzzle, s.cells, (size_t)s.count);
    return left;
}
