// SPDX-License-Identifier: Apache-2.0
// The screen of supervised trainings: watching changes nothing, every key does what the help says.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

// Four epochs of four batches.
#define SMALL                                                                                      \
    "mazes-8-fixed-trm", "data.train=40", "data.validation=20", "data.test=20", "train.batch=12",  \
        "train.epochs=4"
#define EPOCHS    4
#define CTRL_U    "\x15"
#define RIGHT     "\x1bOC"
#define DOWN      "\x1bOB"
#define END       "\x1bOF"
#define SHIFT_TAB "\x1b[Z"

static void train_headless(void **state) {
    outcome o = RUN(*state, "train", SMALL, "--out", "headless");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void see_end(screen *s) {
    SEE(s, "4/4");
    SEE(s, "training is done");
    SEE(s, "test cells");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_free_pace(void **state) {
    train_headless(state);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "watched", "--pace", "free");
    see_end(s);
    assert_int_equal(assert_equal_runs(*state, "headless", "watched"), EPOCHS);
}

// Pauses, single batches, other samples, other speeds and sizes, and a copy in between.
static void test_meddled_with(void **state) {
    train_headless(state);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "watched", "--pace", "paced");
    SEE(s, "step 5");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "...}n}{[[]jjl");
    screen_resize(s, 24, 80);
    SEE(s, "training ");
    screen_keys(s, "s");
    SEE(s, "copy this run");
    screen_keys(s, CTRL_U "copy\r");
    SEE(s, "saved in copy");
    screen_keys(s, " ");
    LOSE(s, "paused");
    screen_resize(s, 60, 200);
    screen_keys(s, "++a");
    SEE(s, "auto ");
    screen_keys(s, "f");
    see_end(s);
    assert_int_equal(assert_equal_runs(*state, "headless", "watched"), EPOCHS);
    // The copy holds whole epochs and goes on to the same end.
    outcome o = RUN(*state, "train", "copy", "--resume");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_equal_runs(*state, "headless", "copy");
}

// Left in the middle, watched again, interrupted, and ended without a screen.
static void test_resumed(void **state) {
    train_headless(state);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "watched", "--pace", "paced");
    SEE(s, "step 5");
    screen_keys(s, "++");
    SEE(s, " 1/4");
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 40, 120, NULL, "watch", "watched", "--resume", "--pace", "paced");
    SEE(s, "c cells"); // of the epochs before
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
    outcome o = RUN(*state, "train", "watched", "--resume");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_int_equal(assert_equal_runs(*state, "headless", "watched"), EPOCHS);
}

static screen *open_paused(void **state, int rows, int cols, const char *const *env) {
    screen *s = OPEN(*state, rows, cols, env, "watch", SMALL, "--out", "run", "--pace", "paced");
    SEE(s, "of 64 right");
    screen_keys(s, " ");
    SEE(s, "paused");
    return s;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

static void test_keys(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "run", "--pace", "paced");
    SEE(s, "held-out");
    SEE(s, " 1/20");
    SEE(s, "row 1 column 1 is");
    screen_keys(s, " ");
    SEE(s, "paused");
    SEE(s, "go on");
    SEE(s, "step 5:"); // the selected step, in the words of the cell
    screen_keys(s, "[");
    SEE(s, "step 4:");
    screen_keys(s, "]");
    SEE(s, "step 5:");
    screen_keys(s, "g");
    SEE(s, "step 1:");
    screen_keys(s, END);
    SEE(s, "step 5:");
    screen_keys(s, "}");
    SEE(s, " 2/20");
    screen_keys(s, "{{");
    SEE(s, " 20/20");
    screen_keys(s, "n");
    SEE(s, " 1/40");
    SEE(s, "held-out "); // what n does now
    screen_keys(s, RIGHT DOWN "j");
    SEE(s, "row 3 column 2");
    screen_keys(s, "hkk");
    SEE(s, "row 1 column 1");
    screen_keys(s, "\t\t");
    SEE(s, "\u25b8 accuracy");
    screen_keys(s, SHIFT_TAB);
    SEE(s, "\u25b8 steps");
    screen_keys(s, "+");
    SEE(s, "paced  8 batches/s");
    screen_keys(s, "-");
    SEE(s, "paced  4 batches/s");
    screen_keys(s, "f");
    SEE(s, "full speed");
    screen_keys(s, "f");
    SEE(s, "paced ");
    screen_keys(s, "?");
    SEE(s, "trm: keys");
    SEE(s, "samples of the training set");
    screen_keys(s, "\x1b");
    LOSE(s, "trm: keys");
    leave(s);
}

