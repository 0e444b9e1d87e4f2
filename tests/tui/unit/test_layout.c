// SPDX-License-Identifier: Apache-2.0
// The toolkit that screens are made of: splitting rectangles, the pen, title and heading, list and
// table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "legible.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/table.h"
#include "tui/widgets/title.h"

static const trm_look FULL = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
static const trm_look PLAIN = {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO};

enum { MOST_COLS = 300 };

static trm_canvas canvas_of(const trm_look *look, int32_t rows, int32_t cols) {
    trm_canvas c;
    trm_canvas_init(&c, look);
    trm_canvas_resize(&c, rows, cols);
    return c;
}

// A row as text, blanks at its end left out.
static const char *row_of(const trm_canvas *c, int32_t y, char text[MOST_COLS + 1]) {
    int32_t n = 0;
    for (int32_t x = 0; x < c->cols; x++) {
        const uint32_t ch = c->cells[y * c->cols + x].ch;
        text[x] = ch < 0x80 ? (char)ch : '~';
        n = ch != ' ' ? x + 1 : n;
    }
    text[n] = 0;
    return text;
}

#define ASSERT_ROW(c, y, expected)                                                                 \
    do {                                                                                           \
        char row_text[MOST_COLS + 1];                                                              \
        assert_string_equal(row_of(c, y, row_text), expected);                                     \
    } while (0)

#define ASSERT_RECT(r, y0, x0, h0, w0)                                                             \
    do {                                                                                           \
        const trm_rect is = (r);                                                                   \
        assert_int_equal(is.y, y0);                                                                \
        assert_int_equal(is.x, x0);                                                                \
        assert_int_equal(is.h, h0);                                                                \
        assert_int_equal(is.w, w0);                                                                \
    } while (0)

// ---- layout

static void test_edges(void **state) {
    (void)state;
    trm_rect r = {1, 2, 20, 60};
    ASSERT_RECT(trm_rect_top(&r, 3, 1), 1, 2, 3, 60);
    ASSERT_RECT(trm_rect_bottom(&r, 2, 1), 19, 2, 2, 60);
    ASSERT_RECT(trm_rect_left(&r, 10, 2), 5, 2, 13, 10);
    ASSERT_RECT(trm_rect_right(&r, 5, 1), 5, 57, 13, 5);
    ASSERT_RECT(r, 5, 14, 13, 42);
    ASSERT_RECT(trm_rect_inset(r, 1, 2), 6, 16, 11, 38);
    ASSERT_RECT(trm_rect_centre(r, 3, 10), 10, 30, 3, 10);
    ASSERT_RECT(trm_rect_centre(r, 99, 99), 5, 14, 13, 42);
    ASSERT_RECT(trm_rect_top(&r, 12, 5), 5, 14, 12, 42); // the gap is what is there
    ASSERT_RECT(trm_rect_top(&r, 1, 0), 18, 14, 0, 42);
    ASSERT_RECT(trm_rect_left(&r, -3, 0), 18, 14, 0, 0);
    assert_true(trm_rect_has((trm_rect){1, 1, 2, 2}, 2, 2));
    assert_false(trm_rect_has((trm_rect){1, 1, 2, 2}, 3, 2));
    assert_false(trm_rect_has((trm_rect){1, 1, 0, 2}, 1, 1));
}

static void test_window_keeps_the_focus_in_sight(void **state) {
    (void)state;
    for (int32_t n = 1; n < 30; n++)
        for (int32_t shown = 1; shown < 40; shown++)
            for (int32_t focus = 0; focus < n; focus++) {
                const int32_t first = trm_window(n, shown, focus);
                assert_true(first >= 0 && first <= focus && focus < first + shown);
                assert_true(first == 0 || first + shown <= n);
            }
}

static void assert_fit(const trm_part *parts, int32_t room, int32_t gap, int32_t a, int32_t b,
                       int32_t c) {
    int32_t sizes[3];
    trm_parts_fit(parts, 3, room, gap, sizes);
    if (sizes[0] != a || sizes[1] != b || sizes[2] != c)
        fail_msg("in %d: %d %d %d, not %d %d %d", room, sizes[0], sizes[1], sizes[2], a, b, c);
}

static void test_parts(void **state) {
    (void)state;
    const trm_part parts[3] = {{.least = 10, .share = 1},
                               {.least = 5, .most = 8, .share = 1, .drop = 2},
                               {.least = 4, .drop = 1}};
    assert_fit(parts, 19, 0, 10, 5, 4);
    assert_fit(parts, 21, 1, 10, 5, 4);
    assert_fit(parts, 25, 1, 12, 7, 4);
    assert_fit(parts, 41, 1, 27, 8, 4); // no more than its most
    assert_fit(parts, 18, 0, 14, 0, 4); // the largest drop goes first, the rest is shared
    assert_fit(parts, 13, 0, 13, 0, 0);
    assert_fit(parts, 7, 0, 7, 0, 0); // one that never goes is cut
    assert_fit(parts, 0, 0, 0, 0, 0);
    assert_fit(parts, -3, 2, 0, 0, 0);
    const trm_part absent[3] = {{.least = 3}, {0}, {.least = 3, .share = 1}};
    assert_fit(absent, 10, 2, 3, 0, 5); // no gap beside what is not there
}

