// SPDX-License-Identifier: Apache-2.0
// Everything that reads a run, beside a training that thins its record and writes checkpoints as
// fast as it can: each takes what was whole at some moment, and none fails.
//
// TRM_FAULTS_READS: how many rounds.
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

enum { ROUNDS = 3 };

static const char *const readers[][8] = {
    {"replay", "run", "--check"},
    {"replay", "run", "--json"},
    {"plot", "run", "-o", "run.svg"},
    {"eval", "run", "--episodes", "2"},
    {"export", "run", "run.safetensors"},
    {"probe", "run", "--sample", "1"},
    {"diagnose", "run", "--episodes", "0", "--json"},
    {"compare", "run", "train.episodes=2", "--json"},
};
enum { READERS = sizeof readers / sizeof *readers };

static void beside(void **state, const char *const *training, const char *first) {
    char path[PATH_SIZE];
    process writer = process_start(*state, NULL, training);
    snprintf(path, sizeof path, "%s/run/%s", (const char *)*state, first);
    wait_for_file(path, 60);
    snprintf(path, sizeof path, "%s/run/checkpoint.safetensors", (const char *)*state);
    wait_for_file(path, 60);
    for (int64_t i = 0; i < READERS * setting("TRM_FAULTS_READS", ROUNDS); i++) {
        const char *const *args = readers[i % READERS];
        outcome o = process_run(*state, NULL, args);
        const bool refused = strstr(o.err, "has no effect") || strstr(o.err, "--sample: ");
        if (o.status != 0 && !(o.status == 2 && refused)) // by the other kind of run
            fail_msg("%s in round %lld: status %d\n%s", args[0], (long long)(i / READERS), o.status,
                     o.err);
        outcome_free(&o);
    }
    kill(writer.pid, SIGINT);
    outcome o = process_finish(&writer, 60);
    assert_int_equal(o.status, 130); // it was still writing
    outcome_free(&o);
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    assert_sound(path);
}

static void test_episodes(void **state) {
    beside(state,
           (const char *const[]){"train", "maze-mlp", "env.size=3", "model.hidden=120",
                                 "train.episodes=1000000000", "run.checkpoint_every=5",
                                 "run.record_mib=1", "--out", "run", NULL},
           "episodes.jsonl");
}

static void test_epochs(void **state) {
    beside(state,
           (const char *const[]){"train", "sudoku-4-mlp", "model.hidden=120", "data.train=24",
                                 "data.validation=12", "data.test=12", "train.batch=12",
                                 "train.epochs=1000000", "run.checkpoint_every=2",
                                 "run.record_mib=1", "--out", "run", NULL},
           "episodes.jsonl");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_episodes, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_epochs, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
