// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

static void check_zero_then_fill(unsigned char *p, size_t size, int value) {
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(p[i], 0);
    memset(p, value, size);
}

// Sizes around the alignment and around a block's size, mixed so that large pieces come while small
// ones are being handed out. Every piece keeps what was written to it.
static void test_pieces_are_aligned_zeroed_and_apart(void **state) {
    (void)state;
    static const size_t sizes[] = {1,     0,     63,    64,     65,     4096,  40000,
                                   65536, 65537, 32768, 200000, 100000, 30000, 3};
    enum { N = sizeof sizes / sizeof *sizes, ROUNDS = 20 };
    trm_arena a = TRM_ARENA_INIT;
    unsigned char *pieces[ROUNDS][N];
    size_t total = 0;
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < N; i++) {
            pieces[r][i] = trm_arena_alloc(&a, sizes[i]);
            check_zero_then_fill(pieces[r][i], sizes[i], r * N + i);
            total += sizes[i];
        }
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < N; i++)
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[r][i][k], (unsigned char)(r * N + i));
    assert_true(a.used >= total);
    assert_true(a.used <= total + (size_t)ROUNDS * N * 64);
    trm_arena_free(&a);
}

static void test_an_arena_can_be_used_again(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_arena_free(&a);
    for (int i = 0; i < 3; i++) {
        check_zero_then_fill(trm_arena_array(&a, 100, 7), 700, 255);
        assert_true(a.used >= 700);
        trm_arena_free(&a);
        assert_int_equal(a.used, 0);
        assert_null(a.head);
    }
}

static void test_strdup_copies(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    char text[] = "h_blocks";
    char *copy = trm_arena_strdup(&a, text);
    text[0] = 'x';
    assert_string_equal(copy, "h_blocks");
    assert_string_equal(trm_arena_strdup(&a, ""), "");
    trm_arena_free(&a);
}

static void test_single_objects(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 64, 1000, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = trm_alloc(sizes[i], 3);
        check_zero_then_fill(p, 3 * sizes[i], 1);
        free(p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(test_an_arena_can_be_used_again),
        cmocka_unit_test(test_strdup_copies),
        cmocka_unit_test(test_single_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
