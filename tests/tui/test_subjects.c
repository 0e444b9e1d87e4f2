// SPDX-License-Identifier: Apache-2.0
// Samples of a data set under the microscope, in what-if, and as boards to play: from the screen of
// supervised models.
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

#define CTRL_U "\x15"
#define RIGHT  "\x1bOC"
#define DOWN   "\x1bOB"

// Four epochs of four batches.
#define SMALL                                                                                      \
    "mazes-8-fixed-trm", "data.train=40", "data.validation=20", "data.test=20", "train.batch=12",  \
        "train.epochs=4"

// A model that answers, its show paused at a sample.
static screen *open_paused(void **state, int rows, int cols, const char *model) {
    screen *s = OPEN(*state, rows, cols, NULL, "watch", model);
    SEE(s, "all right");
    screen_keys(s, " ");
    SEE(s, "paused");
    return s;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_sudoku_under_the_microscope(void **state) {
    screen *s = open_paused(state, 40, 120, "sudoku4");
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "of 100  held-out");
    SEE(s, "r1c1 = 4");
    SEE(s, "all 16 right");
    SEE(s, "path of z");
    SEE(s, "of the spread");
    SEE(s, "; the target is ");
    double sample = screen_number(s, "sample ");
    screen_keys(s, ".");
    char text[64];
    snprintf(text, sizeof text, "sample %d of 100", (int)sample % 100 + 1);
    SEE(s, text);
    screen_keys(s, ",");
    // Another cell is another question.
    screen_keys(s, "1" RIGHT DOWN);
    SEE(s, "r2c2 = 4");
    SEE(s, " r2c2: decided at step");
    screen_keys(s, "c");
    SEE(s, "is pinned");
    SEE(s, "against sample");
    screen_keys(s, "[[a");
    SEE(s, "weights to r2c2 = ");
    // The head reads y, each cell by itself: the unit goes along with the cell.
    screen_keys(s, "v");
    SEE(s, "d logit / d unit");
    LOSE(s, "does not read this level");
    SEE(s, "unit y#");
    // What if goes on from the same cell.
    screen_keys(s, "w");
    SEE(s, "as it is");
    SEE(s, "r2c2 = 4");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "qq");
    SEE(s, "paused");
    leave(s);
}

static void test_sudoku_changed(void **state) {
    screen *s = open_paused(state, 34, 120, "sudoku4");
    screen_keys(s, "w");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "+");
    SEE(s, "K 6 to 7");
    SEE(s, " 7 steps");
    screen_keys(s, "F"); // this model has no feedback, and nothing offers to switch it off
    SEE(s, "K 6 to 7");
    LOSE(s, "F feedback");
    screen_keys(s, "u");
    LOSE(s, "K 6 to 7");
    // A cell is cleared, and some digit fits there; then none does.
    screen_keys(s, "x12341");
    SEE(s, "clear it first");
    screen_keys(s, RIGHT "x12342" RIGHT "x12343");
    SEE(s, "clear it first");
    LOSE(s, "the same, bit for bit");
    screen_keys(s, "O.");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "q");
    SEE(s, "paused");
    leave(s);
}

static void test_maze_changed(void **state) {
    screen *s = open_paused(state, 30, 120, "mazes8");
    screen_keys(s, "w");
    SEE(s, "r1c1 floor");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "#");
    LOSE(s, "the same, bit for bit");
    screen_keys(s, "#");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "4"); // no digits here: the key does nothing
    screen_keys(s, "\t");
    SEE(s, "hold");
    screen_keys(s, "q");
    SEE(s, "paused");
    leave(s);
}

static void test_boards_played(void **state) {
    screen *s = open_paused(state, 30, 100, "sudoku4");
    screen_keys(s, "p");
    SEE(s, "trm play  sudoku  held-out sample");
    SEE(s, "model trm-peer");
    screen_keys(s, "o");
    SEE(s, "decided at");
    screen_keys(s, "q");
    SEE(s, "paused");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "sudoku4\r");
    SEE(s, "alike");
    screen_keys(s, "q");
    SEE(s, "paused");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "mazes8\r");
    SEE(s, "does not play on this board");
    leave(s);
    // The answer is a path, which the model follows on the board.
    s = open_paused(state, 30, 100, "mazes8");
    screen_keys(s, "p");
    SEE(s, "trm play  maze  held-out sample");
    SEE(s, "model trm-attn");
    screen_keys(s, "o");
    SEE(s, "the model");
    SEE(s, "step");
    screen_keys(s, "R");
    SEE(s, "pace 1 move");
    screen_keys(s, "RH");
    SEE(s, "hint");
    screen_keys(s, "q");
    SEE(s, "paused");
    leave(s);
}

// What is written is asked the same by probe.
static void test_written_down(void **state) {
    static const char *const models[] = {"sudoku4", "mazes8"};
    for (int i = 0; i < 2; i++) {
        char folder[16], model[64], input[64], line[96];
        screen *s = open_paused(state, 30, 120, models[i]);
        snprintf(folder, sizeof folder, "there%d", i);
        snprintf(model, sizeof model, "%s/model.safetensors", folder);
        snprintf(input, sizeof input, "%s/state.json", folder);
        snprintf(line, sizeof line, "trm probe %s", model);
        screen_keys(s, "w");
        SEE(s, "the same, bit for bit");
        screen_keys(s, "s");
        SEE(s, "write model and state");
        screen_keys(s, CTRL_U);
        screen_keys(s, folder);
        screen_keys(s, "\r");
        SEE(s, line);
        screen_keys(s, "q");
        SEE(s, "paused");
        leave(s);
        outcome o = RUN(*state, "probe", model, "--state", input, "--json");
        assert_int_equal(o.status, 0);
        outcome_free(&o);
    }
}

