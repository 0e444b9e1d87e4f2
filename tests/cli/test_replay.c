// SPDX-License-Identifier: Apache-2.0
// `trm replay` without a screen: what it lists, what it proves, what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "process.h"

static void train(void **state) {
    outcome o = RUN(*state, "train", "maze", "seed=3", "train.episodes=120", "model.h_dim=16",
                    "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void train_supervised(void **state) {
    outcome o = RUN(*state, "train", "sudoku-4-mlp", "data.train=24", "data.validation=12",
                    "data.test=12", "train.batch=12", "train.epochs=12", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void test_every_moment_is_as_recorded(void **state) {
    train(state);
    outcome o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 1);
    assert_non_null(strstr(o.out, " moments, "));
    assert_non_null(strstr(o.out, " steps: actions and rewards are as recorded\n"));
    outcome_free(&o);
}

// Which actions were random ones is drawn again.
static void test_every_tried_action_is_as_recorded(void **state) {
    outcome o = RUN(*state, "train", "maze-dqn", "env.size=3", "train.envs=3", "train.episodes=60",
                    "train.epsilon_episodes=40", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, " steps: actions and rewards are as recorded\n"));
    outcome_free(&o);
}

static void test_every_answer_is_as_recorded(void **state) {
    train_supervised(state);
    outcome o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.out, "12 moments, 96 answers: right cells are as recorded\n");
    outcome_free(&o);
}

static void test_the_list_is_json(void **state) {
    static const char *const names[] = {"episode", "update", "step", "reward", "success", "length"};
    train(state);
    outcome o = RUN(*state, "replay", "run", "--json");
    assert_int_equal(o.status, 0);
    cJSON *root = cJSON_Parse(o.out);
    const cJSON *moments = cJSON_GetObjectItem(root, "moments"), *moment;
    assert_true(cJSON_IsArray(moments));
    assert_int_equal(cJSON_GetArraySize(moments), cJSON_GetObjectItem(root, "count")->valueint);
    int steps = 0, last = -1, marks = 0;
    cJSON_ArrayForEach(moment, moments) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            assert_true(cJSON_IsNumber(cJSON_GetObjectItem(moment, names[i])));
        assert_true(cJSON_GetObjectItem(moment, "episode")->valueint > last);
        last = cJSON_GetObjectItem(moment, "episode")->valueint;
        steps += cJSON_GetObjectItem(moment, "length")->valueint;
        marks += cJSON_GetArraySize(cJSON_GetObjectItem(moment, "marks"));
    }
    assert_int_equal(steps, cJSON_GetObjectItem(root, "steps")->valueint);
    assert_int_equal(marks, 4);
    cJSON_Delete(root);
    outcome_free(&o);
}

static void test_the_list_of_epochs_is_json(void **state) {
    static const char *const names[] = {"epoch", "update", "validation_loss", "cell_accuracy",
                                        "exact_accuracy"};
    train_supervised(state);
    outcome o = RUN(*state, "replay", "run", "--json");
    assert_int_equal(o.status, 0);
    cJSON *root = cJSON_Parse(o.out);
    const cJSON *moment, *sample;
    int answers = 0, last = -1, best = 0;
    cJSON_ArrayForEach(moment, cJSON_GetObjectItem(root, "moments")) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            assert_true(cJSON_IsNumber(cJSON_GetObjectItem(moment, names[i])));
        assert_int_equal(cJSON_GetObjectItem(moment, "epoch")->valueint, last + 1);
        last++;
        assert_int_equal(cJSON_GetObjectItem(moment, "update")->valueint, 2 * (last + 1));
        cJSON_ArrayForEach(sample, cJSON_GetObjectItem(moment, "samples")) {
            const int right = cJSON_GetObjectItem(sample, "right")->valueint;
            assert_true(right >= 0 && right <= 16);
            assert_int_equal(cJSON_GetObjectItem(sample, "exact")->valueint, right == 16);
            answers++;
        }
        const cJSON *mark;
        cJSON_ArrayForEach(mark, cJSON_GetObjectItem(moment, "marks")) best +=
            strcmp(mark->valuestring, "best") == 0;
    }
    assert_int_equal(answers, cJSON_GetObjectItem(root, "answers")->valueint);
    assert_int_equal(best, 1);
    cJSON_Delete(root);
    outcome_free(&o);
}

