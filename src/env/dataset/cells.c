// SPDX-License-Identifier: Apache-2.0
// What the samples of boards hold cell by cell, in planes and in tokens.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/env/dataset.h"

static bool has_tokens(const trm_dataset *d) {
    assert(d->geometry.rows > 0);
    return d->encoding == TRM_ENCODING_TOKENS;
}

static int32_t token_at(const trm_dataset *d, const float *input, int32_t cell) {
    const float x = input[cell], most = (float)(d->classes - 1);
    return x > 0 ? (int32_t)lrintf(x < most ? x : most) : TRM_TOKEN_PAD;
}

// ---- sudokus ------------------------------------------------------------------------------------

int32_t trm_dataset_digit(const trm_dataset *d, int32_t class_of) {
    return !has_tokens(d)               ? class_of + 1
           : class_of > TRM_TOKEN_BLANK ? class_of - TRM_TOKEN_BLANK
                                        : 0;
}

int32_t trm_dataset_class(const trm_dataset *d, int32_t digit) {
    return has_tokens(d) ? digit + TRM_TOKEN_BLANK : digit - 1;
}

static int32_t digit_at(const trm_dataset *d, const float *input, int32_t cell) {
    int32_t digit = 0;
    if (has_tokens(d))
        return trm_dataset_digit(d, token_at(d, input, cell));
    for (int32_t c = 0; c < d->classes; c++)
        if (input[c * d->positions + cell] > 0)
            digit = c + 1;
    return digit;
}

static trm_cell sudoku_cell(const trm_dataset *d, const float *input, int32_t cell) {
    const int32_t digit = digit_at(d, input, cell);
    return (trm_cell){.kind = digit ? TRM_CELL_GIVEN : TRM_CELL_EMPTY, .digit = (uint8_t)digit};
}

static void put_digit(const trm_dataset *d, float *input, int32_t cell, int32_t digit) {
    if (has_tokens(d)) {
        input[cell] = (float)trm_dataset_class(d, digit);
        return;
    }
    for (int32_t c = 0; c <= d->classes; c++)
        input[c * d->positions + cell] = digit && (c == digit - 1 || c == d->classes);
}

// ---- mazes --------------------------------------------------------------------------------------

static const uint8_t kinds[] = {TRM_CELL_WALL,  TRM_CELL_WALL, TRM_CELL_EMPTY,
                                TRM_CELL_AGENT, TRM_CELL_GOAL, TRM_CELL_EMPTY};

static uint8_t maze_kind(const trm_dataset *d, const float *input, int32_t cell) {
    const int32_t n = d->positions;
    if (has_tokens(d))
        return kinds[token_at(d, input, cell)];
    return input[2 * n + cell] > 0 ? TRM_CELL_GOAL
           : input[n + cell] > 0   ? TRM_CELL_AGENT
           : input[cell] > 0       ? TRM_CELL_WALL
                                   : TRM_CELL_EMPTY;
}

static int32_t maze_token(uint8_t kind) {
    return kind == TRM_CELL_WALL    ? TRM_TOKEN_WALL
           : kind == TRM_CELL_AGENT ? TRM_TOKEN_START
           : kind == TRM_CELL_GOAL  ? TRM_TOKEN_GOAL
                                    : TRM_TOKEN_FREE;
}

static void put_kind(const trm_dataset *d, float *input, int32_t cell, uint8_t kind) {
    static const uint8_t planes[] = {TRM_CELL_WALL, TRM_CELL_AGENT, TRM_CELL_GOAL};
    for (int32_t c = 0; !has_tokens(d) && c < (int32_t)sizeof planes; c++)
        input[c * d->positions + cell] = kind == planes[c];
    if (has_tokens(d))
        input[cell] = (float)maze_token(kind);
}

bool trm_dataset_on_path(const trm_dataset *d, int32_t class_of) {
    return has_tokens(d) ? class_of >= TRM_TOKEN_START : class_of == 1;
}

trm_cell_sign trm_dataset_path_sign(const trm_dataset *d, int32_t said, int32_t right) {
    const bool on_path = trm_dataset_on_path(d, right);
    return trm_dataset_on_path(d, said) ? (on_path ? TRM_SIGN_PATH : TRM_SIGN_WRONG)
           : on_path                    ? TRM_SIGN_MISSED
                                        : TRM_SIGN_NONE;
}

