// SPDX-License-Identifier: Apache-2.0
// Mazes that are not square, through every screen that a square one goes through: one program a
// size, from its training to whatever opens over it.
#include "../support/oblong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

enum { WORD = 32, MOST_WORDS = 24 };

// What a size is seen with: in turn, so that each meets some oblong of both orientations.
static const int windows[][2] = {{24, 80}, {30, 110}, {40, 120}, {60, 200}};
enum { WINDOWS = sizeof windows / sizeof *windows };

#define WHOLE "model.h_dim=8", "model.l_dim=4", "model.k_cycles=2", NULL
#define CELLS                                                                                      \
    "model.read_at_agent=true", "model.d_model=4", "model.feedforward=8", "model.inner_steps=1",   \
        "model.sup_steps=2"

// Read as a whole, with loops, with illegal moves masked; and once each cell by cell.
static const char *const kinds[][8] = {
    {WHOLE},
    {"env.braid=0.4", WHOLE},
    {"train.mask_actions=true", WHOLE},
    {"model.type=trm-attn", "model.heads=2", CELLS, NULL},
    {"model.type=trm-conv", CELLS, NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds, WHOLE_KINDS = 3 };

static const char home[] = "trm  maze"; // the title of the training screen

static screen *open_trained(void **state, int i, const char *run) {
    char size[WORD], width[WORD];
    snprintf(size, sizeof size, "env.size=%d", small_mazes[i].rows);
    snprintf(width, sizeof width, "env.width=%d", small_mazes[i].cols);
    const char *args[MOST_WORDS] = {
        "watch",  "maze", "env.type=maze", size, width, "seed=1", "train.episodes=3",
        "--pace", "free", "--out",         run};
    int n = 11;
    const char *const *kind = kinds[i < KINDS ? i : i % WHOLE_KINDS];
    for (int k = 0; kind[k] != NULL; k++)
        args[n++] = kind[k];
    const int *window = windows[i % WINDOWS];
    screen *s = screen_open(*state, window[0], window[1], NULL, args);
    SEE(s, "training is done");
    return s;
}

// Opens what the key opens, and sees `text` there.
#define OVER(s, key, text)                                                                         \
    do {                                                                                           \
        screen_keys(s, key);                                                                       \
        SEE(s, text);                                                                              \
    } while (0)

static void back(screen *s, const char *text, int line) {
    screen_keys(s, "q");
    screen_see(s, text, line);
}
#define BACK(s, text) back(s, text, __LINE__)

// Training, its steps and its help.
static void see_training(screen *s) {
    OVER(s, " ", "paused");
    screen_keys(s, ".");
    OVER(s, "g", "step 1 ");
    OVER(s, "?", "trm: keys");
    screen_keys(s, "\x1b");
    LOSE(s, "trm: keys");
}

// Every panel, every cell of a row, another step against the pinned one; the board changed.
static void see_inspector(screen *s) {
    OVER(s, "m", "microscope");
    OVER(s, "c", "is pinned");
    screen_keys(s, ",1jjllkh");
    OVER(s, "2v", "microscope");
    OVER(s, "3o", "units by activity");
    screen_keys(s, "4ll");
    OVER(s, "w", "what if");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "jjll\rt+");
    OVER(s, "O", "the same, bit for bit");
    BACK(s, "microscope");
    BACK(s, home);
}

static void see_play(screen *s) {
    OVER(s, "p", "trm play");
    OVER(s, "o", "decided at");
    OVER(s, "m", "microscope");
    BACK(s, "trm play");
    OVER(s, "hjkl", "move ");
    OVER(s, "uuuuH", "hint");
    OVER(s, "R", "pace");
    screen_keys(s, "+l");
    BACK(s, home);
}

// A copy of the run plays against the run.
static void see_versus(screen *s, int i) {
    char copy[WORD];
    snprintf(copy, sizeof copy,
             "\x15"
             "copy-%d\r",
             i);
    OVER(s, "s", "copy this run");
    OVER(s, copy, "saved in copy-");
    OVER(s, "c", "compare with the model");
    OVER(s, copy, "trm versus");
    SEE(s, "alike");
    screen_keys(s, "Gt,");
    OVER(s, "M", "microscope");
    BACK(s, "trm versus");
    BACK(s, home);
}

static void see_time_line(screen *s) {
    OVER(s, "r", "trm replay");
    OVER(s, "g", "moment 1/");
    screen_keys(s, "}.");
    OVER(s, "c", "now  after");
    OVER(s, "m", "microscope");
    BACK(s, "moment ");
    OVER(s, "w", "the same, bit for bit");
    BACK(s, "moment ");
    BACK(s, home);
}

static void test_screens(void **state) {
    for (int i = 0; i < SMALL_MAZES; i++) {
        char run[WORD];
        snprintf(run, sizeof run, "run-%d", i);
        screen *s = open_trained(state, i, run);
        see_training(s);
        see_inspector(s);
        see_play(s);
        see_versus(s, i);
        see_time_line(s);
        screen_keys(s, "q");
        assert_int_equal(screen_close(s), 0);
    }
}

static void see_compared(void **state, int first, int last) {
    static char names[SMALL_MAZES][WORD];
    const char *args[MOST_WORDS] = {"compare"};
    for (int i = first; i < last; i++) {
        snprintf(names[i], WORD, "run-%d", i);
        args[1 + i - first] = names[i];
    }
    const int *window = windows[first % WINDOWS];
    screen *s = screen_open(*state, window[0], window[1], NULL, args);
    SEE(s, "all runs are done");
    SEE(s, names[first]);
    screen_keys(s, "x+b\t\t1");
    SEE(s, "is hidden");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// The same from the command line, over runs of the test before; and side by side.
static void test_of_their_own(void **state) {
    see_compared(state, 0, 7);
    see_compared(state, 7, 14);
    see_compared(state, 14, SMALL_MAZES);
    screen *s = OPEN(*state, 24, 80, NULL, "replay", "run-6");
    OVER(s, "m", "microscope");
    screen_keys(s, "qq");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 80, NULL, "play", "run-7", "--race");
    SEE(s, "pace");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 80, NULL, "versus", "run-8", "run-8");
    SEE(s, "alike");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// A model of other rows and columns is refused, not shown a board that it takes for another.
static void test_two_models_on_one_board(void **state) {
    outcome o = RUN(*state, "versus", "run-6", "run-7");
    assert_int_equal(o.status, 2);
    assert_non_null(strstr(o.err, "run-7 is for boards of 15 x 7, and this one has 7 x 15"));
    outcome_free(&o);
    o = RUN(*state, "eval", "run-6", "env.size=15", "env.width=7", "--episodes", "5");
    assert_int_equal(o.status, 0); // the words name the board
    outcome_free(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screens),
        cmocka_unit_test(test_of_their_own),
        cmocka_unit_test(test_two_models_on_one_board),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