// All of the room is used, nothing is beyond it, and no part is below its least while it is there.
static void test_parts_at_every_size(void **state) {
    (void)state;
    const trm_part parts[4] = {{.least = 7, .share = 3},
                               {.least = 3, .most = 20, .share = 1, .drop = 1},
                               {.least = 12, .share = 2, .drop = 3},
                               {.least = 1, .drop = 2}};
    for (int32_t room = 7; room <= 300; room++)
        for (int32_t gap = 0; gap < 3; gap++) {
            trm_rect out[4];
            int32_t used = -gap, end = 5;
            trm_rect_cols((trm_rect){0, 5, 1, room}, parts, 4, gap, out);
            for (int32_t i = 0; i < 4; i++) {
                if (out[i].w == 0)
                    continue;
                assert_true(out[i].w >= parts[i].least && out[i].x >= end);
                end = out[i].x + out[i].w;
                used += out[i].w + gap;
            }
            assert_int_equal(used, room);
            assert_int_equal(end, 5 + room);
            assert_true(out[0].w > 0 && (out[2].w == 0 || out[1].w > 0));
        }
}

// ---- the pen

static void test_pen_walks(void **state) {
    (void)state;
    trm_canvas c = canvas_of(&PLAIN, 9, 30);
    trm_pen pen = trm_pen_on(&c, (trm_rect){1, 2, 7, 16});
    trm_pen_text(&pen, TRM_STYLE_DIM, "step ");
    trm_pen_print(&pen, TRM_STYLE_STRONG, "%d", 12);
    trm_pen_right(&pen, TRM_STYLE_NORMAL, "end");
    trm_pen_end(&pen);
    trm_pen_field(&pen, "total ", TRM_STYLE_STRONG, "%+.2f", 0.5);
    trm_pen_line(&pen, TRM_STYLE_NORMAL, "%s", "a line that is too long");
    trm_pen_rule(&pen);
    trm_pen_gap(&pen, 3);
    trm_pen_put(&pen, TRM_STYLE_NORMAL, 'x');
    trm_pen_bar(&pen, 4, 0.5f, TRM_STYLE_BAR);
    trm_pen_skip(&pen, 1);
    trm_pen_wrap(&pen, TRM_STYLE_NORMAL, "words are broken between words, not within");
    assert_false(trm_pen_has(&pen, 1));
    trm_pen_line(&pen, TRM_STYLE_NORMAL, "beyond the end");
    trm_pen_heading(&pen, "beyond");
    static const char *const rows[9] = {"",
                                        "  step 12      end",
                                        "  total +0.50",
                                        "  a line that is t",
                                        "  ----------------",
                                        "     x==",
                                        "  words are broken",
                                        "  between words,",
                                        ""};
    for (int32_t y = 0; y < 9; y++)
        ASSERT_ROW(&c, y, rows[y]);
    trm_canvas_done(&c);
}

static void test_pen_right_needs_room(void **state) {
    (void)state;
    trm_canvas c = canvas_of(&PLAIN, 1, 10);
    trm_pen pen = trm_pen_on(&c, (trm_rect){0, 0, 1, 10});
    trm_pen_text(&pen, TRM_STYLE_NORMAL, "seven..");
    trm_pen_right(&pen, TRM_STYLE_NORMAL, "four");
    ASSERT_ROW(&c, 0, "seven..");
    trm_pen_right(&pen, TRM_STYLE_NORMAL, "two");
    ASSERT_ROW(&c, 0, "seven..two");
    trm_canvas_done(&c);
}

static void test_pen_wraps_at_every_width(void **state) {
    (void)state;
    const char *text = "r1c3=3: the only digit that fits \u2192 Donaudampfschifffahrt";
    for (int32_t w = 0; w <= 70; w++) {
        trm_canvas c = canvas_of(&FULL, 80, 80);
        trm_pen pen = trm_pen_on(&c, (trm_rect){0, 5, 80, w});
        trm_pen_wrap(&pen, TRM_STYLE_NORMAL, text);
        int32_t letters = 0;
        for (int32_t i = 0; i < 80 * 80; i++) {
            letters += c.cells[i].ch != ' ';
            assert_true(c.cells[i].ch == ' ' || (i % 80 >= 5 && i % 80 < 5 + w));
        }
        assert_int_equal(letters, w > 0 ? 49 : 0);
        trm_canvas_done(&c);
    }
}

