// SPDX-License-Identifier: Apache-2.0
// The Compare screen: what it shows at any size, what its keys do, how it is left.
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

#define TAB    "\t"
#define ENTER  "\r"
#define ESC    "\x1b"
#define DOWN   "\x1bOB"
#define CTRL_C "\x03"
#define CTRL_L "\x0c"

// Long enough to be left in the middle, and never left to its end.
static const char *const endless[] = {"compare",   "maze-mlp", "original-maze-mlp",
                                      "--seeds",   "3",        "train.episodes=10000000",
                                      "--threads", "2",        NULL};

static screen *open_endless(void **state) {
    screen *s = screen_open(*state, 40, 120, NULL, endless);
    SEE(s, "training");
    SEE(s, "original-maze-mlp");
    SEE(s, "20,356");
    return s;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    SEE(s, "seeds that reached");
    assert_int_equal(screen_close(s), 0);
}

// To the end, and then the table on the screen that was there before.
static void test_to_the_end(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "compare", "maze-mlp", "original-maze-mlp", "--seeds",
                     "2", "train.episodes=120");
    SEE(s, "all runs are done");
    SEE(s, "4 of 4 runs");
    SEE(s, "reward, mean of 50");
    SEE(s, "success of the last 50");
    SEE(s, "done");
    SEE(s, "2/2");
    screen_keys(s, "q");
    SEE(s, "seeds that reached");
    assert_int_equal(screen_close(s), 0);
    assert_int_equal(folder_entries(*state), 0);
}

static void test_sizes(void **state) {
    static const struct {
        int rows, cols;
    } sizes[] = {{24, 80}, {50, 160}, {16, 60}, {100, 300}, {16, 200}, {60, 60}, {40, 120}};
    screen *s = screen_open(*state, 24, 80, NULL, endless);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        screen_resize(s, sizes[i].rows, sizes[i].cols);
        SEE(s, "maze-mlp");
        SEE(s, "reward, mean of 50");
        SEE(s, "presets");
        SEE(s, "steps/s");
        SEE(s, "Space pause");
        SEE(s, "? help");
        SEE(s, "%");
    }
    screen_resize(s, 15, 60);
    SEE(s, "needs 60x16");
    SEE(s, "training goes on");
    screen_resize(s, 24, 80);
    SEE(s, "presets");
    leave(s);
}

// With nine presets in the smallest window the table scrolls to the selected one.
static void test_many_presets(void **state) {
    screen *s = OPEN(*state, 16, 60, NULL, "compare", "maze", "maze-k5", "maze-mlp", "maze", "maze",
                     "maze", "maze", "maze", "original-maze-mlp", "train.episodes=10000000");
    SEE(s, "1-4 of 9");
    LOSE(s, "original-maze");
    screen_keys(s, TAB TAB DOWN DOWN DOWN DOWN DOWN DOWN DOWN DOWN DOWN);
    SEE(s, "6-9 of 9");
    SEE(s, "original-maze");
    screen_keys(s, "9");
    SEE(s, "is hidden");
    leave(s);
}

static void test_keys(void **state) {
    screen *s = open_endless(state);
    SEE(s, "episodes");
    screen_keys(s, "x");
    SEE(s, " steps ");
    screen_keys(s, "x");
    SEE(s, " seconds ");
    screen_keys(s, "x");
    SEE(s, "10,000,000");
    screen_keys(s, "+");
    SEE(s, "mean of 100");
    screen_keys(s, "----------");
    SEE(s, "reward of each episode");
    screen_keys(s, "++++++++++++");
    SEE(s, "mean of 500");
    SEE(s, "dotted");
    screen_keys(s, "b");
    LOSE(s, "dotted");
    screen_keys(s, "b");
    SEE(s, "dotted");
    screen_keys(s, CTRL_L "?");
    SEE(s, "trm compare: keys");
    SEE(s, "in the table: hide or show");
    screen_keys(s, ESC);
    LOSE(s, "trm compare: keys");
    leave(s);
}

static void test_hide(void **state) {
    screen *s = open_endless(state);
    screen_keys(s, "2");
    SEE(s, "original-maze-mlp is hidden");
    LOSE(s, "2─ original");
    screen_keys(s, "3"); // there is none
    screen_keys(s, "2");
    SEE(s, "original-maze-mlp is shown");
    SEE(s, "2─ original");
    screen_keys(s, TAB TAB DOWN ENTER);
    SEE(s, "▸ presets");
    SEE(s, "original-maze-mlp is hidden");
    screen_keys(s, "\x1b[Z");
    SEE(s, "▸ success");
    leave(s);
}