// ---- either -------------------------------------------------------------------------------------

trm_cell trm_dataset_cell(const trm_dataset *d, const float *input, int32_t cell) {
    return trm_dataset_is_sudoku(d) ? sudoku_cell(d, input, cell)
                                    : (trm_cell){.kind = maze_kind(d, input, cell)};
}

void trm_dataset_put(const trm_dataset *d, float *input, int32_t cell, trm_cell what) {
    if (trm_dataset_is_sudoku(d))
        put_digit(d, input, cell, what.digit);
    else
        put_kind(d, input, cell, what.kind);
}

int32_t trm_dataset_puzzle(const trm_dataset *d, const float *input) {
    return has_tokens(d) && d->state_dim > d->positions ? (int32_t)input[d->positions] : 0;
}

int32_t trm_dataset_given(const trm_dataset *d, const float *input, int32_t cell) {
    const trm_cell c = trm_dataset_cell(d, input, cell);
    if (c.kind == TRM_CELL_EMPTY)
        return -1;
    if (trm_dataset_is_sudoku(d))
        return trm_dataset_class(d, c.digit);
    return has_tokens(d) ? maze_token(c.kind) : c.kind != TRM_CELL_WALL;
}

const char *trm_dataset_class_name(const trm_dataset *d, int32_t class_of) {
    static const char *const tokens[] = {"pad", "wall", "free", "start", "goal", "path"};
    static const char *const planes[] = {"floor", "path"};
    static const char *const digits[] = {"pad", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    if (trm_dataset_is_maze(d))
        return (has_tokens(d) ? tokens : planes)[class_of];
    return has_tokens(d) && class_of == TRM_TOKEN_BLANK ? "blank"
                                                        : digits[trm_dataset_digit(d, class_of)];
}

// Of a class in planes: what is not given of a target is a digit, a path, or free.
static int32_t encode_class(const trm_dataset *to, int32_t given, int32_t class_of) {
    return trm_dataset_is_sudoku(to) ? trm_dataset_class(to, class_of + 1)
           : given >= 0              ? given
           : class_of == 1           ? TRM_TOKEN_PATH
                                     : TRM_TOKEN_FREE;
}

// The class in planes that says the same.
static int32_t plain_class(const trm_dataset *from, int32_t class_of) {
    return trm_dataset_is_sudoku(from) ? trm_dataset_digit(from, class_of) - 1
                                       : trm_dataset_on_path(from, class_of);
}

// Sample i of `from` as sample `at` of `to`.
static void recode(const trm_dataset *to, int32_t at, const trm_dataset *from, int32_t i) {
    float *input = to->inputs + (int64_t)at * to->state_dim;
    int32_t *target = to->targets + (int64_t)at * to->positions;
    const float *x = from->inputs + (int64_t)i * from->state_dim;
    const int32_t *t = from->targets + (int64_t)i * from->positions;
    assert(to->positions == from->positions);
    memset(input, 0, (size_t)to->state_dim * sizeof *input);
    for (int32_t p = 0; p < to->positions; p++) {
        trm_dataset_put(to, input, p, trm_dataset_cell(from, x, p));
        target[p] = plain_class(from, t[p]);
        if (has_tokens(to))
            target[p] = encode_class(to, trm_dataset_given(to, input, p), target[p]);
    }
}

void trm_dataset_encode(const trm_dataset *to, int32_t i, const trm_dataset *from) {
    assert(has_tokens(to) && !has_tokens(from));
    recode(to, i, from, 0);
}

trm_dataset *trm_dataset_recode(const trm_dataset *d, const trm_dataset *as) {
    trm_dataset *out = trm_alloc(1, sizeof *out);
    *out = *as;
    out->count = d->count;
    out->inputs = trm_alloc((size_t)d->count * (size_t)as->state_dim, sizeof *out->inputs);
    out->targets = trm_alloc((size_t)d->count * (size_t)as->positions, sizeof *out->targets);
    for (int32_t i = 0; i < d->count; i++)
        recode(out, i, d, i);
    return out;
}
