// SPDX-License-Identifier: Apache-2.0
// The environment `sudoku`: playing, rewards, masks, batches, puzzles from files.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/check.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/env.h"
#include "trm/env/puzzle.h"

enum { STATE = 512, ACTIONS = 729, OBS = 810 };

static const int32_t sides[] = {4, 6, 9};
enum { SIDES = 3 };

static trm_env *environment(int32_t side, int32_t givens) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, "sudoku");
    c.size = side;
    c.givens = givens;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    assert_true(trm_env_state_size(env) <= STATE);
    return env;
}

static void test_shapes(void **state) {
    (void)state;
    for (int k = 0; k < SIDES; k++) {
        trm_env *env = environment(sides[k], 0);
        const int32_t n = sides[k];
        const trm_geometry g = trm_env_geometry(env);
        assert_true(trm_env_channels(env) == n + 1 && g.rows == n && g.cols == n);
        assert_true(g.box_rows == (n == 9 ? 3 : 2) && g.box_cols == n / g.box_rows);
        assert_int_equal(trm_env_state_dim(env), (n + 1) * n * n);
        assert_int_equal(trm_env_action_dim(env), n * n * n);
        assert_int_equal(trm_env_action_cells(env), n * n);
        trm_env_free(env);
    }
}

static void test_the_solution_earns_fourteen(void **state) {
    (void)state;
    for (int k = 0; k < SIDES; k++) {
        trm_env *env = environment(sides[k], 0);
        trm_rng rng;
        trm_rng_seed(&rng, 1, 0);
        for (int i = 0; i < 10; i++) {
            char s[STATE];
            int32_t actions[81], length;
            float best;
            bool mask[ACTIONS];
            trm_env_reset(env, s, &rng, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT);
            assert_true(trm_env_optimum(env, s, &best, &length));
            assert_true(best > 13.99f && best < 14.01f && trm_env_success(env, best));
            int32_t n = trm_env_solve(env, s, actions, 81);
            assert_int_equal(n, length);
            for (int32_t t = 0; t < n; t++) {
                assert_int_equal(trm_env_best(env, s, mask), n - t);
                assert_true(mask[actions[t]]);
                trm_step r = trm_env_step(env, s, actions[t]);
                assert_int_equal(r.done, t == n - 1);
                assert_int_equal(r.solved, t == n - 1);
                assert_int_equal(r.reason, r.done ? TRM_REASON_SOLVED : TRM_REASON_RIGHT_DIGIT);
            }
            assert_int_equal(trm_env_best(env, s, mask), 0);
            assert_int_equal(trm_env_solve(env, s, actions, 81), 0);
        }
        trm_env_free(env);
    }
}

// Any way of playing: what is refused changes nothing but the count of steps, the mask says what is
// not, the total tells success, an open episode has a move, and a batch does what steps do.
static void test_random_play(void **state) {
    (void)state;
    for (int k = 0; k < SIDES; k++) {
        trm_env *env = environment(sides[k], 0);
        int32_t n = trm_env_action_dim(env), dead = 0;
        trm_rng rng;
        trm_rng_seed(&rng, 2, 0);
        for (int i = 0; i < 30; i++) {
            char s[STATE], batch[STATE], before[STATE];
            float obs[OBS], batch_obs[OBS], old[OBS], total = 0;
            bool mask[ACTIONS];
            trm_step r = {0}, b;
            int32_t length = 0;
            trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
            memcpy(batch, s, trm_env_state_size(env));
            trm_env_observe(env, s, batch_obs);
            while (!r.done) {
                int32_t count = trm_env_legal(env, s, mask);
                assert_true(count > 0);
                int32_t a = (int32_t)trm_rng_below(&rng, (uint32_t)n);
                for (int tries = 0; i % 2 && !mask[a] && tries < 10000; tries++)
                    a = (int32_t)trm_rng_below(&rng, (uint32_t)n);
                memcpy(before, s, sizeof before);
                trm_env_observe(env, s, old);
                r = trm_env_step(env, s, a);
                trm_env_observe(env, s, obs);
                size_t bytes = (size_t)trm_env_state_dim(env) * sizeof *obs;
                assert_int_equal(memcmp(obs, old, bytes) != 0, mask[a]);
                trm_env_step_batch(env, batch, 1, &a, batch_obs, &b);
                assert_memory_equal(batch, s, trm_env_state_size(env));
                assert_memory_equal(batch_obs, obs, bytes);
                assert_memory_equal(&b.reward, &r.reward, sizeof r.reward);
                total += r.reward;
                length++;
            }
            assert_int_equal(trm_env_success(env, total), r.solved);
            assert_true(length <= trm_env_max_steps(env));
            dead += r.reason == TRM_REASON_DEAD_END;
        }
        assert_true(dead > 0);
        trm_env_free(env);
    }
}