static bool has_moved(screen *s, const void *ctx) {
    const double *before = ctx;
    return screen_number(s, "runs") > *before;
}

// Paused, the clock stands still; going on, it runs.
static void test_pause(void **state) {
    screen *s = open_endless(state);
    screen_keys(s, " ");
    SEE(s, "paused");
    SEE(s, "Space go on");
    double before = screen_number(s, "runs");
    assert_true(before >= 0);
    screen_keys(s, " ");
    LOSE(s, "paused");
    assert_true(screen_wait(s, has_moved, &before, SCREEN_SECONDS));
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "n");
    LOSE(s, "leave?");
    screen_keys(s, CTRL_C CTRL_C);
    SEE(s, "seeds that reached");
    assert_int_equal(screen_close(s), 0);
}

static void test_signals(void **state) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        screen *s = open_endless(state);
        screen_signal(s, numbers[i]);
        assert_int_equal(screen_close(s), 130);
    }
}

// Without colours and without more than ASCII the presets are told apart by their numbers.
static void test_ascii_without_color(void **state) {
    screen *s = OPEN(*state, 24, 80, ENV("NO_COLOR=1"), "compare", "maze-mlp", "original-maze-mlp",
                     "train.episodes=400", "--ascii");
    SEE(s, "all runs are done");
    SEE(s, "11111");
    SEE(s, "22222");
    assert_false(screen_has_color(s));
    size_t size = 0;
    const char *bytes = screen_bytes(s, &size);
    for (size_t i = 0; i < size; i++)
        assert_true((unsigned char)bytes[i] < 0x80);
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// Interrupted without a screen, with a bar of progress in the terminal.
static void test_interrupted_bar(void **state) {
    screen *s = OPEN(*state, 24, 100, NULL, "compare", "maze-mlp", "maze", "--plain",
                     "train.episodes=10000000");
    SEE(s, "0 of 2 runs done");
    screen_keys(s, CTRL_C);
    SEE(s, "trm: interrupted after ");
    SEE(s, "s to 98 %");
    LOSE(s, "runs done");
    assert_int_equal(screen_close(s), 130);
}

// A terminal that cannot be driven, or --plain: no screen, the table.
static void test_plain(void **state) {
    screen *s = OPEN(*state, 24, 100, NULL, "compare", "maze-mlp", "train.episodes=60", "--plain");
    SEE(s, "seeds that reached");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 100, ENV("TERM=dumb"), "compare", "maze-mlp", "train.episodes=60");
    SEE(s, "seeds that reached");
    assert_int_equal(screen_close(s), 0);
}

// Supervised runs have the same screen and keys; what is drawn are cells and whole answers.
static void test_supervised(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "compare", "sudoku-4-tiny", "sudoku-4-k3", "--seeds",
                     "2", "train.epochs=3", "data.train=64", "data.validation=16");
    SEE(s, "validation cells right");
    SEE(s, "validation answers right, whole");
    SEE(s, "epochs");
    SEE(s, "all runs are done");
    SEE(s, "exact");
    SEE(s, "685");
    screen_keys(s, "x");
    SEE(s, "seconds");
    LOSE(s, " epochs ");
    screen_keys(s, "x");
    SEE(s, " epochs ");
    screen_keys(s, "+");
    SEE(s, "right, mean of 5");
    screen_keys(s, "i");
    SEE(s, "The share of cells that are right");
    screen_keys(s, ESC);
    LOSE(s, "The share of cells");
    screen_keys(s, "2");
    SEE(s, "sudoku-4-k3 is hidden");
    screen_resize(s, 16, 60);
    SEE(s, "validation cells");
    SEE(s, "exact");
    screen_keys(s, "q");
    SEE(s, "sd over the seeds");
    assert_int_equal(screen_close(s), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_to_the_end),   WITH_FOLDER(test_sizes),
        WITH_FOLDER(test_many_presets), WITH_FOLDER(test_keys),
        WITH_FOLDER(test_hide),         WITH_FOLDER(test_pause),
        WITH_FOLDER(test_signals),      WITH_FOLDER(test_ascii_without_color),
        WITH_FOLDER(test_plain),        WITH_FOLDER(test_interrupted_bar),
        WITH_FOLDER(test_supervised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
