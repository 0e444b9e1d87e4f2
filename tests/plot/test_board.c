// SPDX-License-Identifier: Apache-2.0
// Boards as pictures in memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trm/plot/plot.h"

static trm_plot_png drawn(const trm_board *b, const uint8_t *signs) {
    trm_error e;
    trm_plot_png png;
    if (!trm_plot_board(b, signs, &png, &e))
        fail_msg("%s", e.message);
    assert_memory_equal(png.bytes, "\x89PNG\r\n\x1a\n", 8);
    for (int i = 0; i < 4; i++) { // as in its head
        assert_int_equal(png.bytes[16 + i], png.width >> (24 - 8 * i) & 0xFF);
        assert_int_equal(png.bytes[20 + i], png.height >> (24 - 8 * i) & 0xFF);
    }
    return png;
}

// The same picture, or another one.
static void assert_alike(trm_plot_png a, trm_plot_png b, bool alike) {
    assert_int_equal(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0, alike);
    free(a.bytes);
    free(b.bytes);
}

static void cells_are_whole_pixels(void **state) {
    (void)state;
    static const struct {
        int32_t rows, cols, width, height;
    } sizes[] = {{1, 1, 56, 56}, {9, 9, 331, 331}, {5, 11, 335, 161}, {64, 64, 528, 528}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        trm_board b = {.rows = sizes[i].rows, .cols = sizes[i].cols};
        const trm_plot_png png = drawn(&b, NULL);
        assert_int_equal(png.width, sizes[i].width);
        assert_int_equal(png.height, sizes[i].height);
        free(png.bytes);
    }
}

static void what_differs_looks_different(void **state) {
    (void)state;
    uint8_t signs[16] = {TRM_SIGN_NONE};
    trm_board b = {.rows = 4, .cols = 4, .box_rows = 2, .box_cols = 2};
    b.cells[5] = (trm_cell){.kind = TRM_CELL_GIVEN, .digit = 3};
    trm_board other = b;
    assert_alike(drawn(&b, NULL), drawn(&b, NULL), true);
    other.cells[5].kind = TRM_CELL_FILLED;
    assert_alike(drawn(&b, NULL), drawn(&other, NULL), false);
    other = b;
    other.cells[5].digit = 4;
    assert_alike(drawn(&b, NULL), drawn(&other, NULL), false);
    other = b;
    other.cells[5].conflict = true;
    assert_alike(drawn(&b, NULL), drawn(&other, NULL), false);
    other = b;
    other.box_rows = other.box_cols = 0;
    assert_alike(drawn(&b, NULL), drawn(&other, NULL), false);
    signs[5] = TRM_SIGN_WRONG;
    assert_alike(drawn(&b, NULL), drawn(&b, signs), false);
    for (uint8_t sign = TRM_SIGN_NONE; sign < TRM_SIGNS; sign++) // of a path
        for (uint8_t than = TRM_SIGN_NONE; than < sign; than++) {
            uint8_t left[16] = {sign}, right[16] = {than};
            assert_alike(drawn(&b, left), drawn(&b, right), false);
        }
    b.cells[0].kind = TRM_CELL_AGENT; // or the start
    signs[5] = TRM_SIGN_NONE;
    assert_alike(drawn(&b, NULL), drawn(&b, signs), false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_whole_pixels),
        cmocka_unit_test(what_differs_looks_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
