// SPDX-License-Identifier: Apache-2.0
// A model that is trained with masked actions: every command asks the same agent, so that all of
// them tell of the same play.
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

static outcome done(outcome o) {
    if (o.status != 0)
        fail_msg("%s", o.err);
    return o;
}

static cJSON *json_of(outcome o) {
    cJSON *root = cJSON_Parse(done(o).out);
    assert_non_null(root);
    outcome_free(&o);
    return root;
}

static double number(const cJSON *of, const char *name) {
    const cJSON *item = cJSON_GetObjectItem(of, name);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", name);
    return item->valuedouble;
}

static void train(void **state) {
    outcome o = done(RUN(*state, "train", "sudoku-medium", "train.episodes=400", "--out", "sm"));
    outcome_free(&o);
}

static void test_eval_and_diagnose_agree(void **state) {
    train(state);
    cJSON *eval = json_of(RUN(*state, "eval", "sm", "--json"));
    cJSON *diagnosis = json_of(RUN(*state, "diagnose", "sm", "--json", "--episodes", "50"));
    const cJSON *greedy = cJSON_GetObjectItem(diagnosis, "greedy");
    const cJSON *sampled = cJSON_GetObjectItem(diagnosis, "sampled");
    assert_true(number(eval, "success") > 0.95);
    assert_true(number(greedy, "success") > 0.95);
    assert_true(fabs(number(greedy, "reward") - number(eval, "mean_reward")) < 1);
    assert_true(number(sampled, "success") > 0.6);
    cJSON_Delete(eval);
    cJSON_Delete(diagnosis);
}

static void test_what_was_recorded_is_proved(void **state) {
    train(state);
    outcome o = done(RUN(*state, "replay", "sm", "--check"));
    assert_non_null(strstr(o.out, "actions and rewards are as recorded"));
    outcome_free(&o);
}

// A run recorded by an earlier version, whose rollouts masked the logits in place.
static void test_an_older_record_is_proved(void **state) {
    const char *fixtures = getenv("TRM_FIXTURES");
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/masked-run",
             fixtures ? fixtures : getenv("TRM_FIXTURES_DEFAULT"));
    outcome o = done(RUN(*state, "replay", path, "--check"));
    assert_non_null(strstr(o.out, "4 moments"));
    outcome_free(&o);
}

static double at(const cJSON *array, int i) {
    return cJSON_GetArrayItem(array, i)->valuedouble;
}

// The first blank puzzle that the original's grid gives: probe says which actions are allowed, what
// it would do of them, and both probabilities side by side.
static void test_probe_masks_what_it_can_tell(void **state) {
    enum { CELLS = 16, SIDE = 4, ACTIONS = CELLS * SIDE };
    static const int grid[CELLS] = {1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1};
    char text[1024] = "[";
    train(state);
    for (int i = 0; i < 5 * CELLS; i++) {
        const int cell = i % CELLS, blank = cell % 2;
        const double x = i < CELLS ? (blank ? 0 : grid[cell] / 4.0) : i < 2 * CELLS ? blank : 0;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%g", i ? "," : "", x);
    }
    text[strlen(text) + 1] = 0;
    text[strlen(text)] = 0x5D;
    cJSON *root = json_of(RUN_WITH(*state, text, "probe", "sm", "--state", "-", "--json"));
    const cJSON *legal = cJSON_GetObjectItem(root, "legal");
    const cJSON *cycles = cJSON_GetObjectItem(root, "cycles");
    const cJSON *last = cJSON_GetArrayItem(cycles, cJSON_GetArraySize(cycles) - 1);
    const cJSON *probs = cJSON_GetObjectItem(last, "probs");
    const cJSON *masked = cJSON_GetObjectItem(last, "masked");
    assert_int_equal(cJSON_GetArraySize(legal), ACTIONS);
    assert_int_equal(cJSON_GetArraySize(masked), ACTIONS);
    double sum = 0, left = 0;
    int best = 0;
    for (int a = 0; a < ACTIONS; a++) {
        const bool may = cJSON_IsTrue(cJSON_GetArrayItem(legal, a));
        assert_true(may == (at(masked, a) > 0));
        assert_true(!may || (a / SIDE) % 2 == 1); // only in blank cells
        left += may ? at(probs, a) : 0;
        sum += at(masked, a);
        best = at(masked, a) > at(masked, best) ? a : best;
    }
    assert_true(fabs(sum - 1) < 1e-5);
    for (int a = 0; a < ACTIONS; a++)
        assert_true(at(masked, a) <= 0 || fabs(at(masked, a) - at(probs, a) / left) < 1e-4);
    assert_int_equal((int)number(root, "action"), best);
    cJSON_Delete(root);
    // What is no board of this environment is read as it is.
    text[1] = '9';
    root = json_of(RUN_WITH(*state, text, "probe", "sm", "--state", "-", "--json"));
    assert_null(cJSON_GetObjectItem(root, "legal"));
    cJSON_Delete(root);
    text[1] = '0';
    outcome o = done(RUN_WITH(*state, text, "probe", "sm", "--state", "-"));
    assert_non_null(strstr(o.out, "(raw 0."));
    outcome_free(&o);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_eval_and_diagnose_agree),
        WITH_FOLDER(test_what_was_recorded_is_proved),
        WITH_FOLDER(test_an_older_record_is_proved),
        WITH_FOLDER(test_probe_masks_what_it_can_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
