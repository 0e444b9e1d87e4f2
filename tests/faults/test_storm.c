// SPDX-License-Identifier: Apache-2.0
// Any keys in any order, in windows of any size: each screen stays, leaks nothing, and is whole
// afterwards.
//
// TRM_STORM_KEYS and TRM_STORM_SEED set how many keys a screen gets and which; TRM_STORM_SCREEN
// names the one screen to try. TRM_STORM_ROUNDS: how often memory is looked at, after so many keys.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "../tui/screen.h"
#include "run.h"

enum {
    KEYS = 1000,
    ROUNDS = 3,
    ROUND_KEYS = 120,
    WINDOWS = 4,
    SLACK = 512 << 10,
    SEED = 1,
    BATCH = 12,
    ARGS = 10,
    MOST_ROWS = 200,
    MOST_COLS = 500
};

// A screen, how it is come to, and what stands on it when it is whole.
static const struct storm {
    const char *name, *args[ARGS], *keys, *whole;
    bool settled; // nothing is trained: memory is that of the screen
} screens[] = {
    {.name = "watch",
     .args = {"watch", "maze-mlp", "train.episodes=100000"},
     .whole = "numbers ──"},
    {.name = "microscope",
     .args = {"watch", "maze", "train.episodes=100000", "model.h_dim=16", "model.l_dim=8"},
     .keys = "m",
     .whole = "numbers ──"},
    {.name = "what-if",
     .args = {"watch", "maze", "train.episodes=100000", "model.h_dim=16", "model.l_dim=8"},
     .keys = "w",
     .whole = "numbers ──"},
    {.name = "samples",
     .args = {"watch", "mazes-8-fixed-trm", "data.train=40", "data.validation=20", "data.test=20",
              "train.batch=12", "train.epochs=100000"},
     .whole = "numbers ──"},
    {.name = "compare",
     .args = {"compare", "maze-mlp", "original-maze-mlp", "train.episodes=100000"},
     .whole = "trm compare"},
    {.name = "play", .args = {"play", "run"}, .keys = "o", .whole = "trm play", .settled = true},
    {.name = "race", .args = {"play", "sudoku4", "--race"}, .whole = "trm play", .settled = true},
    {.name = "versus", .args = {"versus", "run", "run"}, .whole = "trm versus", .settled = true},
    {.name = "replay", .args = {"replay", "run"}, .whole = "trm replay", .settled = true},
    {.name = "passes",
     .args = {"watch", "paper-sudoku-4", "data.train=40", "data.validation=8", "data.test=8",
              "train.epochs=100000"},
     .keys = "mz",
     .whole = "numbers ──"},
    {.name = "follow",
     .args = {"watch", "run", "--follow"},
     .whole = "numbers ──",
     .settled = true},
    {.name = "start", .args = {"demo"}, .whole = "two models think"},
    {.name = "tour", .args = {"tour"}, .whole = "two models think"},
    {.name = "runs", .args = {"runs", "."}, .whole = "trm runs"}, // the last: it can delete
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

// A run for the screens that go through one.
static void make_run(const char *scratch) {
    setenv("XDG_STATE_HOME", scratch, 1); // what the start screen trains, and the trash
    setenv("XDG_CONFIG_HOME", scratch, 1);
    outcome o =
        RUN(scratch, "train", "maze", "train.episodes=60", "model.h_dim=16", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
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

// False if it has ended.
static bool pour_keys(screen *s, uint64_t *random, int64_t count) {
    char bytes[BATCH * 8];
    size_t n = 0;
    for (int64_t i = 0; i < count; i++)
        n += key(random, bytes + n);
    if (random_below(random, 4) == 0)
        any_size(s, random);
    return screen_pour(s, bytes, n);
}

static void storm_one(void **state, const struct storm *storm, int64_t keys, uint64_t seed) {
    uint64_t random = seed;
    int opened = 1;
    screen *s = open_screen(*state, storm);
    print_message("%s: seed %llu, %lld keys\n", storm->name, (unsigned long long)seed,
                  (long long)keys);
    for (int64_t typed = 0; typed < keys; typed += BATCH) {
        if (!pour_keys(s, &random, keys - typed < BATCH ? keys - typed : BATCH)) {
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

// ---- memory -------------------------------------------------------------------------------------

// Bytes that the program has allocated and not freed, which it counts there itself.
static const _Atomic int64_t *count_live(const char *scratch) {
    char path[PATH_SIZE];
    const int64_t none = 0;
    snprintf(path, sizeof path, "%s/live", scratch);
    file_put(path, &none, sizeof none);
    setenv("TRM_INJECT_LIVE", path, 1);
    setenv("LD_PRELOAD", getenv("TRM_INJECT_LIBRARY"), 1);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *at = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(at, MAP_FAILED);
    close(fd);
    return at;
}

static void count_no_more(const _Atomic int64_t *live) {
    munmap((void *)(uintptr_t)live, sizeof *live);
    unsetenv("LD_PRELOAD");
    unsetenv("TRM_INJECT_LIVE");
}

// The least that is there on the first screen after each of so many rounds of keys: what a round
// has left open does not count, what is lost for good does. -1: the program has ended.
static int64_t least_of_rounds(screen *s, const struct storm *storm, const _Atomic int64_t *live,
                               uint64_t *random, int64_t rounds) {
    int64_t least = INT64_MAX;
    for (int64_t i = 0; i < rounds; i++) {
        for (int64_t typed = 0; typed < ROUND_KEYS; typed += BATCH)
            if (!pour_keys(s, random, BATCH))
                return -1;
        screen_window(s, 40, 120);
        if (!come_back(s, storm->whole))
            return -1;
        least = *live < least ? *live : least;
    }
    return least;
}

// What is lost for good makes every window of rounds larger than the one before; what is loaded
// once, when a key first asks for it, does not. `ended`: keys have ended the program before it was
// seen.
static bool stops_growing(screen *s, const struct storm *storm, const _Atomic int64_t *live,
                          uint64_t *random, int64_t rounds, bool *ended) {
    int64_t before = least_of_rounds(s, storm, live, random, rounds);
    bool flat = false;
    for (int i = 0; i < WINDOWS && before >= 0 && !flat; i++) {
        const int64_t after = least_of_rounds(s, storm, live, random, rounds);
        print_message("%s: %lld bytes in %lld rounds of %d keys, %lld in as many more\n",
                      storm->name, (long long)before, (long long)rounds, (int)ROUND_KEYS,
                      (long long)after);
        flat = after >= 0 && after <= before + SLACK;
        before = after;
    }
    *ended = before < 0;
    return flat;
}

static void flat_one(void **state, const struct storm *storm, int64_t rounds, uint64_t seed) {
    uint64_t random = seed;
    const _Atomic int64_t *live = count_live(*state);
    bool flat, ended;
    do {
        screen *s = open_screen(*state, storm);
        flat = stops_growing(s, storm, live, &random, rounds, &ended);
        assert_int_equal(ended ? screen_close(s) : leave(s), 0);
    } while (ended);
    assert_true(flat);
    count_no_more(live);
}

static void test_memory(void **state) {
    const char *only = getenv("TRM_STORM_SCREEN");
    const int64_t rounds = setting("TRM_STORM_ROUNDS", ROUNDS);
    const uint64_t seed = (uint64_t)setting("TRM_STORM_SEED", SEED);
    const char *options = getenv("ASAN_OPTIONS");
    make_run(*state);
    setenv("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0", 1);
    for (size_t i = 0; i < SCREENS; i++)
        if (screens[i].settled && (only == NULL || strcmp(only, screens[i].name) == 0))
            flat_one(state, &screens[i], rounds, seed);
    setenv("ASAN_OPTIONS", options != NULL ? options : "", 1);
}

static void test_storm(void **state) {
    const char *only = getenv("TRM_STORM_SCREEN");
    const int64_t keys = setting("TRM_STORM_KEYS", KEYS);
    const uint64_t seed = (uint64_t)setting("TRM_STORM_SEED", SEED);
    make_run(*state);
    for (size_t i = 0; i < SCREENS; i++)
        if (only == NULL || strcmp(only, screens[i].name) == 0)
            storm_one(state, &screens[i], keys, seed);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_storm), WITH_FOLDER(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