// While a training goes on: what is opened changes nothing in it.
static void test_while_training(void **state) {
    outcome o = RUN(*state, "train", SMALL, "--out", "headless");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "watched", "--pace", "paced");
    SEE(s, "of 64 right");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "m");
    SEE(s, "of 20  held-out");
    SEE(s, "of 64 right");
    SEE(s, "the target is ");
    screen_keys(s, "...q");
    SEE(s, "paused");
    screen_keys(s, "n");
    SEE(s, " 1/40");
    screen_keys(s, "w");
    SEE(s, "sample 1 of 40  training");
    screen_keys(s, "q");
    SEE(s, "paused");
    screen_keys(s, " f");
    SEE(s, "4/4");
    SEE(s, "training is done");
    screen_keys(s, "m");
    SEE(s, "microscope");
    screen_keys(s, "qq");
    assert_int_equal(screen_close(s), 0);
    assert_equal_runs(*state, "headless", "watched");
}

// A key that comes before there is anything in sight is not lost: the first batch takes a while.
static void test_before_the_first_sample(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "mazes-8-fixed-trm", "data.train=600",
                     "data.validation=8", "data.test=8", "train.batch=600", "train.epochs=1");
    SEE(s, "training");
    screen_keys(s, "m");
    SEE(s, "this opens with the first sample");
    SEE(s, "microscope");
    SEE(s, "sample 1 of 8");
    screen_keys(s, "q");
    SEE(s, "done, test");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

enum { IN_TRAINING = 3, IN_MICROSCOPE = 4, PLAN_ROWS = 15, PLAN_BYTES = 256 };

// The rows inside of the frame on the left, and how many arrows stand there.
static int read_plan(screen *s, int first, char rows[PLAN_ROWS][PLAN_BYTES]) {
    int arrows = 0;
    for (int i = 0; i < PLAN_ROWS; i++) {
        static const char edge[] = "\u2502";
        char line[SCREEN_LINE];
        screen_line(s, first + i, line);
        const char *from = strstr(line, edge), *to = from ? strstr(from + 3, edge) : NULL;
        snprintf(rows[i], PLAN_BYTES, "%.*s", to ? (int)(to - from) : 0, from ? from : "");
        for (const char *at = rows[i]; (at = strstr(at, "\xe2\x86")); at += 3)
            arrows++;
    }
    return arrows;
}

static bool plan_is_whole(screen *s, const void *ctx) {
    char rows[PLAN_ROWS][PLAN_BYTES];
    return read_plan(s, *(const int *)ctx, rows) == 24; // every cell but the goal
}

// The plan in the board is the policy under the microscope: the same weights, asked the same.
static void test_plan(void **state) {
    static const int training = IN_TRAINING, microscope = IN_MICROSCOPE;
    char plan[PLAN_ROWS][PLAN_BYTES], policy[PLAN_ROWS][PLAN_BYTES];
    screen *s =
        OPEN(*state, 40, 120, NULL, "watch", "maze-open", "--out", "run", "--pace", "paced");
    SEE(s, "decided");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "b");
    SEE(s, "plan");
    if (!screen_wait(s, plan_is_whole, &training, SCREEN_SECONDS))
        screen_fail(s, "not every cell has an arrow", __LINE__);
    read_plan(s, training, plan);
    screen_keys(s, "m");
    SEE(s, "policy");
    if (!screen_wait(s, plan_is_whole, &microscope, SCREEN_SECONDS))
        screen_fail(s, "not every cell has an arrow", __LINE__);
    read_plan(s, microscope, policy);
    for (int i = 0; i < PLAN_ROWS; i++)
        assert_string_equal(plan[i], policy[i]);
    screen_keys(s, "q");
    SEE(s, "plan");
    screen_keys(s, ".");
    if (!screen_wait(s, plan_is_whole, &training, SCREEN_SECONDS))
        screen_fail(s, "the next step has no plan", __LINE__);
    screen_keys(s, "b");
    SEE(s, " board");
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
    s = OPEN(*state, 24, 80, NULL, "watch", "sudoku-medium", "--out", "masked", "--pace", "paced",
             "train.mask_actions=true");
    SEE(s, "decided");
    screen_keys(s, " b");
    SEE(s, "plan");
    SEE(s, "\u00d7 "); // a cell that is full
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
    s = OPEN(*state, 40, 120, NULL, "watch", SMALL, "--out", "samples", "--pace", "paced");
    SEE(s, "of 64 right");
    screen_keys(s, "b");
    SEE(s, "the answers stand in the cells already");
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_sudoku_under_the_microscope),
        WITH_FOLDER(test_sudoku_changed),
        WITH_FOLDER(test_maze_changed),
        WITH_FOLDER(test_boards_played),
        WITH_FOLDER(test_written_down),
        WITH_FOLDER(test_while_training),
        WITH_FOLDER(test_before_the_first_sample),
        WITH_FOLDER(test_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
