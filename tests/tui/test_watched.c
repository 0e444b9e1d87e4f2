// SPDX-License-Identifier: Apache-2.0
// Watching changes nothing: the run is to the byte that of `trm train`.
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

#define RUN_WORDS "maze", "seed=4", "train.episodes=60"

static void assert_same(void **state, const char *left, const char *right) {
    assert_int_equal(assert_equal_runs(*state, left, right), 60);
}

static void train_headless(void **state) {
    outcome o = RUN(*state, "train", RUN_WORDS, "--out", "headless");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void see_end(screen *s) {
    SEE(s, "60/60");
    SEE(s, "training is done");
    SEE(s, "greedy play");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_free_pace(void **state) {
    train_headless(state);
    screen *s =
        OPEN(*state, 40, 120, NULL, "watch", RUN_WORDS, "--out", "watched", "--pace", "free");
    see_end(s);
    assert_same(state, "headless", "watched");
}

// Pauses, single steps, other speeds, other sizes, and a copy in between.
static void test_meddled_with(void **state) {
    train_headless(state);
    screen *s =
        OPEN(*state, 40, 120, NULL, "watch", RUN_WORDS, "--out", "watched", "--pace", "paced");
    SEE(s, "step ");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "...,,.]][gG");
    SEE(s, "cycle 3");
    screen_keys(s, "m"); // the microscope and what-if only look
    SEE(s, "microscope  step");
    screen_keys(s, ",.[c3o4w++FC/h:1,l:2\r\t\r");
    SEE(s, "3 units held");
    screen_keys(s, "qq");
    LOSE(s, "microscope  step");
    screen_resize(s, 24, 80);
    screen_keys(s, "s");
    SEE(s, "copy this run");
    screen_keys(s, "\x15"
                   "copy\r");
    screen_keys(s, " ");
    LOSE(s, "paused");
    screen_keys(s, "+++++++");
    screen_resize(s, 60, 200);
    screen_keys(s, "a");
    SEE(s, "auto ");
    screen_keys(s, "f");
    see_end(s);
    assert_same(state, "headless", "watched");
}

static bool has_come_far(screen *s, const void *ctx) {
    (void)ctx;
    return screen_number(s, "episode ") >= 3;
}

// Left in the middle, watched again, interrupted, and ended without a screen.
static void test_resumed(void **state) {
    train_headless(state);
    screen *s =
        OPEN(*state, 40, 120, NULL, "watch", RUN_WORDS, "--out", "watched", "--pace", "paced");
    SEE(s, "step ");
    screen_keys(s, "++++++");
    if (!screen_wait(s, has_come_far, NULL, SCREEN_SECONDS))
        screen_fail(s, "it stands still", __LINE__);
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 40, 120, NULL, "watch", "watched", "--resume", "--pace", "paced");
    SEE(s, "step ");
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
    outcome o = RUN(*state, "train", "watched", "--resume");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_same(state, "headless", "watched");
}

// Without --out the run is kept below the state folder.
static void test_state_folder(void **state) {
    char path[PATH_SIZE];
    screen *s = OPEN(*state, 40, 120, NULL, "--pace", "free", "train.episodes=3", "seed=9");
    SEE(s, "training is done");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    assert_int_equal(folder_entries(*state), 0);
    snprintf(path, sizeof path, "%s/home/trm/runs/maze-open-9/checkpoint.safetensors",
             (const char *)*state);
    assert_true(file_is_there(path));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_free_pace),
        WITH_FOLDER(test_meddled_with),
        WITH_FOLDER(test_resumed),
        WITH_FOLDER(test_state_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
