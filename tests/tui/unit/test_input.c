// SPDX-License-Identifier: Apache-2.0
// What terminals send, whole and torn apart, as keys.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tui/terminal/input.h"

enum { KEYS = 8 };

typedef struct sent {
    const char *bytes;
    uint32_t keys[KEYS];
} sent;

#define OTHER     TRM_KEY_OTHER
#define PASTED(c) ((uint32_t)(c) | TRM_KEY_PASTED)

static const sent all[] = {
    {"q", {'q'}},
    {"\r", {TRM_KEY_ENTER}},
    {"\n", {TRM_KEY_ENTER}},
    {"\t", {TRM_KEY_TAB}},
    {"\x7f", {TRM_KEY_BACKSPACE}},
    {"\x08", {TRM_KEY_BACKSPACE}},
    {"\x03", {TRM_CTRL('C')}},
    {"\xc3\xa9x", {0xE9, 'x'}},
    {"\xe2\x96\x88", {0x2588}},
    {"\xf0\x9f\x8d\x95", {0x1F355}},
    {"\xff", {OTHER}},
    {"\xed\xa0\x80", {OTHER}},
    {"\xc3q", {'q'}},
    // arrows and what stands beside them, of xterm, PuTTY, rxvt and the Linux console
    {"\x1b[A", {TRM_KEY_UP}},
    {"\x1b[B", {TRM_KEY_DOWN}},
    {"\x1b[C", {TRM_KEY_RIGHT}},
    {"\x1b[D", {TRM_KEY_LEFT}},
    {"\x1bOA", {TRM_KEY_UP}},
    {"\x1bOD", {TRM_KEY_LEFT}},
    {"\x1b[1~", {TRM_KEY_HOME}},
    {"\x1b[H", {TRM_KEY_HOME}},
    {"\x1b[7~", {TRM_KEY_HOME}},
    {"\x1bOH", {TRM_KEY_HOME}},
    {"\x1b[4~", {TRM_KEY_END}},
    {"\x1b[F", {TRM_KEY_END}},
    {"\x1b[8~", {TRM_KEY_END}},
    {"\x1bOF", {TRM_KEY_END}},
    {"\x1b[5~", {TRM_KEY_PAGE_UP}},
    {"\x1b[6~", {TRM_KEY_PAGE_DOWN}},
    {"\x1b[Z", {TRM_KEY_SHIFT_TAB}},
    {"\x1b\t", {TRM_KEY_SHIFT_TAB}},
    {"\x1bOP", {TRM_KEY_F1}},
    {"\x1b[P", {TRM_KEY_F1}},
    {"\x1b[11~", {TRM_KEY_F1}},
    {"\x1b[[A", {TRM_KEY_F1}},
    {"\x1bOMx", {TRM_KEY_ENTER, 'x'}},
    {"\x1bOq\x1bOk", {'1', '+'}},
    {"\x1b[1;1A", {TRM_KEY_UP}},
    {"\x1b[1;129A", {TRM_KEY_UP}}, // Num Lock is on
    // keys that are bound to nothing
    {"\x1b[3~", {OTHER}},
    {"\x1b[25~", {OTHER}},
    {"\x1b[[B", {OTHER}},
    {"\x1b[1;5A", {OTHER}},
    {"\x1b[5;2~", {OTHER}},
    {"\x1bO5A", {OTHER}},
    {"\x1bq", {OTHER}},
    {"\x1b\xc3\xa9q", {OTHER, 'q'}},
    {"\x1b\x1b[A", {OTHER}},
    {"\x1b\x1bOAq", {OTHER, 'q'}},
    {"\x1b[1;2;3;4;5;6;7;8;9A", {OTHER}},
    {"\x1b[99999999999999999999~", {OTHER}},
    {"\x1b[?1;2c1", {OTHER, '1'}},
    {"\x1b[>0;276;0c1", {OTHER, '1'}},
    {"\x1b[2 q1", {OTHER, '1'}},
    {"\x1b[?2026;2$y1", {OTHER, '1'}},
    // keys by their characters
    {"\x1b[113;5u", {TRM_CTRL('Q')}},
    {"\x1b[27;5;113~", {TRM_CTRL('Q')}},
    {"\x1b[113;3u", {OTHER}},
    {"\x1b[49;5u", {OTHER}},
    {"\x1b[113u", {'q'}},
    {"\x1b[27u", {TRM_KEY_ESC}},
    {"\x1b[13u", {TRM_KEY_ENTER}},
    {"\x1b[57399u", {OTHER}},
    // replies to questions that nobody asked
    {"\x1b]11;rgb:0000/0000/0000\x07q", {'q'}},
    {"\x1bP>|term 1.0\x1b\\q", {'q'}},
    {"\x1b_Gi=1;OK\x1b\\q", {'q'}},
    // the mouse
    {"\x1b[<0;10;5M", {TRM_KEY_MOUSE}},
    {"\x1b[<35;10;5M", {TRM_KEY_HOVER}},
    {"\x1b[<32;10;5M", {TRM_KEY_OTHER}}, // dragged
    {"\x1b[<0;10;5mq", {'q'}},
    {"\x1b[<64;10;5M", {TRM_KEY_WHEEL_UP}},
    {"\x1b[<65;10;5M", {TRM_KEY_WHEEL_DOWN}},
    {"\x1b[<2;10;5M", {OTHER}},
    {"\x1b[<16;10;5M", {OTHER}},
    {"\x1b[M *%", {TRM_KEY_MOUSE}},
    {"\x1b[M`*%q", {TRM_KEY_WHEEL_UP, 'q'}},
    {"\x1b[M#*%q", {OTHER, 'q'}},
    // what is cut short by a control character
    {"\x1b[1\x03q", {TRM_CTRL('C'), 'q'}},
    {"\x1b]11\x03q", {TRM_CTRL('C'), 'q'}},
    {"\x1b[1\x1b[A", {TRM_KEY_UP}},
    {"\x1b\x0cq", {TRM_KEY_ESC, TRM_CTRL('L'), 'q'}},
    {"\x1b\r", {OTHER}},
    // pastes
    {"\x1b[200~1\n2\x1b[201~3", {PASTED('1'), PASTED('\n'), PASTED('2'), '3'}},
    {"\x1b[200~\xc3\xa9\x1b[Aq\x1b[201~", {PASTED(0xE9), PASTED('q')}},
    {"\x1b[200~~a\x1b[201~b", {PASTED('~'), PASTED('a'), 'b'}},
    {"\x1b[200~a\x03q", {PASTED('a'), TRM_CTRL('C'), 'q'}}, // its end was lost
    {"\x1b[201~q", {'q'}},
};

