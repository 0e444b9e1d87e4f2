// SPDX-License-Identifier: Apache-2.0
// Puzzles of files and folders.
#include <stdlib.h>
#include <string.h>

#include "env/sudoku/list/collection.h"
#include "env/sudoku/list/scan.h"

// Of a million samples with labels only the first are solved: that they have one solution. Of the
// others the label is checked.
enum { MOST = 2000000, SOLVED = 10000 };

static trm_puzzle *last(const trm_collection *c) {
    return (trm_puzzle *)c->items + c->count - 1;
}

static bool check_answer(const trm_puzzle *p, const uint8_t *cells, trm_error *e) {
    for (int32_t i = 0; i < p->side * p->side; i++)
        if (cells[i] != p->solution[i])
            return trm_error_set(e, TRM_E_INPUT,
                                 "the answer has %d in row %d, column %d, and the puzzle's only "
                                 "solution has %d",
                                 cells[i], i / p->side + 1, i % p->side + 1, p->solution[i]);
    return true;
}

static int32_t side_of(const trm_collection *c) {
    return *(const int32_t *)c->form;
}

static bool add(trm_collection *c, int32_t side, const uint8_t *cells, trm_error *e) {
    const int32_t wanted = side_of(c);
    int32_t values[TRM_PUZZLE_CELLS];
    if (side != wanted)
        return trm_error_set(e, TRM_E_INPUT,
                             "a %dx%d puzzle, expected %dx%d: take it out, or set env.size=%d or "
                             "data.size=%d",
                             side, side, wanted, wanted, side, side);
    for (int32_t i = 0; i < side * side; i++)
        values[i] = cells[i];
    trm_puzzle *p = trm_collection_room(c, e);
    if (!p || !trm_puzzle_of_cells(side, values, p, e))
        return false;
    c->count++;
    return true;
}

typedef struct reading {
    trm_collection *c;
    int32_t before; // puzzles of other files
} reading;

// Full boards are answers to the puzzle before them.
static bool take(void *ctx, int32_t side, const uint8_t *cells, trm_error *e) {
    const reading *r = ctx;
    const bool full = !memchr(cells, 0, (size_t)(side * side));
    return full && side == side_of(r->c) && r->c->count > r->before
               ? check_answer(last(r->c), cells, e)
               : add(r->c, side, cells, e);
}

static bool add_text(trm_collection *c, const char *name, const char *text, size_t size,
                     trm_error *e) {
    reading r = {c, c->count};
    return trm_sudoku_scan(name, text, size, side_of(c), take, &r, e);
}

static bool add_tokens(trm_collection *c, const uint8_t *input, const uint8_t *label, int32_t cells,
                       trm_error *e) {
    const int32_t side = cells == 16 ? 4 : cells == 36 ? 6 : 9;
    uint8_t board[2][TRM_PUZZLE_CELLS];
    if (cells != side * side)
        return trm_error_set(e, TRM_E_INPUT, "%d cells, expected 16, 36 or 81", cells);
    for (int32_t i = 0; i < cells; i++) {
        if (input[i] < 1 || input[i] > side + 1 || label[i] < 2 || label[i] > side + 1)
            return trm_error_set(e, TRM_E_INPUT,
                                 "cell %d has input %d and label %d, expected 1 (blank) to %d and "
                                 "2 to %d",
                                 i, input[i], label[i], side + 1, side + 1);
        board[0][i] = (uint8_t)(input[i] - 1);
        board[1][i] = (uint8_t)(label[i] - 1);
    }
    if (c->count < SOLVED)
        return add(c, side, board[0], e) && check_answer(last(c), board[1], e);
    trm_puzzle *p = trm_collection_room(c, e);
    const bool ok = p && trm_puzzle_of_answer(side, board[0], board[1], p, e);
    c->count += ok;
    return ok;
}

static bool held_out(const void *item) {
    return trm_puzzle_side(item) == TRM_SPLIT_HELD_OUT;
}

const trm_collection_kind trm_sudoku_collection = {
    .key = "env.puzzles",
    .many = "puzzles",
    .wanted = "lines of 81 digits and dots (36, 16), or 9 rows of 9 (6, 4)",
    .item_size = sizeof(trm_puzzle),
    .most = MOST,
    .text = add_text,
    .tokens = add_tokens,
    .held_out = held_out,
};

bool trm_puzzle_list_read(const char *path, int32_t side, trm_puzzle_list *out, trm_error *e) {
    trm_collection c = {.kind = &trm_sudoku_collection, .form = &side};
    const bool ok = trm_collection_read(&c, path, e);
    *out = (trm_puzzle_list){.count = c.count, .items = c.items};
    return ok;
}

bool trm_puzzle_list_parse(const char *name, const char *text, size_t size, int32_t side,
                           trm_puzzle_list *out, trm_error *e) {
    trm_collection c = {.kind = &trm_sudoku_collection, .form = &side};
    bool ok = add_text(&c, name, text, size, e);
    if (ok && c.count == 0)
        ok = trm_error_set(e, TRM_E_INPUT, "%s: no puzzles in it, expected %s", name,
                           trm_sudoku_collection.wanted);
    *out = (trm_puzzle_list){.count = c.count, .items = c.items};
    if (!ok)
        trm_puzzle_list_free(out);
    return ok;
}

void trm_puzzle_list_free(trm_puzzle_list *list) {
    free(list->items);
    *list = (trm_puzzle_list){0};
}

// ---- one puzzle, to be played

typedef struct first {
    int32_t side;
    uint8_t *cells;
} first;

static bool take_first(void *ctx, int32_t side, const uint8_t *cells, trm_error *e) {
    first *f = ctx;
    (void)e;
    f->side = side;
    memcpy(f->cells, cells, (size_t)(side * side));
    return false;
}

int32_t trm_puzzle_first(const char *name, const char *text, size_t size,
                         uint8_t cells[TRM_PUZZLE_CELLS], trm_error *e) {
    first f = {.side = 0};
    trm_error failure = {.code = TRM_OK};
    f.cells = cells;
    if (trm_sudoku_scan(name, text, size, 0, take_first, &f, &failure))
        trm_error_set(&failure, TRM_E_INPUT, "%s: no puzzle in it, expected %s", name,
                      trm_sudoku_collection.wanted);
    if (f.side == 0 && e)
        *e = failure;
    return f.side;
}
