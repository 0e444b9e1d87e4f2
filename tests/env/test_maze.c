// SPDX-License-Identifier: Apache-2.0
// What holds for maze-open and maze-plain at every size.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/rng.h"
#include "trm/base/text.h"
#include "trm/env/env.h"

enum { UP, DOWN, LEFT, RIGHT, CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX, STATE = 64 };

static const char *const types[] = {"maze-open", "maze-plain"};

static trm_env *make(const char *type, int32_t size) {
    trm_env_config config = {.size = size};
    trm_text_copy(config.type, sizeof config.type, type);
    trm_error e;
    trm_env *env = trm_env_new(&config, &e);
    if (!env)
        fail_msg("%s", e.message);
    assert_true(trm_env_state_size(env) <= STATE);
    return env;
}

static void reset(const trm_env *env, void *state) {
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    memset(state, 0xa5, trm_env_state_size(env)); // a reset sets every byte
    trm_env_reset(env, state, &rng, TRM_SPLIT_TRAIN);
}

// Where an observation shows the agent; the goal hides it in the last cell.
static int32_t agent_at(const trm_env *env, const float *obs) {
    int32_t n = trm_env_state_dim(env), at = n - 1;
    for (int32_t i = 0; i < n - 1; i++) {
        assert_true(obs[i] == 0.0f || obs[i] == 1.0f);
        if (obs[i] == 1.0f) {
            assert_int_equal(at, n - 1);
            at = i;
        }
    }
    assert_true(obs[n - 1] == 0.5f);
    return at;
}

static int32_t place(const trm_env *env, const void *state) {
    static float obs[CELLS];
    trm_env_observe(env, state, obs);
    return agent_at(env, obs);
}

static void check_solution(const trm_env *env, const void *start) {
    int32_t size = trm_env_get_config(env)->size, shortest = 2 * (size - 1);
    int32_t actions[CELLS], length = -1;
    float total = NAN;
    assert_int_equal(trm_env_solve(env, start, actions, CELLS), shortest);
    assert_true(trm_env_optimum(env, start, &total, &length));
    assert_int_equal(length, shortest);

    char state[STATE];
    memcpy(state, start, trm_env_state_size(env));
    float sum = 0;
    for (int32_t i = 0; i < shortest; i++) {
        int32_t rest[CELLS];
        assert_int_equal(trm_env_solve(env, state, rest, CELLS), shortest - i);
        trm_step s = trm_env_step(env, state, actions[i]);
        assert_int_equal(s.done, i == shortest - 1);
        assert_int_equal(s.solved, i == shortest - 1);
        assert_int_equal(s.reason, s.solved ? TRM_REASON_REACHED_GOAL : TRM_REASON_TOWARDS_GOAL);
        sum += s.reward;
    }
    assert_true(sum == total);
    assert_true(trm_env_success(env, total));
    assert_int_equal(place(env, state), size * size - 1);
    assert_int_equal(trm_env_solve(env, state, actions, CELLS), 0);
    assert_true(trm_env_optimum(env, state, &total, &length));
    assert_true(total == 0.0f && length == 0);
}

static void test_every_size_is_solved_by_the_shortest_path(void **state) {
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (int32_t size = 2; size <= TRM_BOARD_MAX; size++) {
            trm_env *env = make(types[t], size);
            assert_int_equal(trm_env_state_dim(env), size * size);
            assert_int_equal(trm_env_action_dim(env), 4);
            assert_true(trm_env_max_steps(env) >= 2 * (size - 1));
            char start[STATE];
            reset(env, start);
            assert_int_equal(place(env, start), 0);
            check_solution(env, start);
            trm_env_free(env);
        }
}

