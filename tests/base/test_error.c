// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "trm/base/error.h"

static void test_set_and_prefix(void **state) {
    (void)state;
    trm_error e = {0};
    assert_false(trm_error_set(&e, TRM_E_INPUT, "size %d is out of range", 99));
    assert_int_equal(e.code, TRM_E_INPUT);
    assert_string_equal(e.message, "size 99 is out of range");
    assert_false(trm_error_prefix(&e, "%s:%d", "a.json", 3));
    assert_int_equal(e.code, TRM_E_INPUT);
    assert_string_equal(e.message, "a.json:3: size 99 is out of range");
}

static void test_null_is_fine(void **state) {
    (void)state;
    assert_false(trm_error_set(NULL, TRM_E_IO, "x"));
    assert_false(trm_error_prefix(NULL, "x"));
}

static void test_own_message_as_argument(void **state) {
    (void)state;
    trm_error e;
    trm_error_set(&e, TRM_E_IO, "inner");
    trm_error_set(&e, TRM_E_NUMERIC, "outer (%s)", e.message);
    assert_string_equal(e.message, "outer (inner)");
    assert_int_equal(e.code, TRM_E_NUMERIC);
}

static void test_what_a_terminal_might_act_on_is_replaced(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"a\nb\tc\rd", "a?b?c?d"},
        {"\x1b[31mred\x1b[0m", "?[31mred?[0m"},
        {"del\x7f", "del?"},
        {"\xc2\x9b"
         "31m",
         "?31m"}, // CSI as one C1 character
        {"caf\xc3\xa9 \xe2\x86\x91 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x86\x91 \xf0\x9f\x98\x80"},
        {"\xc2\xa0", "\xc2\xa0"}, // no-break space: past the controls
        {"\xff\xfe", "??"},
        {"\xc3", "?"}, // a lead byte alone
        {"\xe2\x86", "??"},
        {"\x80x", "?x"},    // a continuation byte alone
        {"\xc0\xaf", "??"}, // overlong
        {"\xe0\x80\xaf", "???"},
        {"\xed\xa0\x80", "???"},      // a surrogate
        {"\xf4\x90\x80\x80", "????"}, // past U+10FFFF
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_error e;
        trm_error_set(&e, TRM_E_INPUT, "<%s>", cases[i].in);
        char want[64] = "<";
        strncat(want, cases[i].out, 40);
        strncat(want, ">", 2);
        assert_string_equal(e.message, want);
    }
}

static void test_long_messages_are_cut_between_characters(void **state) {
    (void)state;
    char text[1200];
    for (size_t shift = 0; shift < 3; shift++) { // of three-byte characters, at each alignment
        memset(text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x86\x91", 4);
        trm_error e;
        trm_error_set(&e, TRM_E_INPUT, "%s", text);
        size_t n = strlen(e.message);
        assert_in_range(n, sizeof e.message - 3, sizeof e.message - 1);
        assert_int_equal((n - shift) % 3, 0);
        assert_memory_equal(e.message, text, n);
        trm_error_prefix(&e, "%s", "file");
        assert_memory_equal(e.message, "file: ", 6);
        assert_null(strchr(e.message, '?'));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_prefix),
        cmocka_unit_test(test_null_is_fine),
        cmocka_unit_test(test_own_message_as_argument),
        cmocka_unit_test(test_what_a_terminal_might_act_on_is_replaced),
        cmocka_unit_test(test_long_messages_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
