// SPDX-License-Identifier: Apache-2.0
// What `trm boards` prints is read back by the commands that take boards, and stands on the side of
// the split that was asked for.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "process.h"

static int lines_of(const char *text) {
    int n = 0;
    for (const char *c = text; *c; c++)
        n += *c == '\n';
    return n;
}

// Runs `trm boards` with these words and puts what it prints into a file.
#define KEEP(file, ...) keep(*state, file, RUN(*state, "boards", __VA_ARGS__))

static void keep(const char *folder, const char *file, outcome o) {
    char path[PATH_SIZE];
    if (o.status != 0)
        fail_msg("%s%s", o.out, o.err);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    file_put_text(path, o.out);
    outcome_free(&o);
}

static void assert_says(outcome o, const char *text) {
    if (o.status != 0 || !strstr(o.out, text))
        fail_msg("no %s: %s%s", text, o.out, o.err);
    outcome_free(&o);
}

static void test_sudokus(void **state) {
    outcome o = RUN(*state, "boards");
    assert_int_equal(o.status, 0);
    assert_int_equal(lines_of(o.out), 10);
    assert_int_equal(strcspn(o.out, "\n"), 81);
    outcome again = RUN(*state, "boards", "--threads", "1", "seed=0");
    outcome other = RUN(*state, "boards", "seed=1");
    assert_string_equal(o.out, again.out);
    assert_string_not_equal(o.out, other.out);
    outcome_free(&o);
    outcome_free(&again);
    outcome_free(&other);
}

// The answers are checked where they are read.
static void test_they_are_read_back(void **state) {
    KEEP("own.txt", "--count", "7", "data.minimal=1", "data.difficulty=hardest", "--answers");
    assert_says(RUN(*state, "eval", "sudoku9", "env.puzzles=own.txt", "--json"), "\"samples\":7,");
    KEEP("four.txt", "sudoku-4-peer", "--count", "3");
    assert_says(RUN(*state, "eval", "sudoku4", "env.puzzles=four.txt", "--json"), "\"samples\":3,");
    KEEP("played.txt", "data.type=none", "env.type=sudoku", "env.size=4", "--count", "3");
    assert_says(RUN(*state, "eval", "sudoku4", "env.puzzles=played.txt", "--json"),
                "\"samples\":3,");
}

static void test_a_side_of_the_split_stays_one(void **state) {
    KEEP("learn.txt", "--count", "20");
    KEEP("test.txt", "--count", "20", "--held-out");
    outcome o = RUN(*state, "train", "sudoku-9-peer", "env.puzzles=learn.txt", "train.epochs=1");
    assert_refused(o, "learn.txt has none to hold out");
    o = RUN(*state, "train", "sudoku-9-peer", "env.puzzles=test.txt", "train.epochs=1");
    assert_refused(o, "test.txt has none to learn from");
}

static void test_mazes(void **state) {
    outcome o = RUN(*state, "boards", "mazes-8-fixed-conv", "--count", "2", "--answers");
    assert_int_equal(o.status, 0);
    assert_int_equal(lines_of(o.out), 2 * 9);
    assert_non_null(strchr(o.out, 'o'));
    outcome_free(&o);
    KEEP("eight.txt", "mazes-8-fixed-conv", "--count", "4");
    assert_says(RUN(*state, "eval", "mazes8", "env.mazes=eight.txt", "--json"), "\"samples\":4,");
    KEEP("walls.txt", "data.type=none", "env.type=maze", "env.size=11", "--count", "3");
    assert_says(RUN(*state, "eval", "maze11", "env.mazes=walls.txt", "--episodes", "3", "--json"),
                "\"episodes\":3");
}

static void test_what_has_no_boards_is_refused(void **state) {
    assert_refused(RUN(*state, "boards", "maze"), "env.type=maze-open");
    assert_refused(RUN(*state, "boards", "data.type=tokens"), "data.type=tokens has no boards");
    assert_refused(RUN(*state, "boards", "env.type=maze"), "env.type=maze has no effect");
    assert_refused(
        RUN(*state, "boards", "data.size=6", "data.minimal=1", "data.difficulty=hardest"),
        "only 9x9");
    assert_refused(RUN(*state, "boards", "data.type=none", "env.type=sudoku", "--answers"),
                   "--answers");
    assert_refused(RUN(*state, "boards", "train.lr=1"), "train.lr=1 has no effect");
    assert_refused(RUN(*state, "boards", "--count", "0"), "--count");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sudokus, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_they_are_read_back, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_side_of_the_split_stays_one, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_mazes, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_what_has_no_boards_is_refused, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
