// SPDX-License-Identifier: Apache-2.0
// Every key of the Watch screen does what the help says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

#define CTRL_C    "\x03"
#define CTRL_L    "\x0c"
#define CTRL_U    "\x15"
#define ESC       "\x1b"
#define F1        "\x1bOP"
#define LEFT      "\x1bOD"
#define RIGHT     "\x1bOC"
#define HOME      "\x1bOH"
#define END       "\x1bOF"
#define SHIFT_TAB "\x1b[Z"

static screen *watch(void **state, const char *pace) {
    screen *s =
        OPEN(*state, 40, 120, NULL, "watch", "maze", "seed=1", "--out", "run", "--pace", pace);
    SEE(s, "cycle 3");
    SEE(s, "step ");
    return s;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

typedef struct expected {
    const char *word;
    double number;
    bool equal;
} expected;

static bool holds(screen *s, const void *ctx) {
    const expected *x = ctx;
    double found = screen_number(s, x->word);
    return found >= 0 && (found == x->number) == x->equal;
}

static void see_number(screen *s, const char *word, double number, bool equal, int line) {
    const expected x = {word, number, equal};
    if (!screen_wait(s, holds, &x, SCREEN_SECONDS)) {
        char message[128];
        snprintf(message, sizeof message, "\"%s\" with%s %g did not come", word,
                 equal ? "" : " another number than", number);
        screen_fail(s, message, line);
    }
}
#define SEE_NUMBER(s, word, number)  see_number(s, word, number, true, __LINE__)
#define SEE_ANOTHER(s, word, number) see_number(s, word, number, false, __LINE__)

// The selected cycle is the one that the detail line is about.
static bool selected(screen *s, const void *cycle) {
    char line[SCREEN_LINE];
    for (int row = 0; row < screen_rows(s); row++) {
        screen_line(s, row, line);
        if (strstr(line, "norm ") != NULL && strstr(line, "..") != NULL)
            return strstr(line, cycle) != NULL;
    }
    return false;
}

static void see_selected(screen *s, const char *cycle, int line) {
    if (!screen_wait(s, selected, cycle, SCREEN_SECONDS))
        screen_fail(s, cycle, line);
}
#define SEE_SELECTED(s, cycle) see_selected(s, cycle, __LINE__)

static void test_help_names_every_key(void **state) {
    static const char *const parts[] = {
        "Space",     "pause, go on",
        "+  =",      "faster",
        "-  _",      "slower",
        ".",         "one step of",
        ",",         "one step back",
        "g  Home",   "G  End",
        "]",         "select the next cycle",
        "[",         "the cycle before",
        "f",         "full speed",
        "a",         "automatically",
        "e",         "as many episodes",
        "p",         "by hand",
        "c",         "another model",
        "Tab",       "next panel",
        "x",         "x axis",
        "s",         "write a checkpoint",
        "q  Ctrl-C", "leave",
        "?  F1",     "keys of this screen",
        "Ctrl-L",    "draw everything",
        "Ctrl-Z",    "suspend",
    };
    screen *s = watch(state, "auto");
    screen_keys(s, "?");
    SEE(s, "trm: keys");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        SEE(s, parts[i]);
    screen_keys(s, ESC);
    LOSE(s, "trm: keys");
    screen_keys(s, F1);
    SEE(s, "trm: keys");
    screen_keys(s, "q"); // closes the help, not the program
    LOSE(s, "trm: keys");
    leave(s);
}

// The help takes the room there is, nothing of it is cut, and it can be searched.
static void test_help_is_whole_and_searched(void **state) {
    static const char *const ends[] = {"or one answer; pauses", "see what it would do",
                                       "was learned is saved", "the shell's fg comes back"};
    screen *s = OPEN(*state, 24, 200, NULL, "watch", "maze", "--out", "run", "--pace", "paced");
    SEE(s, "cycle 3");
    screen_keys(s, "?");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        SEE(s, ends[i]); // in two columns
    screen_resize(s, 40, 80);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        SEE(s, ends[i]);
    screen_keys(s, "/CyCle");
    SEE(s, "select the next cycle");
    LOSE(s, "the shell's fg comes back");
    screen_keys(s, "q"); // typed, and in no row
    LOSE(s, "select the next cycle");
    screen_keys(s, "\x7f\r");
    SEE(s, "select the next cycle");
    screen_keys(s, "/");
    SEE(s, "the shell's fg comes back");
    screen_keys(s, ESC);
    SEE(s, "trm: keys");
    screen_keys(s, ESC);
    LOSE(s, "trm: keys");
    leave(s);
}

static void test_space_pauses(void **state) {
    screen *s = watch(state, "paced");
    screen_keys(s, " ");
    SEE(s, "paused");
    SEE(s, "go on");
    double step = screen_number(s, "step ");
    double steps = screen_number(s, "steps ");
    screen_keys(s, CTRL_L); // once that has been drawn, nothing has moved
    SEE(s, "paused");
    assert_true(screen_number(s, "step ") == step);
    assert_true(screen_number(s, "steps ") == steps);
    screen_keys(s, " ");
    LOSE(s, "paused");
    SEE_ANOTHER(s, "step ", step);
    leave(s);
}

static void test_steps(void **state) {
    screen *s = watch(state, "paced");
    screen_keys(s, "."); // pauses first
    SEE(s, "paused");
    screen_keys(s, "g");
    SEE_NUMBER(s, "step ", 1);
    screen_keys(s, "G");
    double last = screen_number(s, "step ");
    for (int i = 0; i < 3; i++) {
        screen_keys(s, ".");
        SEE_ANOTHER(s, "step ", last);
        last = screen_number(s, "step ");
    }
    assert_true(last >= 2);
    screen_keys(s, ",");
    SEE_NUMBER(s, "step ", last - 1);
    screen_keys(s, ".");
    SEE_NUMBER(s, "step ", last);
    screen_keys(s, HOME);
    SEE_NUMBER(s, "step ", 1);
    screen_keys(s, END);
    SEE_NUMBER(s, "step ", last);
    screen_keys(s, LEFT); // the board has the focus
    SEE_NUMBER(s, "step ", last - 1);
    screen_keys(s, "l");
    SEE_NUMBER(s, "step ", last);
    leave(s);
}

static void test_cycles(void **state) {
    screen *s = watch(state, "paced");
    SEE_SELECTED(s, "cycle 3");
    screen_keys(s, "[");
    SEE_SELECTED(s, "cycle 2");
    screen_keys(s, "[");
    SEE_SELECTED(s, "cycle 1");
    screen_keys(s, "[");
    screen_keys(s, "]");
    SEE_SELECTED(s, "cycle 2");
    screen_keys(s, "]]");
    SEE_SELECTED(s, "cycle 3");
    leave(s);
}

static void test_speed(void **state) {
    screen *s = watch(state, "auto");
    SEE(s, "auto ");
    screen_keys(s, "+");
    SEE(s, "paced ");
    double speed = screen_number(s, "paced ");
    assert_true(speed > 0);
    screen_keys(s, "=");
    SEE_ANOTHER(s, "paced ", speed);
    double faster = screen_number(s, "paced ");
    assert_true(faster > speed);
    screen_keys(s, "-");
    SEE_NUMBER(s, "paced ", speed);
    screen_keys(s, "_");
    SEE_ANOTHER(s, "paced ", speed);
    assert_true(screen_number(s, "paced ") < speed);
    screen_keys(s, "a");
    SEE(s, "auto ");
    leave(s);
}

static void test_free_pace(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze", "--out", "run", "--pace", "paced",
                     "train.episodes=100000");
    SEE(s, "paced ");
    screen_keys(s, "f");
    SEE(s, "free ");
    SEE(s, "leave free");
    screen_keys(s, "f");
    SEE(s, "paced ");
    leave(s);
}

