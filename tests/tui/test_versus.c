// SPDX-License-Identifier: Apache-2.0
// Two models on one board or sample in the real program: steps, differences, boards, from Watch.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

#define ESC  "\x1b"
#define LEFT "\x1bOD"
#define END  "\x1bOF"

static void train(void **state, const char *out, const char *episodes) {
    outcome o = RUN(*state, "train", "maze", "seed=3", episodes, "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// One that has learned and one that has not: their boards part.
static void test_steps_and_differences(void **state) {
    train(state, "old", "train.episodes=5");
    train(state, "new", "train.episodes=150");
    screen *s = OPEN(*state, 24, 80, NULL, "versus", "new", "old");
    SEE(s, "trm versus");
    SEE(s, "step 1 of");
    SEE(s, "they part at");
    SEE(s, "? help");
    const double parts = screen_number(s, "they part at ");
    char text[64];
    assert_true(parts >= 1);
    screen_keys(s, "d");
    snprintf(text, sizeof text, "step %.0f of", parts);
    SEE(s, text);
    SEE(s, "against");
    screen_keys(s, "t");
    SEE(s, "asked about the left one");
    screen_keys(s, "g");
    SEE(s, "step 1 of");
    screen_keys(s, ".");
    SEE(s, "step 2 of");
    screen_keys(s, LEFT);
    SEE(s, "step 1 of");
    screen_keys(s, END);
    LOSE(s, "step 1 of");
    screen_keys(s, "gt");
    LOSE(s, "asked about");
    screen_keys(s, "b");
    SEE(s, "number of the board");
    screen_keys(s, "\x15"
                   "7\r");
    SEE(s, "board 7");
    leave(s);
}

static void test_alike(void **state) {
    train(state, "one", "train.episodes=20");
    screen *s = OPEN(*state, 30, 100, NULL, "versus", "one", "one", "seed=0");
    SEE(s, "alike");
    SEE(s, "at every cycle");
    screen_keys(s, "d");
    SEE(s, "they play this board alike");
    screen_keys(s, "n");
    SEE(s, "no difference after");
    screen_keys(s, "}");
    SEE(s, "board 1");
    screen_keys(s, "{");
    SEE(s, "board 0");
    screen_keys(s, "?");
    SEE(s, "trm versus: keys");
    SEE(s, "first step at which");
    screen_keys(s, ESC);
    LOSE(s, "trm versus: keys");
    leave(s);
}

static void test_from_watch(void **state) {
    train(state, "old", "train.episodes=5");
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "maze", "--out", "run", "--pace", "paced");
    SEE(s, "total ");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "nowhere\r");
    SEE(s, "nowhere");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "old\r");
    SEE(s, "trm versus");
    SEE(s, "the board of episode");
    SEE(s, "old");
    screen_keys(s, "q");
    SEE(s, "training");
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

static void learn(void **state, const char *preset, const char *seed, const char *out) {
    outcome o = RUN(*state, "train", preset, seed, "train.epochs=1", "data.train=16",
                    "data.validation=5", "data.test=5", "train.batch=16", "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

// Two that have hardly learned, from the first difference to the microscope and back.
static void check_samples(void **state, const char *preset, const char *cell, int rows, int cols) {
    learn(state, preset, "seed=1", "one");
    learn(state, preset, "seed=2", "two");
    screen *s = OPEN(*state, rows, cols, NULL, "versus", "one", "two");
    SEE(s, "sample 1 of 100");
    SEE(s, "they part at 1");
    SEE(s, "in the end");
    screen_keys(s, "Gd");
    SEE(s, "step 1 of");
    SEE(s, cell);
    screen_keys(s, "l");
    LOSE(s, cell);
    screen_keys(s, "h");
    SEE(s, cell);
    screen_keys(s, "n");
    SEE(s, "against");
    screen_keys(s, "N]");
    SEE(s, "step 2 of");
    screen_keys(s, ",");
    SEE(s, "step 1 of");
    screen_keys(s, "}");
    SEE(s, "sample 2 of 100");
    screen_keys(s, "{{");
    SEE(s, "sample 1 of 100");
    screen_keys(s, "b");
    SEE(s, "number of the sample");
    screen_keys(s, "\x15"
                   "100\r");
    SEE(s, "sample 100 of 100");
    screen_keys(s, "}g");
    SEE(s, "step 1 of");
    for (const char *key = "mMwW"; *key != 0; key++) {
        screen_keys(s, (const char[]){*key, 0});
        LOSE(s, "trm versus");
        SEE(s, *key == 'm' || *key == 'M' ? "microscope" : "as it is");
        SEE(s, "sample 100 of 100");
        screen_keys(s, "q");
        SEE(s, "trm versus");
    }
    screen_keys(s, "t "); // there are no states to be asked about; the steps run by themselves
    SEE(s, "step 2 of");
    leave(s);
}

static void test_sudokus(void **state) {
    check_samples(state, "sudoku-4-tiny", "r1c1 is", 24, 80);
}

static void test_mazes(void **state) {
    check_samples(state, "mazes-8-fixed-trm", "r1c1 is", 40, 120);
}

static void test_tokens(void **state) {
    check_samples(state, "baseline", "t1 is", 60, 200);
}

// The sample in sight, with those around it; a model of other samples is refused.
static void test_samples_from_watch(void **state) {
    learn(state, "sudoku-4-tiny", "seed=1", "one");
    learn(state, "mazes-8-fixed-trm", "seed=1", "mazes");
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "sudoku4");
    SEE(s, "held out");
    screen_keys(s, "}");
    SEE(s, "2/");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "one\r");
    SEE(s, "trm versus");
    SEE(s, "sample 2 of");
    screen_keys(s, "}");
    SEE(s, "sample 3 of");
    screen_keys(s, "q");
    SEE(s, "held out");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "mazes\r");
    SEE(s, "does not play on this board");
    leave(s);
    assert_refused(RUN(*state, "versus", "one", "mazes"), "on the samples of one");
    assert_refused(RUN(*state, "versus", "one", "sudoku4", "env.size=4"), "env.size");
}

static void test_what_does_not_fit_is_refused(void **state) {
    train(state, "small", "train.episodes=1");
    outcome o = RUN(*state, "train", "maze", "env.size=4", "train.episodes=1", "--out", "other");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_refused(RUN(*state, "versus", "small"), "usage: trm versus");
    assert_refused(RUN(*state, "versus", "small", "nowhere"), "nowhere");
    assert_refused(RUN(*state, "versus", "small", "other"), "other takes 16 numbers");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_steps_and_differences),
        WITH_FOLDER(test_alike),
        WITH_FOLDER(test_from_watch),
        WITH_FOLDER(test_sudokus),
        WITH_FOLDER(test_mazes),
        WITH_FOLDER(test_tokens),
        WITH_FOLDER(test_samples_from_watch),
        WITH_FOLDER(test_what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
