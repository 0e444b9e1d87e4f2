// SPDX-License-Identifier: Apache-2.0
// Ctrl-C at several moments of every command that takes long, on boards that make each step slow:
// it ends soon, by that signal's exit status, and a training's files are whole.
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

// The promise is a second on a machine that is free; deaf was minutes.
#define SOON 10.0

#define LARGE "env.size=63", "model.type=trm-conv"

static const char *const commands[][12] = {
    {"diagnose", "maze", LARGE},
    {"diagnose", "paper-sudoku-9"},
    {"diagnose", "mazes-8-fixed-trm", "data.train=1000000"},
    {"bench", "--quick"},
    {"compare", "maze", "maze-k5", LARGE, "--plain"},
    {"compare", "mazes-8-fixed-trm", "data.train=1000000", "--json"},
    {"reproduce", "--quick"},
    {"eval", "run", "--episodes", "10000000"},
    {"eval", "sudoku9", "--episodes", "1000000", "--steps"},
    {"replay", "run", "--check"},
    {"probe", "sudoku9", "--sample", "1"},
    {"export", "run", "out.safetensors"},
    {"plot", "run", "-o", "out.svg"},
    {"train", "maze", LARGE, "--out", "large"},
    {"train", "paper-sudoku-9", "data.train=1000000", "--out", "data"},
    {"train", "run", "--resume", "train.episodes=100000000"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

// Some milliseconds pass, or the process says something.
static void pass(const process *p, int milliseconds) {
    struct pollfd fd = {.fd = p->err, .events = POLLIN};
    poll(&fd, 1, milliseconds);
}

static void interrupt_after(const char *scratch, const char *const *args, int milliseconds) {
    process p = process_start(scratch, NULL, args);
    pass(&p, milliseconds);
    kill(p.pid, SIGINT);
    const double from = now();
    outcome o = process_finish(&p, 100);
    if ((o.status != 130 && o.status != 0) || now() - from > SOON)
        fail_msg("%s %s, interrupted after %d ms: status %d after %.1f s:\n%s", args[0], args[1],
                 milliseconds, o.status, now() - from, o.err);
    outcome_free(&o);
}

static void test_every_command(void **state) {
    static const int moments[] = {60, 700};
    char run[PATH_SIZE];
    outcome o =
        RUN(*state, "train", "maze-mlp", "env.size=5", "train.episodes=300", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    snprintf(run, sizeof run, "%s/run", (const char *)*state);
    for (size_t m = 0; m < sizeof moments / sizeof *moments; m++) {
        for (int i = 0; i < COMMANDS; i++)
            interrupt_after(*state, commands[i], moments[m]);
        assert_sound(run);
        for (size_t k = 0; k < 2; k++) { // to begin again
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "%s/%s", (const char *)*state, k ? "large" : "data");
            if (file_is_there(path)) {
                assert_sound(path);
                folder_remove(path);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_command, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