// Weights of another moment, and a count that is not theirs.
static void test_exchanged_weights_are_found(void **state) {
    char path[2][PATH_SIZE];
    size_t size;
    train_supervised(state);
    snprintf(path[0], PATH_SIZE, "%s/run/weights/000000024.safetensors", (const char *)*state);
    snprintf(path[1], PATH_SIZE, "%s/run/weights/000000002.safetensors", (const char *)*state);
    char *late = file_text(path[0], &size);
    file_put(path[1], late, size);
    free(late);
    outcome o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 1);
    assert_int_equal(line_count(o.err), 1);
    assert_non_null(strstr(o.err, "epoch 0, sample "));
    assert_non_null(strstr(o.err, " as recorded\n"));
    outcome_free(&o);
}

// A kept moment's weights are a model like any other.
static void test_weights_are_models(void **state) {
    train(state);
    outcome o = RUN(*state, "eval", "run/weights/000000000.safetensors", "--episodes", "5");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    folder_remove(path);
    train_supervised(state);
    o = RUN(*state, "eval", "run/weights/000000024.safetensors");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "held out"));
    outcome_free(&o);
}

static void test_changes_are_found(void **state) {
    char path[PATH_SIZE];
    size_t size;
    train(state);
    snprintf(path, sizeof path, "%s/run/episodes.jsonl", (const char *)*state);
    char *text = file_text(path, &size);
    char *rewards = strstr(text, "\"rewards\":[0.19");
    assert_non_null(rewards);
    rewards[strlen("\"rewards\":[0.1")] = '8';
    file_put(path, text, size);
    free(text);
    outcome o = RUN(*state, "replay", "run", "--check");
    assert_int_equal(o.status, 1);
    assert_int_equal(line_count(o.err), 1);
    assert_non_null(strstr(o.err, "step 1: another reward or reason than was recorded"));
    outcome_free(&o);
}

static void test_refusals(void **state) {
    char path[PATH_SIZE];
    assert_refused(RUN(*state, "replay", "--check"), "RUN");
    assert_refused(RUN(*state, "replay", "nowhere", "--check"), "nowhere: not the folder of a run");
    outcome o =
        RUN(*state, "train", "maze", "train.episodes=2", "run.record_mib=0", "--out", "off");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_refused(RUN(*state, "replay", "off", "--json"),
                   "off has no record of its course: run.record_mib is 0");
    o = RUN(*state, "train", "sudoku-4-mlp", "data.train=24", "train.batch=12", "train.epochs=1",
            "run.record_mib=0", "--out", "off-too");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_refused(RUN(*state, "replay", "off-too", "--check"),
                   "off-too has no record of its course: run.record_mib is 0");
    train(state);
    snprintf(path, sizeof path, "%s/run/episodes.jsonl", (const char *)*state);
    file_put_text(path, "{\"episode\":0}\n");
    assert_refused(RUN(*state, "replay", "run", "--json"),
                   "run/episodes.jsonl:1: update: expected a whole number");
}

static void assert_says(outcome o, const char *part) {
    if (o.status != 0 || line_count(o.err) != (part != NULL) || (part && !strstr(o.err, part)))
        fail_msg("status %d:\n%s", o.status, o.err);
    outcome_free(&o);
}

// A run tells what computed it; another kernel than this one is named, once, and no hindrance.
static void test_another_kernel(void **state) {
    char path[PATH_SIZE];
    train(state);
    snprintf(path, sizeof path, "%s/run/kernels.txt", (const char *)*state);
    char *mine = file_text(path, NULL);
    assert_int_equal(line_count(mine), 1);
    assert_says(RUN(*state, "replay", "run", "--check"), NULL);
    assert_says(RUN(*state, "train", "run", "--resume"), NULL);
    file_put_text(path, "OpenBLAS 0.1 (Pentium\033[2J)\n");
    assert_says(RUN(*state, "replay", "run", "--check"),
                "trm: part of this run was computed by OpenBLAS 0.1 (Pentium?[2J), not by ");
    assert_says(RUN(*state, "train", "run", "--resume"), "OpenBLAS 0.1 (Pentium?[2J)");
    char *both = file_text(path, NULL);
    assert_int_equal(line_count(both), 2);
    assert_non_null(strstr(both, mine));
    free(both);
    free(mine);
    unlink(path); // an older run
    assert_says(RUN(*state, "replay", "run", "--check"), NULL);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_every_moment_is_as_recorded),
        WITH_FOLDER(test_every_tried_action_is_as_recorded),
        WITH_FOLDER(test_every_answer_is_as_recorded),
        WITH_FOLDER(test_the_list_is_json),
        WITH_FOLDER(test_the_list_of_epochs_is_json),
        WITH_FOLDER(test_exchanged_weights_are_found),
        WITH_FOLDER(test_weights_are_models),
        WITH_FOLDER(test_changes_are_found),
        WITH_FOLDER(test_another_kernel),
        WITH_FOLDER(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
