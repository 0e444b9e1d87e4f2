// SPDX-License-Identifier: Apache-2.0
// Changes of a sample's input by hand.
#include <string.h>

#include "trm/env/dataset.h"

static bool is_sudoku(const trm_dataset *d) {
    return d->geometry.box_rows > 0;
}

bool trm_dataset_editable(const trm_dataset *d, trm_edit_kind kind) {
    return d->geometry.rows > 0 && is_sudoku(d) == (kind == TRM_EDIT_DIGIT);
}

// ---- sudokus: a channel for each digit, and one for givens

static int32_t digit_at(const trm_dataset *d, const float *input, int32_t cell) {
    for (int32_t c = 0; c < d->classes; c++)
        if (input[c * d->positions + cell] > 0)
            return c + 1;
    return 0;
}

static bool fits(const trm_dataset *d, const float *input, int32_t cell, int32_t digit) {
    for (int32_t i = 0; i < d->positions; i++)
        if (i != cell && trm_geometry_sees(&d->geometry, cell, i) && digit_at(d, input, i) == digit)
            return false;
    return true;
}

static bool put_digit(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    const int32_t cell = edit->cell, digit = edit->digit, there = digit_at(d, input, cell);
    if (digit < 0 || digit > d->classes)
        return trm_error_set(e, TRM_E_INPUT, "%d is no digit, expected 0 to %d", digit, d->classes);
    if (digit && there)
        return trm_error_set(e, TRM_E_INPUT, "the cell holds a %d; clear it first", there);
    if (digit && !fits(d, input, cell, digit))
        return trm_error_set(e, TRM_E_INPUT, "there is a %d in its row, column or box", digit);
    for (int32_t c = 0; c <= d->classes; c++)
        input[c * d->positions + cell] = digit && (c == digit - 1 || c == d->classes);
    return true;
}

// ---- mazes: walls, start, goal

static bool build(const trm_dataset *d, float *input, int32_t cell, trm_error *e) {
    if (input[d->positions + cell] > 0 || input[2 * d->positions + cell] > 0)
        return trm_error_set(e, TRM_E_INPUT, "start and goal are no place for a wall");
    input[cell] = input[cell] > 0 ? 0 : 1;
    return true;
}

static bool move(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    const bool start = edit->kind == TRM_EDIT_AGENT;
    float *moved = input + (start ? 1 : 2) * (int64_t)d->positions;
    const float *other = input + (start ? 2 : 1) * (int64_t)d->positions;
    if (input[edit->cell] > 0)
        return trm_error_set(e, TRM_E_INPUT, "there is a wall");
    if (other[edit->cell] > 0)
        return trm_error_set(e, TRM_E_INPUT, "start and goal are two cells");
    memset(moved, 0, (size_t)d->positions * sizeof *moved);
    moved[edit->cell] = 1;
    return true;
}

bool trm_dataset_edit(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    if (!trm_dataset_editable(d, edit->kind))
        return trm_error_set(e, TRM_E_INPUT, "samples of this data set cannot be changed so");
    if (edit->cell < 0 || edit->cell >= d->positions)
        return trm_error_set(e, TRM_E_INPUT, "there is no cell %d, expected 0 to %d", edit->cell,
                             d->positions - 1);
    if (edit->kind == TRM_EDIT_DIGIT)
        return put_digit(d, input, edit, e);
    return edit->kind == TRM_EDIT_WALL ? build(d, input, edit->cell, e) : move(d, input, edit, e);
}
