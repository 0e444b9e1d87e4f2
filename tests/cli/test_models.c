// SPDX-License-Identifier: Apache-2.0
// eval and probe.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>

#include "json.h"
#include "process.h"

enum { STATES = 25, ACTIONS = 4, CYCLES = 3, H = 64, L = 32 };

// One folder with two trained runs for all tests.
static int train_both(void **state) {
    if (scratch_make(state) != 0)
        return 1;
    outcome full = RUN(*state, "train", "maze", "train.episodes=3", "--out", "full");
    outcome mlp = RUN(*state, "train", "maze-mlp", "train.episodes=3", "--out", "mlp");
    int failed = full.status | mlp.status;
    outcome_free(&full);
    outcome_free(&mlp);
    return failed;
}

// The observation of a 5x5 maze with the agent in a cell, as JSON.
static void observation(int cell, char *out, size_t size) {
    size_t used = 0;
    for (int i = 0; i < STATES; i++) {
        const char *value = i == STATES - 1 ? "0.5" : i == cell ? "1" : "0";
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "[" : ",", value);
    }
    snprintf(out + used, size - used, "]");
}

static void assert_floats(const cJSON *cycle, const char *name, int n) {
    const cJSON *array = cJSON_GetObjectItem(cycle, name);
    assert_true(cJSON_IsArray(array));
    assert_int_equal(cJSON_GetArraySize(array), n);
    const cJSON *x;
    cJSON_ArrayForEach(x, array) {
        assert_true(cJSON_IsNumber(x));
        assert_true(isfinite(x->valuedouble));
    }
}

static int largest(const cJSON *array) {
    int best = 0;
    for (int i = 1; i < cJSON_GetArraySize(array); i++)
        if (cJSON_GetArrayItem(array, i)->valuedouble >
            cJSON_GetArrayItem(array, best)->valuedouble)
            best = i;
    return best;
}

static void test_probe_json(void **state) {
    char text[256];
    observation(0, text, sizeof text);
    outcome o = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 1);
    assert_memory_equal(o.out, "{\"cycles\":[{\"h_mid\":[", 21);
    cJSON *json = cJSON_Parse(o.out);
    assert_int_equal(cJSON_GetArraySize(json), 2);
    const cJSON *cycles = cJSON_GetObjectItem(json, "cycles");
    assert_int_equal(cJSON_GetArraySize(cycles), CYCLES);
    const cJSON *cycle;
    cJSON_ArrayForEach(cycle, cycles) {
        assert_int_equal(cJSON_GetArraySize(cycle), 5);
        assert_floats(cycle, "h_mid", H);
        assert_floats(cycle, "l", L);
        assert_floats(cycle, "h", H);
        assert_floats(cycle, "logits", ACTIONS);
        assert_floats(cycle, "probs", ACTIONS);
        double sum = 0;
        const cJSON *p;
        cJSON_ArrayForEach(p, cJSON_GetObjectItem(cycle, "probs")) {
            sum += p->valuedouble;
        }
        assert_true(fabs(sum - 1) < 1e-6);
    }
    const cJSON *last = cJSON_GetArrayItem(cycles, CYCLES - 1);
    assert_int_equal(cJSON_GetObjectItem(json, "action")->valueint,
                     largest(cJSON_GetObjectItem(last, "logits")));
    cJSON_Delete(json);
    outcome_free(&o);
}

// Several states give, line by line, what each gives alone.
static void test_probe_many(void **state) {
    char one[2][256];
    char both[600];
    observation(0, one[0], sizeof one[0]);
    observation(7, one[1], sizeof one[1]);
    snprintf(both, sizeof both, "[%s,\n %s]\n", one[0], one[1]);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/states.json", (const char *)*state);
    file_put_text(path, both);
    outcome o = RUN(*state, "probe", "full", "--state", "states.json", "--json");
    outcome a = RUN_WITH(*state, one[0], "probe", "full", "--state=-", "--json");
    outcome b = RUN_WITH(*state, one[1], "probe", "full", "--state=-", "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 2);
    size_t first = strlen(a.out);
    assert_memory_equal(o.out, a.out, first);
    assert_string_equal(o.out + first, b.out);
    assert_string_not_equal(a.out, b.out);
    outcome_free(&o);
    outcome_free(&a);
    outcome_free(&b);
}

static void test_probe_prev_action(void **state) {
    char text[256];
    observation(3, text, sizeof text);
    outcome none = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json");
    outcome two =
        RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "--prev-action", "2");
    assert_int_equal(two.status, 0);
    assert_string_not_equal(none.out, two.out);
    outcome_free(&none);
    outcome_free(&two);
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--prev-action", "4"),
                   "0 to 3");
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--prev-action", "-1"),
                   "0 to 3");
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--prev-action", "up"),
                   "0 to 3");
}

