// SPDX-License-Identifier: Apache-2.0
// Mazes and samples on boards that are not square: what is observed, what is acted, what is solved.
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "../support/oblong.h"
#include "env/bfs.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"

enum { STATE = 8192, CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

static trm_env *environment(oblong size) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, "maze");
    c.size = size.rows;
    c.width = size.cols;
    c.braid = 0.3f;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    assert_true(trm_env_state_size(env) <= STATE);
    return env;
}

// Planes of walls, agent and goal are the board that is drawn, row by row.
static int32_t check_observation(const trm_env *env, const void *s, const trm_board *b,
                                 const float *obs) {
    const int32_t cells = b->rows * b->cols;
    int32_t agent = -1;
    for (int32_t i = 0; i < cells; i++) {
        const uint8_t kind = b->cells[i].kind;
        assert_true((obs[i] > 0) == (kind == TRM_CELL_WALL));
        assert_true((obs[cells + i] > 0) == (kind == TRM_CELL_AGENT));
        assert_true((obs[2 * cells + i] > 0) == (kind == TRM_CELL_GOAL));
        agent = kind == TRM_CELL_AGENT ? i : agent;
    }
    bool mask[TRM_DIRECTIONS];
    trm_env_legal(env, s, mask);
    for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
        const int32_t next = trm_geometry_neighbour(&b->geometry, agent, d, 1);
        assert_true(next >= 0 && mask[d] == (b->cells[next].kind != TRM_CELL_WALL));
        assert_int_equal(trm_env_direction(env, d), d);
    }
    return agent;
}

static void follow_the_solution(const trm_env *env, char *s, float *obs, trm_board *b) {
    static int32_t path[CELLS];
    const int32_t n = trm_env_solve(env, s, path, CELLS);
    trm_env_describe(env, s, b);
    trm_env_observe(env, s, obs);
    int32_t at = check_observation(env, s, b, obs);
    trm_step step = {0};
    for (int32_t t = 0; t < n; t++) {
        assert_false(step.done);
        trm_env_step_batch(env, s, 1, &path[t], obs, &step);
        trm_env_describe(env, s, b);
        at = trm_geometry_neighbour(&b->geometry, at, (trm_direction)path[t], 1);
        assert_int_equal(b->cells[at].kind, TRM_CELL_AGENT);
        if (!step.done)
            assert_int_equal(check_observation(env, s, b, obs), at);
    }
    assert_true(step.done && step.solved && step.reason == TRM_REASON_REACHED_GOAL);
}

// The agent can be put exactly where there is no wall and no goal.
static void put_the_agent_everywhere(const trm_env *env, const char *s, trm_board *b) {
    static trm_board moved;
    char copy[STATE];
    trm_env_describe(env, s, b);
    for (int32_t cell = -1; cell <= b->rows * b->cols; cell++) {
        const bool inside = cell >= 0 && cell < b->rows * b->cols;
        const trm_edit edit = {.kind = TRM_EDIT_AGENT, .cell = cell};
        trm_error e = {0};
        memcpy(copy, s, STATE);
        const bool done = trm_env_edit(env, copy, &edit, &e);
        const uint8_t kind = inside ? b->cells[cell].kind : TRM_CELL_WALL;
        assert_int_equal(done, kind == TRM_CELL_EMPTY || kind == TRM_CELL_AGENT);
        if (!done)
            continue;
        trm_env_describe(env, copy, &moved);
        assert_int_equal(moved.cells[cell].kind, TRM_CELL_AGENT);
    }
}

static void test_mazes(void **state) {
    (void)state;
    static trm_board b;
    for (int i = 0; i < MAZES; i++) {
        trm_env *env = environment(mazes[i]);
        const trm_geometry g = trm_env_geometry(env);
        assert_true(g.rows == mazes[i].rows && g.cols == mazes[i].cols && g.box_rows == 0);
        assert_int_equal(trm_env_state_dim(env), trm_env_channels(env) * g.rows * g.cols);
        float *obs = calloc((size_t)trm_env_state_dim(env), sizeof *obs);
        trm_rng rng;
        trm_rng_seed(&rng, 5, 0);
        for (int k = 0; k < 4; k++) {
            char s[STATE] = {0};
            trm_env_reset(env, s, &rng, k % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT);
            put_the_agent_everywhere(env, s, &b);
            assert_memory_equal(&b.geometry, &g, sizeof g);
            follow_the_solution(env, s, obs, &b);
        }
        free(obs);
        trm_env_free(env);
    }
}

static trm_dataset sample_of(oblong size, float *input, int32_t *target) {
    const int32_t cells = size.rows * size.cols;
    memset(input, 0, (size_t)(3 * cells) * sizeof *input);
    memset(target, 0, (size_t)cells * sizeof *target);
    return (trm_dataset){.count = 1,
                         .state_dim = 3 * cells,
                         .positions = cells,
                         .classes = 2,
                         .geometry = {.rows = size.rows, .cols = size.cols},
                         .inputs = input,
                         .targets = target};
}

// An open field, from corner to corner: along the edges is a shortest path, and nothing less.
static void test_samples(void **state) {
    (void)state;
    static float input[3 * CELLS];
    static int32_t target[CELLS];
    static trm_board b;
    for (int i = 0; i < OBLONGS; i++) {
        const oblong size = oblongs[i];
        const int32_t cells = size.rows * size.cols;
        if (cells < 3)
            continue;
        trm_dataset d = sample_of(size, input, target);
        input[cells] = 1;
        input[2 * cells + cells - 1] = 1;
        for (int32_t col = 0; col < size.cols; col++)
            target[col] = 1;
        for (int32_t row = 0; row < size.rows; row++)
            target[row * size.cols + size.cols - 1] = 1;
        trm_dataset_board(&d, 0, &b);
        assert_true(b.rows == size.rows && b.cols == size.cols);
        assert_int_equal(b.cells[0].kind, TRM_CELL_AGENT);
        assert_int_equal(b.cells[cells - 1].kind, TRM_CELL_GOAL);
        assert_true(trm_dataset_is_path(&d, 0, target));
        const int32_t middle = (size.rows - 1) / 2 * size.cols + size.cols - 1;
        const int32_t on_path = middle > 0 ? middle : 1;
        if (on_path < cells - 1) {
            target[on_path] = 0;
            assert_false(trm_dataset_is_path(&d, 0, target));
            target[on_path] = 1;
        }
        if (size.rows > 1 && size.cols > 1) {
            target[size.cols] = 1; // a cell to spare
            assert_false(trm_dataset_is_path(&d, 0, target));
            target[size.cols] = 0;
            input[size.cols - 1] = 1; // a wall in the corner
            assert_false(trm_dataset_is_path(&d, 0, target));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mazes),
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
