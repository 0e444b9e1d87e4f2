// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tui/widgets/bars.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/table.h"

static trm_canvas open_canvas(trm_look look, int32_t rows, int32_t cols) {
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, rows, cols);
    return c;
}

static const trm_look FULL = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
static const trm_look PLAIN = {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO};

static uint32_t at(const trm_canvas *c, int32_t y, int32_t x) {
    return c->cells[y * c->cols + x].ch;
}

static void row_text(const trm_canvas *c, int32_t y, char *out) {
    for (int32_t x = 0; x < c->cols; x++)
        out[x] = at(c, y, x) < 0x80 ? (char)at(c, y, x) : '~';
    out[c->cols] = 0;
}

static void test_levels_are_symmetric(void **state) {
    (void)state;
    for (float v = 0.0f; v < 3.0f; v += 0.01f)
        assert_int_equal(trm_heat_level(v, 2.0f) + trm_heat_level(-v, 2.0f), 2 * TRM_HEAT_STEPS);
    assert_int_equal(trm_heat_level(9.0f, 2.0f), 2 * TRM_HEAT_STEPS);
    assert_int_equal(trm_heat_level(0.0f, 2.0f), TRM_HEAT_STEPS);
    assert_int_equal(trm_heat_level(NAN, 2.0f), TRM_HEAT_STEPS);
    assert_int_equal(trm_heat_level(1.0f, 0.0f), TRM_HEAT_STEPS);
    // Characters tell sign and magnitude: those of one side never stand on the other.
    for (int32_t a = 0; a < TRM_HEAT_STEPS - 1; a++)
        for (int32_t b = TRM_HEAT_STEPS + 2; b < TRM_HEAT_LEVELS; b++)
            assert_true(trm_heat_char(a) != trm_heat_char(b));
}

static void test_scale_is_round_and_calm(void **state) {
    (void)state;
    assert_float_equal(trm_heat_scale(0.0f, 1.3f), 1.5f, 1e-6f);
    assert_float_equal(trm_heat_scale(1.5f, 0.7f), 1.5f, 1e-6f);  // kept
    assert_float_equal(trm_heat_scale(1.5f, -1.6f), 2.0f, 1e-6f); // grows at once
    assert_float_equal(trm_heat_scale(2.0f, 0.09f), 0.1f, 1e-6f);
    assert_float_equal(trm_heat_scale(2.0f, NAN), 2.0f, 1e-6f);
    assert_float_equal(trm_heat_scale(0.0f, 0.0f), 1.0f, 1e-6f);
}

static void test_every_unit_has_a_place(void **state) {
    (void)state;
    for (int fills = 0; fills < 2; fills++)
        for (int32_t n = 1; n <= 1100; n = n < 70 ? n + 1 : n + 97)
            for (int32_t w = 1; w <= 70; w += 3)
                for (int32_t h = 1; h <= 20; h += 2) {
                    const trm_heat_fit f = trm_heatmap_fit(n, w, h, fills);
                    assert_true(f.pool >= 1 && f.sx >= 1 && f.sy >= 1);
                    assert_true(f.cols * f.sx <= w && trm_heatmap_height(&f) <= h);
                    assert_true(f.cols * f.rows * f.pool >= n);
                    assert_true(fills || f.sy % 2 == 0);
                }
    // The original's sizes, in the columns of an 80x24 screen.
    const trm_heat_fit h = trm_heatmap_fit(64, 16, 4, true), l = trm_heatmap_fit(32, 16, 2, true);
    assert_int_equal(h.cols, 16);
    assert_int_equal(l.cols, 16);
}

static double luminance(int32_t rgb) {
    const double r = (rgb >> 16) / 255.0, g = (rgb >> 8 & 255) / 255.0, b = (rgb & 255) / 255.0;
    return 0.2126 * pow(r, 2.2) + 0.7152 * pow(g, 2.2) + 0.0722 * pow(b, 2.2);
}

// Text is read on the background that a theme is for; colours of a theme differ from one another.
static void test_themes_are_legible(void **state) {
    (void)state;
    for (trm_theme theme = TRM_THEME_DARK; theme < TRM_THEMES; theme++) {
        const trm_colors colors = {TRM_DEPTH_RGB, theme};
        const bool light = theme == TRM_THEME_LIGHT;
        for (int32_t a = TRM_INK_GREY; a < TRM_INK_HEAT; a++) {
            const int32_t color = trm_ink_color(colors, a);
            const double l = color < 0 ? (light ? 0 : 1) : luminance(color);
            assert_true((light ? 1.05 / (l + 0.05) : (l + 0.05) / 0.05) >= 3.0);
            for (int32_t b = TRM_INK_BLUE; b < a && a > TRM_INK_BLUE; b++)
                assert_int_not_equal(color, trm_ink_color(colors, b));
        }
    }
}

static void test_heatmap_is_in_order(void **state) {
    (void)state;
    const float values[4] = {1.0f, -1.0f, 0.0f, 0.5f};
    trm_canvas c = open_canvas(PLAIN, 1, 4);
    trm_heatmap_draw(&c, (trm_rect){0, 0, 1, 4}, values, 4, 1.0f);
    char text[5];
    row_text(&c, 0, text);
    assert_string_equal(text, "#= +");
    trm_canvas_done(&c);
    c = open_canvas(FULL, 1, 4);
    trm_heatmap_draw(&c, (trm_rect){0, 0, 1, 4}, values, 4, 1.0f);
    assert_int_equal(c.cells[0].bg, TRM_INK_HEAT + 2 * TRM_HEAT_STEPS);
    assert_int_equal(c.cells[1].bg, TRM_INK_HEAT);
    assert_int_equal(at(&c, 0, 1), '-'); // colour is not the only sign
    trm_canvas_done(&c);
}

