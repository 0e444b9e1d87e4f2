// SPDX-License-Identifier: Apache-2.0
// Streams of random numbers: none is drawn from by two, and none ever moves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trm/base/streams.h"

typedef struct stream {
    const char *name;
    int64_t first, count;
    int runs;
} stream;

#define ENTRY(name, first, count, runs) {#name, first, count, TRM_STREAMS_##runs},
static const stream streams[] = {TRM_STREAM_TABLE(ENTRY)};
enum { STREAMS = sizeof streams / sizeof *streams };

static void test_no_two_overlap_in_one_run(void **state) {
    (void)state;
    for (int i = 0; i < STREAMS; i++) {
        const stream *a = &streams[i];
        assert_true(a->first >= 0 && a->count >= 1 && a->first + a->count <= INT32_MAX);
        for (int k = 0; k < i; k++) {
            const stream *b = &streams[k];
            const int apart = a->first + a->count <= b->first || b->first + b->count <= a->first;
            if ((a->runs & b->runs) && !apart)
                fail_msg("%s and %s share numbers", a->name, b->name);
        }
    }
}

// Data sets of later epochs move the seed by multiples of 2^32. A seed as large as that could meet
// another run's, but never another stream of its own.
static void test_only_policies_and_answers_share_numbers(void **state) {
    (void)state;
    for (int i = 0; i < STREAMS; i++) {
        const int exclusive = streams[i].runs != TRM_STREAMS_ANY;
        const int known = !strcmp(streams[i].name, "ENVS") || !strcmp(streams[i].name, "ORDER") ||
                          !strcmp(streams[i].name, "DROPOUT");
        assert_int_equal(exclusive, known);
    }
}

// What a seed means in runs and records that exist.
static void test_numbers_stay(void **state) {
    (void)state;
    assert_int_equal(TRM_STREAM_INIT, 0);
    assert_int_equal(TRM_STREAM_ENVS, 1);
    assert_int_equal(TRM_STREAM_ORDER, 1);
    assert_int_equal(TRM_STREAM_DROPOUT, 2);
    assert_int_equal(TRM_STREAM_DATA_TRAIN, 1 << 20);
    assert_int_equal(TRM_STREAM_DATA_HELD_OUT, (1 << 20) + 1);
    assert_int_equal(TRM_STREAM_DIAGNOSE, 1 << 29);
    assert_int_equal(TRM_STREAM_EVALUATION, 1 << 30);
    assert_int_equal(TRM_STREAM_PLAYBACK, (1 << 30) + 1);
    assert_int_equal(TRM_STREAM_BOARD, (1 << 30) + 2);
    assert_int_equal(TRM_STREAM_CHANCE_ANSWERS, (1 << 30) + 3);
    assert_int_equal(TRM_STREAM_CHANCE_ACTIONS, (1 << 30) + 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_two_overlap_in_one_run),
        cmocka_unit_test(test_only_policies_and_answers_share_numbers),
        cmocka_unit_test(test_numbers_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