// Where placed digits are shown as given ones, they look as if they had been there at the start.
static void test_placed_digits_shown_as_given(void **state) {
    (void)state;
    trm_error e = {0};
    trm_env_config c = {.type = "sudoku", .size = 4, .placed_given = true};
    trm_env *shown = trm_env_new(&c, &e), *plain = environment(4, 0);
    int32_t cells[16] = {1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 4, 0, 0, 3, 2, 1};
    int32_t action = 2 * 4 + 2;
    char placed[STATE], given[STATE];
    float obs[OBS], batch[OBS], expected[OBS];
    trm_step r;
    assert_non_null(shown);
    size_t bytes = (size_t)trm_env_state_dim(shown) * sizeof *obs;
    assert_true(trm_env_set_grid(shown, placed, cells, &e));
    trm_env_observe(shown, placed, batch);
    trm_env_observe(plain, placed, expected);
    assert_memory_equal(batch, expected, bytes); // nothing is placed yet
    trm_env_step_batch(shown, placed, 1, &action, batch, &r);
    cells[2] = 3;
    assert_true(trm_env_set_grid(shown, given, cells, &e));
    trm_env_observe(shown, placed, obs);
    trm_env_observe(shown, given, expected);
    assert_memory_equal(obs, expected, bytes);
    assert_memory_equal(batch, expected, bytes);
    trm_env_observe(plain, placed, obs);
    assert_memory_not_equal(obs, expected, bytes);
    trm_env_free(shown);
    trm_env_free(plain);
}

static void test_reasons(void **state) {
    (void)state;
    trm_env *env = environment(4, 0);
    const int32_t cells[16] = {1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 4, 0, 0, 3, 2, 1};
    char s[STATE];
    trm_error e = {0};
    assert_true(trm_env_set_grid(env, s, cells, &e));
    assert_int_equal(trm_env_step(env, s, 0).reason, TRM_REASON_GIVEN_CELL);
    assert_int_equal(trm_env_step(env, s, 2 * 4 + 0).reason, TRM_REASON_BREAKS_RULE);
    assert_int_equal(trm_env_step(env, s, 2 * 4 + 2).reason, TRM_REASON_RIGHT_DIGIT);
    assert_int_equal(trm_env_step(env, s, 2 * 4 + 3).reason, TRM_REASON_FILLED_CELL);
    assert_int_equal(trm_env_step(env, s, 8 * 4 + 1).reason, TRM_REASON_RIGHT_DIGIT);
    int32_t twice[16] = {0};
    assert_false(trm_env_set_grid(env, s, twice, &e));
    assert_non_null(strstr(e.message, "more than one solution"));
    trm_env_free(env);
}

