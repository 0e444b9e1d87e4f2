// SPDX-License-Identifier: Apache-2.0
// Boards played by hand: every move a step of the environment, undo exact, takings back and hints.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../train/support.h"
#include "trm/agent/game.h"
#include "trm/base/arena.h"

enum { ACTIONS = 8192, MARKS = TRM_BOARD_MAX * TRM_BOARD_MAX };

static trm_env *env_of(const char *type) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    snprintf(c.type, sizeof c.type, "%s", type);
    if (strncmp(type, "sudoku", 6) == 0)
        c.size = 4;
    if (strcmp(type, "maze") == 0)
        c.size = 7;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s: %s", type, e.message);
    return env;
}

static trm_game *game_of(const trm_env *env, uint64_t seed) {
    char *start = trm_alloc(1, trm_env_state_size(env));
    trm_rng rng;
    trm_rng_seed(&rng, seed, 0);
    trm_env_reset(env, start, &rng, TRM_SPLIT_HELD_OUT);
    trm_game *g = trm_game_new(env, start);
    free(start);
    return g;
}

// The path is a recorded episode: each step leads from its state to the next.
static void assert_path(const trm_game *g) {
    const int32_t n = trm_game_steps(g);
    const size_t size = trm_env_state_size(trm_game_env(g));
    trm_episode_step *steps = trm_alloc((size_t)n + 1, sizeof *steps);
    char *states = trm_alloc((size_t)n + 1, size), *state = trm_alloc(1, size);
    trm_game_path(g, steps, states);
    assert_memory_equal(states, trm_game_start(g), size);
    for (int32_t t = 0; t < n; t++) {
        memcpy(state, states + (size_t)t * size, size);
        const trm_step step = trm_env_step(trm_game_env(g), state, steps[t].action);
        assert_memory_equal(state, states + (size_t)(t + 1) * size, size);
        assert_true(step.reward == steps[t].reward && step.done == steps[t].done);
        assert_int_equal(steps[t].prev_action, t > 0 ? steps[t - 1].action : -1);
    }
    assert_true(n == 0 || steps[n - 1].total_reward == trm_game_reward(g));
    free(steps);
    free(states);
    free(state);
}

// The state in sight is what the environment makes of its actions from the start.
static void assert_as_stepped(const trm_game *g) {
    static int32_t actions[ACTIONS];
    const trm_env *env = trm_game_env(g);
    const size_t size = trm_env_state_size(env);
    char *state = trm_alloc(1, size);
    memcpy(state, trm_game_start(g), size);
    float total = 0;
    trm_step last = {0};
    const int32_t n = trm_game_actions(g, actions, ACTIONS);
    assert_int_equal(n, trm_game_steps(g));
    for (int32_t i = 0; i < n; i++) {
        last = trm_env_step(env, state, actions[i]);
        total += last.reward;
    }
    assert_memory_equal(state, trm_game_state(g), size);
    assert_true(total == trm_game_reward(g));
    assert_int_equal(trm_game_last_action(g), n > 0 ? actions[n - 1] : -1);
    assert_int_equal(trm_game_finished(g), n > 0 && last.done);
    assert_int_equal(trm_game_solved(g), n > 0 && last.solved);
    assert_path(g);
    if (n == 0)
        assert_null(trm_game_last(g));
    else
        assert_int_equal(trm_game_last(g)->reason, last.reason);
    free(state);
}

// ---- anything at all, in every environment

static void meddle(trm_game *g, trm_rng *rng) {
    const trm_env *env = trm_game_env(g);
    const trm_board *b = trm_game_board(g);
    const int32_t cells = b->rows * b->cols;
    const int32_t cell = (int32_t)trm_rng_below(rng, (uint32_t)cells);
    const uint32_t what = trm_rng_below(rng, 10);
    if (what < 5) {
        const int32_t action = (int32_t)trm_rng_below(rng, (uint32_t)trm_env_action_dim(env));
        const bool over = trm_game_finished(g);
        assert_int_equal(trm_game_step(g, action), !over);
    } else if (what == 5) {
        trm_game_mark(g, cell, 1 + (int32_t)trm_rng_below(rng, 4));
    } else if (what == 6) {
        const bool placed = b->cells[cell].kind == TRM_CELL_FILLED;
        const int32_t steps = trm_game_steps(g);
        assert_int_equal(trm_game_take_back(g, cell), placed);
        assert_true(!placed || (b->cells[cell].digit == 0 && trm_game_steps(g) < steps));
    } else if (what < 9) {
        trm_game_undo(g);
    } else {
        trm_game_redo(g);
    }
}

