// SPDX-License-Identifier: Apache-2.0
// The watched process crashed, stopped, flooded with signals, its terminal gone: the terminal is as
// it was (screen_close reads its modes back), and the run is whole.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "../tui/screen.h"
#include "run.h"

enum { STOPS = 5 };

static screen *watch(void **state, const char *pace) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze-mlp", "train.episodes=1000000000",
                     "run.checkpoint_every=50", "--out", "run", "--pace", pace);
    SEE(s, "numbers");
    SEE(s, "step ");
    return s;
}

static int64_t sound(void **state) {
    char run[PATH_SIZE];
    snprintf(run, sizeof run, "%s/run", (const char *)*state);
    return assert_sound(run);
}

static void goes_on(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "run", "--resume", "--pace", "free");
    SEE(s, "numbers");
    SEE(s, "training");
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
    sound(state);
}

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// SIGSEGV as from a bad pointer, SIGABRT as from a failed assertion, and the others that end a
// program which does not catch them. Sanitizers have handlers of
// their own, which come after ours and end the process in their way.
static void test_crash(void **state) {
    static const struct {
        int number;
        const char *says;
    } crashes[] = {{SIGSEGV, "trm: crashed (SEGV); the run is whole up to its last checkpoint"},
                   {SIGBUS, "trm: crashed (BUS)"},
                   {SIGFPE, "trm: crashed (FPE)"},
                   {SIGILL, "trm: crashed (ILL)"},
                   {SIGABRT, "trm: crashed (ABRT)"},
                   {SIGSYS, "trm: crashed (SYS)"},
                   {SIGQUIT, "trm: ended by SIGQUIT; the run is whole"},
                   {SIGUSR1, "trm: ended by SIGUSR1"},
                   {SIGXCPU, "trm: ended by SIGXCPU"}};

    signal(SIGQUIT, SIG_DFL); // shells ignore it for what they run in the background
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        char folder[PATH_SIZE];
        screen *s = watch(state, i == 0 ? "free" : "paced");
        screen_signal(s, crashes[i].number);
        SEE(s, crashes[i].says);
        assert_int_not_equal(screen_close(s), 0);
        sound(state);
        snprintf(folder, sizeof folder, "%s/run", (const char *)*state);
        if (i == 0)
            goes_on(state);
        folder_remove(folder);
    }
}

static void test_crash_of_compare(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "compare", "maze-mlp", "train.episodes=1000000");
    SEE(s, "reward");
    screen_signal(s, SIGSEGV);
    SEE(s, "trm: crashed (SEGV)");
    assert_int_not_equal(screen_close(s), 0);
}

static void test_crash_of_a_supervised_view(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "mazes-8-fixed-trm", "--out", "run");
    SEE(s, "training");
    screen_signal(s, SIGSEGV);
    SEE(s, "trm: crashed (SEGV); the run is whole up to its last checkpoint: `trm train run");
    assert_int_not_equal(screen_close(s), 0);
}

static void test_killed(void **state) {
    screen *s = watch(state, "free");
    char checkpoint[PATH_SIZE];
    snprintf(checkpoint, sizeof checkpoint, "%s/run/checkpoint.safetensors", (const char *)*state);
    wait_for_file(checkpoint, SCREEN_SECONDS);
    screen_signal(s, SIGKILL);
    screen_abandon(s);
    assert_true(sound(state) > 0);
    goes_on(state);
}

static void test_hang_up(void **state) {
    char checkpoint[PATH_SIZE];
    snprintf(checkpoint, sizeof checkpoint, "%s/run/checkpoint.safetensors", (const char *)*state);
    screen *s = watch(state, "free");
    SEE(s, "training");
    assert_int_equal(screen_hang_up(s), 130);
    assert_true(file_is_there(checkpoint));
    int64_t before = sound(state);
    assert_true(before > 0);
    goes_on(state);
    assert_true(sound(state) >= before);
}

static void flood(screen *s, int number) {
    for (int i = 0; i < 1000; i++)
        screen_signal(s, number);
}

static void test_storms(void **state) {
    static const int numbers[] = {SIGWINCH, SIGCONT, SIGPIPE, SIGWINCH};
    screen *s = watch(state, "auto");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        flood(s, numbers[i]);
        screen_resize(s, 24 + 4 * (int)i, 80 + 10 * (int)i);
        SEE(s, "numbers");
        SEE(s, "help");
    }
    leave(s);
    sound(state);
}

// However many ask for the end, it is one end.
static void test_storm_of_ends(void **state) {
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT};
    screen *s = watch(state, "free");
    SEE(s, "training");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        flood(s, numbers[i]);
    assert_int_equal(screen_close(s), 130);
    assert_true(sound(state) > 0);
    goes_on(state);
}

static void test_stopped_again_and_again(void **state) {
    const char *const args[] = {
        "watch", "maze-mlp", "--out", "run", "--pace", "free", "train.episodes=1000000000", NULL};
    screen *s = screen_open_as_job(*state, 30, 100, NULL, args);
    SEE(s, "numbers");
    for (int i = 0; i < STOPS; i++) {
        screen_keys(s, "\x1a"); // Ctrl-Z
        screen_wait_stopped(s);
        screen_resize(s, 24 + i, 80 + i);
        screen_foreground(s);
        SEE(s, "numbers");
    }
    leave(s);
    sound(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

// The sanitizer's own report of a crash takes locks. A signal from outside may come while they are
// held, and the program would wait for ever: the crashes of this test are the system's to answer.
static void keep_the_sanitizer_out(void) {
    char options[512];
    const char *given = getenv("ASAN_OPTIONS");
    snprintf(options, sizeof options,
             "%s:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0",
             given != NULL ? given : "");
    setenv("ASAN_OPTIONS", options, 1);
}

int main(void) {
    keep_the_sanitizer_out();
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_crash),
        WITH_FOLDER(test_crash_of_compare),
        WITH_FOLDER(test_crash_of_a_supervised_view),
        WITH_FOLDER(test_killed),
        WITH_FOLDER(test_hang_up),
        WITH_FOLDER(test_storms),
        WITH_FOLDER(test_storm_of_ends),
        WITH_FOLDER(test_stopped_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