static bool has_more_than(screen *s, const void *ctx) {
    return screen_number(s, "batch ") > *(const double *)ctx;
}

// A batch at a time, while everything else stands still.
static void test_single_batches(void **state) {
    screen *s = open_paused(state, 40, 120, NULL);
    double before = screen_number(s, "batch ");
    assert_true(before >= 0 && before < 3);
    screen_keys(s, ".");
    if (!screen_wait(s, has_more_than, &before, SCREEN_SECONDS))
        screen_fail(s, "no batch was learned", __LINE__);
    SEE(s, "paused");
    leave(s);
}

// The one curve of a small screen is turned by the arrows.
static void test_small(void **state) {
    screen *s = open_paused(state, 16, 60, NULL);
    screen_keys(s, "\t\t");
    SEE(s, "accuracy");
    screen_keys(s, "l");
    SEE(s, "loss");
    screen_resize(s, 10, 30);
    SEE(s, "trm needs");
    screen_resize(s, 100, 300);
    SEE(s, "loss");
    SEE(s, "accuracy");
    leave(s);
}

// Many boards take seconds to draw: the screen says so, and can be left; a few take a moment.
static void test_boards_are_drawn_first(void **state) {
    screen *s =
        OPEN(*state, 24, 80, NULL, "watch", "sudoku-6-peer", "data.train=1000000", "--out", "run");
    SEE(s, "drawing the boards");
    screen_resize(s, 40, 120);
    screen_keys(s, "?");
    SEE(s, "nothing has been learned yet");
    screen_keys(s, "?");
    LOSE(s, "nothing has been learned yet");
    screen_resize(s, 5, 20);
    SEE(s, "boards");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/config.json", (const char *)*state);
    assert_false(file_is_there(path));
    s = OPEN(*state, 24, 80, NULL, "watch", "sudoku-6-peer", "data.train=3000", "--out", "run");
    SEE(s, "drawing the boards");
    SEE(s, "held-out");
    screen_keys(s, " ");
    SEE(s, "paused");
    leave(s);
    assert_true(file_is_there(path));
    // What is wrong is said, and nothing is left behind.
    s = OPEN(*state, 24, 80, NULL, "watch", "sudoku-6-peer", "env.puzzles=/nowhere");
    SEE(s, "/nowhere");
    assert_int_equal(screen_close(s), 2);
}

static void test_after_training(void **state) {
    screen *s = OPEN(*state, 30, 100, NULL, "watch", "mazes-8-fixed-cnn", "data.train=20",
                     "data.validation=10", "data.test=10", "train.epochs=1", "--out", "run",
                     "--pace", "free");
    SEE(s, "training is done");
    SEE(s, "layer 4");
    screen_keys(s, "+++"); // samples follow each other by themselves
    SEE(s, " 3/10");
    screen_keys(s, "e");
    SEE(s, "2/2");
    SEE(s, "done, test:"); // until then leaving is asked about
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/metrics.jsonl", (const char *)*state);
    char *metrics = file_text(path, NULL);
    assert_int_equal(line_count(metrics), 2);
    free(metrics);
}

// Without colours and beyond ASCII, what is wrong is still marked.
static void test_plain(void **state) {
    screen *s = open_paused(state, 24, 80, ENV("NO_COLOR=1", "LC_ALL=C"));
    assert_false(screen_has_color(s));
    assert_true(screen_has(s, ".x") || screen_has(s, "ox")); // missed, or too much
    size_t size;
    const char *bytes = screen_bytes(s, &size);
    for (size_t i = 0; i < size; i++)
        assert_true((unsigned char)bytes[i] < 0x80);
    leave(s);
}

static void test_tokens(void **state) {
    screen *s = OPEN(*state, 30, 100, NULL, "watch", "baseline", "data.train=32",
                     "data.validation=10", "data.test=10", "train.epochs=1", "--out", "run");
    SEE(s, "x of token 1");
    screen_keys(s, "l");
    SEE(s, "x of token 2");
    screen_keys(s, "q");
    screen_keys(s, "yq");
    assert_int_equal(screen_close(s), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_free_pace),      WITH_FOLDER(test_meddled_with),
        WITH_FOLDER(test_resumed),        WITH_FOLDER(test_keys),
        WITH_FOLDER(test_single_batches), WITH_FOLDER(test_small),
        WITH_FOLDER(test_after_training), WITH_FOLDER(test_boards_are_drawn_first),
        WITH_FOLDER(test_plain),          WITH_FOLDER(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