// A pen in a rectangle of any size writes nothing outside of it.
static void test_pen_stays_inside(void **state) {
    (void)state;
    for (int32_t h = 0; h < 6; h++)
        for (int32_t w = 0; w < 20; w++) {
            trm_canvas c = canvas_of(&FULL, 8, 24);
            const trm_rect r = {1, 2, h, w};
            trm_pen pen = trm_pen_on(&c, r);
            trm_pen_heading(&pen, "heading");
            trm_pen_text(&pen, TRM_STYLE_NORMAL, "some text here");
            trm_pen_bar(&pen, 10, 1.0f, TRM_STYLE_BAR);
            trm_pen_put(&pen, TRM_STYLE_NORMAL, 'x');
            trm_pen_right(&pen, TRM_STYLE_NORMAL, "right");
            trm_pen_end(&pen);
            trm_pen_wrap(&pen, TRM_STYLE_NORMAL, "more words than there is room for");
            trm_pen_rule(&pen);
            const trm_rect rest = trm_pen_take(&pen, 99);
            assert_true(rest.h >= 0 && rest.y + rest.h <= r.y + r.h);
            for (int32_t y = 0; y < 8; y++)
                for (int32_t x = 0; x < 24; x++)
                    assert_true(c.cells[y * 24 + x].ch == ' ' || trm_rect_has(r, y, x));
            trm_canvas_done(&c);
        }
}

// ---- title and heading

static void draw_title(trm_canvas *c) {
    trm_canvas_clear(c);
    trm_title_draw(
        c, &(trm_title){.name = "trm play",
                        .about = {{"maze", TRM_STYLE_STRONG},
                                  {"", TRM_STYLE_NORMAL},
                                  {"board 7", TRM_STYLE_NORMAL}},
                        .state = {{"paused", TRM_STYLE_SELECTED}, {"0:12", TRM_STYLE_STRONG}}});
}

// What the screen is about goes first, its last words before the others; then the state.
static void test_title(void **state) {
    (void)state;
    static const char *const rows[] = {" trm play  maze  board 7          paused   0:12",
                                       " trm play  maze  board 7   paused   0:12",
                                       " trm play  maze           paused   0:12",
                                       " trm play  maze   paused   0:12",
                                       " trm play  maze    0:12",
                                       " trm play"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        trm_canvas c = canvas_of(&PLAIN, 1, (int32_t)strlen(rows[i]) + 1);
        draw_title(&c);
        ASSERT_ROW(&c, 0, rows[i]);
        trm_canvas_done(&c);
    }
}

static void test_title_at_every_width(void **state) {
    (void)state;
    int32_t words = 0;
    for (int32_t cols = 1; cols <= MOST_COLS; cols++) {
        trm_canvas c = canvas_of(cols % 2 == 0 ? &FULL : &PLAIN, 2, cols);
        draw_title(&c);
        assert_legible(&c);
        ASSERT_ROW(&c, 1, "");
        char text[MOST_COLS + 1];
        row_of(&c, 0, text);
        const int32_t now = (strstr(text, "maze") != NULL) + (strstr(text, "board 7") != NULL) +
                            (strstr(text, "paused") != NULL) + (strstr(text, "0:12") != NULL);
        assert_true(now >= words); // with more room there is never less
        words = now;
        trm_canvas_done(&c);
    }
    assert_int_equal(words, 4);
}

static void test_panel(void **state) {
    (void)state;
    trm_canvas c = canvas_of(&PLAIN, 3, 40);
    trm_rect r = {1, 0, 2, 40};
    r = trm_panel(&c, r, "reward", true, TRM_WORDS("last +1.00", "best +2.00", "mean +1.50"));
    ASSERT_RECT(r, 2, 0, 1, 40);
    ASSERT_ROW(&c, 1, "> reward ------ last +1.00  best +2.00 -");
    ASSERT_RECT(trm_panel(&c, r, "more", false, NULL), 3, 0, 0, 40);
    ASSERT_ROW(&c, 2, "- more ---------------------------------");
    ASSERT_RECT(trm_panel(&c, (trm_rect){0, 0, 0, 40}, "none", false, NULL), 0, 0, 0, 40);
    ASSERT_ROW(&c, 0, "");
    trm_canvas_done(&c);
}

// ---- list and table

static void number_row(trm_canvas *c, trm_rect r, const void *ctx, int32_t i) {
    (void)ctx;
    trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_NORMAL, "%d", i);
}

