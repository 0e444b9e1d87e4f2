// SPDX-License-Identifier: Apache-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trm/tui/screens.h"
#include "tui/action.h"
#include "tui/canvas/canvas.h"
#include "tui/terminal/terminal.h"
#include "tui/widgets/title.h"

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
    int32_t arg;
} counts;

static void count_run(void *self, int32_t arg) {
    counts *n = self;
    n->runs++;
    n->arg = arg;
}

static bool never(const void *self) {
    (void)self;
    return false;
}

static const trm_action table[] = {
    {TRM_KEYS('a', TRM_KEY_LEFT), "first", "the first", 2, .arg = 7, .run = count_run},
    {TRM_KEYS('b'), "never", "not now", 1, .usable = never, .run = count_run},
    {TRM_KEYS(TRM_CTRL('C')), "last", "the last", 1, .run = count_run},
    {TRM_KEYS('['), "cycle", "the one before", 3, .arg = -1, .run = count_run},
    {TRM_KEYS(']'), "", "the next one", .pair = true, .arg = 1, .run = count_run},
    {TRM_KEYS('1', '2', '3'), "", "panels", .arg = 10, .step = 1, .run = count_run},
    {TRM_KEYS_MOVE, "", "move", .step = 1, .run = count_run},
    {.keys = {0}},
};
enum { ACTIONS = sizeof table / sizeof *table - 1 };

static int32_t run_key(counts *n, uint32_t key) {
    int32_t arg;
    const trm_action *a = trm_action_find(table, n, key, &arg);
    assert_non_null(a);
    a->run(n, arg);
    return n->arg;
}

static void test_actions(void **state) {
    (void)state;
    counts n = {0};
    int32_t arg;
    assert_int_equal(run_key(&n, TRM_KEY_LEFT), 7);
    assert_int_equal(run_key(&n, 'a'), 7);
    assert_int_equal(run_key(&n, '['), -1);
    assert_int_equal(run_key(&n, ']'), 1);
    assert_int_equal(run_key(&n, '1'), 10);
    assert_int_equal(run_key(&n, '3'), 12);
    assert_int_equal(n.runs, 6);
    assert_null(trm_action_find(table, &n, 'b', &arg)); // not usable now
    assert_null(trm_action_find(table, &n, 'z', &arg));
    static const char *const keys[ACTIONS] = {"a  Left", "b",   "Ctrl-C",      "[",
                                              "]",       "1-3", "Arrows  hjkl"};
    for (int32_t i = 0; i < ACTIONS; i++) {
        char text[80];
        trm_action_keys(&table[i], text, sizeof text);
        assert_string_equal(text, keys[i]);
    }
}

// Arrow keys and hjkl move alike, and not over an edge.
static void test_ways(void **state) {
    (void)state;
    static const struct {
        uint32_t arrow, letter;
        int32_t from_middle, from_corner;
    } ways[TRM_WAYS] = {{TRM_KEY_UP, 'k', 1, 0},
                        {TRM_KEY_DOWN, 'j', 7, 3},
                        {TRM_KEY_LEFT, 'h', 3, 0},
                        {TRM_KEY_RIGHT, 'l', 5, 1}};
    counts n = {0};
    for (int32_t i = 0; i < TRM_WAYS; i++) {
        int32_t arg;
        if (i != TRM_WAY_LEFT) // the first row of the table has that one
            assert_int_equal(trm_way_cell(run_key(&n, ways[i].arrow), 4, 3, 3),
                             ways[i].from_middle);
        assert_non_null(trm_action_find(&table[ACTIONS - 1], &n, ways[i].arrow, &arg));
        assert_int_equal(trm_way_cell(arg, 0, 3, 3), ways[i].from_corner);
        assert_int_equal(trm_way_cell(run_key(&n, ways[i].letter), 4, 3, 3), ways[i].from_middle);
    }
}

static void bar_at(int32_t cols, trm_action_spots *spots, const char *expected) {
    trm_canvas c = open_canvas(TRM_GLYPHS_FULL, 1, cols);
    counts n = {0};
    trm_action_bar(&c, 0, 0, table, &n, NULL, spots);
    char text[64] = {0};
    for (int i = 0; i < cols; i++)
        text[i] = (char)at(&c, 0, i);
    assert_string_equal(text, expected);
    trm_canvas_done(&c);
}