// Back to the start, and forth again: each is exactly what it was.
static void assert_undo_is_exact(trm_game *g) {
    const size_t size = trm_env_state_size(trm_game_env(g));
    const int32_t depth = trm_game_can_undo(g);
    const int32_t cells = trm_game_board(g)->rows * trm_game_board(g)->cols;
    char *states = trm_alloc((size_t)depth + 1, size);
    uint16_t *marks = trm_alloc((size_t)(depth + 1) * (size_t)cells, sizeof *marks);
    for (int32_t i = depth; i >= 0; i--) {
        memcpy(states + (size_t)i * size, trm_game_state(g), size);
        for (int32_t c = 0; c < cells; c++)
            marks[i * cells + c] = trm_game_marks(g, c);
        assert_int_equal(trm_game_undo(g), i > 0);
    }
    assert_memory_equal(trm_game_state(g), trm_game_start(g), size);
    assert_int_equal(trm_game_steps(g), 0);
    assert_true(trm_game_reward(g) == 0);
    for (int32_t c = 0; c < cells; c++)
        assert_int_equal(trm_game_marks(g, c), 0);
    for (int32_t i = 0; i <= depth; i++) {
        assert_memory_equal(trm_game_state(g), states + (size_t)i * size, size);
        for (int32_t c = 0; c < cells; c++)
            assert_int_equal(trm_game_marks(g, c), marks[i * cells + c]);
        if (i < depth)
            assert_true(trm_game_redo(g));
    }
    free(states);
    free(marks);
}

static void test_whatever_is_done_is_steps_of_the_environment(void **state) {
    (void)state;
    for (int32_t k = 0; trm_env_name(k) != NULL; k++) {
        trm_env *env = env_of(trm_env_name(k));
        trm_game *g = game_of(env, 3);
        trm_rng rng;
        trm_rng_seed(&rng, 11, (uint64_t)k);
        for (int32_t i = 0; i < 300; i++) {
            meddle(g, &rng);
            assert_as_stepped(g);
        }
        assert_undo_is_exact(g);
        trm_game_free(g);
        trm_env_free(env);
    }
}

// ---- moves and placements

static void test_a_maze_by_directions(void **state) {
    (void)state;
    trm_env *env = env_of("maze-open");
    trm_game *g = game_of(env, 0);
    assert_false(trm_game_has_digits(g));
    assert_int_equal(trm_game_placement(g, 0, 1), -1);
    assert_true(trm_game_step(g, trm_game_move(g, TRM_UP)));
    assert_int_equal(trm_game_last(g)->reason, TRM_REASON_OFF_GRID);
    assert_int_equal(trm_game_counted(g)->mistakes, 1);
    for (int i = 0; i < 4; i++) {
        assert_true(trm_game_step(g, trm_game_move(g, TRM_RIGHT)));
        assert_true(trm_game_step(g, trm_game_move(g, TRM_DOWN)));
    }
    assert_true(trm_game_finished(g) && trm_game_solved(g));
    assert_false(trm_game_step(g, trm_game_move(g, TRM_UP)));
    assert_int_equal(trm_game_counted(g)->moves, 9);
    assert_int_equal(trm_game_counted(g)->mistakes, 1);
    trm_game_mark(g, 0, 1); // there is nothing to mark
    assert_int_equal(trm_game_marks(g, 0), 0);
    assert_int_equal(trm_game_can_undo(g), 9);
    trm_game_free(g);
    trm_env_free(env);
}

static const int32_t a_puzzle[16] = {1, 2, 0, 0, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 0};

static trm_game *puzzle_game(const trm_env *env) {
    char start[256];
    trm_error e = {0};
    assert_true(trm_env_state_size(env) <= sizeof start);
    if (!trm_env_set_grid(env, start, a_puzzle, &e))
        fail_msg("%s", e.message);
    return trm_game_new(env, start);
}