static void test_probe_other_cycles(void **state) {
    char text[256];
    observation(0, text, sizeof text);
    outcome o =
        RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "model.k_cycles=6");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "cycles")), 6);
    cJSON_Delete(json);
    outcome_free(&o);
}

// What if: other cycles, without feedback and carry, with units held.
static void test_probe_what_if(void **state) {
    char text[256];
    observation(7, text, sizeof text);
    outcome own = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json");
    outcome same = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "--k", "3");
    outcome six = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "--k", "6");
    outcome configured =
        RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "model.k_cycles=6");
    assert_int_equal(six.status, 0);
    assert_string_equal(own.out, same.out);
    assert_string_equal(six.out, configured.out);
    assert_string_not_equal(own.out, six.out);
    static const char *const flags[][2] = {
        {"--no-feedback", "--no-feedback"}, {"--no-carry", "--no-carry"}, {"--mask", "h:12,l:3"}};
    for (int i = 0; i < 3; i++) {
        outcome o = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", flags[i][0],
                             flags[i][1]);
        assert_int_equal(o.status, 0);
        assert_string_not_equal(own.out, o.out);
        if (i == 2) {
            cJSON *json = cJSON_Parse(o.out);
            const cJSON *cycle = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "cycles"), 1);
            assert_true(cJSON_GetArrayItem(cJSON_GetObjectItem(cycle, "h"), 12)->valuedouble == 0);
            assert_true(cJSON_GetArrayItem(cJSON_GetObjectItem(cycle, "l"), 3)->valuedouble == 0);
            cJSON_Delete(json);
        }
        outcome_free(&o);
    }
    outcome_free(&own);
    outcome_free(&same);
    outcome_free(&six);
    outcome_free(&configured);
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--mask", "h:64"),
                   "h:0 to h:63");
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--mask", "12"),
                   "--mask");
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-", "--k", "65"), "1 to 64");
    assert_refused(RUN_WITH(*state, text, "probe", "mlp", "--state", "-", "--k", "2"), "no cycles");
}

static void test_probe_gradient(void **state) {
    char text[256];
    observation(7, text, sizeof text);
    outcome o = RUN_WITH(*state, text, "probe", "full", "--state", "-", "--json", "--gradient");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    const cJSON *rows = cJSON_GetObjectItem(json, "gradient");
    assert_int_equal(cJSON_GetArraySize(rows), ACTIONS);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetArrayItem(rows, 0)), H);
    cJSON_Delete(json);
    outcome_free(&o);
}

// The mlp has no L level: its key is left out, and only the last layer is read by the head.
static void test_probe_mlp(void **state) {
    char text[256];
    observation(0, text, sizeof text);
    outcome o = RUN_WITH(*state, text, "probe", "mlp", "--state", "-", "--json");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    const cJSON *cycles = cJSON_GetObjectItem(json, "cycles");
    int n = cJSON_GetArraySize(cycles);
    assert_true(n >= 1);
    const cJSON *last = cJSON_GetArrayItem(cycles, n - 1);
    assert_null(cJSON_GetObjectItem(last, "l"));
    assert_floats(last, "logits", ACTIONS);
    assert_null(strstr(o.out, "null"));
    cJSON_Delete(json);
    outcome_free(&o);
}

static void test_probe_table(void **state) {
    char text[256];
    observation(0, text, sizeof text);
    outcome o = RUN_WITH(*state, text, "probe", "full", "--state", "-");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), CYCLES + 1);
    assert_non_null(strstr(o.out, "right"));
    assert_non_null(strstr(o.out, "action "));
    outcome_free(&o);
}

