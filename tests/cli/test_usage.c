// SPDX-License-Identifier: Apache-2.0
// Version, and what is no command line. Help is in test_tables.c.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process.h"

static void test_version(void **state) {
    outcome o = RUN(*state, "--version");
    assert_int_equal(o.status, 0);
    assert_memory_equal(o.out, "trm ", 4);
    assert_int_equal(line_count(o.out), 1);
    outcome_free(&o);
}

static void test_unknown_words(void **state) {
    assert_refused(RUN(*state, "trian"), "did you mean train?");
    assert_refused(RUN(*state, "xyzzy"), "unknown command xyzzy");
    assert_refused(RUN(*state, "help", "prob"), "did you mean probe?");
    assert_refused(RUN(*state, "--verison"), "did you mean --version?");
    assert_refused(RUN(*state, "train", "maze", "--resum"), "did you mean --resume?");
    assert_refused(RUN(*state, "train", "maze", "-x"), "unknown option -x");
    assert_refused(RUN(*state, "watch", "--pase=free"), "did you mean --pace?");
    assert_int_equal(folder_entries(*state), 0);
}

static void test_wrong_values(void **state) {
    assert_refused(RUN(*state, "train"), "usage: trm train");
    assert_refused(RUN(*state, "train", "maze", "maze"), "one word too many");
    assert_refused(RUN(*state, "train", "maze", "--out"), "DIR is missing");
    assert_refused(RUN(*state, "train", "maze", "--out="), "DIR is empty");
    assert_refused(RUN(*state, "train", "maze", "--json=1"), "takes no value");
    assert_refused(RUN(*state, "watch", "--pace", "pacd"), "did you mean paced?");
    assert_refused(RUN(*state, "watch", "--pace", "quick"), "auto, paced, free");
    assert_refused(RUN(*state, "eval", "x", "--episodes", "many"), "whole number");
    assert_refused(RUN(*state, "eval", "x", "--episodes", "0"), "expected 1 to");
    assert_refused(RUN(*state, "probe", "x"), "--state");
    assert_refused(RUN(*state, "presets", "seed=3"), "takes no key=value");
    assert_int_equal(folder_entries(*state), 0);
}

// The smallest that the system starts a program with; printf alone takes more.
static void test_a_small_stack(void **state) {
    static const char *const kib[] = {"20", "256"};
    for (size_t i = 0; i < sizeof kib / sizeof *kib; i++) {
        char command[PATH_SIZE * 2];
        snprintf(command, sizeof command, "cd '%s' && ulimit -s %s && '%s' presets >out 2>err",
                 (const char *)*state, kib[i], getenv("TRM_BIN"));
        const int status = system(command);
        snprintf(command, sizeof command, "%s/err", (const char *)*state);
        char *err = file_text(command, NULL);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
        assert_int_equal(line_count(err), 1);
        assert_non_null(strstr(err, "ulimit -s"));
        free(err);
    }
}

static void test_no_terminal_names_train(void **state) {
    assert_refused(RUN(*state, "watch"), "trm train");
    assert_refused(RUN(*state, "watch", "maze", "--out", "run"), "trm train");
    outcome o = process_run(*state, NULL, (const char *const[]){NULL});
    assert_refused(o, "trm train");
    assert_int_equal(folder_entries(*state), 0);
}

// Only watch has anything to do with training.
static void test_no_terminal_names_the_command(void **state) {
    outcome o = RUN(*state, "play", "maze");
    const bool screens = strstr(o.err, "built without its screens") == NULL;
    outcome_free(&o);
    static const char *const cases[][4] = {
        {"play", "maze"}, {"play", "sudoku9"}, {"versus", "maze", "maze"}, {"watch", "maze"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char part[PATH_SIZE];
        o = process_run(*state, NULL, cases[i]);
        assert_null(screens && i < 3 ? strstr(o.err, "trm train") : NULL);
        snprintf(part, sizeof part, "trm: %s needs a terminal: standard ", cases[i][0]);
        assert_refused(o, screens ? part : "built without its screens");
    }
    outcome made = RUN(*state, "train", "maze", "train.episodes=2", "--out", "run");
    assert_int_equal(made.status, 0);
    outcome_free(&made);
    // What is wrong with the words comes first.
    assert_refused(RUN(*state, "watch", "nonsense"), "nonsense");
    assert_refused(RUN(*state, "watch", "maze", "seed=x"), "seed");
    assert_refused(RUN(*state, "replay", "run"),
                   screens ? "replay needs a terminal: standard " : "replay: this trm was built");
}

// The exit status of the program with words and a standard output that nobody reads; what it says
// goes to the file at `err`.
static int status_unread(const char *words, const char *err) {
    char command[3 * PATH_SIZE];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    snprintf(command, sizeof command, "'%s' %s >&%d 2>'%s'", getenv("TRM_BIN"), words, ends[1],
             err);
    int status = system(command);
    close(ends[1]);
    return WEXITSTATUS(status);
}

// As `| head -1` leaves it: no complaint.
static void test_output_that_nobody_reads(void **state) {
    static const char *const words[] = {"--help", "presets --describe", "help --man",
                                        "presets maze"};
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/err", (const char *)*state);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(status_unread(words[i], path), 128 + SIGPIPE);
        char *err = file_text(path, NULL);
        assert_string_equal(err, "");
        free(err);
    }
}

static void test_output_that_cannot_be_written(void **state) {
    char script[PATH_SIZE];
    snprintf(script, sizeof script, "%s/err", (const char *)*state);
    char command[3 * PATH_SIZE];
    static const char *const words[] = {"--help", "presets", "presets --describe", "presets maze",
                                        "train --help"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf(command, sizeof command, "'%s' %s >/dev/full 2>'%s'", getenv("TRM_BIN"), words[i],
                 script);
        assert_int_equal(system(command), 1 << 8);
        char *err = file_text(script, NULL);
        assert_int_equal(line_count(err), 1);
        assert_non_null(strstr(err, "standard output"));
        free(err);
        snprintf(command, sizeof command, "'%s' %s >&- 2>'%s'", getenv("TRM_BIN"), words[i],
                 script);
        assert_int_equal(system(command), 1 << 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_version, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_unknown_words, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_wrong_values, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_small_stack, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_no_terminal_names_train, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_no_terminal_names_the_command, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_output_that_nobody_reads, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_output_that_cannot_be_written, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
