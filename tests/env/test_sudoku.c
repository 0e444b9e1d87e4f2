// SPDX-License-Identifier: Apache-2.0
// The sudoku environments' properties, and the solver behind them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "env/sudoku_solver.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/env/env.h"

enum { CELLS = 16, STATE = 256 };

static const char *const names[] = {"sudoku-empty", "sudoku-one", "sudoku-easy", "sudoku-medium"};
enum { NAMES = sizeof names / sizeof *names };

static trm_env *environment(const char *name, float difficulty) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, name);
    c.size = 4;
    c.difficulty = difficulty;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    assert_true(trm_env_state_size(env) <= STATE);
    return env;
}

static const trm_sudoku_shape four = {4, 2, 2}, six = {6, 2, 3}, nine = {9, 3, 3};

static void test_the_solver_counts_all_grids(void **state) {
    (void)state;
    const uint8_t empty[TRM_SUDOKU_CELLS] = {0};
    assert_int_equal(trm_sudoku_count(&four, empty, 1000, NULL), 288);
    assert_int_equal(trm_sudoku_count(&six, empty, 5000, NULL), 5000);
}

static void test_the_solver_solves_a_hard_nine(void **state) {
    (void)state;
    const char *puzzle =
        "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..";
    const char *answer =
        "812753649943682175675491283154237896369845721287169534521974368438526917796318452";
    uint8_t cells[81], solution[81];
    for (int i = 0; i < 81; i++)
        cells[i] = puzzle[i] == '.' ? 0 : (uint8_t)(puzzle[i] - '0');
    assert_int_equal(trm_sudoku_count(&nine, cells, 2, solution), 1);
    for (int i = 0; i < 81; i++)
        assert_int_equal(solution[i], answer[i] - '0');
    cells[1] = 8; // beside the 8 in the corner
    assert_int_equal(trm_sudoku_count(&nine, cells, 2, solution), 0);
}

// Every count against trying all digits in all cells, for random partial grids.
static int64_t brute_force(uint8_t *cells, int32_t cell) {
    int64_t count = 0;
    if (cell == CELLS)
        return 1;
    if (cells[cell])
        return brute_force(cells, cell + 1);
    for (uint8_t d = 1; d <= 4; d++)
        if (trm_sudoku_fits(&four, cells, cell, d)) {
            cells[cell] = d;
            count += brute_force(cells, cell + 1);
            cells[cell] = 0;
        }
    return count;
}

static void test_the_solver_agrees_with_brute_force(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    for (int i = 0; i < 300; i++) {
        uint8_t cells[CELLS] = {0};
        for (int k = 0; k < 5; k++) {
            int32_t cell = (int32_t)trm_rng_below(&rng, CELLS);
            uint8_t digit = (uint8_t)(1 + trm_rng_below(&rng, 4));
            if (!cells[cell] && trm_sudoku_fits(&four, cells, cell, digit))
                cells[cell] = digit;
        }
        assert_int_equal(trm_sudoku_count(&four, cells, 1000, NULL), brute_force(cells, 0));
    }
}

static void test_every_start_is_solvable_and_the_solution_the_best(void **state) {
    (void)state;
    const float best[] = {26, 10, 14, 18};
    for (int k = 0; k < NAMES; k++) {
        trm_env *env = environment(names[k], -1);
        trm_rng rng;
        trm_rng_seed(&rng, 9, 0);
        for (int i = 0; i < 100; i++) {
            char s[STATE];
            int32_t actions[CELLS], n, length;
            float total = 0, optimum;
            trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
            n = trm_env_solve(env, s, actions, CELLS);
            assert_in_range(n, 1, CELLS);
            assert_true(trm_env_optimum(env, s, &optimum, &length));
            trm_step step = {0};
            for (int32_t t = 0; t < n; t++) {
                assert_false(step.done);
                step = trm_env_step(env, s, actions[t]);
                total += step.reward;
            }
            assert_true(step.done && step.solved);
            assert_int_equal(length, n);
            assert_true(total == optimum && fabsf(total - best[k]) < 1e-5f);
            assert_true(trm_env_success(env, total));
        }
        trm_env_free(env);
    }
}