// The totals in closed form, and the limit that the original has wherever it leaves a way.
static void test_rewards_limits_and_thresholds(void **state) {
    (void)state;
    for (int32_t size = 2; size <= TRM_BOARD_MAX; size++) {
        int32_t shortest = 2 * (size - 1), limit = shortest <= 50 ? 50 : 4 * (size - 1);
        double best[] = {10.0 + 0.19 * shortest, 10.0 - 0.1 * (shortest - 1)};
        for (int t = 0; t < 2; t++) {
            trm_env *env = make(types[t], size);
            assert_int_equal(trm_env_max_steps(env), limit + 1);
            char start[STATE];
            reset(env, start);
            float total;
            int32_t length;
            assert_true(trm_env_optimum(env, start, &total, &length));
            assert_true(fabs((double)total - best[t]) < 1e-4);
            if (size <= (t == 0 ? 15 : 26)) { // the original's threshold
                assert_false(trm_env_success(env, 5.0f));
                assert_true(trm_env_success(env, 5.0001f));
            }
            trm_env_free(env);
        }
    }
}

// The best that an episode can earn without reaching the goal: next to it, and back and forth.
static void test_missing_the_goal_is_no_success(void **state) {
    (void)state;
    for (int t = 0; t < 2; t++)
        for (int32_t size = 2; size <= TRM_BOARD_MAX; size++) {
            trm_env *env = make(types[t], size);
            char at[STATE];
            reset(env, at);
            int32_t actions[CELLS];
            int32_t n = trm_env_solve(env, at, actions, CELLS);
            float sum = 0;
            trm_step s = {0};
            int32_t steps = 0;
            for (; !s.done; steps++) {
                int32_t back = actions[n - 2] ^ 1, there = actions[n - 2];
                int32_t action = steps < n - 1 ? actions[steps] : (steps - n) % 2 ? back : there;
                if (steps == n - 1)
                    action = back;
                s = trm_env_step(env, at, action);
                sum += s.reward;
            }
            assert_int_equal(steps, trm_env_max_steps(env));
            assert_false(s.solved);
            assert_int_equal(s.reason, TRM_REASON_OUT_OF_STEPS);
            assert_false(trm_env_success(env, sum));
            trm_env_free(env);
        }
}

// One step from every cell in every direction, against the rules as they are told in words.
static void check_step(const trm_env *env, const void *before, int32_t row, int32_t col,
                       int32_t action) {
    int32_t size = trm_env_get_config(env)->size;
    bool open = strcmp(trm_env_get_config(env)->type, "maze-open") == 0;
    int32_t r = row + (action == DOWN) - (action == UP);
    int32_t c = col + (action == RIGHT) - (action == LEFT);
    bool inside = r >= 0 && r < size && c >= 0 && c < size;
    bool goal = inside && r == size - 1 && c == size - 1;
    bool nearer = action == DOWN || action == RIGHT;
    double want = open ? (nearer ? 0.19 : -0.21) + (goal ? 10 : 0) : (goal ? 10 : -0.1);
    if (!inside)
        want = open ? -0.5 : -1.0;

    bool mask[4];
    int32_t legal = trm_env_legal(env, before, mask);
    assert_int_equal(legal, mask[0] + mask[1] + mask[2] + mask[3]);
    assert_int_equal(mask[action], inside);

    char after[STATE];
    memcpy(after, before, trm_env_state_size(env));
    trm_step s = trm_env_step(env, after, action);
    assert_true(fabs((double)s.reward - want) < 1e-6);
    assert_int_equal(s.done, goal);
    assert_int_equal(s.solved, goal);
    assert_int_equal(s.reason, !inside  ? TRM_REASON_OFF_GRID
                               : goal   ? TRM_REASON_REACHED_GOAL
                               : nearer ? TRM_REASON_TOWARDS_GOAL
                                        : TRM_REASON_AWAY_FROM_GOAL);
    assert_int_equal(place(env, after), inside ? r * size + c : row * size + col);
}

