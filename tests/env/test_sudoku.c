// SPDX-License-Identifier: Apache-2.0
// The sudoku environments' properties, and the solver behind them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "env/sudoku/solver.h"
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

// By the rules as they are told, apart from the solver's masks.
static bool fits(const uint8_t *cells, int32_t cell, int32_t digit) {
    int32_t row = cell / 4, col = cell % 4;
    for (int32_t i = 0; i < CELLS; i++) {
        int32_t r = i / 4, c = i % 4;
        bool peer = r == row || c == col || (r / 2 == row / 2 && c / 2 == col / 2);
        if (peer && cells[i] == digit)
            return false;
    }
    return true;
}

// Every count against trying all digits in all cells, for random partial grids.
static int64_t brute_force(uint8_t *cells, int32_t cell) {
    int64_t count = 0;
    if (cell == CELLS)
        return 1;
    if (cells[cell])
        return brute_force(cells, cell + 1);
    for (uint8_t d = 1; d <= 4; d++)
        if (fits(cells, cell, d)) {
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
            if (!cells[cell] && fits(cells, cell, digit))
                cells[cell] = digit;
        }
        assert_int_equal(trm_sudoku_count(&four, cells, 1000, NULL), brute_force(cells, 0));
    }
}

static void test_every_start_is_solvable_and_the_solution_the_best(void **state) {
    (void)state;
    const float best[] = {26, 10, 14, 18};
    for (int k = 0; k < NAMES; k++) {
        trm_env *env = environment(names[k], NAN);
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
        trm_env *env = environment(names[k], NAN);
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

// Every state of a batch, over many episodes: the same block, observation and outcome as alone.
static void test_a_batch_is_its_single_steps(void **state) {
    (void)state;
    enum { N = 32, STEPS = 200 };
    for (int k = 0; k < NAMES; k++) {
        trm_env *env = environment(names[k], NAN);
        size_t size = trm_env_state_size(env);
        int32_t dim = trm_env_state_dim(env), ended = 0;
        char *many = trm_alloc(N, size), *alone = trm_alloc(N, size);
        float *obs = trm_alloc((size_t)(N * dim), sizeof *obs), *want = trm_alloc((size_t)dim, 4);
        trm_step out[N];
        int32_t actions[N];
        trm_rng rng;
        trm_rng_seed(&rng, 3, 0);
        for (int32_t i = 0; i < N; i++)
            out[i].done = true;
        for (int t = 0; t < STEPS; t++) {
            for (int32_t i = 0; i < N; i++) {
                actions[i] = (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(env));
                if (!out[i].done)
                    continue;
                trm_env_reset(env, many + (size_t)i * size, &rng, TRM_SPLIT_TRAIN);
                trm_env_observe(env, many + (size_t)i * size, obs + i * dim);
            }
            memcpy(alone, many, N * size);
            trm_env_step_batch(env, many, N, actions, obs, out);
            for (int32_t i = 0; i < N; i++) {
                char *one = alone + (size_t)i * size;
                trm_step step = trm_env_step(env, one, actions[i]);
                trm_env_observe(env, one, want);
                assert_memory_equal(one, many + (size_t)i * size, size);
                assert_memory_equal(obs + i * dim, want, (size_t)dim * sizeof *want);
                assert_true(step.reward == out[i].reward && step.done == out[i].done &&
                            step.solved == out[i].solved);
                assert_int_equal(step.reason, out[i].reason);
                ended += step.done;
            }
        }
        assert_true(ended >= 3 * N);
        free(want);
        free(obs);
        free(alone);
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
    const float difficulties[] = {0, 0.25f, 0.3f, 0.5f, 0.75f, 1, NAN};
    const int32_t want[] = {0, 4, 4, 8, 12, 12, 8}; // four cells always stay
    for (int i = 0; i < 7; i++) {
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
    const float refused[] = {1.5f, -0.5f, -1, INFINITY, -INFINITY};
    for (int i = 0; i < 5; i++) {
        c.difficulty = refused[i];
        assert_null(trm_env_new(&c, &e));
        assert_non_null(strstr(e.message, "env.difficulty"));
    }
}

// What was not asked for stays so: a checkpoint is compared with what was asked for.
static void test_a_configuration_is_given_back_as_it_came(void **state) {
    (void)state;
    trm_env *env = environment("sudoku-medium", NAN);
    assert_true(isnan(trm_env_get_config(env)->difficulty));
    trm_env_free(env);
}

// A random start is, byte for byte, what setting its grid gives, and every cell is as often blank.
static void test_random_starts(void **state) {
    (void)state;
    enum { STARTS = 4000 };
    const int32_t share[] = {1, 4, 8};
    for (int k = 1; k < NAMES; k++) {
        trm_env *env = environment(names[k], NAN);
        int32_t blank[CELLS] = {0}, cells[CELLS];
        static trm_board board;
        trm_rng rng;
        trm_rng_seed(&rng, 6, 0);
        for (int i = 0; i < STARTS; i++) {
            char s[STATE], set[STATE];
            trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
            trm_env_describe(env, s, &board);
            for (int c = 0; c < CELLS; c++) {
                cells[c] = board.cells[c].digit;
                blank[c] += !cells[c];
                assert_int_equal(board.cells[c].kind, cells[c] ? TRM_CELL_GIVEN : TRM_CELL_EMPTY);
            }
            assert_true(trm_env_set_grid(env, set, cells, NULL));
            assert_memory_equal(s, set, trm_env_state_size(env));
        }
        for (int c = 0; c < CELLS; c++) // 6 standard deviations or more
            assert_true(abs(blank[c] - STARTS * share[k - 1] / CELLS) < 200);
        trm_env_free(env);
    }
}

// Another grid that keeps all rules, given from the last cell to the first: each digit is right or
// not, there is no way back after the first that is not, and the full grid costs 2.
static void test_a_full_grid_may_be_wrong(void **state) {
    (void)state;
    const int32_t answer[CELLS] = {1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1};
    const int32_t other[CELLS] = {1, 2, 4, 3, 4, 3, 1, 2, 2, 1, 3, 4, 3, 4, 2, 1};
    const int32_t nothing[CELLS] = {0};
    trm_env *env = environment("sudoku-medium", NAN);
    char s[STATE];
    bool wrong = false;
    assert_true(trm_env_set_grid(env, s, nothing, NULL));
    for (int32_t i = CELLS - 1; i >= 0; i--) {
        bool right = other[i] == answer[i];
        double want = (right ? 1.0 : 0.2) - (i == 0 ? 2.0 : 0.0);
        trm_step step = trm_env_step(env, s, i * 4 + other[i] - 1);
        assert_true(fabs((double)step.reward - want) < 1e-6);
        assert_true(step.done == (i == 0) && !step.solved);
        wrong = wrong || !right;
        float total;
        int32_t length;
        assert_int_equal(trm_env_solve(env, s, NULL, 0), wrong ? -1 : i);
        assert_int_equal(trm_env_optimum(env, s, &total, &length), !wrong);
    }
    trm_env_free(env);
}

static void test_actions_have_names(void **state) {
    (void)state;
    char name[16];
    trm_env *env = environment("sudoku-easy", NAN), *one = environment("sudoku-one", NAN);
    trm_env_action_name(env, 0, name);
    assert_string_equal(name, "r1c1=1");
    trm_env_action_name(env, 16 + 2 * 4 + 3, name);
    assert_string_equal(name, "r2c3=4");
    trm_env_action_name(env, 63, name);
    assert_string_equal(name, "r4c4=4");
    trm_env_action_name(one, 2, name);
    assert_string_equal(name, "3");
    trm_env_free(env);
    trm_env_free(one);
}

static void test_grids_that_cannot_be_set(void **state) {
    (void)state;
    trm_env *env = environment("sudoku-medium", NAN);
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

static bool change(const trm_env *env, void *s, int32_t cell, int32_t digit, const char *part) {
    trm_error e = {0};
    char before[STATE];
    memcpy(before, s, trm_env_state_size(env));
    bool ok = trm_env_edit(env, s, &(trm_edit){TRM_EDIT_DIGIT, cell, digit}, &e);
    if (ok != (part == NULL) || (part && !strstr(e.message, part)))
        fail_msg("cell %d, digit %d: %s", cell, digit, e.message);
    if (!ok)
        assert_memory_equal(before, s, trm_env_state_size(env));
    return ok;
}

// A digit put by hand makes the state that acting makes, but for the count of steps, and clearing
// it makes the one from before.
static void test_digits_set_by_hand(void **state) {
    (void)state;
    trm_env *env = environment("sudoku-empty", NAN);
    char s[STATE], start[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    memcpy(start, s, sizeof s);
    change(env, s, 5, 3, NULL);
    change(env, s, 5, 3, "holds a 3");
    change(env, s, 4, 3, "row, column or box");
    change(env, s, 1, 3, "row, column or box");
    change(env, s, 0, 3, "row, column or box");
    change(env, s, 0, 5, "5 is not a digit");
    change(env, s, 0, -1, "-1 is not a digit");
    change(env, s, 16, 1, "no cell 16");
    change(env, s, -1, 1, "no cell -1");
    trm_board board;
    trm_env_describe(env, s, &board);
    assert_int_equal(board.cells[5].digit, 3);
    change(env, s, 5, 0, NULL);
    change(env, s, 5, 0, NULL);
    assert_memory_equal(s, start, trm_env_state_size(env));
    trm_error e = {0};
    assert_false(trm_env_edit(env, s, &(trm_edit){TRM_EDIT_AGENT, 0, 0}, &e));
    assert_non_null(strstr(e.message, "no agent"));
    int32_t actions[CELLS];
    assert_int_equal(trm_env_solve(env, s, actions, CELLS), CELLS);
    for (int i = 0; i < CELLS; i++) {
        trm_placement p = trm_env_placement(env, s, actions[i]);
        assert_int_equal(p.cell * 4 + p.digit - 1, actions[i]);
        change(env, s, p.cell, p.digit, i < CELLS - 1 ? NULL : "the episode is over");
    }
    trm_env_step(env, s, actions[CELLS - 1]);
    change(env, s, 0, 0, "the episode is over");
    trm_env_free(env);
}

static void test_givens_and_the_one_blank_by_hand(void **state) {
    (void)state;
    trm_env *env = environment("sudoku-easy", NAN), *one = environment("sudoku-one", NAN);
    char s[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    trm_board board;
    trm_env_describe(env, s, &board);
    int32_t given = 0;
    while (board.cells[given].kind != TRM_CELL_GIVEN)
        given++;
    int32_t digit = board.cells[given].digit;
    change(env, s, given, 0, NULL);
    change(env, s, given, digit, NULL);
    trm_env_describe(env, s, &board);
    assert_int_equal(board.cells[given].kind, TRM_CELL_FILLED);
    trm_env_reset(one, s, &rng, TRM_SPLIT_TRAIN);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        change(one, s, cell, 1, "always blank");
        change(one, s, cell, 0, NULL);
        trm_env_describe(one, s, &board);
        for (int32_t i = 0; i < CELLS; i++)
            assert_int_equal(board.cells[i].digit == 0, i == cell);
        assert_int_equal(trm_env_placement(one, s, 2).cell, cell);
        assert_int_equal(trm_env_placement(one, s, 2).digit, 3);
        int32_t action;
        assert_int_equal(trm_env_solve(one, s, &action, 1), 1);
        char after[STATE];
        memcpy(after, s, sizeof s);
        assert_true(trm_env_step(one, after, action).solved);
    }
    trm_env_free(env);
    trm_env_free(one);
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
        cmocka_unit_test(test_a_configuration_is_given_back_as_it_came),
        cmocka_unit_test(test_random_starts),
        cmocka_unit_test(test_a_full_grid_may_be_wrong),
        cmocka_unit_test(test_actions_have_names),
        cmocka_unit_test(test_grids_that_cannot_be_set),
        cmocka_unit_test(test_digits_set_by_hand),
        cmocka_unit_test(test_givens_and_the_one_blank_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