static void place(trm_game *g, int32_t cell, int32_t digit, float reward, trm_reason reason) {
    const int32_t action = trm_game_placement(g, cell, digit);
    char name[16], expected[40];
    trm_env_action_name(trm_game_env(g), action, name);
    snprintf(expected, sizeof expected, "r%dc%d=%d", cell / 4 + 1, cell % 4 + 1, digit);
    assert_string_equal(name, expected);
    assert_int_equal(trm_game_cell_of(g, action), cell);
    assert_true(trm_game_step(g, action));
    assert_true(trm_game_last(g)->reward == reward);
    assert_int_equal(trm_game_last(g)->reason, reason);
}

static void test_a_sudoku_is_played_by_its_rules(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-medium");
    trm_game *g = puzzle_game(env);
    assert_true(trm_game_has_digits(g));
    place(g, 0, 2, -0.5f, TRM_REASON_GIVEN_CELL);
    place(g, 2, 1, -1.0f, TRM_REASON_BREAKS_RULE);
    place(g, 2, 3, 1.0f, TRM_REASON_RIGHT_DIGIT);
    place(g, 2, 4, -0.3f, TRM_REASON_FILLED_CELL);
    assert_int_equal(trm_game_counted(g)->mistakes, 3);
    place(g, 3, 4, 1.0f, TRM_REASON_RIGHT_DIGIT);
    place(g, 15, 1, 11.0f, TRM_REASON_SOLVED);
    assert_true(trm_game_solved(g));
    assert_int_equal(trm_game_counted(g)->mistakes, 3);
    assert_as_stepped(g);
    trm_game_free(g);
    trm_env_free(env);
}

static void test_a_digit_taken_back(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-empty");
    trm_game *g = game_of(env, 0);
    place(g, 0, 1, 1, TRM_REASON_LEGAL_PLACEMENT);
    place(g, 1, 2, 1, TRM_REASON_LEGAL_PLACEMENT);
    place(g, 4, 1, -1, TRM_REASON_BREAKS_RULE); // only the first placement stands against it
    place(g, 4, 2, -1, TRM_REASON_BREAKS_RULE); // the second does
    place(g, 5, 3, 1, TRM_REASON_LEGAL_PLACEMENT);
    assert_false(trm_game_take_back(g, 4));
    assert_true(trm_game_take_back(g, 0));
    const trm_board *b = trm_game_board(g);
    assert_int_equal(b->cells[0].digit, 0);
    assert_int_equal(b->cells[1].digit, 2);
    assert_int_equal(b->cells[4].digit, 0);
    assert_int_equal(b->cells[5].digit, 3);
    assert_int_equal(trm_game_steps(g), 3);
    assert_true(trm_game_reward(g) == 1.0f);
    assert_as_stepped(g);
    assert_int_equal(trm_game_counted(g)->moves, 5); // what was done stays counted
    assert_int_equal(trm_game_counted(g)->undone, 1);
    place(g, 0, 4, 1, TRM_REASON_LEGAL_PLACEMENT);
    assert_true(trm_game_undo(g) && trm_game_undo(g));
    assert_int_equal(b->cells[0].digit, 1);
    assert_int_equal(trm_game_steps(g), 5);
    trm_game_free(g);
    trm_env_free(env);
}

static void test_marks(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-medium");
    trm_game *g = puzzle_game(env);
    trm_game_mark(g, 2, 3);
    trm_game_mark(g, 2, 4);
    assert_int_equal(trm_game_marks(g, 2), 0xC);
    trm_game_mark(g, 2, 3);
    assert_int_equal(trm_game_marks(g, 2), 0x8);
    trm_game_clear_marks(g, 2);
    assert_int_equal(trm_game_marks(g, 2), 0);
    assert_int_equal(trm_game_can_undo(g), 4);
    assert_true(trm_game_undo(g) && trm_game_undo(g));
    assert_int_equal(trm_game_marks(g, 2), 0xC);
    assert_int_equal(trm_game_can_redo(g), 2);
    trm_game_mark(g, 3, 1); // what could be redone goes
    assert_int_equal(trm_game_can_redo(g), 0);
    assert_int_equal(trm_game_steps(g), 0); // marks are no steps
    trm_game_free(g);
    trm_env_free(env);
}

// ---- hints

