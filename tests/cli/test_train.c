// SPDX-License-Identifier: Apache-2.0
// Runs: recorded whole, the same for the same seed, the same when interrupted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <signal.h>

#include "process.h"

enum { WAIT_SECONDS = 90 };

// Settings that make a run long enough to be interrupted.
#define LONG "seed=5", "train.episodes=400", "run.checkpoint_every=5"

static void in_folder(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

static void assert_same_file(void **state, const char *left, const char *right) {
    char path[PATH_SIZE];
    size_t left_size;
    size_t right_size;
    in_folder(state, left, path);
    char *a = file_text(path, &left_size);
    in_folder(state, right, path);
    char *b = file_text(path, &right_size);
    assert_int_equal(left_size, right_size);
    assert_memory_equal(a, b, left_size);
    free(a);
    free(b);
}

// The checkpoints to the byte, the metrics but for the clock.
static void assert_same_run(void **state, const char *left, const char *right) {
    char a[PATH_SIZE];
    char b[PATH_SIZE];
    snprintf(a, sizeof a, "%s/checkpoint.safetensors", left);
    snprintf(b, sizeof b, "%s/checkpoint.safetensors", right);
    assert_same_file(state, a, b);
    in_folder(state, left, a);
    in_folder(state, right, b);
    char *x = metrics_without_seconds(a);
    char *y = metrics_without_seconds(b);
    assert_string_equal(x, y);
    free(x);
    free(y);
}

static void assert_done(outcome o) {
    if (o.status != 0)
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    outcome_free(&o);
}

static void test_records_a_run(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "seed=2", "train.episodes=60");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "recording in runs/maze-mlp-2\n"));
    assert_non_null(strstr(o.out, "60 episodes  success of the last 50: "));
    assert_int_equal(line_count(o.out), 2);
    outcome_free(&o);
    char path[PATH_SIZE];
    in_folder(state, "runs/maze-mlp-2/metrics.jsonl", path);
    char *metrics = file_text(path, NULL);
    assert_int_equal(line_count(metrics), 60);
    static const char *const keys[] = {"episode", "update", "step",    "seconds",   "reward", "lr",
                                       "success", "length", "entropy", "grad_norm", "loss"};
    metrics[strcspn(metrics, "\n")] = '\0';
    cJSON *line = cJSON_Parse(metrics);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(cJSON_IsNumber(cJSON_GetObjectItem(line, keys[i])));
    cJSON_Delete(line);
    free(metrics);
    in_folder(state, "runs/maze-mlp-2/result.json", path);
    assert_true(file_is_there(path));
    in_folder(state, "runs/maze-mlp-2/config.json", path);
    assert_true(file_is_there(path));
    // The next one of that name is numbered.
    assert_done(RUN(*state, "train", "maze-mlp", "seed=2", "train.episodes=1"));
    in_folder(state, "runs/maze-mlp-2-2/checkpoint.safetensors", path);
    assert_true(file_is_there(path));
}

// What is called the last 50 is of fewer where there are fewer, and says so.
static void test_the_window_is_told(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=20", "--out", "a");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "20 episodes  success of the last 20: "));
    outcome_free(&o);
    char path[PATH_SIZE];
    in_folder(state, "a/result.json", path);
    char *text = file_text(path, NULL);
    cJSON *result = cJSON_Parse(text);
    assert_int_equal(cJSON_GetObjectItem(result, "window")->valueint, 20);
    cJSON_Delete(result);
    free(text);
    o = RUN(*state, "train", "maze-mlp", "train.episodes=60", "--json", "--out", "b");
    cJSON *json = cJSON_Parse(o.out);
    assert_int_equal(cJSON_GetObjectItem(json, "window")->valueint, 50);
    cJSON_Delete(json);
    outcome_free(&o);
    o = RUN(*state, "compare", "maze-mlp", "train.episodes=20", "--plain");
    assert_non_null(strstr(o.out, "success, reward: last 20 episodes"));
    outcome_free(&o);
}

