// SPDX-License-Identifier: Apache-2.0
// Checkpoints of the paper's models through the real binary: they find their board, and are
// measured, asked and written out like models of our own.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "process.h"

typedef struct trained {
    const char *folder, *weights;
    int boards, changed; // changed: wrong answers that change a given
} trained;

static const trained models[] = {{"sudoku4-attn", "step_4193", 300, 0},
                                 {"sudoku6-mlpt", "step_771", 300, 16}};

static const char *fixture(const char *folder, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/paper/%s/%s", getenv("TRM_FIXTURES_DEFAULT"), folder, name);
    return out;
}

static const char *trained_file(const trained *t, const char *name, char out[PATH_SIZE]) {
    char folder[128];
    snprintf(folder, sizeof folder, "trained/%s", t->folder);
    return fixture(folder, name, out);
}

static cJSON *json_of(outcome o) {
    if (o.status != 0)
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    cJSON *json = cJSON_Parse(o.out);
    assert_non_null(json);
    outcome_free(&o);
    return json;
}

static double number(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItem(json, name);
    if (!cJSON_IsNumber(item))
        fail_msg("no number %s", name);
    return item->valuedouble;
}

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

// What PyTorch measured of the same boards, step by step.
static void check_steps(const trained *t, const cJSON *json) {
    char path[PATH_SIZE];
    size_t size;
    char *text = file_text(trained_file(t, "by_step.json", path), &size);
    cJSON *truth = cJSON_Parse(text);
    const cJSON *steps = cJSON_GetObjectItem(json, "steps");
    const cJSON *wanted = cJSON_GetObjectItem(truth, "by_step");
    assert_int_equal(cJSON_GetArraySize(steps), cJSON_GetArraySize(wanted));
    for (int i = 0; i < cJSON_GetArraySize(wanted); i++) {
        const cJSON *step = cJSON_GetArrayItem(steps, i), *want = cJSON_GetArrayItem(wanted, i);
        assert_true(near(number(step, "exact_accuracy"), number(want, "exact")));
        assert_true(near(number(step, "cell_accuracy"), number(want, "cells")));
        assert_true(near(number(step, "halt_says_right"), number(want, "q_says_right")));
        assert_true(near(number(step, "halt_agrees"), number(want, "q_agrees")));
        assert_true(number(step, "exact_low") <= number(want, "exact"));
        assert_true(number(step, "exact_high") >= number(want, "exact"));
        assert_true(number(step, "blank_accuracy") <= number(want, "cells"));
    }
    cJSON_Delete(truth);
    free(text);
}

static void test_measured_as_pytorch_does(void **state) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const trained *t = &models[i];
        char weights[PATH_SIZE], puzzles[PATH_SIZE], word[PATH_SIZE + 16];
        trained_file(t, "puzzles.txt", puzzles);
        snprintf(word, sizeof word, "env.puzzles=%s", puzzles);
        cJSON *json =
            json_of(RUN(*state, "eval", trained_file(t, t->weights, weights), word, "--json"));
        assert_int_equal((int)number(json, "samples"), t->boards);
        assert_true(near(number(json, "changes_given"), (double)t->changed / t->boards));
        assert_true(number(json, "stopping_steps") < 2);
        check_steps(t, json);
        cJSON_Delete(json);
    }
}

// Steps beyond those of the training.
static void test_more_steps(void **state) {
    char weights[PATH_SIZE];
    trained_file(&models[0], models[0].weights, weights);
    cJSON *json =
        json_of(RUN(*state, "eval", weights, "--episodes", "5", "model.sup_steps=100", "--json"));
    const cJSON *steps = cJSON_GetObjectItem(json, "steps");
    assert_int_equal(cJSON_GetArraySize(steps), 100);
    assert_true(number(cJSON_GetArrayItem(steps, 99), "moved") <
                number(cJSON_GetArrayItem(steps, 1), "moved"));
    cJSON_Delete(json);
    assert_refused(RUN(*state, "eval", weights, "model.sup_steps=1025"), "1024");
}

// Which board it is, V and S tell; where they do not, a line names the words that do.
static void test_boards(void **state) {
    char path[PATH_SIZE];
    assert_refused(RUN(*state, "eval", fixture("checkpoints", "mlpt-s16-d64-noemb.pt", path)),
                   "data.size");
    trained_file(&models[0], models[0].weights, path);
    cJSON *json = json_of(RUN(*state, "eval", path, "--episodes", "2", "--json",
                              "data.type=mazes-10-fixed", "data.size=10"));
    assert_string_equal(cJSON_GetObjectItem(json, "data")->valuestring, "mazes-10-fixed");
    assert_true(number(json, "cell_accuracy") < 1);
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_measured_as_pytorch_does, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_more_steps, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_boards, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
