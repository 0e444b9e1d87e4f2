// SPDX-License-Identifier: Apache-2.0
// `trm plot` through the real binary.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

static void assert_done(outcome o) {
    if (o.status != 0 || o.out[0] != '\0' || o.err[0] != '\0')
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    outcome_free(&o);
}

static char *text_of(void **state, const char *name, size_t *size) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, name);
    return file_text(path, size);
}

static void train(void **state, const char *preset, const char *word, const char *out) {
    outcome o = RUN(*state, "train", preset, word, "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void test_curves_of_recorded_runs(void **state) {
    size_t size;
    train(state, "maze-mlp", "train.episodes=60", "a");
    train(state, "maze-mlp", "train.episodes=60", "b");
    assert_refused(RUN(*state, "plot", "a", "b", "-o", "x.svg"), "same run");
    assert_done(RUN(*state, "plot", "a", "-o", "x.svg", "--title", "a maze"));
    char *svg = text_of(state, "x.svg", &size);
    assert_non_null(strstr(svg, "<title>a maze</title>"));
    assert_non_null(strstr(svg, "maze-mlp, 1 seed: reward "));
    free(svg);
    assert_done(RUN(*state, "plot", "a", "--out=x.png", "--axis", "steps", "--smooth", "10"));
    assert_done(RUN(*state, "plot", "a", "-o", "log.svg", "--log", "x"));
    assert_done(RUN(*state, "plot", "a", "-o", "log.svg", "--watch")); // nobody trains it
    char *png = text_of(state, "x.png", &size);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    free(png);
}

static void test_bad_input_is_refused(void **state) {
    train(state, "maze-mlp", "train.episodes=5", "a");
    const int entries = folder_entries(*state);
    assert_refused(RUN(*state, "plot"), "usage");
    assert_refused(RUN(*state, "plot", "a"), "-o FILE");
    assert_refused(RUN(*state, "plot", "a", "-o"), "PICTURE is missing");
    assert_refused(RUN(*state, "plot", "nothing", "-o", "x.svg"), "nothing: not the folder of a run");
    assert_refused(RUN(*state, "plot", "maze", "-o", "x.svg"), "maze: not the folder of a run");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.jpg"), "x.jpg");
    assert_refused(RUN(*state, "plot", "a", "-o", "no/x.svg"), "no/x.svg");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.svg", "--axis", "step"), "steps");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.svg", "--smooth", "0"), "--smooth");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.svg", "--log", "y"), "may be negative");
    assert_refused(RUN(*state, "plot", "--panels", "a", "-o", "x.svg"), "reinforcement");
    assert_refused(
        RUN(*state, "plot", "--panels", "a", "a", "a", "a", "a", "a", "a", "-o", "x.svg"), "6");
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/a/metrics.jsonl", (const char *)*state);
    file_put_text(path, "");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.svg"), "no episode");
    file_put_text(path, "[1]\n{}\n");
    assert_refused(RUN(*state, "plot", "a", "-o", "x.svg"), "no line of it");
    assert_int_equal(folder_entries(*state), entries);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_curves_of_recorded_runs, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_bad_input_is_refused, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