static void test_json(void **state) {
    outcome o = RUN(*state, "train", "maze", "train.episodes=3", "--out", "r", "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 1);
    cJSON *json = cJSON_Parse(o.out);
    assert_string_equal(cJSON_GetObjectItem(json, "run")->valuestring, "r");
    assert_int_equal(cJSON_GetObjectItem(json, "episodes")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(json, "parameters")->valueint, 69038);
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(json, "success_last_50")));
    assert_true(cJSON_GetObjectItem(json, "steps_per_second")->valuedouble > 0);
    cJSON_Delete(json);
    outcome_free(&o);
}

static void test_same_seed_twice(void **state) {
    assert_done(RUN(*state, "train", "maze", "seed=7", "train.episodes=40", "--out", "a"));
    assert_done(RUN(*state, "train", "maze", "seed=7", "train.episodes=40", "--out", "b"));
    assert_same_run(state, "a", "b");
    assert_same_file(state, "a/config.json", "b/config.json");
    assert_done(RUN(*state, "train", "maze", "seed=8", "train.episodes=40", "--out", "c"));
    char a[PATH_SIZE];
    char c[PATH_SIZE];
    in_folder(state, "a", a);
    in_folder(state, "c", c);
    char *x = metrics_without_seconds(a);
    char *y = metrics_without_seconds(c);
    assert_string_not_equal(x, y);
    free(x);
    free(y);
}

// Interrupts a run once it has a checkpoint, and expects it to be whole and to say how to go on.
static void interrupt(void **state, int number, const char *const *args, const char *out) {
    char checkpoint[PATH_SIZE];
    snprintf(checkpoint, sizeof checkpoint, "%s/%s/checkpoint.safetensors", (const char *)*state,
             out);
    process p = process_start(*state, NULL, args);
    wait_for_file(checkpoint, WAIT_SECONDS);
    kill(p.pid, number);
    outcome o = process_finish(&p, WAIT_SECONDS);
    const int told = strstr(o.err, "trm: saving") != NULL; // on a slow disk
    if (o.status != 130 || strstr(o.err, "--resume") == NULL || line_count(o.err) != 1 + told)
        fail_msg("expected one line and exit status 130, got %d:\n%s%s", o.status, o.out, o.err);
    outcome_free(&o);
}

static void test_interrupted_and_resumed(void **state) {
    assert_done(RUN(*state, "train", "maze", LONG, "--out", "whole"));
    const char *const args[] = {"train", "maze", LONG, "--out", "cut", NULL};
    interrupt(state, SIGINT, args, "cut");
    const char *const again[] = {"train", "cut", "--resume", NULL};
    assert_done(process_run(*state, NULL, again));
    assert_same_run(state, "whole", "cut");
}

static void test_terminated_and_resumed_by_the_same_words(void **state) {
    const char *const args[] = {"train", "maze-mlp", LONG, "--out", "cut", "--resume", NULL};
    interrupt(state, SIGTERM, args, "cut");
    assert_done(process_run(*state, NULL, args));
    assert_done(RUN(*state, "train", "maze-mlp", LONG, "--out", "whole"));
    assert_same_run(state, "whole", "cut");
}

static void test_killed_and_resumed(void **state) {
    const char *const args[] = {"train", "maze-mlp", LONG, "--out", "cut", NULL};
    char checkpoint[PATH_SIZE];
    in_folder(state, "cut/checkpoint.safetensors", checkpoint);
    process p = process_start(*state, NULL, args);
    wait_for_file(checkpoint, WAIT_SECONDS);
    kill(p.pid, SIGKILL);
    outcome o = process_finish(&p, WAIT_SECONDS);
    assert_int_equal(o.status, 128 + SIGKILL);
    outcome_free(&o);
    assert_done(RUN(*state, "train", "cut", "--resume"));
    assert_done(RUN(*state, "train", "maze-mlp", LONG, "--out", "whole"));
    assert_same_run(state, "whole", "cut");
}

static void test_resume_with_more_episodes(void **state) {
    assert_done(RUN(*state, "train", "maze-mlp", "train.episodes=10", "--out", "r"));
    assert_done(RUN(*state, "train", "r", "--resume", "train.episodes=25"));
    char path[PATH_SIZE];
    in_folder(state, "r/metrics.jsonl", path);
    char *metrics = file_text(path, NULL);
    assert_int_equal(line_count(metrics), 25);
    free(metrics);
    // The run remembers.
    in_folder(state, "r/config.json", path);
    char *config = file_text(path, NULL);
    cJSON *json = cJSON_Parse(config);
    const cJSON *train = cJSON_GetObjectItem(json, "train");
    assert_int_equal(cJSON_GetObjectItem(train, "episodes")->valueint, 25);
    cJSON_Delete(json);
    free(config);
}

