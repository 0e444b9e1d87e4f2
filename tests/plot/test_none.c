// SPDX-License-Identifier: Apache-2.0
// What stands in for the pictures where there is no cairo.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trm/plot/plot.h"

static void says_what_to_do(void **state) {
    (void)state;
    trm_error e = {0};
    assert_false(trm_plot_possible(&e));
    assert_int_equal(e.code, TRM_E_IO);
    assert_non_null(strstr(e.message, "libcairo2-dev"));
    assert_null(strchr(e.message, '\n'));
    const trm_curves_request curves = {.count = 1};
    const trm_mazes_request mazes = {.count = 1};
    assert_false(trm_plot_curves(&curves, &e));
    assert_false(trm_plot_mazes(&mazes, &e));
    trm_plot_png png;
    assert_false(trm_plot_board(NULL, NULL, &png, &e));
    assert_null(png.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_to_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
