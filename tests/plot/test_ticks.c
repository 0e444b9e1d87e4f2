// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "made.h"
#include "plot/ticks.h"

static void steps_are_round(void **state) {
    (void)state;
    for (double span = 1e-9; span < 1e12; span *= 1.37)
        for (double low = -span; low <= span; low += span / 3) {
            trm_ticks t;
            trm_ticks_between(&t, low, low + span, 5);
            assert_in_range(t.count, 2, TICKS_MAX);
            const double power = pow(10, floor(log10(t.step * 1.0001)));
            const double part = t.step / power;
            assert_true(fabs(part - 1) < 1e-9 || fabs(part - 2) < 1e-9 || fabs(part - 5) < 1e-9);
            for (int32_t i = 0; i < t.count; i++) {
                const double k = t.at[i] / t.step;
                assert_true(fabs(k - round(k)) < 1e-6);
                assert_true(t.at[i] >= low - 1e-5 * t.step);
                assert_true(t.at[i] <= low + span + 1e-5 * t.step);
            }
        }
}

static void a_widened_range_begins_and_ends_on_a_tick(void **state) {
    (void)state;
    for (double span = 1e-6; span < 1e9; span *= 1.71)
        for (double from = -2 * span; from <= span; from += span / 7) {
            double low = from, high = from + span;
            trm_ticks t;
            trm_ticks_widen(&low, &high, 5);
            assert_true(low <= from + 1e-5 * span && high >= from + span * (1 - 1e-5));
            trm_ticks_between(&t, low, high, 5);
            assert_true(fabs(t.at[0] - low) < 1e-6 * t.step);
            assert_true(fabs(t.at[t.count - 1] - high) < 1e-6 * t.step);
        }
}

static void an_empty_range_is_given_room(void **state) {
    (void)state;
    static const double values[] = {0, 1, -3, 1e-300, 1e30, 100};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double low = values[i], high = values[i];
        trm_ticks t;
        trm_ticks_widen(&low, &high, 5);
        assert_true(low < high);
        trm_ticks_between(&t, low, high, 5);
        assert_in_range(t.count, 1, TICKS_MAX);
    }
}

static void decades_are_powers_of_ten(void **state) {
    (void)state;
    for (double low = 1e-6; low < 1e6; low *= 3.7)
        for (double ratio = 1.2; ratio < 1e9; ratio *= 2.3) {
            trm_ticks t;
            double from = low, to = low * ratio;
            trm_ticks_widen_decades(&from, &to);
            trm_ticks_decades(&t, from, to);
            assert_true(from <= low * 1.0001 && to >= low * ratio * 0.9999 && from < to);
            assert_true(ratio > 50 || fabs(t.at[0] / from - 1) < 1e-6);
            trm_ticks_decades(&t, low, low * ratio);
            assert_in_range(t.count, ratio < 3 ? 0 : 1, TICKS_MAX);
            for (int32_t i = 0; i < t.count; i++) {
                const double part = t.at[i] / pow(10, floor(log10(t.at[i] * 1.0001)));
                assert_true(fabs(part - 1) < 1e-6 || fabs(part - 2) < 1e-6 ||
                            fabs(part - 5) < 1e-6);
                assert_true(t.at[i] >= low * 0.9999 && t.at[i] <= low * ratio * 1.0001);
                assert_true(i == 0 || t.at[i] > t.at[i - 1]);
            }
        }
    trm_ticks t;
    char text[TICK_TEXT];
    trm_ticks_decades(&t, 0.5, 20000);
    trm_ticks_text(&t, t.count - 1, text);
    assert_string_equal(text, "10,000");
    trm_ticks_decades(&t, 0.02, 3);
    trm_ticks_text(&t, 0, text);
    assert_string_equal(text, "0.02");
}

static void assert_text(double low, double high, int32_t i, const char *want) {
    trm_ticks t;
    char text[TICK_TEXT];
    trm_ticks_between(&t, low, high, 5);
    trm_ticks_text(&t, i, text);
    assert_string_equal(text, want);
}

static void numbers_are_as_people_write_them(void **state) {
    (void)state;
    assert_text(0, 500, 1, "100");
    assert_text(0, 20000, 2, "10,000");
    assert_text(0, 1, 1, "0.2");
    assert_text(0, 1, 0, "0.0");
    assert_text(0.1, 0.12, 0, "0.100");
    assert_text(-10, 15, 0, "-10");
    assert_text(-4000, 0, 0, "-4,000");
    assert_text(0, 1e9, 1, "2e+08");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decades_are_powers_of_ten),
        cmocka_unit_test(steps_are_round),
        cmocka_unit_test(a_widened_range_begins_and_ends_on_a_tick),
        cmocka_unit_test(an_empty_range_is_given_room),
        cmocka_unit_test(numbers_are_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
