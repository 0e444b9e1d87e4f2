// SPDX-License-Identifier: Apache-2.0
// The geometry of boards of all shapes, against its definitions cell by cell.
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "../support/oblong.h"
#include "trm/env/board.h"

enum { CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

static trm_geometry geometry(int i) {
    return (trm_geometry){.rows = oblongs[i].rows, .cols = oblongs[i].cols};
}

static void test_cells_have_a_row_and_a_column(void **state) {
    (void)state;
    for (int i = 0; i < OBLONGS; i++) {
        const trm_geometry g = geometry(i);
        int32_t cell = 0;
        for (int32_t row = 0; row < g.rows; row++)
            for (int32_t col = 0; col < g.cols; col++, cell++) {
                assert_int_equal(trm_geometry_cell(&g, row, col), cell);
                assert_int_equal(trm_geometry_row(&g, cell), row);
                assert_int_equal(trm_geometry_col(&g, cell), col);
            }
        assert_int_equal(trm_geometry_cells(&g), cell);
        assert_int_equal(trm_geometry_cell(&g, -1, 0), -1);
        assert_int_equal(trm_geometry_cell(&g, 0, -1), -1);
        assert_int_equal(trm_geometry_cell(&g, g.rows, 0), -1);
        assert_int_equal(trm_geometry_cell(&g, 0, g.cols), -1);
    }
}

static void test_neighbours(void **state) {
    (void)state;
    static const int32_t rows[] = {-1, 1, 0, 0}, cols[] = {0, 0, -1, 1};
    for (int i = 0; i < OBLONGS; i++) {
        const trm_geometry g = geometry(i);
        for (int32_t cell = 0; cell < trm_geometry_cells(&g); cell++)
            for (trm_direction d = 0; d < TRM_DIRECTIONS; d++)
                for (int32_t steps = 1; steps <= 2; steps++) {
                    int32_t row = cell / g.cols + steps * rows[d];
                    int32_t col = cell % g.cols + steps * cols[d];
                    bool inside = row >= 0 && row < g.rows && col >= 0 && col < g.cols;
                    int32_t next = trm_geometry_neighbour(&g, cell, d, steps);
                    assert_int_equal(next, inside ? row * g.cols + col : -1);
                    if (!inside)
                        continue;
                    assert_int_equal(next, cell + steps * trm_geometry_step(&g, d));
                    trm_direction back = trm_direction_opposite(d);
                    assert_int_equal(trm_geometry_neighbour(&g, next, back, steps), cell);
                }
    }
}

// Every cell once, by rising distance, equal ones by number, from every cell of small boards and
// from corners, edges and middles of large ones.
static void test_cells_by_distance(void **state) {
    (void)state;
    static int32_t order[CELLS + 1];
    for (int i = 0; i < OBLONGS; i++) {
        const trm_geometry g = geometry(i);
        const int32_t cells = trm_geometry_cells(&g), stride = cells > 128 ? cells / 40 : 1;
        for (int32_t near = 0; near < cells; near += near + stride < cells ? stride : 1) {
            static bool seen[CELLS];
            memset(seen, 0, sizeof seen);
            order[cells] = -7;
            trm_geometry_by_distance(&g, near, order);
            assert_int_equal(order[cells], -7);
            assert_int_equal(order[0], near);
            int32_t before = 0;
            for (int32_t k = 0; k < cells; k++) {
                const int32_t cell = order[k];
                assert_in_range(cell, 0, cells - 1);
                assert_false(seen[cell]);
                seen[cell] = true;
                const int32_t far =
                    abs(cell / g.cols - near / g.cols) + abs(cell % g.cols - near % g.cols);
                assert_int_equal(trm_geometry_distance(&g, near, cell), far);
                assert_true(k == 0 || far > before || (far == before && cell > order[k - 1]));
                before = far;
            }
        }
    }
}

// The groups of a sudoku; and boxes of other shapes than the board.
static void test_rows_columns_and_boxes(void **state) {
    (void)state;
    const trm_geometry boards[] = {{4, 4, 2, 2},  {6, 6, 2, 3}, {9, 9, 3, 3},
                                   {6, 12, 3, 4}, {7, 5, 0, 0}, {8, 6, 4, 2}};
    for (size_t i = 0; i < sizeof boards / sizeof *boards; i++) {
        const trm_geometry *g = &boards[i];
        for (int32_t a = 0; a < trm_geometry_cells(g); a++) {
            int32_t in_box = 0;
            for (int32_t b = 0; b < trm_geometry_cells(g); b++) {
                const bool row = a / g->cols == b / g->cols, col = a % g->cols == b % g->cols;
                const bool box = trm_geometry_same_box(g, a, b);
                in_box += box;
                assert_int_equal(trm_geometry_same_row(g, a, b), row);
                assert_int_equal(trm_geometry_same_col(g, a, b), col);
                assert_int_equal(trm_geometry_sees(g, a, b), row || col || box);
                assert_int_equal(box, trm_geometry_same_box(g, b, a));
            }
            assert_int_equal(in_box, g->box_rows * g->box_cols);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_have_a_row_and_a_column),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_cells_by_distance),
        cmocka_unit_test(test_rows_columns_and_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
