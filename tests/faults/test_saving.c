// SPDX-License-Identifier: Apache-2.0
// Ctrl-C where saving takes long: the user is told, and another Ctrl-C ends the training where it
// is; the checkpoint before stays.
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

#define SECONDS 30.0
#define LONG    "maze-mlp", "env.size=5", "train.episodes=3000", "run.checkpoint_every=50"

static void below(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

// Reads standard error until the text is there.
static void hear(const process *p, const char *text) {
    char heard[4096];
    size_t used = 0;
    const double until = now() + SECONDS;
    do {
        struct pollfd fd = {.fd = p->err, .events = POLLIN};
        const ssize_t n =
            poll(&fd, 1, 1000) > 0 ? read(p->err, heard + used, sizeof heard - 1 - used) : 0;
        used += n > 0 ? (size_t)n : 0;
        heard[used] = 0;
    } while (!strstr(heard, text) && now() < until && used < sizeof heard - 1);
    if (!strstr(heard, text))
        fail_msg("\"%s\" did not come: %s", text, heard);
}

static void held_at_saving(void **state, int again, int status, const char *said) {
    char hold[PATH_SIZE], run[PATH_SIZE], checkpoint[PATH_SIZE];
    const char *const args[] = {"train", LONG, "--out", "cut", NULL};
    below(state, "hold", hold);
    below(state, "cut", run);
    below(state, "cut/checkpoint.safetensors", checkpoint);
    setenv("LD_PRELOAD", getenv("TRM_INJECT_LIBRARY"), 1);
    setenv("TRM_INJECT_HOLD", hold, 1);
    setenv("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0", 1);
    process p = process_start(*state, NULL, args);
    unsetenv("LD_PRELOAD");
    unsetenv("TRM_INJECT_HOLD");
    wait_for_file(checkpoint, SECONDS);
    file_put_text(hold, "");
    kill(p.pid, SIGINT);
    kill(p.pid, SIGINT); // some programs pass it on twice: no harm
    hear(&p, "trm: saving");
    kill(p.pid, again);
    if (again != SIGINT)
        unlink(hold);
    outcome o = process_finish(&p, SECONDS);
    if (o.status != status || !strstr(o.err, said))
        fail_msg("status %d: %s", o.status, o.err);
    outcome_free(&o);
    unlink(hold);
    assert_true(assert_sound(run) > 0);
    o = RUN(*state, "train", "cut", "--resume");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void test_a_second_ctrl_c(void **state) {
    char left[PATH_SIZE], right[PATH_SIZE];
    held_at_saving(state, SIGINT, 130, "trm: interrupted\n");
    outcome o = RUN(*state, "train", LONG, "--out", "whole");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    below(state, "cut", left);
    below(state, "whole", right);
    assert_same_run(left, right);
}

// Job systems send several signals.
static void test_another_signal_waits(void **state) {
    held_at_saving(state, SIGTERM, 130, "to continue");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_second_ctrl_c, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_another_signal_waits, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests_name("saving", tests, NULL, NULL);
}
