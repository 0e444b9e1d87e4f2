// SPDX-License-Identifier: Apache-2.0
// Comparisons without a screen: the table, the JSON, what is refused, what an interruption leaves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <poll.h>
#include <signal.h>

#include "json.h"
#include "process.h"

enum { WAIT_SECONDS = 90 };

static cJSON *compare_json(void **state, const char *threads) {
    outcome o = RUN(*state, "compare", "maze-mlp", "maze", "train.episodes=60", "--seeds", "2",
                    "--seed-first", "3", "--json", "--threads", threads);
    if (o.status != 0)
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    assert_null(strstr(o.err, "trm:")); // how far it is may stand there
    assert_int_equal(line_count(o.out), 1);
    cJSON *json = cJSON_Parse(o.out);
    assert_non_null(json);
    outcome_free(&o);
    return json;
}

static const cJSON *run_of(const cJSON *json, int preset, int seed) {
    const cJSON *all = cJSON_GetObjectItem(json, "presets");
    const cJSON *one = cJSON_GetArrayItem(all, preset);
    const cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItem(one, "runs"), seed);
    assert_non_null(run);
    return run;
}

// The run of `trm train` with the same seed, by its own figures.
static void assert_as_trained(void **state, const char *preset, const char *seed,
                              const cJSON *run) {
    outcome o =
        RUN(*state, "train", preset, "train.episodes=60", seed, "--json", "--out", "trained");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    static const char *const keys[] = {"episodes", "success_last_50", "reward_last_50"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(number_of(json, keys[i]) == number_of(run, keys[i]));
    cJSON_Delete(json);
    outcome_free(&o);
}

static void test_json(void **state) {
    cJSON *json = compare_json(state, "2");
    const cJSON *presets = cJSON_GetObjectItem(json, "presets");
    assert_int_equal(cJSON_GetArraySize(presets), 2);
    const cJSON *maze = cJSON_GetArrayItem(presets, 1);
    assert_string_equal(cJSON_GetObjectItem(maze, "preset")->valuestring, "maze");
    assert_true(number_of(maze, "parameters") == 69038);
    double mean = 0;
    for (int i = 0; i < 2; i++) {
        const cJSON *run = run_of(json, 1, i);
        assert_true(number_of(run, "seed") == 3 + i);
        assert_string_equal(cJSON_GetObjectItem(run, "state")->valuestring, "done");
        assert_true(number_of(run, "steps_per_second") > 0);
        assert_true(number_of(run, "seconds") > 0);
        assert_non_null(cJSON_GetObjectItem(run, "seconds_to_98"));
        mean += number_of(run, "reward_last_50") / 2;
    }
    double off = number_of(maze, "reward_last_50_mean") - mean;
    assert_true(off < 1e-9 && off > -1e-9);
    assert_as_trained(state, "maze", "seed=4", run_of(json, 1, 1));
    cJSON_Delete(json);
}

static void test_threads_change_nothing(void **state) {
    cJSON *one = compare_json(state, "1");
    cJSON *four = compare_json(state, "4");
    static const char *const keys[] = {"episodes", "steps", "reward_last_50", "best_reward"};
    for (int preset = 0; preset < 2; preset++) {
        for (int seed = 0; seed < 2; seed++) {
            for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
                assert_true(number_of(run_of(one, preset, seed), keys[i]) ==
                            number_of(run_of(four, preset, seed), keys[i]));
            }
        }
    }
    cJSON_Delete(one);
    cJSON_Delete(four);
}

// A line a preset below the headings, all of one width; nothing is written to the folder.
static void test_table(void **state) {
    outcome o = RUN(*state, "compare", "maze-mlp", "original-maze-mlp", "train.episodes=200",
                    "--seeds", "3", "--plain");
    assert_int_equal(o.status, 0);
    assert_null(strstr(o.err, "trm:"));
    assert_int_equal(line_count(o.out), 4);
    static const char *const heads[] = {"preset", "parameters", "success %",
                                        "reward", "steps/s",    "s to 98 %"};
    size_t width = strcspn(o.out, "\n");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const char *head = strstr(o.out, heads[i]);
        assert_non_null(head);
        assert_true((size_t)(head - o.out) < width);
    }
    char *line = strchr(o.out, '\n') + 1;
    assert_memory_equal(line, "maze-mlp ", 9);
    assert_non_null(strstr(line, "20,356"));
    assert_non_null(strstr(line, "3/3"));
    line = strchr(line, '\n') + 1;
    assert_memory_equal(line, "original-maze-mlp ", 18);
    assert_non_null(strstr(line, "0/3"));
    outcome_free(&o);
    assert_int_equal(folder_entries(*state), 0);
}

