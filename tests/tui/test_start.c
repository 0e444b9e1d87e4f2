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

#include "trm/base/clock.h"

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
    SEE(s, "first time here?");
    SEE(s, "sudoku9");
    SEE(s, "maze11");
    SEE(s, "step 1 fills all 54");
    SEE(s, "step 5: all right");
    SEE(s, "every cell points the right");
    leave(s);
    s = start(state, 24, 80); // it is offered once
    SEE(s, "Enter train one");
    LOSE(s, "first time here?");
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
    SEE(s, "step 5: all right");
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

// What one does wrong is told on the screen where it was done, and nowhere else.
static void test_errors_stay_on_their_screen(void **state) {
    screen *s = start(state, 24, 80);
    screen_keys(s, " o53..7\r");
    SEE(s, "a puzzle has 16, 36 or 81");
    screen_keys(s, "m");
    SEE(s, "microscope");
    LOSE(s, "a puzzle has");
    screen_keys(s, "q");
    SEE(s, "two models think");
    leave(s);
}

// Keys that mean nothing on what is shown are neither offered nor listed.
static void test_what_if_offers_what_there_is(void **state) {
    screen *s = start(state, 40, 120);
    screen_keys(s, "\tw");
    SEE(s, "as it is");
    screen_keys(s, "?");
    SEE(s, "put the goal here");
    assert_false(screen_has(s, "put a digit"));
    screen_keys(s, "?q");
    SEE(s, "two models think");
    screen_keys(s, "\tw");
    SEE(s, "as it is");
    screen_keys(s, "?");
    SEE(s, "put a digit");
    assert_false(screen_has(s, "put the goal here"));
    screen_keys(s, "?q");
    SEE(s, "two models think");
    leave(s);
}

// The microscope's lower board, and the rows of the model's opinion in a race.
static void test_room_is_used(void **state) {
    static const char *const values[] = {"norm of each cell", "one unit of each cell",
                                         "how sure each cell is", "change of each cell"};
    screen *s = start(state, 40, 120);
    screen_keys(s, " m");
    SEE(s, "change of each cell");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        screen_keys(s, "b");
        SEE(s, values[i]);
    }
    screen_keys(s, "q");
    SEE(s, "two models think");
    leave(s);
    s = OPEN(*state, 40, 120, NULL, "play", "maze11", "--race");
    SEE(s, "? help");
    screen_keys(s, " o");
    SEE(s, "decided at");
    char line[SCREEN_LINE];
    int actions = 0;
    for (int row = 24; row < screen_rows(s); row++) {
        screen_line(s, row, line);
        const char *const names[] = {"up ", "down ", "left ", "right "};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            actions += strncmp(line + 1, names[i], strlen(names[i])) == 0;
    }
    assert_int_equal(actions, 4);
    leave(s);
}

// At 80 columns a sentence ends with a clause, never within a word.
static void test_sentences_are_not_cut(void **state) {
    screen *s =
        OPEN(*state, 24, 60, NULL, "watch", "sudoku9", "data.givens_min=27", "data.givens_max=27");
    SEE(s, "held out");
    screen_keys(s, " ");
    SEE(s, "step 1 has");
    char line[SCREEN_LINE];
    screen_line(s, 22, line);
    const char *end = line + strlen(line);
    assert_true(strncmp(end - 5, "right", 5) == 0 || strncmp(end - 4, "most", 4) == 0);
    leave(s);
}

// The puzzle with its blanks stands beside the answers, which begin with step 1; the hardest come
// first where that is asked for.
static void test_samples(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "sudoku9");
    SEE(s, "held out");
    SEE(s, "blanks ");
    SEE(s, "1/100");
    screen_keys(s, " d");
    SEE(s, "the hardest first: 26 givens");
    LOSE(s, "1/100");
    SEE(s, "/55 right"); // 81 - 26 blanks
    screen_keys(s, "d");
    SEE(s, "as they were drawn");
    SEE(s, "1/100");
    leave(s);
}

// A name that is free is offered where one exists.
static void test_a_free_name_is_proposed(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=2");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "maze-mlp", "--out", "run", "--pace", "paced");
    SEE(s, "step 2");
    screen_keys(s, "s");
    SEE(s, "runs/maze-mlp-0-2");
    screen_keys(s, "\x03\x03y");
    assert_int_equal(screen_close(s), 0);
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

typedef struct picture {
    char lines[60][SCREEN_LINE];
} picture;

static void look(screen *s, picture *p) {
    for (int row = 0; row < screen_rows(s); row++)
        screen_line(s, row, p->lines[row]);
}

static bool moved(screen *s, const void *before) {
    static picture now;
    const picture *was = before;
    look(s, &now);
    for (int row = 0; row < screen_rows(s); row++)
        if (strcmp(now.lines[row], was->lines[row]) != 0)
            return true;
    return false;
}

static bool learned(screen *s, const void *unused) {
    (void)unused;
    return screen_number(s, "exact") >= 98;
}

// Seconds until something is seen. They are told; they count where TRM_SECONDS is set, on a machine
// that does nothing else.
typedef struct stopwatch {
    double from;
    bool strict;
} stopwatch;

static void tell(screen *s, const stopwatch *w, const char *what, double most) {
    const double took = trm_clock_now() - w->from;
    char late[96];
    print_message("  %s %.3f s\n", what, took);
    snprintf(late, sizeof late, "%s after %.3f s, which is more than %g s", what, took, most);
    if (w->strict && took > most)
        screen_fail(s, late, __LINE__);
}

static void test_the_first_seconds(void **state) {
    static const int sizes[][2] = {{24, 80}, {40, 120}, {60, 200}};
    static picture first;
    const char *strict = getenv("TRM_SECONDS");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        stopwatch w = {.from = trm_clock_now(), .strict = strict != NULL};
        print_message("%dx%d\n", sizes[i][1], sizes[i][0]);
        screen *s = start(state, sizes[i][0], sizes[i][1]);
        SEE(s, "sudoku9");
        tell(s, &w, "first frame", 0.05);
        look(s, &first);
        assert_true(screen_wait(s, moved, &first, SCREEN_SECONDS));
        tell(s, &w, "first movement", 1);
        SEE(s, "all right");
        tell(s, &w, "first solved board", 10);
        screen_keys(s, "\r");
        w.from = trm_clock_now();
        SEE(s, "accuracy");
        tell(s, &w, "training on the screen", 1);
        if (w.strict) {
            assert_true(screen_wait(s, learned, NULL, SCREEN_SECONDS));
            tell(s, &w, "98 % of held-out boards", 60);
        }
        screen_signal(s, SIGTERM);
        screen_abandon(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_seconds, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_alone, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_every_key_works_at_once, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_other_screens, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_small_and_large, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_tour, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_errors_stay_on_their_screen, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_what_if_offers_what_there_is, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_room_is_used, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_sentences_are_not_cut, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_free_name_is_proposed, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_samples, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_explained_on_every_screen, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