static void test_probe_bad_states(void **state) {
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "JSON"},
        {"[1,2", "JSON"},
        {"[1,\n2,,]", ":2:3"},
        {"[1,2,3]", "takes 25"},
        {"[]", "takes 25"},
        {"{}", "array"},
        {"7", "array"},
        {"[true]", "not a number"},
        {"[null]", "not a number"},
        {"[NaN]", "JSON"},
        {"[1e39]", "too large"},
        {"[1e999]", "too large"},
        {"[[1,2],3]", "state 1"},
        {"[[]]", "takes 25"},
        {"[1] [2]", "JSON"},
        {"[\"1\"]", "not a number"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(RUN_WITH(*state, bad[i].text, "probe", "full", "--state", "-"), bad[i].part);
    char text[600];
    char one[256];
    observation(0, one, sizeof one);
    snprintf(text, sizeof text, "[%s,[1,2]]", one);
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-"), "state 2");
    snprintf(text, sizeof text, "[%s,5]", one);
    assert_refused(RUN_WITH(*state, text, "probe", "full", "--state", "-"), "state 2");
    assert_refused(RUN(*state, "probe", "full", "--state", "nowhere.json"), "nowhere.json");
    assert_refused(RUN(*state, "probe", "full", "--state", "full"), "full");
}

static void test_eval_json(void **state) {
    outcome o = RUN(*state, "eval", "full", "--episodes", "7", "--json");
    assert_int_equal(o.status, 0);
    assert_int_equal(line_count(o.out), 1);
    cJSON *json = cJSON_Parse(o.out);
    static const char *const keys[] = {"episodes", "success", "mean_reward", "mean_length",
                                       "optimal_length"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(cJSON_IsNumber(cJSON_GetObjectItem(json, keys[i])));
    assert_int_equal(cJSON_GetObjectItem(json, "episodes")->valueint, 7);
    assert_int_equal(cJSON_GetObjectItem(json, "optimal_length")->valueint, 8);
    double success = cJSON_GetObjectItem(json, "success")->valuedouble;
    assert_true(success >= 0 && success <= 1);
    cJSON_Delete(json);
    outcome again = RUN(*state, "eval", "full/checkpoint.safetensors", "--episodes", "7", "--json");
    assert_int_equal(again.status, 0);
    assert_string_equal(strstr(o.out, "\"type\""), strstr(again.out, "\"type\""));
    outcome_free(&again);
    outcome_free(&o);
}

static void test_eval_table(void **state) {
    outcome o = RUN(*state, "eval", "mlp", "seed=4");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "20,356 parameters"));
    assert_non_null(strstr(o.out, "100, greedy"));
    assert_non_null(strstr(o.out, "8.0 at best"));
    assert_non_null(strstr(o.out, "seed 4"));
    outcome_free(&o);
}

// A head learns beside the policy when to stop: eval tells what it costs and saves, probe what it
// says. Bare weights tell that it is there.
static void test_learned_halting(void **state) {
    outcome o = RUN(*state, "train", "maze-batch", "train.halting=true",
                    "train.deep_supervision=true", "--out", "halting");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    outcome exported = RUN(*state, "export", "halting", "halting.safetensors");
    assert_int_equal(exported.status, 0);
    outcome_free(&exported);
    static const char *const models[] = {"halting", "halting.safetensors"};
    for (int i = 0; i < 2; i++) {
        outcome eval = RUN(*state, "eval", models[i], "--episodes", "40", "--json");
        assert_int_equal(eval.status, 0);
        cJSON *json = cJSON_Parse(eval.out);
        assert_int_equal(number_of(json, "parameters"), 69038 + H + 1);
        assert_true(number_of(json, "success") == 1);
        assert_true(number_of(json, "stopping_success") == 1);
        assert_true(number_of(json, "stopping_cycles") >= 1);
        assert_true(number_of(json, "stopping_cycles") < 3);
        cJSON_Delete(json);
        outcome_free(&eval);
    }
    outcome table = RUN(*state, "eval", "halting");
    assert_non_null(strstr(table.out, "of 3 cycles an action, where the halting head says so"));
    outcome_free(&table);
    char text[256];
    observation(0, text, sizeof text);
    outcome probe = RUN_WITH(*state, text, "probe", "halting", "--state", "-", "--json");
    assert_int_equal(probe.status, 0);
    cJSON *json = cJSON_Parse(probe.out);
    const cJSON *cycles = cJSON_GetObjectItem(json, "cycles");
    for (int k = 0; k < CYCLES; k++) {
        const cJSON *halt = cJSON_GetObjectItem(cJSON_GetArrayItem(cycles, k), "halt");
        assert_int_equal(cJSON_GetArraySize(halt), 1);
        double p = cJSON_GetArrayItem(halt, 0)->valuedouble;
        assert_true(p > 0 && p <= 1);
    }
    cJSON_Delete(json);
    outcome_free(&probe);
    assert_refused(RUN(*state, "train", "maze-mlp", "train.halting=true"), "halting head");
}

