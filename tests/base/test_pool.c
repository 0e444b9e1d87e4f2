// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "trm/base/pool.h"

enum { MOST = 1000 };

// Plain ints on purpose: pieces are handed out once each, so nothing here is shared, and the end of
// a run makes what was written visible. A thread checker would see it otherwise.
static void count(void *ctx, int32_t i) {
    ((int32_t *)ctx)[i]++;
}

static void test_every_piece_runs_once(void **state) {
    (void)state;
    static const int32_t sizes[] = {0, 1, 2, 3, 5, 64, MOST};
    for (int32_t threads = 1; threads <= 6; threads++) {
        trm_pool *p = trm_pool_new(threads);
        assert_int_equal(trm_pool_threads(p), threads);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            int32_t counts[MOST + 1] = {0};
            trm_pool_run(p, sizes[s], count, counts);
            for (int32_t i = 0; i <= MOST; i++)
                assert_int_equal(counts[i], i < sizes[s]);
        }
        trm_pool_free(p);
    }
    trm_pool_free(NULL);
}

// Short runs close together, each with a context of its own: a worker that wakes late must not take
// part in what it was not called for.
static void test_many_short_runs(void **state) {
    (void)state;
    trm_pool *p = trm_pool_new(3);
    for (int32_t run = 0; run < 20000; run++) {
        int32_t counts[8] = {0};
        int32_t n = 2 + run % 6;
        trm_pool_run(p, n, count, counts);
        for (int32_t i = 0; i < 8; i++)
            assert_int_equal(counts[i], i < n);
    }
    trm_pool_free(p);
}

struct meeting {
    _Atomic int32_t here;
    _Atomic int32_t blocked; // threads that block a signal
    int32_t n;
};

// Returns only when all pieces have begun: they do so on n threads at once or never.
static void meet(void *ctx, int32_t i) {
    (void)i;
    struct meeting *m = ctx;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    atomic_fetch_add(&m->blocked, sigismember(&mask, SIGINT) == 1);
    atomic_fetch_add(&m->here, 1);
    while (atomic_load(&m->here) < m->n)
        sched_yield();
}

static void test_all_threads_work_and_workers_block_signals(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 4; threads++) {
        trm_pool *p = trm_pool_new(threads);
        struct meeting m = {.n = threads};
        trm_pool_run(p, threads, meet, &m);
        assert_int_equal(m.here, threads);
        assert_int_equal(m.blocked, threads - 1); // all but the caller
        trm_pool_free(p);
    }
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGINT), 0);
}

struct slow {
    pthread_t caller;
    _Atomic int32_t here;
    volatile int64_t sum; // written by the worker alone
};

// The worker is far from done when the caller is: it must be waited for.
static void linger(void *ctx, int32_t i) {
    (void)i;
    struct slow *s = ctx;
    atomic_fetch_add(&s->here, 1);
    while (atomic_load(&s->here) < 2)
        sched_yield();
    if (!pthread_equal(pthread_self(), s->caller))
        for (int64_t k = 0; k < 20000000; k++)
            s->sum++;
}

static void test_a_run_ends_when_its_last_piece_has(void **state) {
    (void)state;
    trm_pool *p = trm_pool_new(2);
    for (int i = 0; i < 2; i++) {
        struct slow s = {.caller = pthread_self()};
        trm_pool_run(p, 2, linger, &s);
        assert_int_equal(s.sum, 20000000);
    }
    trm_pool_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_piece_runs_once),
        cmocka_unit_test(test_many_short_runs),
        cmocka_unit_test(test_all_threads_work_and_workers_block_signals),
        cmocka_unit_test(test_a_run_ends_when_its_last_piece_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