static void test_changes_by_hand(void **state) {
    (void)state;
    trm_env *env = environment(4, 0);
    const int32_t cells[16] = {1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 4, 0, 0, 3, 2, 1};
    const struct {
        int32_t cell, digit;
        const char *says; // NULL: done
    } changes[] = {
        {0, 2, "holds a 1"}, {2, 1, "there is a 1"}, {2, 3, NULL},
        {0, 0, NULL},        {0, 1, NULL},           {2, 5, "is not a digit"},
    };
    char s[STATE] = {0}, before[STATE];
    trm_error e = {0};
    assert_true(trm_env_set_grid(env, s, cells, &e));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const trm_edit edit = {TRM_EDIT_DIGIT, changes[i].cell, changes[i].digit};
        memcpy(before, s, sizeof before);
        assert_int_equal(trm_env_edit(env, s, &edit, &e), !changes[i].says);
        if (changes[i].says) {
            assert_non_null(strstr(e.message, changes[i].says));
            assert_memory_equal(s, before, sizeof s);
        }
    }
    int32_t actions[16];
    int32_t n = trm_env_solve(env, s, actions, 16); // eight blanks, one of them filled by hand
    assert_int_equal(n, 7);
    for (int32_t t = 0; t < n; t++)
        assert_int_equal(trm_env_step(env, s, actions[t]).solved, t == n - 1);
    trm_placement p = trm_env_placement(env, s, 2 * 4 + 3);
    assert_true(p.cell == 2 && p.digit == 4);
    trm_env_free(env);
}

static void test_bad_settings(void **state) {
    (void)state;
    const struct {
        int32_t size, givens;
        const char *puzzles, *says;
    } bad[] = {
        {5, 0, "", "env.size: a sudoku has size 4, 6 or 9, found 5"},
        {4, 3, "", "env.givens: 3 is out of range 4..12"},
        {9, 78, "", "env.givens: 78 is out of range 17..77"},
        {9, 0, "/nowhere/at/all", "/nowhere/at/all"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_env_config c = {.type = "sudoku", .size = bad[i].size, .givens = bad[i].givens};
        trm_error e = {0};
        trm_text_copy(c.puzzles, sizeof c.puzzles, bad[i].puzzles);
        assert_null(trm_env_new(&c, &e));
        assert_int_equal(e.code, TRM_E_INPUT);
        assert_non_null(strstr(e.message, bad[i].says));
    }
}

// Puzzles of a file, each on its side.
static void test_puzzles_from_a_file(void **state) {
    (void)state;
    enum { N = 40 };
    char path[] = "/tmp/trm-puzzles-XXXXXX", text[N * 20] = "";
    int file = mkstemp(path);
    trm_puzzle drawn[N];
    trm_env_config c = {.type = "sudoku", .size = 4};
    trm_error e = {0};
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    for (int i = 0; i < N; i++) {
        char line[TRM_PUZZLE_TEXT];
        trm_puzzle_draw(4, 5, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT, &rng, &drawn[i]);
        trm_puzzle_print(&drawn[i], line);
        trm_text_format(text + strlen(text), sizeof text - strlen(text), "%s\n", line);
    }
    assert_true(file >= 0 && trm_file_write(path, text, strlen(text), &e));
    trm_text_copy(c.puzzles, sizeof c.puzzles, path);
    trm_env *env = trm_env_new(&c, &e);
    assert_non_null(env);
    for (int i = 0; i < 100; i++) {
        char s[STATE];
        static trm_board board;
        trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
        bool found = false;
        trm_env_reset(env, s, &rng, split);
        trm_env_describe(env, s, &board);
        for (int k = 0; k < N; k++) {
            bool same = trm_puzzle_side(&drawn[k]) == split;
            for (int p = 0; p < 16; p++)
                same &= board.cells[p].digit == drawn[k].cells[p];
            found |= same;
        }
        assert_true(found);
    }
    trm_env_free(env);
    close(file);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),       cmocka_unit_test(test_the_solution_earns_fourteen),
        cmocka_unit_test(test_random_play),  cmocka_unit_test(test_placed_digits_shown_as_given),
        cmocka_unit_test(test_reasons),      cmocka_unit_test(test_changes_by_hand),
        cmocka_unit_test(test_bad_settings), cmocka_unit_test(test_puzzles_from_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