// Settings left to the environment do not differ from what the checkpoint says.
static void test_resume_with_settings_left_open(void **state) {
    assert_done(RUN(*state, "train", "updated-3-sudoku-easy", "train.episodes=3", "--out", "r"));
    assert_done(RUN(*state, "train", "r", "--resume", "train.episodes=5"));
    assert_done(RUN(*state, "train", "maze-mlp", "env.type=sudoku", "env.size=4",
                    "train.episodes=3", "--out", "s"));
    assert_done(RUN(*state, "train", "s", "--resume", "train.episodes=5"));
}

static void test_resume_refuses(void **state) {
    assert_done(RUN(*state, "train", "maze-mlp", "train.episodes=2", "--out", "r"));
    assert_refused(RUN(*state, "train", "r", "--resume", "train.lr=1"), "train.episodes");
    assert_refused(RUN(*state, "train", "r", "--resume", "train.lr=1"),
                   "to go on from its weights: `trm train maze-mlp train.from=r train.lr=1`");
    assert_refused(RUN(*state, "train", "r", "--resume", "--out", "s"), "--out");
    assert_refused(RUN(*state, "train", "maze", "--resume"), "not the folder");
    assert_refused(RUN(*state, "train", "maze", "--resume", "--out", "r"), "another configuration");
    assert_int_equal(folder_entries(*state), 1);
}

static void test_threads_change_nothing(void **state) {
    assert_done(RUN(*state, "train", "maze", "train.envs=8", "train.episodes=48", "--out", "one"));
    assert_done(RUN(*state, "train", "maze", "train.envs=8", "train.episodes=48", "train.threads=3",
                    "--out", "three"));
    char one[PATH_SIZE];
    char three[PATH_SIZE];
    in_folder(state, "one", one);
    in_folder(state, "three", three);
    char *x = metrics_without_seconds(one);
    char *y = metrics_without_seconds(three);
    assert_string_equal(x, y);
    free(x);
    free(y);
}

// Standard error is no terminal: no bar, no control characters.
static void test_progress_is_quiet(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=20", "--out", "r");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.err, "");
    outcome_free(&o);
}

// As on a full disk: one line, exit status 1, and the checkpoint before stays whole.
static void test_no_room(void **state) {
    char command[3 * PATH_SIZE];
    char path[PATH_SIZE];
    assert_done(RUN(*state, "train", "maze", "train.episodes=5", "--out", "r"));
    in_folder(state, "r/checkpoint.safetensors", path);
    size_t before_size;
    size_t after_size;
    char *before = file_text(path, &before_size);
    snprintf(command, sizeof command,
             "cd '%s' && ulimit -f 100 && '%s' train r --resume train.episodes=9 >out 2>err",
             (const char *)*state, getenv("TRM_BIN"));
    assert_int_equal(system(command), 1 << 8);
    char *after = file_text(path, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    free(before);
    free(after);
    in_folder(state, "err", path);
    char *err = file_text(path, NULL);
    assert_int_equal(line_count(err), 1);
    assert_non_null(strstr(err, "File too large"));
    free(err);
    assert_done(RUN(*state, "train", "r", "--resume"));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_records_a_run),
        WITH_FOLDER(test_json),
        WITH_FOLDER(test_the_window_is_told),
        WITH_FOLDER(test_same_seed_twice),
        WITH_FOLDER(test_interrupted_and_resumed),
        WITH_FOLDER(test_terminated_and_resumed_by_the_same_words),
        WITH_FOLDER(test_killed_and_resumed),
        WITH_FOLDER(test_resume_with_more_episodes),
        WITH_FOLDER(test_resume_with_settings_left_open),
        WITH_FOLDER(test_resume_refuses),
        WITH_FOLDER(test_threads_change_nothing),
        WITH_FOLDER(test_progress_is_quiet),
        WITH_FOLDER(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
