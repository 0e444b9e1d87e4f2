// SPDX-License-Identifier: Apache-2.0
#include "trm/env/puzzle.h"

#include <assert.h>
#include <string.h>

#include "env/sudoku/grade.h"
#include "env/sudoku/solver.h"
#include "env/sudoku/twins.h"

// No more than `most`, so that there are many classes of twins on both sides of the split.
static const trm_puzzle_size sizes[] = {{4, 4, 12, 6}, {6, 8, 32, 14}, {9, 17, 77, 36}};

const trm_puzzle_size *trm_puzzle_size_of(int32_t side) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].side == side)
            return &sizes[i];
    return NULL;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool check_conflicts(const trm_sudoku_shape *s, const uint8_t *cells, trm_error *e) {
    uint16_t rows[TRM_SUDOKU_SIDE] = {0}, cols[TRM_SUDOKU_SIDE] = {0}, boxes[TRM_SUDOKU_SIDE] = {0};
    for (int32_t i = 0; i < s->side * s->side; i++) {
        int32_t row = i / s->side, col = i % s->side, box = trm_sudoku_box(s, row, col);
        uint16_t bit = (uint16_t)(cells[i] ? 1u << cells[i] : 0);
        if ((rows[row] | cols[col] | boxes[box]) & bit)
            return trm_error_set(e, TRM_E_INPUT,
                                 "the digit %d of cell %d (row %d, column %d) breaks a rule",
                                 cells[i], i + 1, row + 1, col + 1);
        rows[row] |= bit;
        cols[col] |= bit;
        boxes[box] |= bit;
    }
    return true;
}

// Takes over p->side and p->cells.
static bool complete(trm_puzzle *p, trm_error *e) {
    const trm_sudoku_shape *s = trm_sudoku_shape_of(p->side);
    int32_t cells = p->side * p->side;
    p->givens = 0;
    for (int32_t i = 0; i < cells; i++)
        p->givens += p->cells[i] != 0;
    if (!check_conflicts(s, p->cells, e))
        return false;
    if (p->givens == cells)
        return trm_error_set(e, TRM_E_INPUT,
                             "the puzzle has no blank cell: leave one to be filled");
    int64_t solutions = trm_sudoku_count(s, p->cells, 2, p->solution);
    if (solutions == 0)
        return trm_error_set(e, TRM_E_INPUT, "the puzzle has no solution: look for a wrong digit");
    return solutions == 1 ||
           trm_error_set(e, TRM_E_INPUT, "the puzzle has more than one solution: give more digits");
}

static int32_t side_of(size_t length) {
    return length == 16 ? 4 : length == 36 ? 6 : length == 81 ? 9 : 0;
}

bool trm_puzzle_parse(const char *text, trm_puzzle *out, trm_error *e) {
    while (is_space(*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && is_space(text[length - 1]))
        length--;
    *out = (trm_puzzle){.side = side_of(length)};
    if (out->side == 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "a puzzle has 16, 36 or 81 characters (4x4, 6x6, 9x9), found %zu",
                             length);
    for (size_t i = 0; i < length; i++) {
        const bool blank = strchr(".0*_xX?-", text[i]) != NULL;
        if (!blank && (text[i] < '1' || text[i] > '0' + out->side))
            return trm_error_set(e, TRM_E_INPUT,
                                 "character %zu is '%c', expected 1 to %d, or one of .0*_x?- for a "
                                 "blank",
                                 i + 1, (unsigned char)text[i] < 0x80 ? text[i] : '?', out->side);
        out->cells[i] = blank ? 0 : (uint8_t)(text[i] - '0');
    }
    return complete(out, e);
}

bool trm_puzzle_of_cells(int32_t side, const int32_t *cells, trm_puzzle *out, trm_error *e) {
    assert(trm_sudoku_shape_of(side));
    *out = (trm_puzzle){.side = side};
    for (int32_t i = 0; i < side * side; i++) {
        if (cells[i] < 0 || cells[i] > side)
            return trm_error_set(e, TRM_E_INPUT, "cell %d is %d, expected 0..%d", i + 1, cells[i],
                                 side);
        out->cells[i] = (uint8_t)cells[i];
    }
    return complete(out, e);
}

bool trm_puzzle_of_answer(int32_t side, const uint8_t *cells, const uint8_t *answer,
                          trm_puzzle *out, trm_error *e) {
    assert(trm_sudoku_shape_of(side));
    *out = (trm_puzzle){.side = side};
    for (int32_t i = 0; i < side * side; i++) {
        if (answer[i] < 1 || answer[i] > side || (cells[i] && cells[i] != answer[i]))
            return trm_error_set(e, TRM_E_INPUT,
                                 "the answer has %d in row %d, column %d, the puzzle has %d",
                                 answer[i], i / side + 1, i % side + 1, cells[i]);
        out->givens += cells[i] != 0;
        out->cells[i] = cells[i];
        out->solution[i] = answer[i];
    }
    return check_conflicts(trm_sudoku_shape_of(side), answer, e) ||
           trm_error_prefix(e, "the answer");
}

void trm_puzzle_print(const trm_puzzle *p, char out[TRM_PUZZLE_TEXT]) {
    int32_t cells = p->side * p->side;
    for (int32_t i = 0; i < cells; i++)
        out[i] = p->cells[i] ? (char)('0' + p->cells[i]) : '.';
    out[cells] = '\0';
}

const char *trm_puzzle_grade_name(int32_t grade) {
    static const char *const names[TRM_GRADES] = {"singles", "locked", "guesses", "deep"};
    return grade >= 0 && grade < TRM_GRADES ? names[grade] : NULL;
}

trm_puzzle_rating trm_puzzle_rate(const trm_puzzle *p) {
    return trm_sudoku_rate(trm_sudoku_shape_of(p->side), p->cells);
}

trm_split trm_puzzle_side(const trm_puzzle *p) {
    bool held_out = trm_sudoku_held_out(trm_sudoku_shape_of(p->side), p->cells, p->solution);
    return held_out ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
}
