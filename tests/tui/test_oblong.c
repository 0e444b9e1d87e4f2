// SPDX-License-Identifier: Apache-2.0
// Mazes that are not square, through the real program: every screen that a square one goes through.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "../support/oblong.h"
#include "screen.h"

enum { WORD = 32, WORDS = 20 };

// Most read the whole board; the second and the third go by cells.
static const char *const models[3][6] = {
    {"model.type=trm-full", "model.h_dim=8", "model.l_dim=4", "model.k_cycles=2"},
    {"model.type=trm-conv", "model.read_at_agent=true", "model.d_model=4", "model.inner_steps=1",
     "model.sup_steps=2"},
    {"model.type=trm-attn", "model.read_at_agent=true", "model.d_model=8", "model.heads=2",
     "model.feedforward=8", "model.sup_steps=2"},
};

// COMMAND with the words of a maze of that size, and what else there is to say.
static const char *const *words_of(int i, const char *command, const char *out) {
    static char size[WORD], width[WORD];
    static const char *words[WORDS];
    const oblong *o = &small_mazes[i];
    const char *const *model = models[i % 4 == 1 ? 1 + i / 4 % 2 : 0];
    const char *const head[] = {
        command, "maze", "env.type=maze", size, width, "seed=1", "train.episodes=2", "--out", out};
    int n = 0;
    snprintf(size, sizeof size, "env.size=%d", o->rows);
    snprintf(width, sizeof width, "env.width=%d", o->cols);
    memset(words, 0, sizeof words);
    for (size_t k = 0; k < sizeof head / sizeof *head; k++)
        words[n++] = head[k];
    for (int k = 0; k < 6 && model[k] != NULL; k++)
        words[n++] = model[k];
    return words;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

static void back(screen *s, const char *to) {
    screen_keys(s, "q");
    SEE(s, to);
}

// The microscope, the policy of every cell, what-if and a game on the board that is being trained
// on.
static void watch(void **state, int i) {
    screen *s = screen_open(*state, 30, 110, NULL, words_of(i, "watch", "watched"));
    SEE(s, "step 2");
    screen_keys(s, " ");
    SEE(s, "paused");
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "norm ");
    screen_keys(s, "c");
    SEE(s, "is pinned");
    screen_keys(s, "w");
    SEE(s, "the same, bit for bit");
    back(s, "microscope");
    back(s, "f free");
    screen_keys(s, "p");
    SEE(s, "trm play");
    screen_keys(s, "h");
    SEE(s, "step ");
    back(s, "f free");
    leave(s);
}

// A recorded training.
static void go_back(void **state, int i) {
    outcome o = process_run(*state, NULL, words_of(i, "train", "run"));
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    screen *s = OPEN(*state, 24, 80, NULL, "replay", "run");
    SEE(s, "? help");
    screen_keys(s, "m");
    SEE(s, "microscope");
    screen_keys(s, "qq");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 80, NULL, "play", "run");
    SEE(s, "model run");
    screen_keys(s, "o");
    SEE(s, "decided at");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    s = OPEN(*state, 24, 80, NULL, "versus", "run", "run");
    SEE(s, "alike");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void remove_runs(const char *dir) {
    static const char *const names[] = {"watched", "run"};
    char path[PATH_SIZE];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        folder_remove(path);
    }
}

// 7x15 once hung the policy of every cell, 7x31 wrote past it; 7x63 has the cells of a 21x21.
static void test_screens(void **state) {
    for (int i = 0; i < SMALL_MAZES; i++) {
        watch(state, i);
        go_back(state, i);
        remove_runs(*state);
    }
}

static void train(void **state, const char *out, const char *size, const char *width) {
    outcome o = RUN(*state, "train", "maze", "env.type=maze", size, width, "train.episodes=8",
                    "model.type=trm-conv", "model.read_at_agent=true", "model.d_model=4",
                    "model.inner_steps=1", "model.sup_steps=2", "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

// A model of other rows and columns is refused, not shown a board that it takes for another.
static void test_two_models_on_one_board(void **state) {
    train(state, "wide", "env.size=7", "env.width=15");
    train(state, "high", "env.size=15", "env.width=7");
    screen *s = OPEN(*state, 24, 80, NULL, "versus", "wide", "wide");
    SEE(s, "alike");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    outcome o = RUN(*state, "versus", "wide", "high");
    assert_int_equal(o.status, 2);
    assert_non_null(strstr(o.err, "high is for boards of 15 x 7, and this one has 7 x 15"));
    outcome_free(&o);
    o = RUN(*state, "eval", "wide", "env.size=15", "env.width=7", "--episodes", "5");
    assert_int_equal(o.status, 0); // the words name the board
    outcome_free(&o);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_screens),
        WITH_FOLDER(test_two_models_on_one_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
