// SPDX-License-Identifier: Apache-2.0
// Changes of a sample's input by hand.
#include "trm/env/dataset.h"

bool trm_dataset_editable(const trm_dataset *d, trm_edit_kind kind) {
    return d->geometry.rows > 0 && trm_dataset_is_sudoku(d) == (kind == TRM_EDIT_DIGIT);
}

static bool fits(const trm_dataset *d, const float *input, int32_t cell, int32_t digit) {
    for (int32_t i = 0; i < d->positions; i++)
        if (i != cell && trm_geometry_sees(&d->geometry, cell, i) &&
            trm_dataset_cell(d, input, i).digit == digit)
            return false;
    return true;
}

static bool put_digit(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    const int32_t digit = edit->digit, there = trm_dataset_cell(d, input, edit->cell).digit;
    if (digit < 0 || digit > d->geometry.rows)
        return trm_error_set(e, TRM_E_INPUT, "%d is not a digit, expected 0 to %d", digit,
                             d->geometry.rows);
    if (digit && there)
        return trm_error_set(e, TRM_E_INPUT, "the cell holds a %d; clear it first", there);
    if (digit && !fits(d, input, edit->cell, digit))
        return trm_error_set(e, TRM_E_INPUT, "there is a %d in its row, column or box", digit);
    trm_dataset_put(d, input, edit->cell, (trm_cell){.digit = (uint8_t)digit});
    return true;
}

// ---- mazes: walls, start, goal

static bool build(const trm_dataset *d, float *input, int32_t cell, trm_error *e) {
    const uint8_t there = trm_dataset_cell(d, input, cell).kind;
    if (there == TRM_CELL_AGENT || there == TRM_CELL_GOAL)
        return trm_error_set(e, TRM_E_INPUT, "a wall cannot stand on start or goal");
    trm_dataset_put(d, input, cell,
                    (trm_cell){.kind = there == TRM_CELL_WALL ? TRM_CELL_EMPTY : TRM_CELL_WALL});
    return true;
}

static bool move(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    const uint8_t kind = edit->kind == TRM_EDIT_AGENT ? TRM_CELL_AGENT : TRM_CELL_GOAL;
    const uint8_t there = trm_dataset_cell(d, input, edit->cell).kind;
    if (there == TRM_CELL_WALL)
        return trm_error_set(e, TRM_E_INPUT, "there is a wall");
    if (there != TRM_CELL_EMPTY && there != kind)
        return trm_error_set(e, TRM_E_INPUT, "start and goal are two cells");
    for (int32_t p = 0; p < d->positions; p++)
        if (trm_dataset_cell(d, input, p).kind == kind)
            trm_dataset_put(d, input, p, (trm_cell){.kind = TRM_CELL_EMPTY});
    trm_dataset_put(d, input, edit->cell, (trm_cell){.kind = kind});
    return true;
}

bool trm_dataset_edit(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e) {
    if (!trm_dataset_editable(d, edit->kind))
        return trm_error_set(e, TRM_E_INPUT,
                             "samples of this data set cannot be changed like this");
    if (edit->cell < 0 || edit->cell >= d->positions)
        return trm_error_set(e, TRM_E_INPUT, "there is no cell %d, expected 0 to %d", edit->cell,
                             d->positions - 1);
    if (edit->kind == TRM_EDIT_DIGIT)
        return put_digit(d, input, edit, e);
    return edit->kind == TRM_EDIT_WALL ? build(d, input, edit->cell, e) : move(d, input, edit, e);
}
