// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/rng.h"
#include "trm/base/text.h"

static void test_format_and_copy_are_cut(void **state) {
    (void)state;
    char out[8];
    assert_int_equal(trm_text_format(out, sizeof out, "%d", 1234567), 7);
    assert_string_equal(out, "1234567");
    assert_int_equal(trm_text_format(out, sizeof out, "%d", 12345678), 7);
    assert_string_equal(out, "1234567");
    out[0] = 'x';
    assert_int_equal(trm_text_format(out, 0, "%d", 1), 0);
    assert_int_equal(out[0], 'x');
    assert_true(trm_text_copy(out, sizeof out, "1234567"));
    assert_false(trm_text_copy(out, sizeof out, "abcdefgh"));
    assert_string_equal(out, "abcdefg");
    assert_true(trm_text_copy(out, sizeof out, ""));
    assert_string_equal(out, "");
    assert_false(trm_text_copy(out, 0, ""));
}

static void test_integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"+7", 7},
        {"007", 7},
        {"-42", -42},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"12.50e2", 1250},
        {"1.5e1", 15},
        {"2.0", 2},
        {"5.", 5},
        {"1000e-3", 1},
        {"0e99999999999", 0},
        {"0.0e-99999999999", 0},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"-922337203685477580800e-2", INT64_MIN},
        {"0.000000000000000000000000000001e30", 1},
        {"1000000000000000000000000000000e-30", 1},
        {"9007199254740993", INT64_C(9007199254740993)}, // no double has this value
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = -99;
        if (!trm_text_to_i64(good[i].text, &value) || value != good[i].value)
            fail_msg("%s: got %lld", good[i].text, (long long)value);
    }
    static const char *const bad[] = {"",
                                      " ",
                                      "1 ",
                                      " 1",
                                      "a",
                                      "1a",
                                      "-",
                                      "+",
                                      "--1",
                                      "+-1",
                                      "0x10",
                                      "1e",
                                      "1e+",
                                      "e3",
                                      ".",
                                      "1.5",
                                      "1e-1",
                                      "1.05e1",
                                      "1..0",
                                      "1.0.0",
                                      "1,000",
                                      "nan",
                                      "inf",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "1e19",
                                      "1e99999999999",
                                      "1e-99999999999",
                                      "18446744073709551617",
                                      "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = -99;
        if (trm_text_to_i64(bad[i], &value))
            fail_msg("\"%s\" was taken for %lld", bad[i], (long long)value);
        assert_int_equal(value, -99);
    }
}

static void test_reals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},          {"1.5", 1.5},  {"-2e-3", -2e-3},       {".5", 0.5},  {"5.", 5},
        {"+1e300", 1e300}, {"1e-400", 0}, {"4.9e-324", 4.9e-324}, {"0.1", 0.1}, {"003", 3},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = -99;
        if (!trm_text_to_f64(good[i].text, &value) || value != good[i].value)
            fail_msg("%s: got %.17g", good[i].text, value);
    }
    static const char *const bad[] = {"",         " 1",    "1 ",    "nan",    "inf", "-inf",
                                      "infinity", "0x1p3", "1e999", "-1e999", "1,5", "1.5.2",
                                      "e1",       ".",     "-",     "1e",     "1d3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = -99;
        if (trm_text_to_f64(bad[i], &value))
            fail_msg("\"%s\" was taken for %g", bad[i], value);
        assert_true(value == -99);
    }
}

static void test_written_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } f64[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {500, "500"},
        {0.95, "0.95"},
        {2e-3, "0.002"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {-1.5e-9, "-1.5e-9"},
        {1e16, "10000000000000000"},
        {1e17, "1e17"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-9007199254740993.0, "-9007199254740992"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        {NAN, "null"},
        {-INFINITY, "null"},
    };
    char out[32];
    for (size_t i = 0; i < sizeof f64 / sizeof *f64; i++) {
        assert_int_equal(trm_text_from_f64(out, f64[i].value), strlen(f64[i].text));
        assert_string_equal(out, f64[i].text);
    }
    static const struct {
        float value;
        const char *text;
    } f32[] = {
        {0.1f, "0.1"},
        {-0.21f, "-0.21"},
        {10.19f, "10.19"},
        {16777216.0f, "16777216"},
        {3.4028235e38f, "3.4028235e38"},
        {1e-45f, "1e-45"},
        {INFINITY, "null"},
    };
    for (size_t i = 0; i < sizeof f32 / sizeof *f32; i++) {
        assert_int_equal(trm_text_from_f32(out, f32[i].value), strlen(f32[i].text));
        assert_string_equal(out, f32[i].text);
    }
}

// Digits of the significand in what was written.
static int digits_in(const char *text) {
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && n == 0))
            continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

static void check_f32(float value) {
    char out[32], shorter[48];
    size_t n = trm_text_from_f32(out, value);
    assert_int_equal(n, strlen(out));
    float back = strtof(out, NULL);
    double parsed;
    assert_true(trm_text_to_f64(out, &parsed));
    assert_memory_equal(&back, &value, sizeof value);
    int digits = digits_in(out);
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, (double)value);
        assert_true(strtof(shorter, NULL) != value);
    }
}

static void check_f64(double value) {
    char out[32], shorter[48];
    size_t n = trm_text_from_f64(out, value);
    assert_int_equal(n, strlen(out));
    double back;
    assert_true(trm_text_to_f64(out, &back));
    assert_memory_equal(&back, &value, sizeof value);
    int digits = digits_in(out);
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
        assert_true(strtod(shorter, NULL) != value);
    }
}

