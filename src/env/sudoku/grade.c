// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku/grade.h"

enum { UNITS = 3 * TRM_SUDOKU_SIDE };

// Rows, columns and boxes, in this order.
typedef struct board {
    int32_t side, cells;
    uint8_t unit[UNITS][TRM_SUDOKU_SIDE]; // its cells
    uint8_t units_of[TRM_SUDOKU_CELLS][3];
    uint16_t meet[UNITS][UNITS]; // places in the first that lie in the second
} board;

typedef struct position {
    uint16_t open[TRM_SUDOKU_CELLS]; // candidates; 0 once a digit stands there
    bool filled[TRM_SUDOKU_CELLS];
    uint16_t placed[UNITS]; // digits that stand there
    int32_t blanks;
} position;

typedef enum progress { STUCK, MOVED, BROKEN } progress;

static void lay_out(board *u, const trm_sudoku_shape *s) {
    int32_t count[UNITS] = {0};
    *u = (board){.side = s->side, .cells = s->side * s->side};
    for (int32_t cell = 0; cell < u->cells; cell++) {
        const int32_t row = cell / s->side, col = cell % s->side;
        const int32_t of[3] = {row, s->side + col, 2 * s->side + trm_sudoku_box(s, row, col)};
        for (int32_t k = 0; k < 3; k++) {
            u->units_of[cell][k] = (uint8_t)of[k];
            for (int32_t other = 0; other < 3; other++)
                u->meet[of[k]][of[other]] |= (uint16_t)(1u << count[of[k]]);
        }
        for (int32_t k = 0; k < 3; k++)
            u->unit[of[k]][count[of[k]]++] = (uint8_t)cell;
    }
}

static void load(const board *b, position *p, const uint8_t *cells) {
    const uint16_t all = (uint16_t)((1u << b->side) - 1);
    *p = (position){.blanks = 0};
    for (int32_t i = 0; i < b->cells; i++)
        for (int32_t k = 0; cells[i] && k < 3; k++)
            p->placed[b->units_of[i][k]] |= (uint16_t)(1u << (cells[i] - 1));
    for (int32_t i = 0; i < b->cells; i++) {
        const uint8_t *of = b->units_of[i];
        p->filled[i] = cells[i] != 0;
        p->blanks += cells[i] == 0;
        if (!cells[i])
            p->open[i] = all & (uint16_t) ~(p->placed[of[0]] | p->placed[of[1]] | p->placed[of[2]]);
    }
}

static void put(const board *b, position *p, int32_t cell, uint16_t bit) {
    p->open[cell] = 0;
    p->filled[cell] = true;
    p->blanks--;
    for (int32_t k = 0; k < 3; k++) {
        const int32_t unit = b->units_of[cell][k];
        p->placed[unit] |= bit;
        for (int32_t i = 0; i < b->side; i++)
            p->open[b->unit[unit][i]] &= (uint16_t)~bit;
    }
}

// Fills cells of a unit that have one candidate, or the only place of a digit.
static progress singles_of(const board *b, position *p, int32_t unit) {
    const uint16_t all = (uint16_t)((1u << b->side) - 1);
    uint16_t once = 0, more = 0;
    progress done = STUCK;
    for (int32_t i = 0; i < b->side; i++) {
        const uint16_t open = p->open[b->unit[unit][i]];
        if (!open && !p->filled[b->unit[unit][i]])
            return BROKEN;
        more |= once & open;
        once |= open;
    }
    if ((once | p->placed[unit]) != all)
        return BROKEN;
    for (int32_t i = 0; i < b->side; i++) {
        const int32_t cell = b->unit[unit][i];
        const uint16_t open = p->open[cell], alone = open & (uint16_t)~more;
        const uint16_t bit = open & (open - 1) ? alone : open;
        if (bit & (bit - 1))
            return BROKEN; // two digits that have no place but this
        if (bit) {
            put(b, p, cell, bit);
            done = MOVED;
        }
    }
    return done;
}

static progress singles(const board *b, position *p) {
    progress done = STUCK;
    for (int32_t unit = 0; unit < 3 * b->side; unit++) {
        const progress now = singles_of(b, p, unit);
        if (now == BROKEN)
            return BROKEN;
        done = now == MOVED ? MOVED : done;
    }
    return done;
}

// Digits that in unit `from` can only stand where it meets unit `to` leave the rest of `to`.
static bool lock(const board *b, position *p, int32_t from, int32_t to) {
    const uint16_t met = b->meet[from][to], meets = b->meet[to][from];
    uint16_t inside = 0, outside = 0, locked;
    bool moved = false;
    if (!met)
        return false;
    for (int32_t i = 0; i < b->side; i++)
        *(met >> i & 1 ? &inside : &outside) |= p->open[b->unit[from][i]];
    locked = inside & (uint16_t)~outside;
    for (int32_t i = 0; locked && i < b->side; i++) {
        uint16_t *open = &p->open[b->unit[to][i]];
        if ((*open & locked) && !(meets >> i & 1)) {
            *open &= (uint16_t)~locked;
            moved = true;
        }
    }
    return moved;
}

// Between boxes and the lines that cross them, both ways.
static progress lock_all(const board *b, position *p) {
    bool moved = false;
    for (int32_t box = 2 * b->side; box < 3 * b->side; box++)
        for (int32_t line = 0; line < 2 * b->side; line++) {
            moved |= lock(b, p, box, line);
            moved |= lock(b, p, line, box);
        }
    return moved ? MOVED : STUCK;
}

// MOVED: solved. STUCK: nothing but a guess helps. *locked: candidates had to be locked on the way.
static progress deduce(const board *b, position *p, bool *locked) {
    for (;;) {
        progress done = singles(b, p);
        if (done == BROKEN || p->blanks == 0)
            return done == BROKEN ? BROKEN : MOVED;
        if (done == STUCK && lock_all(b, p) == STUCK)
            return STUCK;
        *locked |= done == STUCK;
    }
}

// The first blank cell with the fewest candidates.
static int32_t guessed(const board *b, const position *p) {
    int32_t best = -1, fewest = TRM_SUDOKU_SIDE + 1;
    for (int32_t cell = 0; cell < b->cells; cell++) {
        const int32_t count = __builtin_popcount(p->open[cell]);
        if (count > 0 && count < fewest) {
            best = cell;
            fewest = count;
        }
    }
    return best;
}

// Tries every digit of a cell, so that the order of digits does not matter.
static void guess(const board *b, const position *p, int32_t depth, trm_puzzle_rating *out) {
    const int32_t cell = guessed(b, p);
    out->depth = depth > out->depth ? depth : out->depth;
    for (uint16_t open = p->open[cell]; open; open &= (uint16_t)(open - 1)) {
        position next = *p;
        bool locked = false;
        out->guesses++;
        put(b, &next, cell, (uint16_t)(open & -open));
        if (deduce(b, &next, &locked) == STUCK)
            guess(b, &next, depth + 1, out);
    }
}

trm_puzzle_rating trm_sudoku_rate(const trm_sudoku_shape *s, const uint8_t *cells) {
    trm_puzzle_rating out = {.grade = TRM_GRADE_SINGLES};
    board b;
    position p;
    bool locked = false;
    lay_out(&b, s);
    load(&b, &p, cells);
    if (deduce(&b, &p, &locked) == STUCK)
        guess(&b, &p, 1, &out);
    out.grade = out.depth > 1   ? TRM_GRADE_DEEP
                : out.depth > 0 ? TRM_GRADE_GUESSES
                : locked        ? TRM_GRADE_LOCKED
                                : TRM_GRADE_SINGLES;
    return out;
}