static void test_bar_goes_by_priority(void **state) {
    (void)state;
    trm_action_spots spots;
    bar_at(26, &spots, "Ctrl-C last  a first      ");
    bar_at(32, &spots, "Ctrl-C last  a first  [ ] cycle ");
    bar_at(20, &spots, "Ctrl-C last  a first");
    bar_at(19, &spots, "Ctrl-C last        ");
}

static void test_bar_is_clicked(void **state) {
    (void)state;
    trm_action_spots spots;
    //                  0123456789012345678901234567890
    bar_at(32, &spots, "Ctrl-C last  a first  [ ] cycle ");
    assert_int_equal(trm_action_spot(&spots, 0), TRM_CTRL('C'));
    assert_int_equal(trm_action_spot(&spots, 10), TRM_CTRL('C'));
    assert_int_equal(trm_action_spot(&spots, 11), TRM_KEY_NONE);
    assert_int_equal(trm_action_spot(&spots, 13), 'a');
    assert_int_equal(trm_action_spot(&spots, 19), 'a');
    assert_int_equal(trm_action_spot(&spots, 22), '[');
    assert_int_equal(trm_action_spot(&spots, 24), ']');
    assert_int_equal(trm_action_spot(&spots, 28), ']'); // the label goes on, not back
    assert_int_equal(trm_action_spot(&spots, 31), TRM_KEY_NONE);
}

// Clauses that fit; where not even the first does, as much as there is room for, and a sign of it.
static void test_sentences(void **state) {
    (void)state;
    static const char text[] = "step 1 has 58 of 81 right, step 2 has 70; halts at 5";
    static const struct {
        int32_t width;
        const char *shown;
    } cases[] = {{80, text},
                 {51, "step 1 has 58 of 81 right, step 2 has 70"},
                 {40, "step 1 has 58 of 81 right, step 2 has 70"},
                 {39, "step 1 has 58 of 81 right"},
                 {10, "step 1 ha."}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_canvas c = open_canvas(TRM_GLYPHS_ASCII, 1, 90);
        const int32_t used = trm_canvas_sentence(&c, 0, 0, cases[i].width, TRM_STYLE_NORMAL, text);
        assert_int_equal(used, (int32_t)strlen(cases[i].shown));
        for (int32_t x = 0; x < used; x++)
            assert_int_equal(at(&c, 0, x), (uint32_t)cases[i].shown[x]);
        assert_int_equal(at(&c, 0, used), ' ');
        trm_canvas_done(&c);
    }
}

static void test_headings_of_columns(void **state) {
    (void)state;
    static const struct {
        int32_t first, count;
        const char *shown;
    } cases[] = {{0, 8, "steps"}, {2, 1, "step 3 of 8"}, {2, 2, "steps 3-4 of 8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[48];
        trm_columns_words("step", cases[i].first, cases[i].count, 8, text);
        assert_string_equal(text, cases[i].shown);
    }
}

// Every key of every screen is told in full where there are 80 columns.
static void test_help_fits(void **state) {
    (void)state;
    trm_screen_key k;
    int32_t wide = 0;
    for (int32_t i = 0; trm_screens_name(i) != NULL; i++)
        for (int32_t row = 0; trm_screens_key(i, row, &k); row++) {
            const int32_t keys = trm_text_columns(k.keys) + 1;
            const int32_t all = (keys > 16 ? keys : 16) + trm_text_columns(k.help);
            if (all > 76)
                print_error("%s: %s %s takes %d columns\n", trm_screens_name(i), k.keys, k.help,
                            all);
            wide += all > 76;
        }
    assert_int_equal(wide, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_clipped),
        cmocka_unit_test(test_ascii_has_no_other_characters),
        cmocka_unit_test(test_wide_characters_take_two_columns),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_headings_of_columns),
        cmocka_unit_test(test_help_fits),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_ways),
        cmocka_unit_test(test_bar_goes_by_priority),
        cmocka_unit_test(test_bar_is_clicked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
