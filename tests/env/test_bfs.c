// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "env/bfs.h"
#include "trm/base/rng.h"
#include "trm/env/env.h"

enum { SIDE = TRM_BOARD_MAX, CELLS = SIDE * SIDE };

// up, down, left, right
static const int32_t move_rows[] = {-1, 1, 0, 0}, move_cols[] = {0, 0, -1, 1};

static int32_t find_path(const bool *walls, int32_t rows, int32_t cols, int32_t from, int32_t to,
                         int32_t *moves, int32_t capacity) {
    const trm_geometry g = {.rows = rows, .cols = cols};
    return trm_bfs_path(&g, walls, from, to, moves, capacity);
}

// Follows the moves, asserting that each is allowed; the cell where they end.
static int32_t follow(const bool *walls, int32_t rows, int32_t cols, int32_t from,
                      const int32_t *moves, int32_t n) {
    int32_t row = from / cols, col = from % cols;
    for (int32_t i = 0; i < n; i++) {
        assert_in_range(moves[i], 0, TRM_DIRECTIONS - 1);
        row += move_rows[moves[i]];
        col += move_cols[moves[i]];
        assert_in_range(row, 0, rows - 1);
        assert_in_range(col, 0, cols - 1);
        assert_false(walls && walls[row * cols + col]);
    }
    return row * cols + col;
}

// Distances found another way: relaxing every edge until nothing changes.
static int32_t distance_by_relaxing(const bool *walls, int32_t rows, int32_t cols, int32_t from,
                                    int32_t to) {
    static int32_t far[CELLS];
    for (int32_t i = 0; i < rows * cols; i++)
        far[i] = i == from ? 0 : CELLS;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < rows * cols; i++)
            for (int32_t j = 0; j < rows * cols; j++) {
                int32_t apart = (i % cols == j % cols && (i - j == cols || j - i == cols)) ||
                                (i / cols == j / cols && (i - j == 1 || j - i == 1));
                if (apart && !walls[j] && far[i] + 1 < far[j]) {
                    far[j] = far[i] + 1;
                    changed = true;
                }
            }
    }
    return far[to] == CELLS ? -1 : far[to];
}

static void test_a_walled_grid(void **state) {
    (void)state;
    static const char *const map = "..#."
                                   ".#.."
                                   "....";
    bool walls[12];
    for (int i = 0; i < 12; i++)
        walls[i] = map[i] == '#';
    int32_t moves[12];
    assert_int_equal(find_path(walls, 3, 4, 0, 3, moves, 12), 7);
    assert_int_equal(follow(walls, 3, 4, 0, moves, 7), 3);
    assert_int_equal(find_path(walls, 3, 4, 5, 5, moves, 12), 0);
    walls[8] = true; // shuts the corner off
    assert_int_equal(find_path(walls, 3, 4, 0, 3, moves, 12), -1);
    assert_int_equal(find_path(walls, 3, 4, 3, 0, moves, 12), -1);
}

static void test_random_grids(void **state) {
    (void)state;
    trm_rng r;
    trm_rng_seed(&r, 3, 0);
    int32_t reached = 0, cut_off = 0;
    for (int round = 0; round < 300; round++) {
        int32_t rows = 1 + (int32_t)trm_rng_below(&r, 8), cols = 1 + (int32_t)trm_rng_below(&r, 8);
        int32_t cells = rows * cols;
        bool walls[64];
        for (int32_t i = 0; i < cells; i++)
            walls[i] = trm_rng_below(&r, 100) < 35;
        int32_t from = (int32_t)trm_rng_below(&r, (uint32_t)cells);
        int32_t to = (int32_t)trm_rng_below(&r, (uint32_t)cells);
        walls[from] = walls[to] = false;
        int32_t moves[64];
        int32_t n = find_path(walls, rows, cols, from, to, moves, 64);
        assert_int_equal(n, distance_by_relaxing(walls, rows, cols, from, to));
        reached += n > 1;
        cut_off += n < 0;
        if (n >= 0)
            assert_int_equal(follow(walls, rows, cols, from, moves, n), to);
    }
    assert_true(reached > 50 && cut_off > 30);
}

// A winding path over the largest grid: every other row is a wall with one gap at its end.
static void test_the_longest_path_fits(void **state) {
    (void)state;
    static bool walls[CELLS];
    for (int32_t row = 1; row < SIDE; row += 2)
        for (int32_t col = 0; col < SIDE; col++)
            walls[row * SIDE + col] = col != (row % 4 == 1 ? SIDE - 1 : 0);
    int32_t to = (SIDE - 2) * SIDE + 0; // the last open row is walked from right to left
    static int32_t moves[CELLS];
    int32_t n = find_path(walls, SIDE, SIDE, 0, to, moves, CELLS);
    assert_int_equal(n, SIDE / 2 * (SIDE - 1) + SIDE - 2);
    assert_int_equal(follow(walls, SIDE, SIDE, 0, moves, n), to);

    int32_t few[4] = {0, 0, 0, -7};
    assert_int_equal(find_path(walls, SIDE, SIDE, 0, to, few, 3), n);
    assert_memory_equal(few, moves, 3 * sizeof *few);
    assert_int_equal(few[3], -7);
    assert_int_equal(find_path(walls, SIDE, SIDE, 0, to, NULL, 0), n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_walled_grid),
        cmocka_unit_test(test_random_grids),
        cmocka_unit_test(test_the_longest_path_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