static void test_hints_lead_to_the_end(void **state) {
    (void)state;
    for (int32_t k = 0; trm_env_name(k) != NULL; k++) {
        trm_env *env = env_of(trm_env_name(k));
        trm_game *g = game_of(env, 5);
        trm_hint h;
        float reward = 0;
        int32_t length = 0;
        assert_true(trm_env_optimum(env, trm_game_start(g), &reward, &length));
        for (int32_t i = 0; i < length; i++) {
            assert_true(trm_game_hint(g, &h));
            assert_int_equal(h.left, length - i);
            assert_true(trm_game_step(g, h.action));
        }
        assert_true(trm_game_solved(g));
        assert_false(trm_game_hint(g, &h));
        assert_int_equal(trm_game_counted(g)->mistakes, 0);
        assert_int_equal(trm_game_counted(g)->hints, length);
        assert_float_equal(trm_game_reward(g), reward, 1e-4);
        trm_game_free(g);
        trm_env_free(env);
    }
}

static void test_hints_explain(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-medium");
    trm_game *g = puzzle_game(env);
    trm_hint h;
    assert_true(trm_game_hint(g, &h));
    assert_string_equal(h.text, "r1c3=3: the only digit that fits there");
    assert_int_equal(h.cell, 2);
    trm_game_free(g);
    trm_env_free(env);

    env = env_of("maze-open");
    g = game_of(env, 0);
    assert_true(trm_game_hint(g, &h));
    assert_non_null(strstr(h.text, "the shortest way from here, 8 steps"));
    trm_game_free(g);
    trm_env_free(env);
}

static void test_a_hint_says_where_it_went_wrong(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-empty");
    trm_game *g = game_of(env, 0);
    trm_hint h;
    place(g, 0, 1, 1, TRM_REASON_LEGAL_PLACEMENT);
    place(g, 1, 2, 1, TRM_REASON_LEGAL_PLACEMENT);
    place(g, 2, 3, 1, TRM_REASON_LEGAL_PLACEMENT);
    place(g, 7, 4, 1, TRM_REASON_LEGAL_PLACEMENT); // now nothing fits into the corner
    trm_game_mark(g, 3, 4);
    assert_int_equal(trm_game_counted(g)->mistakes, 1);
    assert_true(trm_game_hint(g, &h));
    assert_int_equal(h.action, -1);
    assert_int_equal(h.left, 2);
    assert_string_equal(h.text, "no solution is left since r2c4=4: undo 2 times");
    assert_true(trm_game_undo(g) && trm_game_undo(g));
    assert_true(trm_game_hint(g, &h));
    assert_true(h.action >= 0);
    trm_game_free(g);
    trm_env_free(env);
}

static void test_conflicts(void **state) {
    (void)state;
    trm_env *env = env_of("sudoku-medium");
    trm_game *g = puzzle_game(env);
    bool out[MARKS];
    const trm_board *b = trm_game_board(g);
    assert_int_equal(trm_board_conflicts(b, 2, 1, out), 2); // row and box
    assert_true(out[0] && out[6]);
    assert_int_equal(trm_board_conflicts(b, 2, 3, out), 0);
    assert_true(trm_board_fits(b, 2, 3));
    assert_false(trm_board_fits(b, 2, 4)); // its column has one
    trm_game_free(g);
    trm_env_free(env);
}

static void test_the_clock(void **state) {
    (void)state;
    trm_env *env = env_of("maze-open");
    trm_game *g = game_of(env, 0);
    trm_game_pass(g, 1.5);
    trm_game_pause(g, true);
    trm_game_pass(g, 10);
    assert_true(trm_game_paused(g));
    trm_game_pause(g, false);
    trm_game_pass(g, 0.5);
    assert_float_equal(trm_game_seconds(g), 2.0, 1e-9);
    while (!trm_game_finished(g))
        trm_game_step(g, trm_game_move(g, TRM_UP));
    trm_game_pass(g, 5);
    assert_float_equal(trm_game_seconds(g), 2.0, 1e-9);
    trm_game_again(g);
    assert_true(trm_game_seconds(g) == 0.0);
    assert_int_equal(trm_game_counted(g)->moves, 0);
    assert_int_equal(trm_game_can_undo(g) + trm_game_can_redo(g), 0);
    assert_as_stepped(g);
    trm_game_free(g);
    trm_env_free(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_is_done_is_steps_of_the_environment),
        cmocka_unit_test(test_a_maze_by_directions),
        cmocka_unit_test(test_a_sudoku_is_played_by_its_rules),
        cmocka_unit_test(test_a_digit_taken_back),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_hints_lead_to_the_end),
        cmocka_unit_test(test_hints_explain),
        cmocka_unit_test(test_a_hint_says_where_it_went_wrong),
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
