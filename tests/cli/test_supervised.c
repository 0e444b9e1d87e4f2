// SPDX-License-Identifier: Apache-2.0
// Runs that learn from a data set, and `trm reproduce`, through the real binary.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "json.h"
#include "process.h"

// A small and quick training.
#define SMALL                                                                                      \
    "mazes-8-fixed-trm", "data.train=40", "data.validation=20", "data.test=20", "train.batch=12",  \
        "run.checkpoint_every=1"

static void in_folder(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

static void assert_done(outcome o) {
    if (o.status != 0)
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    outcome_free(&o);
}

static char *text_of(void **state, const char *name) {
    char path[PATH_SIZE];
    size_t size;
    in_folder(state, name, path);
    return file_text(path, &size);
}

static void assert_same_bytes(void **state, const char *left, const char *right) {
    char a[PATH_SIZE], b[PATH_SIZE];
    size_t n, m;
    in_folder(state, left, a);
    in_folder(state, right, b);
    char *x = file_text(a, &n), *y = file_text(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    free(x);
    free(y);
}

static void test_records_every_epoch(void **state) {
    assert_done(RUN(*state, "train", SMALL, "train.epochs=3", "--out", "a"));
    char *metrics = text_of(state, "a/metrics.jsonl");
    assert_int_equal(line_count(metrics), 3);
    cJSON *line = cJSON_Parse(metrics);
    static const char *const names[] = {"epoch",         "seconds",        "train_loss",
                                        "cell_accuracy", "exact_accuracy", "validation_loss"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(cJSON_IsNumber(cJSON_GetObjectItem(line, names[i])));
    cJSON_Delete(line);
    free(metrics);
    char *result = text_of(state, "a/result.json");
    cJSON *root = cJSON_Parse(result);
    assert_int_equal(cJSON_GetObjectItem(root, "parameters")->valueint, 9922);
    assert_int_equal(cJSON_GetObjectItem(root, "epochs")->valueint, 3);
    cJSON_Delete(root);
    free(result);
}

static void test_same_bytes_again_and_after_resuming(void **state) {
    assert_done(RUN(*state, "train", SMALL, "train.epochs=4", "--out", "a"));
    assert_done(RUN(*state, "train", SMALL, "train.epochs=4", "train.threads=2", "--out", "b"));
    assert_same_bytes(state, "a/checkpoint.safetensors", "b/checkpoint.safetensors");
    assert_done(RUN(*state, "train", SMALL, "train.epochs=2", "--out", "c"));
    assert_done(RUN(*state, "train", "c", "--resume", "train.epochs=4"));
    assert_same_bytes(state, "a/checkpoint.safetensors", "c/checkpoint.safetensors");
    char a[PATH_SIZE], c[PATH_SIZE];
    in_folder(state, "a", a);
    in_folder(state, "c", c);
    char *x = metrics_without_seconds(a), *y = metrics_without_seconds(c);
    assert_string_equal(x, y);
    free(x);
    free(y);
}

// Test scores of a training of one epoch, hardly any of it, from these weights.
static double begun_with(void **state, const char *from, const char *out, const char *result) {
    assert_done(RUN(*state, "train", SMALL, "train.ema=0.9", "train.lr=1e-9", "train.epochs=1",
                    from, "--out", out));
    char *text = text_of(state, result);
    cJSON *json = cJSON_Parse(text);
    double loss = number_of(json, "loss");
    cJSON_Delete(json);
    free(text);
    return loss;
}

static void test_begins_with_given_weights(void **state) {
    assert_done(RUN(*state, "train", SMALL, "train.ema=0.9", "train.epochs=6", "--out", "a"));
    char *text = text_of(state, "a/result.json");
    cJSON *json = cJSON_Parse(text);
    double learned = number_of(json, "loss"),
           drawn = begun_with(state, "train.from=", "b", "b/result.json");
    assert_true(drawn > learned + 0.05);
    assert_true(fabs(begun_with(state, "train.from=a", "c", "c/result.json") - learned) < 1e-4);
    assert_done(RUN(*state, "train", "c", "--resume", "train.epochs=2"));
    cJSON_Delete(json);
    free(text);
}

// eval scores the very samples that training ended with; probe's answers are those that it counts.
static void test_eval_and_probe(void **state) {
    assert_done(RUN(*state, "train", SMALL, "data.test=4", "train.epochs=2", "--out", "a"));
    char *text = text_of(state, "a/result.json");
    cJSON *result = cJSON_Parse(text);
    cJSON *eval = json_of(RUN(*state, "eval", "a", "--episodes", "4", "--steps", "--json"));
    static const char *const names[] = {"cell_accuracy", "loss", "parameters"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(number_of(eval, names[i]) == number_of(result, names[i]));
    assert_int_equal(number_of(eval, "samples"), 4);
    assert_true(number_of(eval, "forward_flop") > 1e5);
    const cJSON *steps = cJSON_GetObjectItem(eval, "steps");
    assert_int_equal(cJSON_GetArraySize(steps), 5);
    assert_true(number_of(cJSON_GetArrayItem(steps, 4), "cell_accuracy") ==
                number_of(eval, "cell_accuracy"));
    int right = 0;
    for (int sample = 1; sample <= 4; sample++) {
        char word[16];
        snprintf(word, sizeof word, "%d", sample);
        cJSON *probe = json_of(RUN(*state, "probe", "a", "--sample", word, "--json"));
        const cJSON *answer = cJSON_GetObjectItem(probe, "answer");
        const cJSON *target = cJSON_GetObjectItem(probe, "target");
        assert_int_equal(cJSON_GetArraySize(answer), 64);
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(probe, "cycles")), 5);
        for (int p = 0; p < 64; p++) {
            right +=
                cJSON_GetArrayItem(answer, p)->valueint == cJSON_GetArrayItem(target, p)->valueint;
        }
        cJSON_Delete(probe);
    }
    assert_true(right / (4.0 * 64) == number_of(eval, "cell_accuracy"));
    cJSON_Delete(eval);
    cJSON_Delete(result);
    free(text);
    outcome o = RUN(*state, "eval", "a", "--episodes", "5", "--steps", "seed=4");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "shortest path"));
    assert_non_null(strstr(o.out, "step 5 "));
    outcome_free(&o);
    o = RUN(*state, "probe", "a", "--sample", "2");
    assert_non_null(strstr(o.out, " of 64 right"));
    assert_non_null(strstr(o.out, "target"));
    outcome_free(&o);
    assert_refused(RUN(*state, "probe", "a", "--sample", "1", "--k", "3"),
                   "no cycles whose number");
    assert_refused(RUN(*state, "probe", "a"), "--sample");
    assert_refused(RUN(*state, "probe", "a", "--state", "none.json"), "none.json");
}