static void test_every_step_of_every_cell(void **state) {
    (void)state;
    static const int32_t sizes[] = {2, 3, 5, 13};
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < 4; i++) {
            int32_t size = sizes[i];
            trm_env *env = make(types[t], size);
            for (int32_t cell = 0; cell < size * size - 1; cell++) {
                char at[STATE];
                reset(env, at);
                // Along the top, then down: away from the goal only in the last column.
                for (int32_t k = 0; k < cell % size; k++)
                    trm_env_step(env, at, RIGHT);
                for (int32_t k = 0; k < cell / size; k++)
                    trm_env_step(env, at, DOWN);
                for (int32_t action = 0; action < 4; action++)
                    check_step(env, at, cell / size, cell % size, action);
            }
            trm_env_free(env);
        }
}

// Walking into the wall until the limit: only the count of steps changes, so that a state reached
// by as many legal steps to and fro is the same block of bytes.
static void test_an_illegal_action_changes_the_count_of_steps_only(void **state) {
    (void)state;
    for (int t = 0; t < 2; t++)
        for (int32_t size = 2; size <= TRM_BOARD_MAX; size += 7) {
            trm_env *env = make(types[t], size);
            char stuck[STATE], moving[STATE], start[STATE];
            reset(env, start);
            reset(env, stuck);
            reset(env, moving);
            for (int32_t i = 1; i <= trm_env_max_steps(env); i++) {
                trm_step s = trm_env_step(env, stuck, i % 2 ? UP : LEFT);
                trm_env_step(env, moving, i % 2 ? DOWN : UP);
                assert_int_equal(s.done, i == trm_env_max_steps(env));
                assert_int_equal(place(env, stuck), 0);
                assert_memory_not_equal(stuck, start, trm_env_state_size(env));
                if (i % 2 == 0)
                    assert_memory_equal(stuck, moving, trm_env_state_size(env));
            }
            // Over, not at the goal: the way is still told, but nothing more can be earned.
            float total = NAN;
            int32_t length;
            assert_int_equal(trm_env_solve(env, stuck, NULL, 0), 2 * (size - 1));
            assert_true(trm_env_optimum(env, stuck, &total, &length));
            assert_true(total == 0.0f);
            trm_env_free(env);
        }
}

// The solution is told in full when there is no time left for it, or no room.
static void test_a_solution_longer_than_what_remains(void **state) {
    (void)state;
    trm_env *env = make("maze-open", 5);
    char at[STATE];
    reset(env, at);
    for (int i = 0; i < 48; i++)
        trm_env_step(env, at, UP);
    int32_t actions[9], length;
    float total;
    for (int i = 0; i < 9; i++)
        actions[i] = -7;
    assert_int_equal(trm_env_solve(env, at, actions, 3), 8);
    for (int i = 0; i < 9; i++)
        assert_int_equal(actions[i] == -7, i >= 3);
    assert_true(trm_env_optimum(env, at, &total, &length));
    assert_int_equal(length, 8);
    assert_true(fabs((double)total - 3 * 0.19) < 1e-6); // three steps are left
    // On the very last one, reaching the goal still counts.
    reset(env, at);
    for (int i = 0; i < 43; i++)
        trm_env_step(env, at, UP);
    assert_int_equal(trm_env_solve(env, at, actions, 9), 8);
    trm_step s = {0};
    for (int i = 0; i < 8; i++)
        s = trm_env_step(env, at, actions[i]);
    assert_true(s.done && s.solved && s.reward > 10.0f);
    assert_int_equal(s.reason, TRM_REASON_REACHED_GOAL);
    trm_env_free(env);
}

struct batch {
    const trm_env *env;
    int32_t n, dim;
    size_t size;
    char *states, *single;
    float *obs, *want;
    int32_t *actions;
    trm_step *steps;
};

static void restart(struct batch *b, int32_t i, trm_rng *rng) {
    trm_env_reset(b->env, b->states + (size_t)i * b->size, rng, TRM_SPLIT_TRAIN);
    trm_env_reset(b->env, b->single + (size_t)i * b->size, rng, TRM_SPLIT_TRAIN);
    trm_env_observe(b->env, b->states + (size_t)i * b->size, b->obs + i * b->dim);
}