// A policy of values: the same screens, with Q where others have probabilities.
static void test_values_of_actions(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze-dqn", "seed=1", "--out", "run", "--pace",
                     "free");
    SEE(s, "cycle 3");
    SEE(s, "100%"); // of the last 50 succeeded
    screen_keys(s, " ");
    SEE(s, ", Q ");
    screen_keys(s, "m");
    SEE(s, "d logit / d unit");
    SEE(s, ", Q ");
    screen_keys(s, "wq");
    SEE(s, "d logit / d unit");
    screen_keys(s, "q");
    SEE(s, "success of the last ");
    leave(s);
}

static void test_panels(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "maze", "--out", "run", "--pace", "paced");
    SEE_SELECTED(s, "cycle 3");
    screen_keys(s, "\t" LEFT);
    SEE_SELECTED(s, "cycle 2");
    screen_keys(s, "h");
    SEE_SELECTED(s, "cycle 1");
    screen_keys(s, RIGHT);
    SEE_SELECTED(s, "cycle 2");
    screen_keys(s, "\t" RIGHT); // the curves
    SEE(s, "success of the last ");
    screen_keys(s, LEFT);
    LOSE(s, "success of the last ");
    screen_keys(s, SHIFT_TAB RIGHT);
    SEE_SELECTED(s, "cycle 3");
    leave(s);
}

