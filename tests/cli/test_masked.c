// SPDX-License-Identifier: Apache-2.0
// Every command asks the same agent, so that all of them say the same of a model: with masked
// actions, without, and of one that answers samples.
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

static outcome done(outcome o) {
    if (o.status != 0)
        fail_msg("%s", o.err);
    return o;
}

static void train(void **state) {
    outcome o = done(RUN(*state, "train", "sudoku-medium", "train.episodes=400", "--out", "sm"));
    outcome_free(&o);
}

// What eval calls `names[i][0]`, diagnose calls `names[i][1]`, in the object `part`. 0 ends them.
static void compare(void *state, const char *run, const char *part, const char *(*names)[2]) {
    cJSON *eval = json_of(RUN(state, "eval", run, "--json"));
    cJSON *diagnosis = json_of(RUN(state, "diagnose", run, "--json"));
    for (; (*names)[0]; names++) {
        const double a = number_of(eval, (*names)[0]);
        const double b = number_of(cJSON_GetObjectItem(diagnosis, part), (*names)[1]);
        if (!(fabs(a - b) < 1e-9))
            fail_msg("%s, %s: eval says %g, diagnose %g", run, (*names)[0], a, b);
    }
    cJSON_Delete(eval);
    cJSON_Delete(diagnosis);
}

static void test_eval_and_diagnose_agree(void **state) {
    static const char *played[][2] = {{"episodes", "episodes"},
                                      {"success", "success"},
                                      {"mean_reward", "reward"},
                                      {"mean_length", "length"},
                                      {0}};
    static const char *answered[][2] = {{"samples", "samples"},
                                        {"cell_accuracy", "cell_accuracy"},
                                        {"exact", "exact_accuracy"},
                                        {0}};
    outcome o = done(RUN(*state, "train", "maze", "train.episodes=60", "--out", "maze"));
    outcome_free(&o);
    o = done(RUN(*state, "train", "mazes-8-fixed-trm", "data.train=40", "data.validation=20",
                 "data.test=20", "train.epochs=2", "--out", "answers"));
    outcome_free(&o);
    train(state);
    compare(*state, "sm", "greedy", played);
    compare(*state, "maze", "greedy", played);
    compare(*state, "answers", "answers", answered);
    cJSON *eval = json_of(RUN(*state, "eval", "sm", "--json"));
    cJSON *diagnosis = json_of(RUN(*state, "diagnose", "sm", "--json", "--episodes", "0"));
    assert_true(number_of(eval, "success") > 0.95);
    assert_true(number_of(cJSON_GetObjectItem(diagnosis, "sampled"), "success") > 0.6);
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
    assert_int_equal((int)number_of(root, "action"), best);
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
