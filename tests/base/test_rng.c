// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "trm/base/rng.h"

// First outputs of the published algorithm from the state {1, 2, 3, 4}.
static void test_known_answers(void **state) {
    (void)state;
    static const uint64_t want[] = {
        UINT64_C(41943041),
        UINT64_C(58720359),
        UINT64_C(3588806011781223),
        UINT64_C(3591011842654386),
        UINT64_C(9228616714210784205),
        UINT64_C(9973669472204895162),
        UINT64_C(14011001112246962877),
        UINT64_C(12406186145184390807),
        UINT64_C(15849039046786891736),
        UINT64_C(10450023813501588000),
    };
    trm_rng r = {.s = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_true(trm_rng_next(&r) == want[i]);
}

// What a seed means is part of the file format: runs are named by it. Computed apart from this
// code.
static void test_seeding_stays_as_it_is(void **state) {
    (void)state;
    static const struct {
        uint64_t seed, stream, first[3];
    } cases[] = {
        {0, 0, {0x9cd662426cd269a6, 0x11fa3732ccde1dfd, 0x4b6e08a6a64c6ed3}},
        {1, 0, {0x3aab6faf3a2a3167, 0xbce38c4b320579e3, 0x30f0e618863b7d58}},
        {0, 1, {0x30d5b32b2a0df90f, 0xb05569c2869e14c9, 0x2d95eabdcd82c52a}},
        {42, 7, {0xb150628e390d5cdc, 0xf224f6181c5481aa, 0xcfc2b2688d122366}},
        {UINT64_MAX, UINT64_MAX, {0x91985b8532a7ee6d, 0xd93022085c9d5273, 0x76d8ea5dc61cda79}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_rng r;
        trm_rng_seed(&r, cases[i].seed, cases[i].stream);
        for (int k = 0; k < 3; k++)
            assert_true(trm_rng_next(&r) == cases[i].first[k]);
    }
}

// Neighbouring seeds and streams, also with the two swapped, differ in about half of their bits.
static void test_streams_differ(void **state) {
    (void)state;
    enum { SIDE = 24, N = SIDE * SIDE, WORDS = 8 };
    static uint64_t words[N][WORDS];
    for (uint64_t i = 0; i < N; i++) {
        trm_rng r;
        trm_rng_seed(&r, i / SIDE, i % SIDE);
        for (int k = 0; k < WORDS; k++)
            words[i][k] = trm_rng_next(&r);
    }
    int64_t bits = 0, pairs = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++) {
            int differ = 0;
            for (int k = 0; k < WORDS; k++)
                differ += __builtin_popcountll(words[i][k] ^ words[j][k]);
            assert_in_range(differ, 180, 332); // 256 expected, 11.3 standard: 6.7 of them
            bits += differ;
            pairs++;
        }
    double mean = (double)bits / (double)pairs;
    assert_true(fabs(mean - 256.0) < 0.5);
}

static double chi_square(const int32_t *counts, int32_t n, int32_t draws) {
    double expected = (double)draws / n, sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

static void test_below_is_unbiased(void **state) {
    (void)state;
    enum { DRAWS = 300000 };
    trm_rng r;
    trm_rng_seed(&r, 5, 0);
    int32_t counts[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t x = trm_rng_below(&r, 16);
        assert_true(x < 16);
        counts[x]++;
    }
    assert_true(chi_square(counts, 16, DRAWS) < 37.7); // 15 degrees of freedom, p = 0.001

    // Where a modulo or an unrejected product is far off: three outputs for four inputs.
    const uint32_t n = UINT32_C(3) << 30;
    int32_t thirds[3] = {0}, rests[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t x = trm_rng_below(&r, n);
        assert_true(x < n);
        thirds[x >> 30]++;
        rests[x % 3]++;
    }
    assert_true(chi_square(thirds, 3, DRAWS) < 13.8); // 2 degrees of freedom, p = 0.001
    assert_true(chi_square(rests, 3, DRAWS) < 13.8);
    for (int i = 0; i < 100; i++)
        assert_int_equal(trm_rng_below(&r, 1), 0);
}

static void test_uniform_floats(void **state) {
    (void)state;
    enum { DRAWS = 200000 };
    trm_rng r;
    trm_rng_seed(&r, 6, 0);
    int32_t f[20] = {0}, d[20] = {0};
    for (int i = 0; i < DRAWS; i++) {
        float x = trm_rng_float(&r);
        double y = trm_rng_double(&r);
        assert_true(x >= 0 && x < 1 && y >= 0 && y < 1);
        assert_true(x * 0x1p24f == floorf(x * 0x1p24f));
        f[(int)(x * 20)]++;
        d[(int)(y * 20)]++;
    }
    assert_true(chi_square(f, 20, DRAWS) < 43.8); // 19 degrees of freedom, p = 0.001
    assert_true(chi_square(d, 20, DRAWS) < 43.8);
}

static void test_normal(void **state) {
    (void)state;
    enum { DRAWS = 200000 };
    trm_rng r;
    trm_rng_seed(&r, 7, 0);
    double sum = 0, squares = 0, fourth = 0, lag = 0, last = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)trm_rng_normal(&r);
        assert_true(isfinite(x));
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        lag += x * last;
        last = x;
    }
    assert_true(fabs(sum / DRAWS) < 0.01);            // standard error 0.0022
    assert_true(fabs(squares / DRAWS - 1.0) < 0.015); // 0.0032
    assert_true(fabs(fourth / DRAWS - 3.0) < 0.1);    // 0.022
    assert_true(fabs(lag / DRAWS) < 0.01);
}

static void test_shuffle(void **state) {
    (void)state;
    enum { DRAWS = 60000 };
    trm_rng r;
    trm_rng_seed(&r, 8, 0);
    int32_t counts[27] = {0}, seen[6];
    for (int i = 0; i < DRAWS; i++) {
        int32_t items[3] = {0, 1, 2};
        trm_rng_shuffle(&r, items, 3);
        counts[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    int32_t orders = 0;
    for (int i = 0; i < 27; i++)
        if (counts[i])
            seen[orders < 6 ? orders++ : 5] = counts[i];
    assert_int_equal(orders, 6);
    assert_int_equal(seen[0] + seen[1] + seen[2] + seen[3] + seen[4] + seen[5], DRAWS);
    assert_true(chi_square(seen, 6, DRAWS) < 20.5); // 5 degrees of freedom, p = 0.001
    trm_rng before = r;
    trm_rng_shuffle(&r, seen, 1);
    trm_rng_shuffle(&r, NULL, 0);
    assert_memory_equal(&before, &r, sizeof r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),  cmocka_unit_test(test_seeding_stays_as_it_is),
        cmocka_unit_test(test_streams_differ), cmocka_unit_test(test_below_is_unbiased),
        cmocka_unit_test(test_uniform_floats), cmocka_unit_test(test_normal),
        cmocka_unit_test(test_shuffle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
