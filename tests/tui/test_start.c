// SPDX-License-Identifier: Apache-2.0
// `trm` alone in a terminal: it solves a board by itself, every key works from the first frame on,
// and from it one comes to every other screen and back. Explanations and the tour, on every screen.
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

#define ESC "\x1b"

static screen *start(void **state, int rows, int cols) {
    return screen_open(*state, rows, cols, NULL, (const char *const[]){NULL});
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_alone(void **state) {
    screen *s = start(state, 24, 80);
    SEE(s, "sudoku9");
    SEE(s, "maze11");
    SEE(s, "step 1 fills all 54");
    SEE(s, "step 4: all right");
    SEE(s, "every cell points the right");
    leave(s);
}

// Typed at once, before anything can have been worked out.
static void test_every_key_works_at_once(void **state) {
    screen *s = start(state, 24, 80);
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "]][\t}{");
    SEE(s, "maze 1 of 4");
    screen_keys(s, "o");
    SEE(s, "your maze");
    screen_keys(s, ESC);
    LOSE(s, "your maze");
    screen_keys(s, "?");
    SEE(s, "start: keys");
    screen_keys(s, ESC);
    LOSE(s, "start: keys");
    leave(s);
}

static void test_other_screens(void **state) {
    screen *s = start(state, 40, 120);
    static const char *const there[][2] = {
        {"m", "microscope"}, {"w", "as it is"}, {"p", "trm play"}};
    for (int act = 0; act < 2; act++) {
        for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
            screen_keys(s, there[i][0]);
            SEE(s, there[i][1]);
            screen_keys(s, "q");
            SEE(s, "two models think");
        }
        screen_keys(s, "\t");
    }
    screen_keys(s, "o");
    SEE(s, "your sudoku");
    screen_keys(s, "53..7\r");
    SEE(s, "your board");
    screen_keys(s, "\r");
    SEE(s, "accuracy");
    SEE(s, "sudoku-4-k3");
    screen_keys(s, "q");
    SEE(s, "y/n");
    screen_keys(s, "y");
    SEE(s, "two models think");
    leave(s);
}

static void test_small_and_large(void **state) {
    screen *s = start(state, 100, 300);
    SEE(s, "sudoku9");
    screen_window(s, 5, 20);
    SEE(s, "step 4: all right");
    screen_window(s, 60, 200);
    SEE(s, "train one from nothing");
    leave(s);
}

static void test_tour(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "tour");
    SEE(s, "1 of 10");
    screen_keys(s, "\r");
    SEE(s, "2 of 10");
    screen_keys(s, "\x7f");
    SEE(s, "1 of 10");
    screen_keys(s, "m"); // stays over other screens
    SEE(s, "microscope");
    SEE(s, "1 of 10");
    screen_keys(s, "q");
    for (int i = 2; i <= 10; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d of 10", i);
        screen_keys(s, "\r");
        SEE(s, text);
    }
    screen_keys(s, "\r");
    LOSE(s, "10 of 10");
    SEE(s, "two models think");
    screen_keys(s, "t");
    SEE(s, "1 of 10");
    screen_keys(s, ESC);
    LOSE(s, "1 of 10");
    leave(s);
}

enum { ARGS = 8, PANELS = 5 };

// On each screen `i` explains the panel in focus, and Tab goes on to the next.
static void test_explained_on_every_screen(void **state) {
    static const struct {
        const char *args[ARGS];
        const char *first, *keys;
        const char *titles[PANELS];
    } places[] = {
        {{NULL}, "two models think", "", {"the sudoku", "the maze"}},
        {{NULL},
         "two models think",
         "m",
         {"the cycles", "one unit", "path of H", "the policy, or"}},
        {{NULL}, "two models think", "w", {"what if: the board", "units of H", "units of L"}},
        {{NULL}, "two models think", "p", {"your board"}},
        {{"watch", "maze", "--pace", "paced"},
         "step 2",
         "",
         {"the board", "the cycles", "reward", "numbers"}},
        {{"watch", "sudoku4"}, "held out", "", {"the sample", "the steps"}},
        {{"versus", "sudoku4", "sudoku4"}, "? help", "", {"two models"}},
        {{"play", "sudoku4", "--race"}, "? help", "", {"the race"}},
        {{"compare", "maze", "maze-mlp", "train.episodes=100000"},
         "success",
         "",
         {"reward", "success", "the table"}},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        screen *s = screen_open(*state, 40, 120, NULL, places[i].args);
        SEE(s, places[i].first);
        screen_keys(s, places[i].keys);
        screen_keys(s, "i");
        SEE(s, "Esc closes");
        for (int k = 0; k < PANELS && places[i].titles[k] != NULL; k++) {
            char title[64];
            snprintf(title, sizeof title, "%s", places[i].titles[k]);
            SEE(s, title);
            screen_keys(s, "\t");
        }
        screen_keys(s, ESC);
        LOSE(s, "Esc closes");
        screen_keys(s, "\x03\x03y");
        screen_abandon(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_alone, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_every_key_works_at_once, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_other_screens, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_small_and_large, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_tour, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_explained_on_every_screen, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