typedef struct typist {
    trm_input in;
    double now;
    uint32_t keys[64];
    int32_t count;
} typist;

static void type(typist *t, const char *bytes, size_t n, double gap) {
    for (size_t i = 0; i < n; i += !t->in.again) {
        const uint32_t key = trm_input_byte(&t->in, (uint8_t)bytes[i], t->now);
        if (key != TRM_KEY_NONE && t->count < 64)
            t->keys[t->count++] = key;
        t->now += gap;
    }
}

static void check(const typist *t, const sent *s) {
    int32_t n = 0;
    while (n < KEYS && s->keys[n] != 0)
        n++;
    for (int32_t i = 0; i < n; i++)
        if (i >= t->count || t->keys[i] != s->keys[i])
            fail_msg("\\e%s: key %d is %#x, not %#x", s->bytes + 1, i,
                     i < t->count ? t->keys[i] : 0, s->keys[i]);
    if (t->count != n)
        fail_msg("\\e%s: %d keys, not %d", s->bytes + 1, t->count, n);
    assert_false(trm_input_wonders(&t->in));
}

static void test_sequences(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        typist t = {.now = 1};
        type(&t, all[i].bytes, strlen(all[i].bytes), 0);
        check(&t, &all[i]);
        // Nothing of it is left: the next key is itself.
        type(&t, "z", 1, 0);
        assert_int_equal(t.keys[t.count - 1], 'z');
    }
}

// Torn at every place, with a wait shorter than the patience there.
static void test_sequences_in_two_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const size_t n = strlen(all[i].bytes);
        for (size_t cut = 1; cut < n; cut++) {
            typist t = {.now = 1};
            type(&t, all[i].bytes, cut, 0);
            t.now += 0.9 * TRM_INPUT_PATIENCE;
            type(&t, all[i].bytes + cut, n - cut, 0);
            check(&t, &all[i]);
        }
    }
}

static void test_places(void **state) {
    (void)state;
    static const char *const events[] = {"\x1b[<0;10;5M", "\x1b[M *%"};
    for (int i = 0; i < 2; i++) {
        typist t = {0};
        type(&t, events[i], strlen(events[i]), 0);
        assert_int_equal(t.in.x, 9);
        assert_int_equal(t.in.y, 4);
    }
}

static void test_esc_alone(void **state) {
    (void)state;
    typist t = {0};
    assert_false(trm_input_wonders(&t.in));
    type(&t, "\x1b", 1, 0);
    assert_int_equal(t.count, 0);
    assert_true(trm_input_wonders(&t.in));
    assert_int_equal(trm_input_idle(&t.in), TRM_KEY_ESC);
    assert_false(trm_input_wonders(&t.in));
    type(&t, "\x1b\x1b", 2, 0); // twice
    assert_int_equal(trm_input_idle(&t.in), TRM_KEY_ESC);
    assert_true(trm_input_wonders(&t.in));
    assert_int_equal(trm_input_idle(&t.in), TRM_KEY_ESC);
    assert_false(trm_input_wonders(&t.in));
    type(&t, "q", 1, 0);
    assert_int_equal(t.keys[0], 'q');
}

// A sequence that is never finished is given up, and so is a paste: keys are keys again.
static void test_patience_has_an_end(void **state) {
    (void)state;
    static const char *const begun[] = {"\x1b[", "\x1b[<0;9", "\x1bO",      "\x1b]",
                                        "\x1bP", "\x1b[M ",   "\x1b[200~a", "\xe2\x96"};
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        typist t = {0};
        type(&t, begun[i], strlen(begun[i]), 0);
        t.count = 0;
        t.now += 1.1 * TRM_INPUT_PASTE;
        type(&t, "q", 1, 0);
        assert_int_equal(t.count, 1);
        assert_int_equal(t.keys[0], 'q');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_sequences_in_two_pieces),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_esc_alone),
        cmocka_unit_test(test_patience_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
