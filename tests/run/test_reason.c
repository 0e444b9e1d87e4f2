// SPDX-License-Identifier: Apache-2.0
// The words for reasons: recorded episodes hold them, so they stay.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trm/run/reason.h"

static void words_stay_and_none_is_missing(void **state) {
    (void)state;
    static const struct {
        trm_reason reason;
        const char *text;
    } cases[] = {
        {TRM_REASON_TOWARDS_GOAL, "towards the goal"},
        {TRM_REASON_AWAY_FROM_GOAL, "away from the goal"},
        {TRM_REASON_REACHED_GOAL, "reached the goal"},
        {TRM_REASON_OFF_GRID, "off the grid"},
        {TRM_REASON_INTO_WALL, "into a wall"},
        {TRM_REASON_OUT_OF_STEPS, "out of steps"},
        {TRM_REASON_RIGHT_DIGIT, "the right digit"},
        {TRM_REASON_WRONG_DIGIT, "the wrong digit"},
        {TRM_REASON_LEGAL_PLACEMENT, "a legal placement"},
        {TRM_REASON_NOT_THE_ANSWER, "legal, but not the answer"},
        {TRM_REASON_GIVEN_CELL, "a given cell"},
        {TRM_REASON_FILLED_CELL, "the cell is filled already"},
        {TRM_REASON_BREAKS_RULE, "breaks a rule"},
        {TRM_REASON_GRID_FULL, "the grid is full"},
        {TRM_REASON_SOLVED, "solved"},
        {TRM_REASON_FULL_BUT_WRONG, "full, but wrong"},
        {TRM_REASON_DEAD_END, "no digit fits any more"},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    assert_int_equal(CASES, TRM_REASONS - 1);
    for (int i = 0; i < CASES; i++) {
        assert_string_equal(trm_reason_text(cases[i].reason), cases[i].text);
        assert_int_equal(trm_reason_of_text(cases[i].text), cases[i].reason);
    }
}

static void other_words_stand_for_none(void **state) {
    (void)state;
    assert_string_equal(trm_reason_text(TRM_REASON_NONE), "");
    assert_int_equal(trm_reason_of_text(""), TRM_REASON_NONE);
    assert_int_equal(trm_reason_of_text("towards the goal "), TRM_REASON_NONE);
    assert_int_equal(trm_reason_of_text("fell asleep"), TRM_REASON_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stay_and_none_is_missing),
        cmocka_unit_test(other_words_stand_for_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
