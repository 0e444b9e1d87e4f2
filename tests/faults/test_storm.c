// SPDX-License-Identifier: Apache-2.0
// Any keys in any order, in windows of any size: each screen stays, leaks nothing, and is whole
// afterwards.
//
// TRM_STORM_KEYS and TRM_STORM_SEED set how many keys a screen gets and which; TRM_STORM_SCREEN
// names the one screen to try.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "../tui/screen.h"
#include "run.h"

enum { KEYS = 1000, SEED = 1, BATCH = 12, ARGS = 10, MOST_ROWS = 200, MOST_COLS = 500 };

// A screen, how it is come to, and what stands on it when it is whole.
static const struct storm {
    const char *name, *args[ARGS], *keys, *whole;
} screens[] = {
    {.name = "watch", .args = {"watch", "maze-mlp", "train.episodes=100000"}, .whole = "─ numbers"},
    {.name = "microscope",
     .args = {"watch", "maze", "train.episodes=100000", "model.h_dim=16", "model.l_dim=8"},
     .keys = "m",
     .whole = "─ numbers"},
    {.name = "what-if",
     .args = {"watch", "maze", "train.episodes=100000", "model.h_dim=16", "model.l_dim=8"},
     .keys = "w",
     .whole = "─ numbers"},
    {.name = "samples",
     .args = {"watch", "mazes-8-fixed-trm", "data.train=40", "data.validation=20", "data.test=20",
              "train.batch=12", "train.epochs=100000"},
     .whole = "─ numbers"},
    {.name = "compare",
     .args = {"compare", "maze-mlp", "original-maze-mlp", "train.episodes=100000"},
     .whole = "trm compare"},
    {.name = "play", .args = {"play", "run"}, .keys = "o", .whole = "trm play"},
    {.name = "race", .args = {"play", "sudoku4", "--race"}, .whole = "trm play"},
    {.name = "versus", .args = {"versus", "run", "run"}, .whole = "trm versus"},
    {.name = "replay", .args = {"replay", "run"}, .whole = "trm replay"},
};
enum { SCREENS = sizeof screens / sizeof *screens };

// What is more than a character, and halves of it; a slash would lead out of the folder.
static const char *const sequences[] = {
    "\x1b",
    "\x1bOA",
    "\x1bOB",
    "\x1bOC",
    "\x1bOD",
    "\x1bOH",
    "\x1bOF",
    "\x1bOP",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[Z",
    "\x1b[3~",
    "\x1b[200~",
    "\x1b[",
    "\x1b[1;5",
    "\x1bO",
    "\x1b[<0;10;5M",
    "\x1b[<0;10;5m",
    "\x1b[<0;99;",
    "\x1b[M !!",
    "\x1b[M\xff!",
    "\t",
    "\r",
    "\x7f",
    "\x08",
    "\x0c",
    "\x12",
    "\x15",
    "\x01",
    "\x1c",
    "\x1d",
    "\xc3\xa9",
    "\xe2\x96\x88",
    "\xf0\x9f\x8d\x95",
    "\xff\xfe",
    "\xc3",
    "\xed\xa0\x80",
    "  ",
};

// One key; now and then one that asks to leave.
static size_t key(uint64_t *random, char *out) {
    uint64_t which = random_below(random, 100);
    if (which < 35) {
        const char *text = sequences[random_below(random, sizeof sequences / sizeof *sequences)];
        size_t n = strlen(text);
        memcpy(out, text, n);
        return n;
    }
    char c = (char)(0x20 + random_below(random, 0x5F));
    bool leaves = c == 'q' || c == '/';
    *out = leaves && (c == '/' || random_below(random, 20) > 0) ? ' ' : c;
    return 1;
}

static void any_size(screen *s, uint64_t *random) {
    uint64_t scale = 1 + random_below(random, 3); // small ones more often
    int rows = 1 + (int)random_below(random, MOST_ROWS / scale / scale);
    int cols = 1 + (int)random_below(random, MOST_COLS / scale / scale);
    screen_window(s, rows, cols);
}

static screen *open_screen(const char *scratch, const struct storm *storm) {
    screen *s = screen_open(scratch, MOST_ROWS, MOST_COLS, NULL, storm->args);
    screen_window(s, 40, 120);
    if (!screen_wait(s, screen_shows, storm->whole, SCREEN_SECONDS))
        screen_fail(s, "it did not open", __LINE__);
    if (storm->keys != NULL)
        screen_keys(s, storm->keys);
    return s;
}

// Closes what lies over the screen, then screen after screen, until `text` stands there when all is
// drawn again. What it asks is answered by no. False if it ended.
static bool come_back(screen *s, const char *text) {
    for (int i = 0; i < 60; i++) {
        screen_wipe(s);
        if (!screen_pour(s, "\x0c", 1)) // Ctrl-L
            return false;
        if (screen_wait(s, screen_shows, text, 1))
            return true;
        bool asks = screen_has(s, "y/n") || screen_has(s, "leave?");
        screen_pour(s, asks || i % 2 == 0 ? "\x1b" : "q", 1);
    }
    return true;
}

static void assert_whole(screen *s, const struct storm *storm) {
    screen_window(s, 40, 120);
    if (come_back(s, storm->whole)) {
        SEE(s, storm->whole);
        SEE(s, "help");
    }
}

static int leave(screen *s) {
    // A question that stands already, of a slow machine, is answered and not asked again; what its
    // last keys have opened since is closed.
    for (int i = 0; i < 60; i++) {
        const char *key = screen_has(s, "leave?") ? "y" : i % 2 == 0 ? "\x1b" : "q";
        if (!screen_pour(s, key, 1))
            break;
        screen_wait(s, screen_shows, "leave?", 0.5);
    }
    return screen_close(s);
}

static void storm_one(void **state, const struct storm *storm, int64_t keys, uint64_t seed) {
    uint64_t random = seed;
    int opened = 1;
    screen *s = open_screen(*state, storm);
    print_message("%s: seed %llu, %lld keys\n", storm->name, (unsigned long long)seed,
                  (long long)keys);
    for (int64_t typed = 0; typed < keys;) {
        char bytes[BATCH * 8];
        size_t n = 0;
        for (int i = 0; i < BATCH && typed < keys; i++, typed++)
            n += key(&random, bytes + n);
        if (random_below(&random, 4) == 0)
            any_size(s, &random);
        if (!screen_pour(s, bytes, n)) {
            assert_int_equal(screen_close(s), 0);
            s = open_screen(*state, storm);
            opened++;
        }
    }
    if (screen_pour(s, "", 0)) {
        assert_whole(s, storm);
        assert_int_equal(leave(s), 0);
    } else {
        assert_int_equal(screen_close(s), 0);
    }
    print_message("%s: whole after %lld keys, opened %d times\n", storm->name, (long long)keys,
                  opened);
}

static void test_storm(void **state) {
    const char *only = getenv("TRM_STORM_SCREEN");
    const int64_t keys = setting("TRM_STORM_KEYS", KEYS);
    const uint64_t seed = (uint64_t)setting("TRM_STORM_SEED", SEED);
    outcome o = RUN(*state, "train", "maze", "train.episodes=60", "model.h_dim=16", "--out", "run");
    assert_int_equal(o.status, 0); // a run for the screens that go through one
    outcome_free(&o);
    for (size_t i = 0; i < SCREENS; i++)
        if (only == NULL || strcmp(only, screens[i].name) == 0)
            storm_one(state, &screens[i], keys, seed);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_storm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