static void test_diagnose_tells_of_answers(void **state) {
    assert_done(RUN(*state, "train", SMALL, "train.epochs=1", "--out", "a"));
    outcome o = RUN(*state, "diagnose", "a");
    assert_int_equal(o.status, 0);
    static const char *const parts[] = {"ANSWERS",
                                        "UNITS",
                                        "GRADIENT",
                                        "one answer to everything",
                                        "the gradient is the loss's",
                                        "no better than a constant"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(o.out, parts[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", parts[i], o.out);
    outcome_free(&o);
    cJSON *json = json_of(RUN(*state, "diagnose", "baseline", "data.validation=10", "--json"));
    const cJSON *answers = cJSON_GetObjectItem(json, "answers");
    assert_int_equal(number_of(answers, "samples"), 10);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answers, "steps")), 6);
    assert_int_equal(number_of(cJSON_GetObjectItem(json, "gradient"), "wrong"), 0);
    cJSON_Delete(json);
}

static void test_bad_data_is_refused(void **state) {
    assert_refused(RUN(*state, "train", "baseline", "data.train=0"), "data.train");
    assert_refused(RUN(*state, "train", "baseline", "data.validation=0"), "data.validation");
    assert_refused(RUN(*state, "train", "baseline", "data.test=0"), "data.test");
    assert_refused(RUN(*state, "train", "baseline", "train.batch=500"), "train.batch");
    assert_refused(RUN(*state, "train", "mazes-10-trm", "data.size=12"), "is even");
    assert_refused(RUN(*state, "train", "mazes-8-trm", "data.size=2"), "data.size");
    assert_refused(RUN(*state, "train", "mazes-8-trm", "data.type=mazes-9"), "data.type");
    assert_refused(RUN(*state, "train", "maze", "data.type=tokens"), "train.algorithm");
    assert_refused(RUN(*state, "train", "maze", "train.algorithm=supervised"), "data.type");
    assert_refused(RUN(*state, "train", "updated-3-sudoku-easy", "env.difficulty=1.5"),
                   "env.difficulty: 1.5 is out of range 0..1");
    assert_refused(RUN(*state, "train", "updated-3-sudoku-easy", "env.difficulty=-0.5"),
                   "env.difficulty: -0.5 is out of range 0..1");
    assert_refused(RUN(*state, "train", "updated-3-sudoku-easy", "env.size=5"), "env.size");
    assert_int_equal(folder_entries(*state), 0);
}

static void test_reproduce_counts_what_can_be_counted(void **state) {
    outcome o = RUN(*state, "reproduce", "parameters-transformer", "data-8", "data-10", "halting",
                    "--seeds", "1", "--json");
    assert_int_equal(o.status, 0);
    cJSON *root = cJSON_Parse(o.out);
    const cJSON *claims = cJSON_GetObjectItem(root, "claims");
    assert_int_equal(cJSON_GetArraySize(claims), 4);
    const double want[] = {616514, 1, 1};
    for (int i = 0; i < 3; i++) {
        const cJSON *as_is = cJSON_GetObjectItem(cJSON_GetArrayItem(claims, i), "as_is");
        assert_true(cJSON_GetObjectItem(as_is, "mean")->valuedouble == want[i]);
    }
    const cJSON *empty = cJSON_GetObjectItem(cJSON_GetArrayItem(claims, 2), "as_is");
    assert_true(cJSON_GetObjectItem(empty, "cells")->valuedouble == 2000);
    cJSON_Delete(root);
    outcome_free(&o);
}

