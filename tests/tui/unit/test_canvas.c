// SPDX-License-Identifier: Apache-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/terminal.h"

static trm_canvas open_canvas(trm_glyphs glyphs, int32_t rows, int32_t cols) {
    const trm_look look = {glyphs, TRM_DEPTH_256};
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, rows, cols);
    return c;
}

static uint32_t at(const trm_canvas *c, int32_t y, int32_t x) {
    return c->cells[y * c->cols + x].ch;
}

static void test_text_is_clipped(void **state) {
    (void)state;
    trm_canvas c = open_canvas(TRM_GLYPHS_FULL, 2, 5);
    assert_int_equal(trm_canvas_text(&c, 0, 3, 10, TRM_STYLE_NORMAL, "abc"), 2);
    assert_int_equal(at(&c, 0, 4), 'b');
    assert_int_equal(at(&c, 1, 0), ' '); // nothing runs over into the next row
    assert_int_equal(trm_canvas_text(&c, 1, 0, 2, TRM_STYLE_NORMAL, "xyz"), 2);
    assert_int_equal(at(&c, 1, 2), ' ');
    trm_canvas_text(&c, -1, 0, 5, TRM_STYLE_NORMAL, "abc");
    trm_canvas_text(&c, 9, 0, 5, TRM_STYLE_NORMAL, "abc");
    trm_canvas_text(&c, 0, -2, 5, TRM_STYLE_NORMAL, "abc");
    assert_int_equal(at(&c, 0, 0), 'c');
    trm_canvas_print_right(&c, 1, 0, 5, TRM_STYLE_NORMAL, "%d", 42);
    assert_int_equal(at(&c, 1, 4), '2');
    trm_canvas_done(&c);
}

static void test_ascii_has_no_other_characters(void **state) {
    (void)state;
    trm_canvas c = open_canvas(TRM_GLYPHS_ASCII, 3, 40);
    for (uint32_t ch = 0x80; ch < 0x3000; ch++) {
        trm_canvas_put(&c, 0, 0, ch, TRM_STYLE_NORMAL);
        assert_in_range(at(&c, 0, 0), 0x20, 0x7E);
    }
    trm_canvas_frame(&c, (trm_rect){0, 0, 3, 40}, TRM_STYLE_NORMAL);
    assert_int_equal(at(&c, 0, 0), '+');
    assert_int_equal(at(&c, 1, 0), '|');
    trm_canvas_done(&c);
}

static void test_wide_characters_take_two_columns(void **state) {
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        skip();
    trm_canvas c = open_canvas(TRM_GLYPHS_FULL, 1, 6);
    assert_int_equal(trm_canvas_text(&c, 0, 0, 6, TRM_STYLE_NORMAL, "\xe8\xbf\xb7x"), 3);
    assert_int_equal(at(&c, 0, 0), 0x8FF7);
    assert_int_equal(at(&c, 0, 1), 0);
    assert_int_equal(at(&c, 0, 2), 'x');
    assert_int_equal(trm_canvas_text(&c, 0, 5, 6, TRM_STYLE_NORMAL, "\xe8\xbf\xb7"), 0);
    trm_canvas_done(&c);
}

typedef struct counts {
    int runs;
    uint32_t key;
} counts;

static void count_run(void *self, uint32_t key) {
    counts *n = self;
    n->runs++;
    n->key = key;
}

static bool never(const void *self) {
    (void)self;
    return false;
}

static const trm_action table[] = {
    {"a", {'a', TRM_KEY_LEFT}, "first", "the first", 2, NULL, NULL, count_run},
    {"b", {'b'}, "never", "not now", 1, never, NULL, count_run},
    {"c", {TRM_CTRL('C')}, "last", "the last", 1, NULL, NULL, count_run},
};

static void test_actions(void **state) {
    (void)state;
    counts n = {0};
    const trm_action *a = trm_action_find(table, 3, &n, TRM_KEY_LEFT);
    assert_ptr_equal(a, &table[0]);
    a->run(&n, TRM_KEY_LEFT);
    assert_int_equal(n.runs, 1);
    assert_int_equal(n.key, TRM_KEY_LEFT);
    assert_null(trm_action_find(table, 3, &n, 'b')); // not usable now
    assert_null(trm_action_find(table, 3, &n, 'z'));
    char keys[80];
    trm_action_keys(&table[0], keys, sizeof keys);
    assert_string_equal(keys, "a  Left");
    trm_action_keys(&table[2], keys, sizeof keys);
    assert_string_equal(keys, "Ctrl-C");
}

static void test_bar_goes_by_priority(void **state) {
    (void)state;
    trm_canvas c = open_canvas(TRM_GLYPHS_FULL, 1, 26);
    counts n = {0};
    trm_action_bar(&c, 0, 0, table, 3, &n, NULL);
    char text[27] = {0};
    for (int i = 0; i < 26; i++)
        text[i] = (char)at(&c, 0, i);
    assert_string_equal(text, "Ctrl-C last  a first      ");
    trm_canvas_done(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_clipped),
        cmocka_unit_test(test_ascii_has_no_other_characters),
        cmocka_unit_test(test_wide_characters_take_two_columns),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_bar_goes_by_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
