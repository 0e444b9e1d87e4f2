// SPDX-License-Identifier: Apache-2.0
#include "trm/env/board.h"

#include <assert.h>
#include <stdlib.h>

bool trm_geometry_same_box(const trm_geometry *g, int32_t a, int32_t b) {
    return g->box_rows > 0 &&
           trm_geometry_row(g, a) / g->box_rows == trm_geometry_row(g, b) / g->box_rows &&
           trm_geometry_col(g, a) / g->box_cols == trm_geometry_col(g, b) / g->box_cols;
}

bool trm_geometry_sees(const trm_geometry *g, int32_t a, int32_t b) {
    return trm_geometry_same_row(g, a, b) || trm_geometry_same_col(g, a, b) ||
           trm_geometry_same_box(g, a, b);
}

int32_t trm_geometry_distance(const trm_geometry *g, int32_t a, int32_t b) {
    return abs(trm_geometry_row(g, a) - trm_geometry_row(g, b)) +
           abs(trm_geometry_col(g, a) - trm_geometry_col(g, b));
}

void trm_geometry_by_distance(const trm_geometry *g, int32_t near, int32_t *order) {
    assert(near >= 0 && near < trm_geometry_cells(g));
    const int32_t row0 = trm_geometry_row(g, near), col0 = trm_geometry_col(g, near);
    int32_t n = 0;
    for (int32_t d = 0; d < g->rows + g->cols; d++)
        for (int32_t row = row0 - d; row <= row0 + d; row++) {
            const int32_t rest = d - abs(row - row0);
            const int32_t left = trm_geometry_cell(g, row, col0 - rest);
            const int32_t right = trm_geometry_cell(g, row, col0 + rest);
            if (left >= 0)
                order[n++] = left;
            if (right >= 0 && rest > 0)
                order[n++] = right;
        }
    assert(n == trm_geometry_cells(g));
}

char trm_cell_letter(trm_cell cell) {
    switch (cell.kind) {
    case TRM_CELL_WALL:
        return '#';
    case TRM_CELL_AGENT:
        return 'S';
    case TRM_CELL_GOAL:
        return 'G';
    default:
        return cell.digit > 0 ? (char)('0' + cell.digit) : '.';
    }
}