static void test_illegal_actions_change_nothing_that_is_seen(void **state) {
    (void)state;
    for (int k = 0; k < NAMES; k++) {
        if (strcmp(names[k], "sudoku-one") == 0)
            continue; // every action ends it
        trm_env *env = environment(names[k], -1);
        int32_t dim = trm_env_state_dim(env), illegal = 0;
        float before[80], after[80];
        bool mask[64];
        trm_rng rng;
        trm_rng_seed(&rng, 2, 0);
        for (int i = 0; i < 200; i++) {
            char s[STATE];
            trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
            for (bool done = false; !done;) {
                int32_t action = (int32_t)trm_rng_below(&rng, 64);
                trm_env_legal(env, s, mask);
                trm_env_observe(env, s, before);
                done = trm_env_step(env, s, action).done;
                trm_env_observe(env, s, after);
                bool same = memcmp(before, after, (size_t)dim * sizeof *before) == 0;
                assert_true(same != mask[action]);
                illegal += same;
            }
        }
        assert_true(illegal > 100);
        trm_env_free(env);
    }
}

static void test_a_batch_is_its_single_steps(void **state) {
    (void)state;
    enum { N = 32 };
    for (int k = 0; k < NAMES; k++) {
        trm_env *env = environment(names[k], -1);
        size_t size = trm_env_state_size(env);
        int32_t dim = trm_env_state_dim(env);
        char *many = trm_alloc(N, size), *one = trm_alloc(1, size);
        float *obs = trm_alloc((size_t)(N * dim), sizeof *obs), *want = trm_alloc((size_t)dim, 4);
        trm_step out[N];
        int32_t actions[N];
        trm_rng rng;
        trm_rng_seed(&rng, 3, 0);
        for (int32_t i = 0; i < N; i++) {
            trm_env_reset(env, many + (size_t)i * size, &rng, TRM_SPLIT_TRAIN);
            trm_env_observe(env, many + (size_t)i * size, obs + i * dim);
        }
        for (int t = 0; t < (trm_env_max_steps(env) > 1 ? 25 : 1); t++) {
            for (int32_t i = 0; i < N; i++)
                actions[i] = (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(env));
            memcpy(one, many + 5 * size, size);
            trm_step step = trm_env_step(env, one, actions[5]);
            trm_env_observe(env, one, want);
            trm_env_step_batch(env, many, N, actions, obs, out);
            assert_memory_equal(one, many + 5 * size, size);
            assert_memory_equal(obs + 5 * dim, want, (size_t)dim * sizeof *want);
            assert_true(step.reward == out[5].reward && step.done == out[5].done);
        }
        free(want);
        free(obs);
        free(one);
        free(many);
        trm_env_free(env);
    }
}

static int32_t blanks(const trm_env *env, const char *s) {
    static trm_board board;
    int32_t n = 0;
    trm_env_describe(env, s, &board);
    for (int i = 0; i < CELLS; i++)
        n += board.cells[i].kind == TRM_CELL_EMPTY;
    return n;
}

static void test_difficulty_is_the_share_of_blanks(void **state) {
    (void)state;
    const float difficulties[] = {0, 0.25f, 0.3f, 0.5f, 0.75f, 1};
    const int32_t want[] = {0, 4, 4, 8, 12, 12}; // four cells always stay
    for (int i = 1; i < 6; i++) {
        trm_env *env = environment("sudoku-medium", difficulties[i]);
        trm_rng rng;
        char s[STATE];
        trm_rng_seed(&rng, 1, 0);
        trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
        assert_int_equal(blanks(env, s), want[i]);
        trm_env_free(env);
    }
    trm_env_config c = trm_env_config_default();
    trm_error e;
    trm_text_copy(c.type, sizeof c.type, "sudoku-easy");
    c.size = 4;
    c.difficulty = 1.5f;
    assert_null(trm_env_new(&c, &e));
    assert_non_null(strstr(e.message, "env.difficulty"));
}

static void test_grids_that_cannot_be_set(void **state) {
    (void)state;
    trm_env *env = environment("sudoku-medium", -1);
    int32_t cells[CELLS] = {1, 2, 3, 4};
    char s[STATE];
    trm_error e;
    assert_true(trm_env_set_grid(env, s, cells, &e));
    cells[0] = 5;
    assert_false(trm_env_set_grid(env, s, cells, &e));
    cells[0] = 2;
    assert_false(trm_env_set_grid(env, s, cells, &e));
    trm_env_free(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_solver_counts_all_grids),
        cmocka_unit_test(test_the_solver_solves_a_hard_nine),
        cmocka_unit_test(test_the_solver_agrees_with_brute_force),
        cmocka_unit_test(test_every_start_is_solvable_and_the_solution_the_best),
        cmocka_unit_test(test_illegal_actions_change_nothing_that_is_seen),
        cmocka_unit_test(test_a_batch_is_its_single_steps),
        cmocka_unit_test(test_difficulty_is_the_share_of_blanks),
        cmocka_unit_test(test_grids_that_cannot_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
