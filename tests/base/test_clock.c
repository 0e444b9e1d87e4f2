// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "trm/base/clock.h"

// Beside the system's own clock, read before and after.
static void test_seconds_that_never_go_back(void **state) {
    (void)state;
    double last = 0;
    for (int i = 0; i < 10000; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        double now = trm_clock_now();
        clock_gettime(CLOCK_MONOTONIC, &b);
        assert_true(now >= last);
        assert_true(now >= (double)a.tv_sec + 1e-9 * (double)a.tv_nsec - 1e-6);
        assert_true(now <= (double)b.tv_sec + 1e-9 * (double)b.tv_nsec + 1e-6);
        last = now;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seconds_that_never_go_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
