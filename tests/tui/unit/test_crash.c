// SPDX-License-Identifier: Apache-2.0
// Whoever ends the program while the terminal is guarded, with exit() as curses does or with a
// signal: its modes come back, what leaves the screen is written, and a line says so.
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "tui/terminal/crash.h"

enum { OUTPUT = 4096 };

static void end_by_exit(void) {
    exit(1);
}

static void end_by_signal(void) {
    raise(SIGUSR2);
}

static void end_when_released(void) {
    trm_crash_release();
    exit(1);
}

static void *without_memory(void *line) {
    trm_crash_give_back(line);
    _exit(1);
}

// Several find at once that there is no memory, while the screen is being opened.
static void end_by_threads(void) {
    static char line[] = "no memory";
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    struct termios raw;
    trm_crash_hold();
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, without_memory, line);
    tcgetattr(STDIN_FILENO, &raw);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    trm_crash_let_go();
    for (;;)
        pause();
}

static void child(void (*end)(void)) {
    struct termios modes, raw;
    tcgetattr(STDIN_FILENO, &modes);
    trm_crash_guard("<left>", strlen("<left>"), &modes);
    raw = modes;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    end();
}

// What a child that ends so in a terminal of its own has written; whether that is as it was.
static bool run(void (*end)(void), char out[OUTPUT]) {
    struct termios before, after;
    int master, slave, status;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(slave, &before), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(master);
        login_tty(slave);
        child(end);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(tcgetattr(slave, &after), 0);
    assert_int_equal(write(slave, ".", 1), 1); // after all that the child has written
    size_t size = 0;
    while (size == 0 || out[size - 1] != '.') {
        const ssize_t n = read(master, out + size, OUTPUT - 1 - size);
        assert_true(n > 0);
        size += (size_t)n;
    }
    out[size] = '\0';
    close(slave);
    close(master);
    return before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag;
}

static void test_exit(void **state) {
    char out[OUTPUT];
    (void)state;
    assert_true(run(end_by_exit, out));
    assert_non_null(strstr(out, "<left>trm: the terminal's library ended the program"));
}

static void test_signal(void **state) {
    char out[OUTPUT];
    (void)state;
    assert_true(run(end_by_signal, out));
    assert_non_null(strstr(out, "<left>trm: ended by SIGUSR2"));
}

static void test_threads(void **state) {
    char out[OUTPUT];
    (void)state;
    assert_true(run(end_by_threads, out));
    assert_string_equal(out, "<left>no memory\r\n.");
}

// Who has left the screen in order is not interfered with.
static void test_released(void **state) {
    char out[OUTPUT];
    (void)state;
    assert_false(run(end_when_released, out));
    assert_string_equal(out, ".");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
