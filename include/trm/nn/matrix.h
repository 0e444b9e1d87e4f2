// SPDX-License-Identifier: Apache-2.0
// The one shape everything in nn/ works on: a row-major view of float32.
//
// Dimension letters used in all headers:
//   B rows of a batch   S state (input) size   A actions (classes)   H size of the H level
//   L size of the L level   K cycles   T steps of an episode   N environments
#ifndef TRM_NN_MATRIX_H
#define TRM_NN_MATRIX_H

#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

typedef struct trm_mat {
    float *data;  // borrowed
    int32_t rows; // B
    int32_t cols;
    int32_t stride; // floats from one row to the next, >= cols
} trm_mat;

static inline trm_mat trm_mat_of(float *data, int32_t rows, int32_t cols) {
    trm_mat m;
    m.data = data;
    m.rows = rows;
    m.cols = m.stride = cols;
    return m;
}

// A view for reading only: whoever takes it as an operand does not write through it.
static inline trm_mat trm_mat_view(const float *data, int32_t rows, int32_t cols) {
    return trm_mat_of((float *)(uintptr_t)data, rows, cols);
}

static inline float *trm_mat_row(trm_mat m, int32_t row) {
    return m.data + (int64_t)row * m.stride;
}

// rows first .. first + rows - 1 of m
static inline trm_mat trm_mat_rows(trm_mat m, int32_t first, int32_t rows) {
    trm_mat view = {trm_mat_row(m, first), rows, m.cols, m.stride};
    return view;
}

// columns first .. first + cols - 1 of m
static inline trm_mat trm_mat_cols(trm_mat m, int32_t first, int32_t cols) {
    trm_mat view = {m.data + first, m.rows, cols, m.stride};
    return view;
}

TRM_END_DECLS

#endif
