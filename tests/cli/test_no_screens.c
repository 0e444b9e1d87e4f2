// SPDX-License-Identifier: Apache-2.0
// A build without screens: the commands that open one say so in one line, and the others work.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

static void test_refused(void **state) {
    static const char without[] = "built without its screens";
    assert_refused(RUN(*state, "watch"), without);
    assert_refused(RUN(*state, "watch", "sudoku-4-tiny"), without);
    assert_refused(RUN(*state, "play", "maze"), without);
    assert_refused(RUN(*state, "versus", "sudoku4", "sudoku4"), without);
    assert_int_equal(folder_entries(*state), 0);
}

static void test_the_rest(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=20", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_refused(RUN(*state, "replay", "run"), "--check");
    o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_the_rest, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
