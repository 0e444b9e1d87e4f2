// SPDX-License-Identifier: Apache-2.0
// Settings at the ends of what is allowed, and numbers that go wrong: it trains, or says in one
// line why not; whatever was recorded is whole.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

enum { WAIT_SECONDS = 90, WORDS = 6 };

static const char *in_folder(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
    return out;
}

static outcome train(void **state, const char *const *words, const char *out) {
    const char *args[WORDS + 4] = {"train"};
    int n = 1;
    for (; words[n - 1] != NULL; n++) {
        assert_true(n <= WORDS);
        args[n] = words[n - 1];
    }
    args[n++] = "--out";
    args[n++] = out;
    return process_run(*state, NULL, args);
}

static void test_that_train(void **state) {
    static const char *const settings[][WORDS] = {
        {"maze-mlp", "train.episodes=1"},
        {"maze-mlp", "train.episodes=3", "train.lr=0"},
        {"maze-mlp", "train.episodes=20", "train.lr=1000"},
        {"maze-mlp", "train.episodes=5", "train.gamma=0", "train.entropy=0"},
        {"maze-mlp", "train.episodes=5", "train.gamma=1", "train.entropy=1000000"},
        {"maze-mlp", "train.episodes=5", "train.decay=0", "train.warmup=1000000000"},
        {"maze-mlp", "train.episodes=5", "train.clip=1e-30"},
        {"maze-mlp", "train.episodes=4", "env.size=2", "model.hidden=1"},
        {"maze-mlp", "train.episodes=1", "env.size=64", "model.hidden=1"},
        {"maze", "train.episodes=2", "model.k_cycles=64", "model.h_dim=2", "model.l_dim=1"},
        {"maze-mlp", "train.episodes=4", "seed=9007199254740991", "train.threads=64"},
        {"maze-mlp", "train.episodes=300", "train.envs=300", "env.size=2", "model.hidden=2"},
        {"sudoku-one-mlp", "train.episodes=5"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char out[16];
        char run[PATH_SIZE];
        snprintf(out, sizeof out, "r%zu", i);
        outcome o = train(state, settings[i], out);
        if (o.status != 0 || line_count(o.err) != 0)
            fail_msg("setting %zu: status %d\n%s", i, o.status, o.err);
        outcome_free(&o);
        assert_true(assert_sound(in_folder(state, out, run)) > 0);
    }
}

static void test_that_are_refused(void **state) {
    static const char *const settings[][WORDS] = {
        {"maze-mlp", "env.size=1"},
        {"maze-mlp", "env.size=65"},
        {"maze-mlp", "train.episodes=0"},
        {"maze-mlp", "train.episodes=1e13"},
        {"maze-mlp", "train.envs=4096", "env.size=64"},
        {"maze", "model.k_cycles=65"},
        {"maze", "model.h_dim=4096", "model.l_dim=4096", "model.k_cycles=64", "env.size=64"},
        {"maze-mlp", "train.gamma=1.0001"},
        {"maze-mlp", "train.lr=-1"},
        {"maze-mlp", "train.lr=nan"},
        {"maze-mlp", "seed=9007199254740992"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        assert_refused(train(state, settings[i], "r"), "");
        assert_int_equal(folder_entries(*state), 0);
    }
}

// What was before the update that failed is kept, and the run says the same when it goes on.
static void test_not_finite(void **state) {
    char run[PATH_SIZE];
    char path[PATH_SIZE];
    const char *const words[] = {"maze",         "model.h_dim=8", "model.l_dim=4",
                                 "train.lr=1e6", "train.clip=0",  NULL};
    outcome o = train(state, words, "r");
    if (o.status != 1 || line_count(o.err) != 1 || strstr(o.err, "not finite") == NULL ||
        strstr(o.err, "try a lower train.lr") == NULL ||
        strstr(o.err, "`trm train maze train.from=r train.lr=") == NULL)
        fail_msg("status %d:\n%s", o.status, o.err);
    in_folder(state, "r", run);
    assert_true(file_is_there(in_folder(state, "r/checkpoint.safetensors", path)));
    assert_false(file_is_there(in_folder(state, "r/result.json", path)));
    int64_t episodes = assert_sound(run);
    assert_true(episodes > 0);
    outcome again = RUN(*state, "train", "r", "--resume");
    assert_int_equal(again.status, 1);
    assert_string_equal(again.err, o.err);
    assert_int_equal(assert_sound(run), episodes);
    outcome_free(&again);
    outcome_free(&o);
    o = RUN(*state, "eval", "r", "--episodes", "2");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

// 10^9 episodes begin as fast as any, and end when they are asked to.
static void test_very_long(void **state) {
    char path[PATH_SIZE];
    process p =
        process_start(*state, NULL,
                      (const char *const[]){"train", "maze-mlp", "train.episodes=1000000000",
                                            "run.checkpoint_every=10", "--out", "r", NULL});
    wait_for_file(in_folder(state, "r/checkpoint.safetensors", path), WAIT_SECONDS);
    kill(p.pid, SIGTERM);
    outcome o = process_finish(&p, WAIT_SECONDS);
    assert_int_equal(o.status, 130);
    outcome_free(&o);
    assert_true(assert_sound(in_folder(state, "r", path)) >= 10);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_that_train),
        WITH_FOLDER(test_that_are_refused),
        WITH_FOLDER(test_not_finite),
        WITH_FOLDER(test_very_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
