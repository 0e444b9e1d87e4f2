// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/ranks.h"
#include "trm/base/rng.h"

enum { PIECES = 17, SIZE = 1003 };

static const int counts[] = {1, 2, 3, 5, 8};
enum { COUNTS = sizeof counts / sizeof *counts };

// ---- pieces -------------------------------------------------------------------------------------

typedef struct work {
    int32_t rank, count, n;
    int32_t ran;
    int64_t value[PIECES];
    char letters[PIECES][3];
} work;

static void do_piece(void *ctx, int32_t i) {
    work *w = ctx;
    assert_int_equal(i % w->count, w->rank);
    w->ran++;
    w->value[i] = 1000 + i;
    memset(w->letters[i], 'a' + i, sizeof w->letters[i]);
}

static void wrote(void *ctx, int32_t i, trm_parcel *parcel) {
    work *w = ctx;
    trm_parcel_add(parcel, &w->value[i], sizeof w->value[i]);
    trm_parcel_add(parcel, w->letters[i], (size_t)(i % 4)); // sizes may differ from piece to piece
}

static void run_pieces(trm_peers *p, void *ctx) {
    trm_pool *pool = trm_pool_new(1);
    for (int32_t n = 0; n <= PIECES; n++) {
        work w = {.rank = p->rank, .count = p->count, .n = n};
        trm_peers_run(p, pool, n, do_piece, wrote, &w);
        for (int32_t i = 0; i < PIECES; i++) {
            assert_int_equal(w.value[i], i < n ? 1000 + i : 0);
            for (int32_t k = 0; k < 3; k++)
                if (k < i % 4)
                    assert_int_equal(w.letters[i][k], i < n ? 'a' + i : 0);
        }
        assert_int_equal(w.ran, n / p->count + (p->rank < n % p->count));
    }
    trm_pool_free(pool);
    (void)ctx;
}

static void test_what_a_piece_wrote_goes_to_all(void **state) {
    (void)state;
    for (int i = 0; i < COUNTS; i++)
        ranks_run(counts[i], run_pieces, NULL);
}

// ---- sums ---------------------------------------------------------------------------------------

static float part(int32_t i, int32_t k) {
    trm_rng rng;
    trm_rng_seed(&rng, (uint64_t)i, (uint64_t)k);
    return k % 7 ? (float)(trm_rng_double(&rng) - 0.5) * (float)(1 << (k % 20)) : -0.0F;
}

static void add_parts(trm_peers *p, void *ctx) {
    float *expected = ctx, *parts[PIECES], sum[SIZE];
    for (int32_t n = 1; n <= PIECES; n += 4)
        for (int from_zero = 0; from_zero < 2; from_zero++) {
            for (int32_t i = 0; i < n; i++) {
                parts[i] = calloc(SIZE, sizeof(float));
                // what is another's must not be read
                for (int32_t k = 0; k < SIZE; k++)
                    parts[i][k] = i % p->count == p->rank ? part(i, k) : 1e30F;
            }
            trm_peers_add(p, parts, n, SIZE, from_zero, sum);
            assert_memory_equal(sum, expected, sizeof sum);
            expected += SIZE;
            for (int32_t i = 0; i < n; i++)
                free(parts[i]);
        }
}

// To the bit, signs of zeros as well.
static void test_sums_are_those_of_one_process(void **state) {
    (void)state;
    static float expected[2 * PIECES][SIZE];
    float *parts[PIECES];
    int at = 0;
    for (int32_t i = 0; i < PIECES; i++) {
        parts[i] = calloc(SIZE, sizeof(float));
        for (int32_t k = 0; k < SIZE; k++)
            parts[i][k] = part(i, k);
    }
    for (int32_t n = 1; n <= PIECES; n += 4)
        for (int from_zero = 0; from_zero < 2; from_zero++)
            trm_peers_add(NULL, parts, n, SIZE, from_zero, expected[at++]);
    assert_true(memcmp(expected[0], expected[1], sizeof expected[0]) != 0);
    for (int i = 0; i < COUNTS; i++)
        ranks_run(counts[i], add_parts, expected);
    for (int32_t i = 0; i < PIECES; i++)
        free(parts[i]);
}

// ---- the rest -----------------------------------------------------------------------------------

static void share(trm_peers *p, void *ctx) {
    int64_t value = p->rank == 0 ? 42 : p->rank, all[8] = {0};
    trm_peers_share(p, &value, sizeof value);
    assert_int_equal(value, 42);
    assert_true(trm_peers_agree(p, p->rank == 0));
    assert_false(trm_peers_agree(p, p->rank > 0));
    all[p->rank] = 100 + p->rank;
    trm_peers_gather(p, all, sizeof *all);
    for (int r = 0; r < p->count; r++)
        assert_int_equal(all[r], 100 + r);
    assert_true(p->times.waiting >= 0 && p->times.exchanging >= 0);
    (void)ctx;
}

static void test_rank_0_decides(void **state) {
    (void)state;
    for (int i = 0; i < COUNTS; i++)
        ranks_run(counts[i], share, NULL);
    assert_true(trm_peers_agree(NULL, true));
    assert_false(trm_peers_agree(NULL, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_piece_wrote_goes_to_all),
        cmocka_unit_test(test_sums_are_those_of_one_process),
        cmocka_unit_test(test_rank_0_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
