// SPDX-License-Identifier: Apache-2.0
// Models that answer whole boards, as players: on sudokus in tokens and in mazes.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/agent.h"
#include "trm/agent/subject.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

enum { SIDE = 4, CELLS = SIDE * SIDE, CLASSES = SIDE + 2, STATE_MAX = 8192, GAMES = 4 };

// Random weights that answer boards of so many cells a side.
static trm_model *answering(const char *type, int32_t side, bool sudoku, uint64_t seed) {
    const bool tokens = trm_arch_reads_tokens(type);
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, type);
    c.height = c.width = side;
    c.box_rows = c.box_cols = sudoku ? 2 : 0;
    c.positions = side * side;
    c.action_dim = tokens ? (sudoku ? side + 2 : 6) : sudoku ? side : 2;
    c.state_dim = tokens ? c.positions : c.positions * (sudoku ? side + 1 : 3);
    c.d_model = 16;
    c.heads = 2;
    c.layers = 1;
    c.k_cycles = 1;
    c.inner_steps = 2;
    c.sup_steps = 3;
    c.prefix = c.puzzle_dim = 0;
    c.puzzles = 1;
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

static trm_env *board_of(const char *type, int32_t size) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    c.size = size;
    c.mask_actions = c.placed_given = strcmp(type, "sudoku") == 0;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    return env;
}

static void start(const trm_env *env, uint64_t seed, char *state) {
    trm_rng rng;
    trm_rng_seed(&rng, seed, 0);
    trm_env_reset(env, state, &rng, TRM_SPLIT_TRAIN);
}

// ---- sudokus

// The empty cell's digit that the forward itself holds likeliest.
static int32_t surest(const trm_model *m, const trm_env *env, const char *state) {
    float x[CELLS], p[CLASSES], most = -1;
    trm_board b;
    bool legal[CELLS * SIDE];
    int32_t best = -1;
    trm_env_describe(env, state, &b);
    trm_env_legal(env, state, legal);
    for (int32_t i = 0; i < CELLS; i++)
        x[i] = (float)(b.cells[i].digit + TRM_TOKEN_BLANK);
    trm_workspace *w = trm_workspace_new(m, 1, false);
    trm_model_forward(m, w, 0, trm_mat_of(x, 1, CELLS), NULL);
    const float *logits = trm_workspace_logits(w, trm_model_outputs(m) - 1).data;
    for (int32_t i = 0; i < CELLS; i++) {
        trm_stablemax(p, logits + i * CLASSES, CLASSES);
        for (int32_t d = 1; d <= SIDE && b.cells[i].digit == 0; d++)
            if (legal[i * SIDE + d - 1] && p[d + TRM_TOKEN_BLANK] > most) {
                most = p[d + TRM_TOKEN_BLANK];
                best = i * SIDE + d - 1;
            }
    }
    trm_workspace_free(w);
    return best;
}

static void test_the_digit_it_is_surest_of(void **state) {
    (void)state;
    trm_env *env = board_of("sudoku", SIDE);
    char s[STATE_MAX];
    for (uint64_t seed = 1; seed <= GAMES; seed++) {
        trm_model *m = answering("trm-paper", SIDE, true, seed);
        trm_agent a;
        assert_true(trm_agent_plays(env, m));
        trm_agent_init(&a, env, m);
        assert_true(a.shape.actions == CELLS * SIDE && a.shape.positions == CELLS);
        start(env, seed, s);
        const int32_t action = trm_agent_think(&a, s, -1);
        const trm_reading r = trm_agent_reading(&a, a.trace);
        assert_int_equal(action, surest(m, env, s));
        assert_int_equal(action, trm_reading_best(&r, a.shape.cycles - 1));
        trm_agent_done(&a);
        trm_model_free(m);
    }
    trm_env_free(env);
}

// Whatever it was asked before, the same state has the same answer; a board that does not follow
// its answer is one to ask about again.
static void test_an_answer_depends_on_the_state_alone(void **state) {
    (void)state;
    trm_env *env = board_of("sudoku", SIDE);
    char s[STATE_MAX];
    int32_t left = 0;
    for (uint64_t seed = 1; seed <= GAMES; seed++) {
        trm_model *m = answering("trm-paper", SIDE, true, seed);
        trm_agent a;
        trm_agent_init(&a, env, m);
        start(env, seed, s);
        for (bool done = false; !done;) {
            trm_agent fresh;
            trm_agent_init(&fresh, env, m);
            const int32_t action = trm_agent_ask(&a, s, -1);
            assert_int_equal(action, trm_agent_ask(&fresh, s, 3));
            trm_agent_done(&fresh);
            left += action == surest(m, env, s);
            done = trm_env_step(env, s, action).done;
        }
        trm_agent_done(&a);
        trm_model_free(m);
    }
    assert_true(left > GAMES); // random weights: boards soon leave the first answer
    trm_env_free(env);
}