static void test_refuses(void **state) {
    assert_refused(RUN(*state, "compare", "maze", "maze-mpl"), "maze-mlp");
    assert_refused(RUN(*state, "compare", "maze", "model.hdim=3"), "model.h_dim");
    assert_refused(RUN(*state, "compare"), "usage: trm compare");
    assert_refused(RUN(*state, "compare", "maze", "--seeds", "0"), "--seeds 0");
    assert_refused(RUN(*state, "compare", "maze", "--seeds", "101"), "1 to 100");
    assert_refused(RUN(*state, "compare", "maze", "--threads", "0"), "--threads 0");
    assert_refused(RUN(*state, "compare", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
                   "one word too many");
    assert_refused(
        RUN(*state, "compare", "maze", "--seeds", "2", "--seed-first", "9007199254740991"),
        "go past");
    assert_refused(RUN(*state, "compare", "maze", "original-maze", "train.envs=2"),
                   "original-maze: ");
    assert_int_equal(folder_entries(*state), 0);
}

// A run that breaks down: its line, the table all the same, exit status 1.
static void test_failed_run(void **state) {
    outcome o = RUN(*state, "compare", "original-maze-fixed", "--plain", "train.episodes=40",
                    "train.lr=1000000", "train.clip=0", "seed=3");
    assert_int_equal(o.status, 1);
    assert_int_equal(line_count(o.err), 1);
    assert_non_null(strstr(o.err, "original-maze-fixed, seed 3: "));
    assert_non_null(strstr(o.err, "not finite"));
    assert_non_null(strstr(o.out, "69,038"));
    outcome_free(&o);
}

// What is there is printed; the run would take hours.
static void test_interrupted(void **state) {
    static const char *const args[] = {"compare", "maze-mlp", "maze", "train.episodes=10000000",
                                       "--json",  NULL};
    process p = process_start(*state, NULL, args);
    // It has begun to train when its first line of progress comes.
    struct pollfd fd = {.fd = p.err, .events = POLLIN};
    assert_int_equal(poll(&fd, 1, WAIT_SECONDS * 1000), 1);
    kill(p.pid, SIGTERM);
    outcome o = process_finish(&p, WAIT_SECONDS);
    assert_int_equal(o.status, 130);
    assert_non_null(strstr(o.err, "trm: interrupted"));
    cJSON *json = cJSON_Parse(o.out);
    const cJSON *run = run_of(json, 0, 0);
    assert_string_equal(cJSON_GetObjectItem(run, "state")->valuestring, "stopped");
    assert_true(number_of(run, "episodes") > 0);
    cJSON_Delete(json);
    outcome_free(&o);
}

// A small and quick supervised run.
#define SMALL "data.train=32", "data.validation=8", "data.test=16", "train.epochs=2"

// Supervised presets: every run is that of `trm train`, to the last digit of its test score.
static void test_supervised(void **state) {
    outcome o = RUN(*state, "compare", "mazes-8-fixed-trm", "mazes-8-fixed-cnn", SMALL, "--seeds",
                    "2", "--json", "--threads", "2");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    outcome_free(&o);
    o = RUN(*state, "train", "mazes-8-fixed-cnn", SMALL, "seed=1", "--json", "--out", "trained");
    assert_int_equal(o.status, 0);
    cJSON *alone = cJSON_Parse(o.out);
    outcome_free(&o);
    static const char *const keys[] = {"epochs", "cell_accuracy", "exact_accuracy", "path_recall"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(number_of(alone, keys[i]) == number_of(run_of(json, 1, 1), keys[i]));
    const cJSON *cnn = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "presets"), 1);
    const double mean = (number_of(run_of(json, 1, 0), "cell_accuracy") +
                         number_of(run_of(json, 1, 1), "cell_accuracy")) /
                        2;
    assert_true(fabs(number_of(cnn, "cell_accuracy_mean") - mean) < 1e-12);
    assert_int_equal((int)number_of(cnn, "parameters"), 74850);
    cJSON_Delete(json);
    cJSON_Delete(alone);
    o = RUN(*state, "compare", "mazes-8-fixed-trm", SMALL, "--seeds", "2");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 3);
    assert_non_null(strstr(o.out, "exact %"));
    assert_non_null(strstr(o.out, "9,922"));
    outcome_free(&o);
    assert_refused(RUN(*state, "compare", "maze", "mazes-8-trm"), "mazes-8-trm");
    assert_refused(RUN(*state, "compare", "mazes-8-trm", "train.batch=1000"), "train.batch");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_json),       WITH_FOLDER(test_threads_change_nothing),
        WITH_FOLDER(test_table),      WITH_FOLDER(test_refuses),
        WITH_FOLDER(test_failed_run), WITH_FOLDER(test_interrupted),
        WITH_FOLDER(test_supervised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
