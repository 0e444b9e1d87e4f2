// SPDX-License-Identifier: Apache-2.0
// Mazes that are not square, through the real program: every screen and every command that a square
// one goes through.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

enum { WORD = 32 };

// 7x15 once hung the policy of every cell, 7x31 wrote past it; 7x63 has the cells of a 21x21.
static const struct { int rows, cols; } sizes[] = {{7, 15}, {15, 7}, {7, 31}, {7, 63}, {9, 25}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// The microscope, what-if and a game on the board that is being trained on.
static void go_through(void **state, int rows, int cols, const char *const *model) {
    char size[WORD], width[WORD], out[WORD];
    snprintf(size, sizeof size, "env.size=%d", rows);
    snprintf(width, sizeof width, "env.width=%d", cols);
    snprintf(out, sizeof out, "run-%d-%d", rows, cols);
    const char *args[16] = {"watch",  "maze",   "env.type=maze", size,    width,
                            "seed=1", "--pace", "paced",         "--out", out};
    for (int i = 0; model[i] != NULL; i++)
        args[10 + i] = model[i];
    screen *s = screen_open(*state, 30, 110, NULL, args);
    SEE(s, "step 2");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "norm ");
    screen_keys(s, "c");
    SEE(s, "is pinned");
    screen_keys(s, "w");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "q");
    SEE(s, "microscope");
    screen_keys(s, "q");
    SEE(s, "f free");
    screen_keys(s, "p");
    SEE(s, "trm play");
    screen_keys(s, "h");
    SEE(s, "step ");
    screen_keys(s, "q");
    SEE(s, "f free");
    leave(s);
}

static void test_screens(void **state) {
    static const char *const plain[] = {NULL};
    static const char *const by_cell[] = {"model.type=trm-attn", "model.read_at_agent=true",
                                          "model.d_model=16", "model.feedforward=16", NULL};
    for (int i = 0; i < SIZES; i++)
        go_through(state, sizes[i].rows, sizes[i].cols, i == 1 ? by_cell : plain);
}

static void run(void **state, const char *says, const char *const *args) {
    outcome o = process_run(*state, NULL, args);
    if (o.status != 0 || (says != NULL && strstr(o.out, says) == NULL))
        fail_msg("trm %s %s: status %d\n%s\n%s", args[0], args[1], o.status, o.out, o.err);
    outcome_free(&o);
}
#define DO(state, says, ...) run(state, says, (const char *const[]){__VA_ARGS__, NULL})

static void train(void **state, const char *out, const char *size, const char *width) {
    DO(state, NULL, "train", "maze", "env.type=maze", size, width, "train.episodes=8",
       "model.type=trm-conv", "model.read_at_agent=true", "model.d_model=4", "model.inner_steps=1",
       "model.sup_steps=2", "--out", out);
}

// An empty board: the agent in the second plane, the goal in the third.
static void probe(void **state, int cells) {
    char *text = malloc((size_t)(6 * cells) + 2), *at = text;
    for (int i = 0; i < 3 * cells; i++) {
        *at++ = i == 0 ? '[' : ',';
        *at++ = i == cells + 16 || i == 2 * cells + 40 ? '1' : '0';
    }
    memcpy(at, "]", 2);
    outcome o =
        process_run(*state, text, (const char *const[]){"probe", "wide", "--state", "-", NULL});
    if (o.status != 0)
        fail_msg("%s", o.err);
    outcome_free(&o);
    free(text);
}

static void test_commands(void **state) {
    train(state, "wide", "env.size=7", "env.width=15");
    DO(state, "success", "eval", "wide", "--episodes", "20");
    DO(state, NULL, "eval", "wide", "--episodes", "20", "--random", "--json");
    probe(state, 7 * 15);
    DO(state, NULL, "replay", "wide", "--check");
    DO(state, NULL, "train", "wide", "--resume", "train.episodes=12");
    DO(state, NULL, "export", "wide", "wide.safetensors");
    DO(state, "success", "eval", "wide.safetensors", "--episodes", "5");
    screen *s = OPEN(*state, 24, 80, NULL, "replay", "wide");
    SEE(s, "? help");
    screen_keys(s, "m");
    SEE(s, "microscope");
    screen_keys(s, "qq");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 80, NULL, "play", "wide");
    SEE(s, "model wide");
    screen_keys(s, "o");
    SEE(s, "decided at");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// A model of other rows and columns is refused, not shown a board that it takes for another.
static void test_two_models_on_one_board(void **state) {
    train(state, "wide", "env.size=7", "env.width=15");
    train(state, "high", "env.size=15", "env.width=7");
    screen *s = OPEN(*state, 24, 80, NULL, "versus", "wide", "wide");
    SEE(s, "alike");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    outcome o = RUN(*state, "versus", "wide", "high");
    assert_int_equal(o.status, 2);
    assert_non_null(strstr(o.err, "high is for boards of 15 x 7, and this one has 7 x 15"));
    outcome_free(&o);
    o = RUN(*state, "eval", "wide", "env.size=15", "env.width=7", "--episodes", "5");
    assert_int_equal(o.status, 0); // the words name the board
    outcome_free(&o);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_screens),
        WITH_FOLDER(test_commands),
        WITH_FOLDER(test_two_models_on_one_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