static void test_list(void **state) {
    (void)state;
    char words[32];
    trm_list l = {.count = 9, .selected = -1, .first = 3, .row = number_row};
    trm_canvas c = canvas_of(&PLAIN, 5, 8);
    const trm_rect r = {1, 1, 3, 6};
    trm_list_draw(&c, r, &l);
    ASSERT_ROW(&c, 0, "");
    ASSERT_ROW(&c, 1, " 3");
    ASSERT_ROW(&c, 3, " 5");
    ASSERT_ROW(&c, 4, "");
    trm_list_words(&l, 3, words);
    assert_string_equal(words, "4-6 of 9");
    assert_int_equal(trm_list_at(r, &l, 2, 1), 4);
    assert_int_equal(trm_list_at(r, &l, 0, 1), -1);
    assert_int_equal(trm_list_at(r, &l, 2, 7), -1);
    l.first = 99; // as far as that is possible
    assert_int_equal(trm_list_first(&l, 3), 6);
    assert_int_equal(trm_list_first(&l, 20), 0);
    trm_list_words(&l, 20, words);
    assert_string_equal(words, "");
    assert_int_equal(trm_list_at((trm_rect){0, 0, 20, 5}, &l, 12, 0), -1); // below the last
    for (l.selected = 0; l.selected < 9; l.selected++)
        for (int32_t room = 1; room < 12; room++) {
            const int32_t first = trm_list_first(&l, room);
            assert_true(first <= l.selected && l.selected < first + room);
        }
    trm_canvas_done(&c);
}

static void put_field(const void *ctx, int32_t row, int32_t column, trm_field *out) {
    (void)ctx;
    trm_text_format(out->text, sizeof out->text, "%c%d", 'a' + column, row);
    out->value = 0.5f;
}

static const trm_column columns[] = {
    {"name", TRM_ALIGN_LEFT, {.least = 4, .most = 8, .share = 1}},
    {"x", TRM_ALIGN_RIGHT, {.least = 4, .drop = 1}},
    {NULL, TRM_ALIGN_BAR, {.least = 4, .drop = 2}},
};

static void test_table(void **state) {
    (void)state;
    const trm_table t = {.columns = columns,
                         .column_count = 3,
                         .gap = 1,
                         .rows = 9,
                         .selected = 4,
                         .focus = true,
                         .field = put_field};
    char words[32];
    trm_canvas c = canvas_of(&PLAIN, 6, 30);
    const trm_rect r = {1, 0, 4, 19};
    trm_table_draw(&c, r, &t);
    ASSERT_ROW(&c, 0, "");
    ASSERT_ROW(&c, 1, " name        x");
    ASSERT_ROW(&c, 2, " a3         b3 ==");
    ASSERT_ROW(&c, 3, ">a4         b4 ==");
    ASSERT_ROW(&c, 4, " a5         b5 ==");
    ASSERT_ROW(&c, 5, "");
    assert_int_equal(trm_table_at(r, &t, 1, 3), -1); // the header
    assert_int_equal(trm_table_at(r, &t, 3, 3), 4);
    trm_table_words(&t, r.h, words);
    assert_string_equal(words, "4-6 of 9");
    trm_canvas_clear(&c);
    trm_table_draw(&c, (trm_rect){1, 0, 4, 10}, &t); // the bar is dropped first
    ASSERT_ROW(&c, 3, ">a4     b4");
    trm_canvas_clear(&c);
    trm_table_draw(&c, (trm_rect){1, 0, 4, 9}, &t);
    ASSERT_ROW(&c, 3, ">a4");
    trm_canvas_done(&c);
}

static void test_table_at_every_size(void **state) {
    (void)state;
    for (int32_t rows = 0; rows < 12; rows++)
        for (int32_t cols = 0; cols < 40; cols++) {
            const trm_table t = {.columns = columns,
                                 .column_count = 3,
                                 .gap = 2,
                                 .rows = 7,
                                 .selected = cols % 8 - 1,
                                 .focus = true,
                                 .field = put_field};
            trm_canvas c = canvas_of(cols % 2 == 0 ? &FULL : &PLAIN, 14, 44);
            const trm_rect r = {1, 2, rows, cols};
            trm_table_draw(&c, r, &t);
            assert_legible(&c);
            for (int32_t y = 0; y < 14; y++)
                for (int32_t x = 0; x < 44; x++)
                    assert_true(c.cells[y * 44 + x].ch == ' ' || trm_rect_has(r, y, x));
            trm_canvas_done(&c);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_window_keeps_the_focus_in_sight),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_at_every_size),
        cmocka_unit_test(test_pen_walks),
        cmocka_unit_test(test_pen_right_needs_room),
        cmocka_unit_test(test_pen_wraps_at_every_width),
        cmocka_unit_test(test_pen_stays_inside),
        cmocka_unit_test(test_title),
        cmocka_unit_test(test_title_at_every_width),
        cmocka_unit_test(test_panel),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_at_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
