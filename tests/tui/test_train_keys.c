// SPDX-License-Identifier: Apache-2.0
// Every key of the training screen does the same for episodes and for samples, masked or not: it
// changes what is in sight, or the bottom row says why it cannot.
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
#include "tui/train/state.h"

enum { ROWS = 40, COLS = 120, WORDS = 12 };

static const char *const subjects[][WORDS] = {
    {"watch", "maze", "--out", "run0", "--pace", "paced"},
    {"watch", "sudoku-medium", "--out", "run1", "--pace", "paced", "train.mask_actions=true"},
    {"watch", "sudoku-4-tiny", "--out", "run2", "--pace", "paced", "data.train=40",
     "data.validation=20", "data.test=20"},
    {"watch", "mazes-8-fixed-trm", "--out", "run3", "--pace", "paced", "data.train=40",
     "data.validation=20", "data.test=20", "train.batch=4"},
    {"watch", "baseline", "--out", "run4", "--pace", "paced", "data.train=40", "data.validation=20",
     "data.test=20", "train.batch=2"},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects, FIRST_SAMPLES = 2, TOKENS = 4 };

// In an order in which each has something to do.
static const struct {
    uint32_t key;
    const char *bytes; // NULL: the key itself
    const char *sees;  // NULL: any change
    const char *opens; // seen, but where what is in sight has no board to play
    const char *back;  // typed where the key has led elsewhere
    const char *over;  // a question or a prompt that it may open, which is left in any case
} cases[] = {
    {.key = ','},
    {.key = '.'},
    {.key = 'g'},
    {.key = 'G'},
    {.key = TRM_KEY_HOME, .bytes = "\x1bOH"},
    {.key = TRM_KEY_END, .bytes = "\x1bOF"},
    {.key = '['},
    {.key = ']'},
    {.key = TRM_KEY_RIGHT, .bytes = "\x1bOC"},
    {.key = TRM_KEY_LEFT, .bytes = "\x1bOD"},
    {.key = TRM_KEY_DOWN, .bytes = "\x1bOB"},
    {.key = TRM_KEY_UP, .bytes = "\x1bOA"},
    {.key = 'l'},
    {.key = 'h'},
    {.key = 'j'},
    {.key = 'k'},
    // Keys that undo one another stand apart: together they change nothing, if an answer comes
    // late.
    {.key = '}'},
    {.key = 'n'},
    {.key = 'd'},
    {.key = 'b'}, // the plan, or a reason
    {.key = '{'},
    {.key = '+', .sees = "paced  8 "},
    {.key = '-', .sees = "paced  4 "},
    {.key = '=', .sees = "paced  8 "},
    {.key = '_', .sees = "paced  4 "},
    {.key = TRM_KEY_TAB, .sees = "\u25b8 "},
    {.key = TRM_KEY_SHIFT_TAB, .bytes = "\x1b[Z", .sees = "\u25b8 "},
    {.key = 'x'},
    {.key = 'm', .opens = "microscope  s", .back = "q"}, // step or sample; not the key's label
    {.key = 'w', .opens = "what if  s", .back = "q"},
    {.key = 'p', .opens = "trm play", .back = "q"},
    {.key = 'c',
     .opens = "compare with the model",
     .back = "\x1b",
     .over = "compare with the model"},
    {.key = 'r', .back = "q"},
    {.key = 's', .sees = "copy this run", .back = "\x1b", .over = "copy this run"},
    {.key = 'q', .sees = "leave?", .back = "n", .over = "leave?"},
    {.key = TRM_CTRL('C'), .sees = "leave?", .back = "n", .over = "leave?"},
    {.key = 'f', .sees = "full speed"},
    {.key = 'a', .sees = "auto  "},
    {.key = ' ', .sees = "training  "},
};
enum { CASES = sizeof cases / sizeof *cases };

// A reason that is in the bottom row before a key is pressed, so that another one is a change.
#define KNOWN_KEY    "e"
#define KNOWN_REASON "training is not over yet"

typedef struct before {
    char lines[ROWS][SCREEN_LINE];
    const char *sees;
} before;

static bool at_home(screen *s, const void *ctx) {
    char line[SCREEN_LINE];
    (void)ctx;
    screen_line(s, 0, line);
    return strncmp(line, " trm  ", 6) == 0;
}

// That the reason goes by itself after a while is no answer to a key.
static bool answered(screen *s, const void *ctx) {
    const before *b = ctx;
    char line[SCREEN_LINE];
    bool changed = false;
    for (int i = 0; i < ROWS - 1; i++) {
        screen_line(s, i, line);
        changed = changed || strcmp(line, b->lines[i]) != 0;
    }
    screen_line(s, ROWS - 1, line);
    changed = changed || (strncmp(line, " Space", 6) != 0 && strstr(line, KNOWN_REASON) == NULL);
    return changed && (b->sees == NULL || screen_has(s, b->sees));
}

static void press(screen *s, int subject, int i) {
    static before b;
    char bytes[2] = {(char)cases[i].key, 0};
    char what[64];
    screen_keys(s, KNOWN_KEY);
    SEE(s, KNOWN_REASON);
    for (int k = 0; k < ROWS; k++)
        screen_line(s, k, b.lines[k]);
    b.sees = cases[i].sees;
    if (cases[i].opens != NULL && (subject != TOKENS || cases[i].key != 'p'))
        b.sees = cases[i].opens;
    screen_keys(s, cases[i].bytes != NULL ? cases[i].bytes : bytes);
    if (!screen_wait(s, answered, &b, 20)) {
        snprintf(what, sizeof what, "key %d (%c) is silent", i, (int)cases[i].key & 0x7f);
        screen_fail(s, what, __LINE__);
    }
    if (cases[i].back != NULL &&
        (!at_home(s, NULL) || (cases[i].over != NULL && screen_has(s, cases[i].over))))
        screen_keys(s, cases[i].back);
    if (cases[i].over != NULL)
        LOSE(s, cases[i].over);
    if (!screen_wait(s, at_home, NULL, SCREEN_SECONDS))
        screen_fail(s, "the training screen did not come back", __LINE__);
}

static void test_no_key_is_silent(void **state) {
    for (int k = 0; k < SUBJECTS; k++) {
        screen *s = screen_open(*state, ROWS, COLS, NULL, subjects[k]);
        SEE(s, "paced ");
        SEE(s, k < FIRST_SAMPLES ? "decided" : k == TOKENS ? "token 1" : "row 1 column 1");
        screen_keys(s, " ");
        SEE(s, "paused");
        for (int i = 0; i < 3; i++)
            press(s, k, 1); // steps that there is a way back from
        for (int i = 0; i < CASES; i++)
            press(s, k, i);
        screen_signal(s, SIGTERM);
        assert_int_equal(screen_close(s), 130);
    }
}

// A key that is added to the screen is added here.
static void test_every_key_is_tried(void **state) {
    (void)state;
    for (int a = 0; a < trm_action_count(trm_train_actions); a++) {
        const uint32_t *keys = trm_train_actions[a].keys;
        for (int k = 0; k < TRM_ACTION_KEYS && keys[k] != 0; k++) {
            bool tried = keys[k] == (uint32_t)KNOWN_KEY[0];
            for (int i = 0; i < CASES; i++)
                tried = tried || cases[i].key == keys[k];
            if (!tried)
                fail_msg("key %u of action %d is not tried", (unsigned)keys[k], a);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_tried),
        cmocka_unit_test_setup_teardown(test_no_key_is_silent, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
