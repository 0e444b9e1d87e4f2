// SPDX-License-Identifier: Apache-2.0
// Mazes that are not square, through the commands that train, judge, replay, draw, compare and
// export a run.
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

// The size that a model reads by cells. Diagnosing it takes minutes, and many cells take seconds:
// what diagnose does is tested on all sizes in tests/train.
enum { WORD = 32, BY_CELLS = 6, DIAGNOSED = 6, AT_ONCE = 7 };

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

static const char *name_of(int i) {
    static char names[SMALL_MAZES][WORD];
    snprintf(names[i], WORD, "run-%d", i);
    return names[i];
}

static void train(void **state, int i) {
    char size[WORD], width[WORD];
    const char *name = name_of(i);
    snprintf(size, sizeof size, "env.size=%d", small_mazes[i].rows);
    snprintf(width, sizeof width, "env.width=%d", small_mazes[i].cols);
    if (i == BY_CELLS)
        DO(state, NULL, "train", "maze", "env.type=maze", size, width, "train.episodes=2",
           "model.type=trm-conv", "model.read_at_agent=true", "model.d_model=4",
           "model.inner_steps=1", "model.sup_steps=2", "--out", name);
    else
        DO(state, NULL, "train", "maze", "env.type=maze", size, width, "train.episodes=2",
           "model.h_dim=8", "model.l_dim=4", "model.k_cycles=2", "--out", name);
}

static void test_commands(void **state) {
    for (int i = 0; i < SMALL_MAZES; i++) {
        const char *name = name_of(i);
        train(state, i);
        DO(state, "success", "eval", name, "--episodes", "1");
        DO(state, "\"success\"", "eval", name, "--episodes", "1", "--random", "--json");
        if (i < DIAGNOSED)
            DO(state, "checks ok", "diagnose", name, "--episodes", "0");
        probe(state, name, small_mazes[i].rows * small_mazes[i].cols);
        DO(state, "as recorded", "replay", name, "--check");
#ifdef TRM_PLOTS
        DO(state, NULL, "plot", name, "-o", "run.svg");
#endif
        DO(state, NULL, "train", name, "--resume", "train.episodes=3");
        DO(state, NULL, "export", name, "weights.safetensors");
        DO(state, "success", "eval", "weights.safetensors", "--episodes", "1");
    }
}

// Some at a time, trained again.
static void test_compared(void **state) {
    const char *args[AT_ONCE + 3] = {"compare", "--json"};
    for (int i = 0; i < SMALL_MAZES; i += AT_ONCE) {
        int n = 2;
        for (int k = i; k < i + AT_ONCE && k < SMALL_MAZES; k++)
            args[n++] = name_of(k);
        args[n] = NULL;
        outcome o = process_run(*state, NULL, args);
        if (o.status != 0 || line_count(o.out) < 1)
            fail_msg("compare %s: status %d\n%s", args[2], o.status, o.err);
        for (int k = 2; k < n; k++) {
            char label[WORD + 2];
            snprintf(label, sizeof label, "\"%s\"", args[k]);
            if (strstr(o.out, label) == NULL)
                fail_msg("%s is not told of: %s", label, o.out);
        }
        assert_null(strstr(o.out, "\"failed\""));
        outcome_free(&o);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_compared),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
