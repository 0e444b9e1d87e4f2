// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/notify.h"

typedef struct news {
    pthread_mutex_t lock;
    pthread_cond_t came;
    int count;
} news;

static void count(void *ctx) {
    news *n = ctx;
    pthread_mutex_lock(&n->lock);
    n->count++;
    pthread_cond_signal(&n->came);
    pthread_mutex_unlock(&n->lock);
}

static void wait_past(news *n, int seen) {
    enum { PATIENCE = 30 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    pthread_mutex_lock(&n->lock);
    while (n->count <= seen)
        assert_int_equal(pthread_cond_timedwait(&n->came, &n->lock, &until), 0);
    pthread_mutex_unlock(&n->lock);
}

static void write_to(const char *path, const char *mode) {
    FILE *f = fopen(path, mode);
    assert_non_null(f);
    fputs("a line\n", f);
    fclose(f);
}

static void test_changes_are_told(void **state) {
    (void)state;
    news n = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    char folder[] = "/tmp/trm-notify-XXXXXX", file[64], other[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/metrics", folder);
    snprintf(other, sizeof other, "%s/checkpoint", folder);
    trm_notify *t = trm_notify_new(folder, count, &n);
    if (!t) { // it is a help where the system has it, and no more
        rmdir(folder);
        skip();
    }
    write_to(file, "w");
    wait_past(&n, 0);
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&n.lock);
        const int seen = n.count;
        pthread_mutex_unlock(&n.lock);
        write_to(file, "a");
        wait_past(&n, seen);
    }
    assert_int_equal(rename(file, other), 0);
    trm_notify_free(t);
    const int last = n.count;
    write_to(other, "a"); // nobody listens
    assert_int_equal(n.count, last);
    remove(other);
    rmdir(folder);
}

static void test_no_folder(void **state) {
    (void)state;
    assert_null(trm_notify_new("/nowhere/at/all", count, NULL));
    trm_notify_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_are_told),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