static int count_lines_with(screen *s, const char *text) {
    char line[SCREEN_LINE];
    int n = 0;
    for (int row = 0; row < screen_rows(s); row++) {
        screen_line(s, row, line);
        n += strstr(line, text) != NULL;
    }
    return n;
}

static bool axis_is_steps(screen *s, const void *ctx) {
    (void)ctx;
    return count_lines_with(s, "episodes") == 0;
}

static void test_axis(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze", "--out", "run", "--pace", "free",
                     "train.episodes=100000");
    SEE(s, "episodes");
    screen_keys(s, "x");
    if (!screen_wait(s, axis_is_steps, NULL, SCREEN_SECONDS))
        screen_fail(s, "the axis did not change", __LINE__);
    screen_keys(s, "x");
    SEE(s, "episodes");
    leave(s);
}

static void test_save(void **state) {
    char path[PATH_SIZE];
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze", "--out", "run", "--pace", "free",
                     "train.episodes=100000");
    SEE(s, "episode");
    screen_keys(s, "s");
    SEE(s, "copy this run");
    SEE(s, "runs/maze-0");
    screen_keys(s, ESC);
    LOSE(s, "copy this run");
    screen_keys(s, "s");
    SEE(s, "copy this run");
    screen_keys(s, CTRL_U "minx\x7f"
                          "e\r");
    SEE(s, "saved in mine");
    snprintf(path, sizeof path, "%s/mine/checkpoint.safetensors", (const char *)*state);
    assert_true(file_is_there(path));
    screen_keys(s, "s");
    SEE(s, "copy this run");
    screen_keys(s, CTRL_U "mine\r");
    SEE(s, "not saved: mine exists");
    leave(s);
    outcome o = RUN(*state, "eval", "mine", "--episodes", "1");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void test_extend(void **state) {
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "maze", "--out", "run", "--pace", "free",
                     "train.episodes=5");
    SEE(s, "training is done");
    SEE(s, "5/5");
    screen_keys(s, "e");
    SEE(s, "10/10");
    SEE(s, "greedy play");
    screen_keys(s, "q"); // asks nothing: there is nothing to stop
    assert_int_equal(screen_close(s), 0);
    outcome o = RUN(*state, "train", "maze", "train.episodes=10", "--out", "same");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    char watched[PATH_SIZE];
    char same[PATH_SIZE];
    snprintf(watched, sizeof watched, "%s/run", (const char *)*state);
    snprintf(same, sizeof same, "%s/same", (const char *)*state);
    char *x = metrics_without_seconds(watched);
    char *y = metrics_without_seconds(same);
    assert_string_equal(x, y);
    free(x);
    free(y);
}

static void test_quit_asks(void **state) {
    screen *s = watch(state, "paced");
    static const char *const no[] = {"n", ESC, "q"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        screen_keys(s, i == 1 ? CTRL_C : "q");
        SEE(s, "Stop training and leave?");
        screen_keys(s, no[i]);
        LOSE(s, "Stop training and leave?");
    }
    screen_keys(s, "q");
    SEE(s, "Stop training and leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/checkpoint.safetensors", (const char *)*state);
    assert_true(file_is_there(path));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_help_names_every_key),
        WITH_FOLDER(test_help_is_whole_and_searched),
        WITH_FOLDER(test_space_pauses),
        WITH_FOLDER(test_steps),
        WITH_FOLDER(test_cycles),
        WITH_FOLDER(test_speed),
        WITH_FOLDER(test_free_pace),
        WITH_FOLDER(test_panels),
        WITH_FOLDER(test_values_of_actions),
        WITH_FOLDER(test_axis),
        WITH_FOLDER(test_save),
        WITH_FOLDER(test_extend),
        WITH_FOLDER(test_quit_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
