// SPDX-License-Identifier: Apache-2.0
// The clock of the machine is set back, again and again: the run is the same, its seconds only
// grow, and the view keeps its pace and its last ten runs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "../tui/screen.h"
#include "run.h"

#define TINY "train", "maze-mlp", "env.size=3", "model.hidden=8", "train.episodes=30"

static void set_back(void) {
    setenv("LD_PRELOAD", getenv("TRM_BACKWARDS"), 1);
    setenv("ASAN_OPTIONS", "detect_leaks=1:verify_asan_link_order=0", 1);
    assert_int_equal(system("test $(date +%s) -lt 1700000000"), 0);
}

static void as_it_was(void) {
    unsetenv("LD_PRELOAD");
}

static void run(void **state, const char *const *args) {
    outcome o = process_run(*state, NULL, args);
    if (o.status != 0)
        fail_msg("status %d:\n%s", o.status, o.err);
    outcome_free(&o);
}

static void assert_seconds_grow(const char *path) {
    char *text = file_text(path, NULL);
    double last = 0;
    for (const char *at = strstr(text, "\"seconds\":"); at != NULL;
         at = strstr(at + 1, "\"seconds\":")) {
        double seconds = strtod(at + strlen("\"seconds\":"), NULL);
        assert_true(seconds >= last && seconds < last + 100);
        last = seconds;
    }
    assert_true(last > 0);
    free(text);
}

static void test_train(void **state) {
    char whole[PATH_SIZE];
    char other[PATH_SIZE];
    char metrics[PATH_SIZE + 16];
    run(state, (const char *const[]){TINY, "--out", "whole", NULL});
    set_back();
    run(state, (const char *const[]){TINY, "train.episodes=12", "--out", "r", NULL});
    run(state, (const char *const[]){"train", "r", "--resume", "train.episodes=30", NULL});
    as_it_was();
    snprintf(whole, sizeof whole, "%s/whole", (const char *)*state);
    snprintf(other, sizeof other, "%s/r", (const char *)*state);
    assert_same_run(whole, other);
    snprintf(metrics, sizeof metrics, "%s/metrics.jsonl", other);
    assert_seconds_grow(metrics);
}

static void test_watch(void **state) {
    set_back();
    screen *s = OPEN(*state, 30, 100, NULL, "watch", "maze-mlp", "train.episodes=100000");
    as_it_was();
    SEE(s, "numbers");
    SEE(s, "training");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, ".");
    screen_keys(s, " ");
    SEE(s, "training");
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_train), WITH_FOLDER(test_watch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