static int32_t play_and_compare(struct batch *b, trm_rng *rng) {
    int32_t ended = 0;
    for (int32_t i = 0; i < b->n; i++)
        b->actions[i] = (int32_t)trm_rng_below(rng, 4);
    trm_env_step_batch(b->env, b->states, b->n, b->actions, b->obs, b->steps);
    for (int32_t i = 0; i < b->n; i++) {
        char *at = b->single + (size_t)i * b->size;
        trm_step s = trm_env_step(b->env, at, b->actions[i]);
        trm_env_observe(b->env, at, b->want);
        assert_memory_equal(at, b->states + (size_t)i * b->size, b->size);
        assert_memory_equal(b->want, b->obs + i * b->dim, (size_t)b->dim * sizeof(float));
        assert_true(s.reward == b->steps[i].reward && s.done == b->steps[i].done);
        assert_true(s.solved == b->steps[i].solved && s.reason == b->steps[i].reason);
        ended += s.done;
        if (s.done)
            restart(b, i, rng);
    }
    return ended;
}

static void test_a_batch_does_what_single_steps_do(void **state) {
    (void)state;
    static const int32_t sizes[] = {2, 5, 8, 27, 64};
    for (int t = 0; t < 2; t++)
        for (int k = 0; k < 5; k++) {
            trm_env *env = make(types[t], sizes[k]);
            trm_arena a = TRM_ARENA_INIT;
            struct batch b = {.env = env, .n = 37};
            b.dim = trm_env_state_dim(env);
            b.size = trm_env_state_size(env);
            b.states = trm_arena_array(&a, (size_t)b.n, b.size);
            b.single = trm_arena_array(&a, (size_t)b.n, b.size);
            b.obs = trm_arena_array(&a, (size_t)b.n * (size_t)b.dim, sizeof *b.obs);
            b.want = trm_arena_array(&a, (size_t)b.dim, sizeof *b.want);
            b.actions = trm_arena_array(&a, (size_t)b.n, sizeof *b.actions);
            b.steps = trm_arena_array(&a, (size_t)b.n, sizeof *b.steps);
            trm_rng rng;
            trm_rng_seed(&rng, (uint64_t)sizes[k], 0);
            for (int32_t i = 0; i < b.n; i++)
                restart(&b, i, &rng);
            int32_t ended = 0;
            for (int step = 0; step < 400; step++)
                ended += play_and_compare(&b, &rng);
            assert_true(ended >= b.n);
            trm_arena_free(&a);
            trm_env_free(env);
        }
}

static void test_what_is_shown(void **state) {
    (void)state;
    trm_env *env = make("maze-plain", 3);
    char at[STATE];
    reset(env, at);
    trm_env_step(env, at, DOWN);
    static trm_board board;
    memset(&board, 0x5a, sizeof board);
    trm_env_describe(env, at, &board);
    assert_int_equal(board.rows, 3);
    assert_int_equal(board.cols, 3);
    assert_int_equal(board.box_rows, 0);
    assert_int_equal(board.box_cols, 0);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(board.cells[i].kind, i == 3   ? TRM_CELL_AGENT
                                              : i == 8 ? TRM_CELL_GOAL
                                                       : TRM_CELL_EMPTY);
        assert_int_equal(board.cells[i].digit, 0);
        assert_false(board.cells[i].conflict);
    }
    static const char *const names[] = {"up", "down", "left", "right"};
    static const char *const arrows[] = {"\u2191", "\u2193", "\u2190", "\u2192"};
    for (int32_t i = 0; i < 4; i++) {
        char name[16];
        trm_env_action_name(env, i, name);
        assert_string_equal(name, names[i]);
        assert_string_equal(trm_env_action_glyph(env, i, false), arrows[i]);
        assert_int_equal(trm_env_action_glyph(env, i, true)[0], "^v<>"[i]);
    }
    assert_string_equal(trm_env_task(env), "maze");
    trm_env_free(env);
}