static void test_floats_come_back_bit_for_bit(void **state) {
    (void)state;
    trm_rng r;
    trm_rng_seed(&r, 11, 0);
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = trm_rng_next(&r);
        uint32_t half = (uint32_t)(bits >> 32);
        float f;
        double d;
        memcpy(&f, &half, sizeof f);
        memcpy(&d, &bits, sizeof d);
        if (isfinite(f))
            check_f32(f);
        if (isfinite(d))
            check_f64(d);
        check_f32(trm_rng_normal(&r)); // the sizes that weights and rewards have
        check_f64(trm_rng_double(&r) * 1000);
    }
    for (int e = -1074; e < 1024; e++) { // where the gaps on the two sides differ
        check_f64(ldexp(1, e));
        if (e >= -149 && e < 128)
            check_f32(ldexpf(1, e));
    }
}

// Wherever a language that writes 0,5 is installed, it must make no difference.
static void test_other_locales(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "pt_BR.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]);
    if (!found)
        skip();
    char out[32];
    double value = 0;
    trm_text_from_f64(out, 0.5);
    bool ok = trm_text_to_f64("0.25", &value) && !trm_text_to_f64("0,25", &value);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(out, "0.5");
    assert_true(ok && value == 0.25);
}

static const char *name_at(const void *ctx, size_t i) {
    return ((const char *const *)ctx)[i];
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"maze-open", "maze-plain", "sudoku-easy",
                                        "train",     "lr",         "seed"};
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"maze-open", "maze-open"},
        {"maze-opne", "maze-open"},   // neighbours swapped
        {"maze-pen", "maze-open"},    // one missing
        {"maze-ooppen", "maze-open"}, // two too many, of eleven
        {"MAZE-PLAIN", "maze-plain"},
        {"trian", "train"},
        {"sede", "seed"},
        {"l", "lr"},
        {"lrr", "lr"},
        {"teain", "train"},
        {"txxin", NULL}, // two of five
        {"x", NULL},
        {"", NULL},
        {"zebra", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = trm_text_nearest(cases[i].word, name_at, names, 6);
        if ((!got) != (!cases[i].want) || (got && strcmp(got, cases[i].want) != 0))
            fail_msg("\"%s\": got %s", cases[i].word, got ? got : "nothing");
    }
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(trm_text_nearest(longest, name_at, names, 6));
    assert_null(trm_text_nearest("train", name_at, names, 0));
    static const char *const letter[] = {"y"};
    assert_null(trm_text_nearest("x", name_at, letter, 1)); // one edit, but nothing in common
    assert_string_equal(trm_text_nearest("Y", name_at, letter, 1), "y");
}

static void test_thousands(void **state) {
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1,000"},
        {69038, "69,038"},
        {-1234567, "-1,234,567"},
        {-100, "-100"},
        {INT64_MAX, "9,223,372,036,854,775,807"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(trm_text_thousands(out, cases[i].value), cases[i].text);
}

static void test_durations(void **state) {
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0.0s"},        {0.4, "0.4s"},    {9.94, "9.9s"},       {9.97, "10s"},
        {59.4, "59s"},      {59.6, "1m 00s"}, {63, "1m 03s"},       {3599.4, "59m 59s"},
        {3599.6, "1h 00m"}, {7500, "2h 05m"}, {360000, "100h 00m"}, {-3, "0.0s"},
        {NAN, "0.0s"},
    };
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(trm_text_duration(out, cases[i].seconds), cases[i].text);
    assert_true(strlen(trm_text_duration(out, INFINITY)) < 32);
}

// Every character comes back, and nothing that RFC 3629 forbids is taken for one.
static void test_utf8(void **state) {
    (void)state;
    for (uint32_t ch = 1; ch <= 0x10FFFF; ch++) {
        char bytes[5] = {0};
        uint32_t back = 0;
        const size_t n = trm_utf8_put(bytes, ch);
        const bool surrogate = ch >= 0xD800 && ch < 0xE000;
        assert_int_equal(trm_utf8_decode(bytes, n, &back), surrogate ? 0 : n);
        assert_true(surrogate || back == ch);
        assert_int_equal(trm_utf8_decode(bytes, n - 1, NULL), 0);
        assert_int_equal(trm_utf8_cut(bytes, n - 1), 0);
    }
    static const char *const wrong[] = {
        "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5", "\xff",     "\xe2\x82", "\xc3("};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *text = wrong[i];
        assert_int_equal(trm_utf8_decode(text, strlen(text), NULL), 0);
        assert_int_equal(trm_utf8_check(text, strlen(text)), 0);
        assert_int_equal(trm_utf8_next(&text), '?');
        assert_true(text > wrong[i]);
    }
    const char *text = "a\xc3\xa9\xe2\x86\x92\xf0\x9f\x98\x80\xff\x1b\xe2\x82";
    assert_int_equal(trm_utf8_check(text, strlen(text)), 10);
    assert_int_equal(trm_utf8_cut(text, 5), 3);
    const uint32_t want[] = {'a', 0xE9, 0x2192, 0x1F600, '?', '?', '?', 0};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(trm_utf8_next(&text), want[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_and_copy_are_cut),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_written_as_people_write_them),
        cmocka_unit_test(test_floats_come_back_bit_for_bit),
        cmocka_unit_test(test_other_locales),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_thousands),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
