// SPDX-License-Identifier: Apache-2.0
// The Watch screen in the terminals there are: sizes, kinds, colours, characters, signals.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

static const char *const paced[] = {"watch", "maze",   "seed=1", "--out",
                                    "run",   "--pace", "paced",  NULL};

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// All that belongs on the screen at any size at which it is drawn.
static void see_all(screen *s) {
    SEE(s, "board");
    SEE(s, "cycle ");
    SEE(s, "step ");
    SEE(s, "reward");
    SEE(s, "numbers");
    SEE(s, "success");
    SEE(s, "help");
}

// The bottom line is the last one of the window.
static bool fits(screen *s, const void *ctx) {
    char line[SCREEN_LINE];
    (void)ctx;
    screen_line(s, screen_rows(s) - 1, line);
    return strstr(line, "Space") != NULL && strstr(line, "help") != NULL;
}

static void test_sizes(void **state) {
    static const struct {
        int rows, cols;
    } sizes[] = {{24, 80},  {40, 120}, {60, 200}, {24, 80},  {16, 60}, {100, 300},
                 {60, 200}, {16, 200}, {60, 60},  {40, 120}, {24, 80}};
    screen *s = screen_open(*state, 24, 80, NULL, paced);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        screen_resize(s, sizes[i].rows, sizes[i].cols);
        if (!screen_wait(s, fits, NULL, SCREEN_SECONDS))
            screen_fail(s, "the bottom line is not at the bottom", __LINE__);
        see_all(s);
        if (sizes[i].cols >= 80) {
            SEE(s, "cycle 1");
            SEE(s, "cycle 2");
            SEE(s, "cycle 3");
        }
    }
    leave(s);
}

static void test_too_small(void **state) {
    screen *s = screen_open(*state, 5, 20, NULL, paced);
    SEE(s, "trm needs 60x16");
    screen_resize(s, 15, 100);
    SEE(s, "trm needs 60x16; this is 100x15; training goes on");
    screen_resize(s, 1, 1);
    screen_resize(s, 16, 60);
    see_all(s);
    screen_resize(s, 3, 60);
    LOSE(s, "board");
    SEE(s, "trm needs");
    screen_keys(s, "q");
    SEE(s, "leave? y/n");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

static void test_resize_storm(void **state) {
    screen *s = screen_open(*state, 24, 80, NULL, paced);
    see_all(s);
    for (int i = 0; i < 100; i++)
        screen_resize(s, 5 + i * 37 % 95, 20 + i * 73 % 280);
    screen_resize(s, 40, 120);
    see_all(s);
    SEE(s, "cycle 3");
    leave(s);
}

static void test_terminals(void **state) {
    static const char *const terms[] = {"TERM=xterm",  "TERM=xterm-256color",  "TERM=linux",
                                        "TERM=screen", "TERM=screen-256color", "TERM=vt100"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        char run[16];
        snprintf(run, sizeof run, "run%zu", i);
        // On the Linux console the mouse is that of a library which curses loads and drops; what
        // that leaves behind counts as leaked.
        const char *mouse = strcmp(terms[i], "TERM=linux") == 0 ? "--no-mouse" : NULL;
        screen *s =
            OPEN(*state, 24, 80, ENV(terms[i]), "watch", "--out", run, "--pace", "paced", mouse);
        see_all(s);
        SEE(s, "cycle 3");
        if (strcmp(terms[i], "TERM=vt100") != 0)
            assert_true(screen_has_color(s));
        leave(s);
    }
}

static void refuse(void **state, const char *const *env) {
    screen *s = screen_open(*state, 24, 80, env, paced);
    SEE(s, "trm train");
    assert_int_equal(screen_close(s), 2);
    assert_int_equal(folder_entries(*state), 0);
}

static void test_terminals_that_cannot(void **state) {
    refuse(state, ENV("TERM=dumb"));
    refuse(state, ENV("TERM=no-such-terminal"));
    refuse(state, ENV("TERM="));
}

// Newer than the system's list of terminals: as xterm, with its colours.
static void test_terminals_of_today(void **state) {
    static const char *const terms[] = {"TERM=xterm-of-tomorrow", "TERM=wezterm-x", "TERM=foot-x"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        screen *s = OPEN(*state, 24, 80, ENV(terms[i]), "play", "maze");
        SEE(s, "trm play");
        assert_true(screen_has_color(s));
        screen_keys(s, "q");
        screen_close(s);
    }
}

static void assert_ascii(screen *s) {
    size_t size;
    const char *bytes = screen_bytes(s, &size);
    assert_true(size > 1000);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            screen_fail(s, "a byte that is not ASCII came", __LINE__);
}

static void look_around(screen *s) {
    see_all(s);
    screen_keys(s, "?");
    SEE(s, "keys of this screen");
    screen_keys(s, "\x1b");
    LOSE(s, "keys of this screen");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "s");
    SEE(s, "copy this run");
    screen_keys(s, "\x1b");
    LOSE(s, "copy this run");
    screen_resize(s, 60, 200);
    see_all(s);
    screen_resize(s, 5, 20);
    SEE(s, "needs");
    screen_resize(s, 40, 120);
    see_all(s);
    screen_keys(s, "q");
    SEE(s, "leave?");
}

