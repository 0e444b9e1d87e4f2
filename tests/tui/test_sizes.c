// SPDX-License-Identifier: Apache-2.0
// Every screen at every size, from one cell to more than a wall of terminals, in colour, without,
// with eight colours, and with ASCII only: it never breaks, and comes back whole.
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

enum { ARGS = 8, ENVS = 4 };

// A screen, the keys that lead to it, and what it shows at 80x24 once it is whole.
typedef struct place {
    const char *args[ARGS];
    const char *first; // seen before the keys are typed
    const char *keys;
    const char *shown;
} place;

static const place places[] = {
    {{NULL}, "two models think", "i", "two models think"},
    {{"tour"}, "1 of 10", "", "two models think"},
    {{"watch", "maze", "--pace", "paced"}, "board", "", "numbers"},
    {{"watch", "maze", "--pace", "paced"}, "step 2", " m", "policy"},
    {{"watch", "maze", "--pace", "paced"}, "step 2", " mw", "as it is"},
    {{"watch", "mazes-8-fixed-trm", "data.train=20", "train.batch=4", "--pace", "paced"},
     "held-out",
     "",
     "accuracy"},
    {{"play", "maze11", "--model", "walls"}, "? help", "o", "trm play"},
    {{"play", "sudoku9", "--race"}, "? help", "", "trm play"},
    {{"versus", "run", "run"}, "? help", "", "trm versus"},
    {{"replay", "run"}, "? help", "c", "trm replay"},
    {{"watch", "sudoku6"}, "held out", "", "right"},
    {{"compare", "maze", "maze-mlp", "train.episodes=100000"}, "reward", "", "presets"},
};
enum { PLACES = sizeof places / sizeof *places };

static const char *const envs[][ENVS] = {
    {NULL},
    {"NO_COLOR=1", NULL},
    {"TERM=xterm", NULL}, // eight colours
    {"LC_ALL=C", NULL},
};
enum { NO_COLOR = 1, ONLY_ASCII = 3, KINDS = sizeof envs / sizeof *envs };

static const struct {
    int rows, cols;
} sizes[] = {{1, 1},   {1, 300}, {100, 1}, {2, 10},    {5, 20},  {15, 59},
             {16, 60}, {17, 61}, {24, 79}, {100, 300}, {50, 160}};

static void check_bytes(screen *s) {
    size_t size;
    const char *bytes = screen_bytes(s, &size);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            screen_fail(s, "a byte that is not ASCII came", __LINE__);
}

static void go_through(void **state, const place *p, int kind) {
    screen *s = screen_open(*state, 24, 80, envs[kind], p->args);
    SEE(s, p->first);
    screen_keys(s, p->keys);
    SEE(s, p->shown);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        screen_resize(s, sizes[i].rows, sizes[i].cols);
        screen_keys(s, "?");
        screen_keys(s, "?"); // Esc and what follows at once would be one key with Alt
        screen_keys(s, "\t");
    }
    screen_resize(s, 24, 80);
    SEE(s, p->shown);
    if (kind == NO_COLOR)
        assert_false(screen_has_color(s));
    if (kind == ONLY_ASCII)
        check_bytes(s);
    screen_signal(s, SIGTERM);
    assert_int_equal(screen_close(s), 130);
}

static void train(void **state, const char *preset, const char *out) {
    outcome o = RUN(*state, "train", preset, "train.episodes=4", "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

// Each screen in two of the four kinds of terminal, so that neighbours cover all.
static void test_places(void **state) {
    train(state, "maze", "run");
    train(state, "maze11-mlp", "walls");
    for (int i = 0; i < PLACES; i++)
        for (int k = 0; k < 2; k++)
            go_through(state, &places[i], (i + 2 * k) % KINDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
