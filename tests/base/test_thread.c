// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trm/base/thread.h"

static void *read_mask(void *ctx) {
    pthread_sigmask(SIG_SETMASK, NULL, ctx);
    return NULL;
}

// All are held back but what the thread itself does wrong; the starter's own mask stays.
static void test_takes_only_its_faults(void **state) {
    (void)state;
    pthread_t thread;
    sigset_t mask, before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(trm_thread_start(&thread, read_mask, &mask), 0);
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCHLD};
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        assert_true(sigismember(&mask, held[i]));
        assert_int_equal(sigismember(&after, held[i]), sigismember(&before, held[i]));
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_false(sigismember(&mask, own[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_takes_only_its_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
