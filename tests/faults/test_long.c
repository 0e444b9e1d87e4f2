// SPDX-License-Identifier: Apache-2.0
// A run that goes on and on takes no more memory than at its beginning.
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

enum { WAIT_SECONDS = 200, EARLY = 300 << 10, LATE = 1500 << 10, SLACK_KIB = 4096 };

static void wait_for_size(const char *path, off_t size) {
    double deadline = now() + WAIT_SECONDS;
    struct stat st;
    while (stat(path, &st) != 0 || st.st_size < size) {
        if (now() > deadline)
            fail_msg("%s did not grow to %lld bytes", path, (long long)size);
        poll(NULL, 0, 20);
    }
}

// Memory of the process that is there and not only promised, in KiB.
static long resident(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    char *text = file_text(path, NULL);
    const char *at = strstr(text, "VmRSS:");
    assert_non_null(at);
    long kib = strtol(at + strlen("VmRSS:"), NULL, 10);
    free(text);
    return kib;
}

static void test_memory_is_flat(void **state) {
    char path[PATH_SIZE];
    process p =
        process_start(*state, NULL,
                      (const char *const[]){"train", "maze-mlp", "env.size=2", "model.hidden=2",
                                            "train.episodes=1000000000",
                                            "run.checkpoint_every=1000", "--out", "r", NULL});
    snprintf(path, sizeof path, "%s/r/metrics.jsonl", (const char *)*state);
    wait_for_size(path, EARLY);
    long early = resident(p.pid);
    wait_for_size(path, LATE);
    long late = resident(p.pid);
    kill(p.pid, SIGTERM);
    outcome o = process_finish(&p, WAIT_SECONDS);
    assert_int_equal(o.status, 130);
    outcome_free(&o);
    print_message("%ld KiB, then %ld KiB\n", early, late);
    assert_true(late <= early + SLACK_KIB);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_memory_is_flat)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
