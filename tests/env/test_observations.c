// SPDX-License-Identifier: Apache-2.0
// What an observation tells of a state: what it looks like and what may be done there.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/env/env.h"

enum { EPISODES = 4 };

static trm_env *env_of(const char *type, int32_t size, int32_t width) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    c.size = size;
    c.width = width;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    return env;
}

static void same_looks(const trm_env *env, const void *a, const void *b) {
    const size_t actions = (size_t)trm_env_action_dim(env);
    bool *legal[2] = {calloc(actions, 1), calloc(actions, 1)};
    trm_board board[2];
    trm_env_describe(env, a, &board[0]);
    trm_env_describe(env, b, &board[1]);
    for (int32_t i = 0; i < board[0].rows * board[0].cols; i++)
        assert_int_equal(board[0].cells[i].digit, board[1].cells[i].digit);
    trm_env_legal(env, a, legal[0]);
    trm_env_legal(env, b, legal[1]);
    assert_memory_equal(legal[0], legal[1], actions * sizeof(bool));
    free(legal[0]);
    free(legal[1]);
}

static void check_env(const char *type, int32_t size, int32_t width) {
    trm_env *env = env_of(type, size, width);
    const int32_t n = trm_env_state_dim(env);
    char *state = malloc(trm_env_state_size(env)), *again = malloc(trm_env_state_size(env));
    float *obs = calloc((size_t)n, sizeof *obs);
    trm_rng rng;
    trm_rng_seed(&rng, 7, 0);
    for (int k = 0; k < EPISODES; k++) {
        trm_env_reset(env, state, &rng, TRM_SPLIT_TRAIN);
        for (bool done = false; !done;) {
            trm_env_observe(env, state, obs);
            assert_true(trm_env_restore(env, obs, again));
            same_looks(env, state, again);
            // What is nothing that could be seen is refused.
            const int32_t at = (int32_t)trm_rng_below(&rng, (uint32_t)n);
            const float kept = obs[at], odd[] = {0.3f, -1.0f, NAN, INFINITY, 1e30f};
            obs[at] = odd[trm_rng_below(&rng, 5)];
            assert_false(trm_env_restore(env, obs, again));
            obs[at] = kept;
            done = trm_env_step(env, state,
                                (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(env)))
                       .done;
        }
    }
    free(state);
    free(again);
    free(obs);
    trm_env_free(env);
}

static void test_what_is_seen_comes_back(void **state) {
    (void)state;
    for (int32_t i = 0; trm_env_name(i); i++) {
        const char *name = trm_env_name(i);
        check_env(name, strncmp(name, "sudoku", 6) == 0 ? 4 : strcmp(name, "maze") == 0 ? 9 : 5, 0);
    }
    check_env("maze-plain", 9, 0);
    check_env("maze", 9, 0);
    check_env("maze", 7, 15);
    check_env("sudoku-empty", 4, 0);
    check_env("sudoku-one", 4, 0);
    check_env("sudoku-easy", 4, 0);
    check_env("sudoku-medium", 4, 0);
    check_env("sudoku", 4, 0);
    check_env("sudoku", 6, 0);
    check_env("sudoku", 9, 0);
}

// A maze whose border is open is no maze: moves would leave the board.
static void test_an_open_border_is_refused(void **state) {
    (void)state;
    trm_env *env = env_of("maze", 7, 0);
    char *at = malloc(trm_env_state_size(env));
    float *obs = calloc((size_t)trm_env_state_dim(env), sizeof *obs);
    trm_rng rng;
    trm_rng_seed(&rng, 7, 0);
    trm_env_reset(env, at, &rng, TRM_SPLIT_TRAIN);
    trm_env_observe(env, at, obs);
    obs[3] = 0;
    assert_false(trm_env_restore(env, obs, at));
    free(at);
    free(obs);
    trm_env_free(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_seen_comes_back),
        cmocka_unit_test(test_an_open_border_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