static void test_ascii_locale(void **state) {
    screen *s = screen_open(*state, 40, 120, ENV("LC_ALL=C"), paced);
    SEE(s, "this locale has ASCII only; LC_ALL=C.UTF-8 draws more");
    look_around(s);
    assert_ascii(s);
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// Named as UTF-8 and not installed, or not named at all.
static void test_locales_that_are_missing(void **state) {
    static const char *const named[][4] = {{"LC_ALL=tlh_QO.UTF-8", NULL},
                                           {"LC_ALL=", "LC_CTYPE=UTF-8", NULL},
                                           {"LC_ALL=", "LC_CTYPE=", "LANG=", NULL}};
    for (int i = 0; i < 3; i++) {
        screen *s = OPEN(*state, 24, 80, named[i], "play", "maze");
        SEE(s, "┌");
        screen_keys(s, "q");
        screen_close(s);
    }
}

static void test_a_home_that_cannot_be_written(void **state) {
    screen *s = OPEN(*state, 24, 120, ENV("HOME=/dev/null", "XDG_STATE_HOME=/dev/null/state"),
                     "watch", "maze", "train.episodes=2000000");
    SEE(s, "not recorded, --out FOLDER would: cannot create");
    SEE(s, "training");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_ascii_option(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "--ascii", "--out", "run", "--pace", "paced");
    look_around(s);
    assert_ascii(s);
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// True if the control sequence that ends at `m` sets a colour.
static bool sets_color(const char *parameters, const char *m) {
    for (const char *at = parameters; at < m;) {
        char *end = NULL;
        long number = strtol(at, &end, 10);
        if ((number >= 30 && number <= 38) || (number >= 40 && number <= 48) ||
            (number >= 90 && number <= 107))
            return true;
        at = end > at ? end : at + 1;
        at += *at == ';' || *at == ':';
    }
    return false;
}

static void assert_no_color(screen *s) {
    size_t size;
    const char *bytes = screen_bytes(s, &size);
    for (const char *at = strstr(bytes, "\x1b["); at != NULL; at = strstr(at + 2, "\x1b[")) {
        const char *end = at + 2 + strspn(at + 2, "0123456789;:");
        if (*end == 'm' && sets_color(at + 2, end))
            screen_fail(s, "a colour was set", __LINE__);
    }
    assert_false(screen_has_color(s));
}

static void test_no_color(void **state) {
    screen *s = screen_open(*state, 40, 120, ENV("NO_COLOR=1"), paced);
    look_around(s);
    assert_no_color(s);
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 40, 120, NULL, "--no-color", "--out", "other", "--pace", "paced");
    look_around(s);
    assert_no_color(s);
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// The variable must not be empty to count.
static void test_color(void **state) {
    screen *s = screen_open(*state, 40, 120, ENV("NO_COLOR="), paced);
    see_all(s);
    assert_true(screen_has_color(s));
    leave(s);
}

static bool asks_for_mouse(screen *s) {
    size_t size;
    return strstr(screen_bytes(s, &size), "\x1b[?1000h") != NULL ||
           strstr(screen_bytes(s, &size), "\x1b[?1006;1000h") != NULL;
}

static void test_mouse(void **state) {
    screen *s = screen_open(*state, 40, 120, NULL, paced);
    see_all(s);
    assert_true(asks_for_mouse(s));
    leave(s);
    s = OPEN(*state, 40, 120, NULL, "--no-mouse", "--out", "other", "--pace", "paced");
    see_all(s);
    assert_false(asks_for_mouse(s));
    leave(s);
}

static void test_signals(void **state) {
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char run[16];
        char path[PATH_SIZE];
        snprintf(run, sizeof run, "run%zu", i);
        screen *s = OPEN(*state, 40, 120, NULL, "watch", "--out", run, "--pace",
                         i == 0 ? "free" : "paced", "train.episodes=100000");
        see_all(s);
        SEE(s, "training"); // before that there is nothing to save
        screen_signal(s, numbers[i]);
        assert_int_equal(screen_close(s), 130);
        snprintf(path, sizeof path, "%s/%s/checkpoint.safetensors", (const char *)*state, run);
        assert_true(file_is_there(path));
    }
}

static void test_suspend(void **state) {
    screen *s = screen_open_as_job(*state, 40, 120, NULL, paced);
    see_all(s);
    for (int i = 0; i < 2; i++) {
        screen_keys(s, "\x1a"); // Ctrl-Z
        screen_wait_stopped(s);
        screen_scribble(s, "\r\n[1]+  Stopped\r\n");
        screen_resize(s, 24 + 6 * i, 80 + 10 * i);
        screen_foreground(s);
        see_all(s);
        LOSE(s, "Stopped");
    }
    leave(s);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_sizes),
        WITH_FOLDER(test_too_small),
        WITH_FOLDER(test_resize_storm),
        WITH_FOLDER(test_terminals),
        WITH_FOLDER(test_terminals_that_cannot),
        WITH_FOLDER(test_terminals_of_today),
        WITH_FOLDER(test_ascii_locale),
        WITH_FOLDER(test_locales_that_are_missing),
        WITH_FOLDER(test_a_home_that_cannot_be_written),
        WITH_FOLDER(test_ascii_option),
        WITH_FOLDER(test_no_color),
        WITH_FOLDER(test_color),
        WITH_FOLDER(test_mouse),
        WITH_FOLDER(test_signals),
        WITH_FOLDER(test_suspend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