static void test_states_as_samples(void **state) {
    (void)state;
    trm_env *env = board_of("sudoku", SIDE);
    trm_model *m = answering("trm-paper", SIDE, true, 1);
    trm_agent a;
    char s[STATE_MAX];
    trm_agent_init(&a, env, m);
    start(env, 5, s);
    trm_dataset *d = trm_agent_samples(&a, s, 1);
    int32_t actions[CELLS];
    const int32_t n = trm_env_solve(env, s, actions, CELLS);
    assert_true(d->count == 1 && d->classes == CLASSES && n > 0);
    assert_true(trm_subject_answers(m, d, NULL));
    for (int32_t i = 0; i < n; i++) {
        const trm_placement at = trm_env_placement(env, s, actions[i]);
        assert_int_equal(d->targets[at.cell], at.digit + TRM_TOKEN_BLANK);
        assert_int_equal((int32_t)d->inputs[at.cell], TRM_TOKEN_BLANK);
    }
    trm_dataset_free(d);
    trm_agent_done(&a);
    trm_model_free(m);
    trm_env_free(env);
}

// ---- mazes

static bool at_the_goal(const trm_board *b) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].kind == TRM_CELL_GOAL)
            return false;
    return true;
}

// Random weights see no path: what is right then is that it never walks into a wall of its own
// accord where there is another way, and that samples have the shortest path.
static void play_mazes(const char *type, int32_t side, int32_t size) {
    trm_env *env = board_of("maze", size);
    char s[STATE_MAX];
    for (uint64_t seed = 1; seed <= GAMES; seed++) {
        trm_model *m = answering(type, side, false, seed);
        trm_agent a;
        bool legal[TRM_DIRECTIONS];
        assert_true(trm_agent_plays(env, m));
        trm_agent_init(&a, env, m);
        start(env, seed, s);
        for (int32_t t = 0; t < 10; t++) {
            trm_agent fresh;
            trm_agent_init(&fresh, env, m);
            const int32_t action = trm_agent_think(&a, s, -1);
            assert_int_equal(action, trm_agent_ask(&fresh, s, -1));
            trm_agent_done(&fresh);
            trm_env_legal(env, s, legal);
            assert_true(legal[action]);
            if (trm_env_step(env, s, action).done)
                break;
        }
        trm_dataset *d = trm_agent_samples(&a, s, 1);
        trm_board now;
        trm_env_describe(env, s, &now);
        if (!at_the_goal(&now))
            assert_true(trm_dataset_is_path(d, 0, d->targets));
        trm_dataset_free(d);
        trm_agent_done(&a);
        trm_model_free(m);
    }
    trm_env_free(env);
}

static void test_mazes(void **state) {
    (void)state;
    play_mazes("trm-paper", 9, 11);
    play_mazes("trm-attn", 9, 11);
    play_mazes("trm-paper", 12, 11); // a smaller maze stands in a corner
}

static void test_what_does_not_play(void **state) {
    (void)state;
    trm_env *maze = board_of("maze", 11), *sudoku = board_of("sudoku", SIDE);
    trm_model *m = answering("trm-paper", SIDE, true, 1);
    trm_model *small = answering("trm-paper", 6, false, 1);
    assert_true(trm_agent_plays(sudoku, m) && !trm_agent_plays(maze, m));
    assert_false(trm_agent_plays(maze, small) || trm_agent_plays(sudoku, small));
    trm_model_free(small);
    trm_model_free(m);
    trm_env_free(sudoku);
    trm_env_free(maze);
}

// ---- told to stop

static bool at_once(void *ctx) {
    ++*(int *)ctx;
    return true;
}

static void test_a_forward_can_be_given_up(void **state) {
    (void)state;
    trm_env *env = board_of("sudoku", SIDE);
    trm_model *m = answering("trm-paper", SIDE, true, 1);
    trm_agent a;
    char s[STATE_MAX];
    int asked = 0;
    trm_agent_init(&a, env, m);
    start(env, 1, s);
    trm_workspace_set_stop(a.workspace, at_once, &asked);
    assert_int_equal(trm_agent_think(&a, s, -1), -1);
    assert_true(asked == 1 && trm_workspace_stopped(a.workspace));
    trm_workspace_set_stop(a.workspace, NULL, NULL);
    assert_int_equal(trm_agent_think(&a, s, -1), surest(m, env, s));
    trm_agent_done(&a);
    trm_model_free(m);
    trm_env_free(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_digit_it_is_surest_of),
        cmocka_unit_test(test_an_answer_depends_on_the_state_alone),
        cmocka_unit_test(test_states_as_samples),
        cmocka_unit_test(test_mazes),
        cmocka_unit_test(test_what_does_not_play),
        cmocka_unit_test(test_a_forward_can_be_given_up),
    };
    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