// The puzzle stands first, and an answer that stays the same is printed once.
static void test_probe_of_a_sample(void **state) {
    outcome o = RUN(*state, "probe", "sudoku4", "--sample", "3");
    assert_int_equal(o.status, 0);
    assert_memory_equal(o.out, "board\n", 6);
    const char *step = strstr(o.out, "step 1");
    assert_non_null(step);
    const char *blank = strchr(o.out, '.');
    assert_true(blank != NULL && blank < step);
    const char *same = strstr(o.out, "step 6  the same answer");
    assert_non_null(same);
    outcome_free(&o);
}

// Every bundled model is listed with what its card says, and nothing is said that is not there.
static void test_list_of_models(void **state) {
    outcome o = RUN(*state, "models", "--json");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_true(cJSON_GetArraySize(json) >= 7);
    const cJSON *row;
    cJSON_ArrayForEach(row, json) {
        const char *name = cJSON_GetObjectItem(row, "name")->valuestring;
        const char *score = cJSON_GetObjectItem(row, "score")->valuestring;
        char path[PATH_SIZE], told[256];
        snprintf(path, sizeof path, "%s/../../assets/models/%s.md", getenv("TRM_FIXTURES_DEFAULT"),
                 name);
        char *card = file_text(path, NULL);
        snprintf(told, sizeof told, "| score | %s |", score);
        assert_non_null(strstr(card, told));
        // The figure itself stands among what was measured, too.
        const char *figure = strpbrk(score, "0123456789");
        snprintf(told, sizeof told, "%.*s", (int)strcspn(figure, " "), figure);
        const char *first = strstr(card, told);
        assert_true(first != NULL && strstr(first + 1, told) != NULL);
        assert_true(cJSON_GetObjectItem(row, "parameters")->valuedouble > 0);
        free(card);
    }
    cJSON_Delete(json);
    outcome_free(&o);
    o = RUN(*state, "models");
    assert_non_null(strstr(o.out, "maze11"));
    assert_non_null(strstr(o.out, "maze 11x11"));
    assert_non_null(strstr(o.out, "148,938"));
    outcome_free(&o);
    o = RUN(*state, "models", "SUDOKU", "9x9");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "sudoku9"));
    assert_null(strstr(o.out, "sudoku6"));
    assert_null(strstr(o.out, "maze"));
    outcome_free(&o);
    o = RUN(*state, "models", "--json", "nothing-like-it");
    assert_string_equal(o.out, "[]\n");
    outcome_free(&o);
    assert_refused(RUN(*state, "models", "nothing-like-it"), "no bundled model");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_json),        cmocka_unit_test(test_probe_many),
        cmocka_unit_test(test_probe_prev_action), cmocka_unit_test(test_probe_other_cycles),
        cmocka_unit_test(test_probe_mlp),         cmocka_unit_test(test_probe_table),
        cmocka_unit_test(test_probe_what_if),     cmocka_unit_test(test_probe_gradient),
        cmocka_unit_test(test_probe_bad_states),  cmocka_unit_test(test_eval_json),
        cmocka_unit_test(test_eval_table),        cmocka_unit_test(test_learned_halting),
        cmocka_unit_test(test_list_of_models),    cmocka_unit_test(test_probe_of_a_sample),
    };
    return cmocka_run_group_tests(tests, train_both, scratch_remove);
}
