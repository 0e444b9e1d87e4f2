// SPDX-License-Identifier: Apache-2.0
// Mazes that are not square, through the commands that train, judge, replay, draw and export a run.
// The screens are in tests/tui.
#include "../support/oblong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

// The size that a model reads by cells. Diagnosing it takes minutes, and many cells take seconds.
enum { WORD = 32, BY_CELLS = 6, DIAGNOSED = 6 };

static void run(void **state, const char *input, const char *says, const char *const *args) {
    outcome o = process_run(*state, input, args);
    if (o.status != 0 || (says != NULL && strstr(o.out, says) == NULL))
        fail_msg("trm %s %s: status %d\n%s\n%s", args[0], args[1], o.status, o.out, o.err);
    outcome_free(&o);
}
#define DO(state, says, ...) run(state, NULL, says, (const char *const[]){__VA_ARGS__, NULL})

// An empty board: the agent in the second plane, the goal in the third.
static void probe(void **state, const char *model, int cells) {
    char *text = malloc((size_t)(6 * cells) + 2), *at = text;
    for (int i = 0; i < 3 * cells; i++) {
        *at++ = i == 0 ? '[' : ',';
        *at++ = i == cells + 16 || i == 2 * cells + 40 ? '1' : '0';
    }
    memcpy(at, "]", 2);
    run(state, text, "action ", (const char *const[]){"probe", model, "--state", "-", NULL});
    free(text);
}

static void train(void **state, int i) {
    char size[WORD], width[WORD];
    snprintf(size, sizeof size, "env.size=%d", small_mazes[i].rows);
    snprintf(width, sizeof width, "env.width=%d", small_mazes[i].cols);
    if (i == BY_CELLS)
        DO(state, NULL, "train", "maze", "env.type=maze", size, width, "train.episodes=2",
           "model.type=trm-conv", "model.read_at_agent=true", "model.d_model=4",
           "model.inner_steps=1", "model.sup_steps=2", "--out", "run");
    else
        DO(state, NULL, "train", "maze", "env.type=maze", size, width, "train.episodes=2",
           "model.h_dim=8", "model.l_dim=4", "model.k_cycles=2", "--out", "run");
}

static void test_commands(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    for (int i = 0; i < SMALL_MAZES; i++) {
        train(state, i);
        DO(state, "success", "eval", "run", "--episodes", "1");
        DO(state, "\"success\"", "eval", "run", "--episodes", "1", "--random", "--json");
        if (i < DIAGNOSED)
            DO(state, "checks ok", "diagnose", "run", "--episodes", "0");
        probe(state, "run", small_mazes[i].rows * small_mazes[i].cols);
        DO(state, "as recorded", "replay", "run", "--check");
#ifdef TRM_PLOTS
        DO(state, NULL, "plot", "run", "-o", "run.svg");
#endif
        DO(state, NULL, "train", "run", "--resume", "train.episodes=3");
        DO(state, NULL, "export", "run", "weights.safetensors");
        DO(state, "success", "eval", "weights.safetensors", "--episodes", "1");
        folder_remove(path);
    }
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_commands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