static void test_reproduce_finds_the_lost_gradient(void **state) {
    outcome o = RUN(*state, "reproduce", "rl-mlp", "--seeds", "2", "--json");
    assert_int_equal(o.status, 0);
    cJSON *root = cJSON_Parse(o.out);
    const cJSON *claim = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "claims"), 0);
    const cJSON *as_is = cJSON_GetObjectItem(claim, "as_is");
    const cJSON *corrected = cJSON_GetObjectItem(claim, "corrected");
    assert_true(cJSON_GetObjectItem(as_is, "mean")->valuedouble < 0.5);
    assert_true(cJSON_GetObjectItem(corrected, "mean")->valuedouble > 0.98);
    cJSON_Delete(root);
    outcome_free(&o);
    assert_refused(RUN(*state, "reproduce", "rl-mpl"), "rl-mlp");
}

static cJSON *answers(void **state, const char *model, const char *fill) {
    return json_of(RUN(*state, "eval", model, "--episodes", "40", "--json", fill));
}

// A model that comes with the program is found by its name, solves boards it has never seen, and
// can be written out as it is.
static void test_a_model_by_its_name(void **state) {
    cJSON *json = answers(state, "sudoku4", "--fill");
    assert_int_equal((int)number_of(json, "samples"), 40);
    assert_true(number_of(json, "exact") >= 0.9);
    assert_true(number_of(json, "exact_low") < 1 && number_of(json, "exact_high") <= 1);
    assert_true(number_of(json, "filled_exact") >= 0.9);
    assert_true(number_of(json, "stopping_steps") < 6);
    assert_true(number_of(json, "forward_flop") > 1e6);
    assert_done(RUN(*state, "export", "sudoku4", "again.safetensors"));
    cJSON *again = answers(state, "again.safetensors", "--fill");
    assert_true(number_of(again, "loss") == number_of(json, "loss"));
    cJSON_Delete(again);
    cJSON_Delete(json);
}

// Drawn answers: of 256 digits of four kinds a quarter is right, and no board; filled by the rules,
// some boards are. The same draws each time, and other ones with another seed.
static void test_answers_at_random(void **state) {
    cJSON *json = json_of(
        RUN(*state, "eval", "sudoku4", "--episodes", "200", "--random", "--fill", "--json"));
    cJSON *again = json_of(
        RUN(*state, "eval", "sudoku4", "--episodes", "200", "--random", "--fill", "--json"));
    cJSON *other = json_of(
        RUN(*state, "eval", "sudoku4", "--episodes", "200", "--random", "seed=1", "--json"));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "random")));
    assert_true(fabs(number_of(json, "cell_accuracy") - 0.25) <
                0.04); // 5 deviations of 3,200 cells
    assert_true(number_of(json, "exact") == 0);
    assert_true(number_of(json, "filled_exact") > 0 && number_of(json, "filled_exact") < 0.5);
    assert_true(number_of(json, "loss") == number_of(again, "loss"));
    assert_true(number_of(json, "loss") != number_of(other, "loss"));
    assert_null(cJSON_GetObjectItem(json, "stopping_exact"));
    assert_null(cJSON_GetObjectItem(other, "filled_exact"));
    cJSON_Delete(other);
    cJSON_Delete(again);
    cJSON_Delete(json);
    assert_refused(RUN(*state, "eval", "sudoku4", "--random", "--steps"), "--steps");
}

// A run with averaged weights: what is written out is what was judged.
static void test_export_is_what_was_judged(void **state) {
    assert_done(RUN(*state, "train", SMALL, "train.epochs=2", "model.type=trm-conv",
                    "model.d_model=4", "model.layers=1", "model.feedforward=4",
                    "model.inner_steps=1", "model.k_cycles=1", "model.sup_steps=2",
                    "train.supervision=carried", "train.ema=0.9", "data.test=40", "--out", "a"));
    assert_done(RUN(*state, "export", "a", "a.safetensors"));
    cJSON *run = answers(state, "a", NULL), *alone = answers(state, "a.safetensors", NULL);
    char *text = text_of(state, "a/result.json");
    cJSON *result = cJSON_Parse(text);
    assert_true(number_of(run, "loss") == number_of(alone, "loss"));
    double difference = number_of(run, "loss") - number_of(result, "loss");
    assert_true(difference < 1e-5 && difference > -1e-5);
    cJSON_Delete(result);
    cJSON_Delete(run);
    cJSON_Delete(alone);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records_every_epoch, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_same_bytes_again_and_after_resuming, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_begins_with_given_weights, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_eval_and_probe, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_diagnose_tells_of_answers, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_bad_data_is_refused, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_reproduce_counts_what_can_be_counted, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_reproduce_finds_the_lost_gradient, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_model_by_its_name, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_answers_at_random, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_export_is_what_was_judged, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