static void test_names_and_refusals(void **state) {
    (void)state;
    trm_env_config config = trm_env_config_default();
    assert_string_equal(config.type, "maze-open");
    assert_int_equal(config.size, 5);
    assert_null(trm_env_name(-1));
    int32_t n = 0;
    for (; trm_env_name(n); n++) {
        assert_non_null(trm_env_summary(n));
        if (strncmp(trm_env_name(n), "maze-", 5) == 0)
            trm_env_free(make(trm_env_name(n), 4));
    }
    assert_true(n >= 2);
    assert_null(trm_env_summary(n));

    static const struct {
        const char *type;
        int32_t size;
        const char *part;
    } bad[] = {
        {"maze-opne", 5, "\"maze-opne\"; did you mean \"maze-open\"?"},
        {"zebra", 5, "there is no environment \"zebra\""},
        {"", 5, "there is no environment \"\""},
        {"maze-open", 1, "env.size: 1 is out of range 2..64"},
        {"maze-open", 65, "65 is out of range 2..64"},
        {"maze-plain", INT32_MIN, "out of range"},
        {"maze-plain", INT32_MAX, "out of range"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_error e;
        memset(&config, 0, sizeof config);
        trm_text_copy(config.type, sizeof config.type, bad[i].type);
        config.size = bad[i].size;
        assert_null(trm_env_new(&config, &e));
        assert_int_equal(e.code, TRM_E_INPUT);
        if (!strstr(e.message, bad[i].part))
            fail_msg("\"%s\" lacks %s", e.message, bad[i].part);
    }
    memset(config.type, 'x', sizeof config.type); // not terminated
    assert_null(trm_env_new(&config, NULL));
    trm_env_free(NULL);
}

// An agent put into a cell is where steps would have brought it; only the goal is refused.
static void test_the_agent_moved_by_hand(void **state) {
    (void)state;
    for (int t = 0; t < 2; t++) {
        trm_env *env = make(types[t], 6);
        char by_hand[STATE], start[STATE];
        trm_error e = {0};
        reset(env, start);
        for (int32_t cell = 0; cell < 35; cell++) {
            memcpy(by_hand, start, sizeof start);
            assert_true(trm_env_edit(env, by_hand, &(trm_edit){TRM_EDIT_AGENT, cell, 0}, &e));
            assert_int_equal(place(env, by_hand), cell);
            assert_int_equal(trm_env_solve(env, by_hand, NULL, 0), 10 - cell / 6 - cell % 6);
            assert_true(trm_env_edit(env, by_hand, &(trm_edit){TRM_EDIT_AGENT, 0, 0}, &e));
            assert_memory_equal(by_hand, start, trm_env_state_size(env));
        }
        static const struct {
            trm_edit edit;
            const char *part;
        } bad[] = {{{TRM_EDIT_AGENT, 35, 0}, "at the goal"},
                   {{TRM_EDIT_AGENT, 36, 0}, "no cell 36"},
                   {{TRM_EDIT_AGENT, -1, 0}, "no cell -1"},
                   {{TRM_EDIT_GOAL, 3, 0}, "a goal that stays"},
                   {{TRM_EDIT_DIGIT, 3, 1}, "no digits"}};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            assert_false(trm_env_edit(env, by_hand, &bad[i].edit, &e));
            if (!strstr(e.message, bad[i].part))
                fail_msg("%s", e.message);
            assert_memory_equal(by_hand, start, trm_env_state_size(env));
        }
        assert_int_equal(trm_env_placement(env, start, 0).cell, -1);
        trm_env_free(env);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size_is_solved_by_the_shortest_path),
        cmocka_unit_test(test_rewards_limits_and_thresholds),
        cmocka_unit_test(test_missing_the_goal_is_no_success),
        cmocka_unit_test(test_every_step_of_every_cell),
        cmocka_unit_test(test_an_illegal_action_changes_the_count_of_steps_only),
        cmocka_unit_test(test_a_solution_longer_than_what_remains),
        cmocka_unit_test(test_a_batch_does_what_single_steps_do),
        cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_the_agent_moved_by_hand),
        cmocka_unit_test(test_names_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
