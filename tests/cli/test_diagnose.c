// SPDX-License-Identifier: Apache-2.0
// The report, its JSON, its exit statuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "process.h"

#define SMALL "env.size=3", "model.h_dim=8", "model.l_dim=4", "--episodes", "10"

// Bytes that begin a character.
static int characters(const char *line, size_t length) {
    int n = 0;
    for (size_t i = 0; i < length; i++)
        n += ((unsigned char)line[i] & 0xC0) != 0x80;
    return n;
}

static void assert_fits(const char *text) {
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        assert_in_range(characters(line, length), 0, 80);
        line += length + (line[length] == '\n');
    }
}

static const cJSON *finding(const cJSON *object, const char *check) {
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(object, "findings")) {
        if (strcmp(cJSON_GetObjectItem(item, "check")->valuestring, check) == 0)
            return item;
    }
    fail_msg("no finding %s", check);
    return NULL;
}

static const char *severity(const cJSON *object, const char *check) {
    return cJSON_GetObjectItem(finding(object, check), "severity")->valuestring;
}

static void test_report(void **state) {
    static const char *const parts[] = {"TASK", "POLICY",         "GRADIENT", "LEARNING SIGNAL",
                                        "best", "SHORT TRAINING", "cycle 3",  "maze: "};
    outcome o = RUN(*state, "diagnose", SMALL);
    assert_int_equal(o.status, 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_non_null(strstr(o.out, parts[i]));
    assert_null(strstr(o.out, "the policy gradient cancels"));
    assert_fits(o.out);
    outcome_free(&o);
    assert_int_equal(folder_entries(*state), 0);
}

static void test_the_originals_fault(void **state) {
    outcome o = RUN(*state, "diagnose", "original-maze", SMALL);
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "FAULT  the policy gradient cancels"));
    assert_non_null(strstr(o.out, "fault: the policy gradient cancels"));
    assert_fits(o.out);
    outcome_free(&o);
    o = RUN(*state, "diagnose", "original-maze", SMALL, "--strict");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.err, "");
    outcome_free(&o);
}

static void test_json(void **state) {
    static const char *const members[] = {"blas",  "random",   "optimum", "sampled",  "greedy",
                                          "units", "gradient", "signal",  "training", "findings"};
    outcome o = RUN(*state, "diagnose", "original-maze", "original-maze-fixed", SMALL, "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 2);
    const char *second = strchr(o.out, '\n') + 1;
    cJSON *with = cJSON_Parse(o.out);
    cJSON *without = cJSON_Parse(second);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        assert_true(cJSON_HasObjectItem(with, members[i]));
    assert_string_equal(severity(with, "policy-gradient"), "fault");
    assert_string_equal(severity(without, "policy-gradient"), "ok");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(with, "trained")));
    cJSON_Delete(with);
    cJSON_Delete(without);
    outcome_free(&o);
}

static void test_without_training(void **state) {
    outcome o = RUN(*state, "diagnose", SMALL, "--episodes", "0", "--json");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_false(cJSON_HasObjectItem(json, "training"));
    cJSON_Delete(json);
    outcome_free(&o);
}

static void test_a_runs_weights(void **state) {
    outcome o = RUN(*state, "train", "maze", "env.size=3", "model.h_dim=8", "model.l_dim=4",
                    "train.episodes=5", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    static const char *const words[] = {"run", "run/checkpoint.safetensors"};
    for (int i = 0; i < 2; i++) {
        o = RUN(*state, "diagnose", words[i], "--episodes", "0", "--json");
        assert_int_equal(o.status, 0);
        cJSON *json = cJSON_Parse(o.out);
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "trained")));
        assert_non_null(finding(json, "chance-beaten"));
        cJSON_Delete(json);
        outcome_free(&o);
    }
    assert_refused(RUN(*state, "diagnose", "run", "env.size=4"), "9 state values");
}

static void test_data(void **state) {
    outcome o =
        RUN(*state, "diagnose", "mazes-8-trm", "mazes-10-trm", "mazes-8-fixed-trm", "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 3);
    const char *line = o.out;
    static const char *const constant[] = {"fault", "fault", "ok"};
    static const char *const empty[] = {"ok", "fault", "ok"};
    for (int i = 0; i < 3; i++) {
        cJSON *json = cJSON_Parse(line);
        assert_true(cJSON_HasObjectItem(json, "data"));
        assert_string_equal(severity(json, "targets-constant"), constant[i]);
        assert_string_equal(severity(json, "targets-empty"), empty[i]);
        cJSON_Delete(json);
        line = strchr(line, '\n') + 1;
    }
    outcome_free(&o);
}

static void test_bad_words(void **state) {
    assert_refused(RUN(*state, "diagnose", "maz"), "maze");
    assert_refused(RUN(*state, "diagnose", "none.safetensors"), "none.safetensors");
    assert_refused(RUN(*state, "diagnose", "maze", "env.size=x"), "env.size");
    assert_refused(RUN(*state, "diagnose", "maze", "--episodes", "-1"), "expected 0 to");
    assert_int_equal(folder_entries(*state), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_report, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_the_originals_fault, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_json, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_without_training, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_runs_weights, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_data, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_bad_words, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