static void test_bar(void **state) {
    (void)state;
    trm_canvas c = open_canvas(PLAIN, 1, 20);
    const trm_bar bar = {
        .glyph = "^", .name = "up", .value = 0.5f, .share = 0.5f, .best = true, .chosen = true};
    trm_bar_draw(&c, 0, 0, 20, 5, &bar);
    char text[21];
    row_text(&c, 0, text);
    assert_string_equal(text, ">^ up    ===    .50*");
    const trm_bar unknown = {.glyph = "^", .name = "up", .value = NAN};
    trm_canvas_clear(&c);
    trm_bar_draw(&c, 0, 0, 20, 5, &unknown);
    row_text(&c, 0, text);
    assert_string_equal(text, " ^ up             - ");
    trm_canvas_clear(&c);
    const trm_bar sure = {.glyph = "", .name = "r1c1=1", .value = 1.0f, .share = 1};
    trm_bar_draw(&c, 0, 0, 20, 6, &sure);
    row_text(&c, 0, text);
    assert_string_equal(text, " r1c1=1 ======= 1.0 ");
    trm_canvas_clear(&c);
    const trm_bar worth = {.glyph = "^", .name = "up", .value = -3.6f, .share = 1};
    trm_bar_draw(&c, 0, 0, 20, 5, &worth);
    row_text(&c, 0, text);
    assert_string_equal(text, " ^ up    ======  -4 ");
    trm_canvas_done(&c);
}

static void test_numbers_have_three_columns(void **state) {
    (void)state;
    const struct {
        float x;
        const char *text;
    } by_hand[] = {{0, ".00"},     {0.624f, ".62"}, {0.994f, ".99"}, {0.996f, "1.0"},
                   {1, "1.0"},     {7.71f, "7.7"},  {9.94f, "9.9"},  {9.96f, "10"},
                   {123, "123"},   {5000, "999"},   {-0.3f, "-.3"},  {-0.94f, "-.9"},
                   {-0.96f, "-1"}, {-42, "-42"},    {-500, "-99"},   {NAN, "-"}};
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        char text[8];
        trm_probability_text(by_hand[i].x, text);
        assert_string_equal(text, by_hand[i].text);
    }
}

static void test_curve_range(void **state) {
    (void)state;
    float y0 = -6.19f, y1 = 11.52f;
    trm_curve_range(&y0, &y1);
    assert_float_equal(y0, -10.0f, 1e-4f);
    assert_float_equal(y1, 15.0f, 1e-4f);
    y0 = y1 = 3.0f;
    trm_curve_range(&y0, &y1);
    assert_true(y1 > y0);
}

static void test_curve_reaches_its_corners(void **state) {
    (void)state;
    const float x[2] = {0.0f, 10.0f}, line[2] = {0.0f, 1.0f};
    const trm_curve v = {.n = 2,
                         .x = x,
                         .line = line,
                         .y0 = 0.0f,
                         .y1 = 1.0f,
                         .x1 = 10.0f,
                         .mark = NAN,
                         .unit = "",
                         .x_name = "x"};
    trm_canvas c = open_canvas(PLAIN, 5, 16);
    trm_curve_draw(&c, (trm_rect){0, 0, 5, 16}, &v);
    assert_int_equal(at(&c, 0, 15), '*');
    assert_int_equal(at(&c, 3, 6), '*');
    assert_int_equal(at(&c, 0, 6), ' ');
    assert_int_equal(at(&c, 4, 6), '0');
    trm_canvas_done(&c);
    c = open_canvas(FULL, 5, 16);
    trm_curve_draw(&c, (trm_rect){0, 0, 5, 16}, &v);
    assert_in_range(at(&c, 0, 15), 0x2801, 0x28FF);
    trm_canvas_done(&c);
}

static void test_table_fills_columns_evenly(void **state) {
    (void)state;
    trm_row rows[] = {{.label = "a", .value = "1"},
                      {.label = "b", .value = "2"},
                      {.label = "c", .value = "3"},
                      {.label = "d", .value = "4"}};
    trm_canvas c = open_canvas(FULL, 3, 9);
    trm_numbers_draw(&c, (trm_rect){0, 0, 3, 9}, rows, 4, 4, 1);
    char text[10];
    row_text(&c, 0, text);
    assert_string_equal(text, "a  1 c  3");
    row_text(&c, 2, text);
    assert_string_equal(text, "         ");
    trm_canvas_done(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_are_symmetric),
        cmocka_unit_test(test_scale_is_round_and_calm),
        cmocka_unit_test(test_every_unit_has_a_place),
        cmocka_unit_test(test_themes_are_legible),
        cmocka_unit_test(test_heatmap_is_in_order),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_numbers_have_three_columns),
        cmocka_unit_test(test_curve_range),
        cmocka_unit_test(test_curve_reaches_its_corners),
        cmocka_unit_test(test_table_fills_columns_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
