// SPDX-License-Identifier: Apache-2.0
// The listing, one preset, the table of keys.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "process.h"

static const char *const names[] = {"maze",
                                    "maze-k5",
                                    "maze-mlp",
                                    "maze-optimized",
                                    "original-maze",
                                    "original-maze-k5",
                                    "original-maze-mlp",
                                    "original-maze-fixed",
                                    "original-maze-k5-fixed",
                                    "original-maze-mlp-fixed"};
enum { NAMES = sizeof names / sizeof *names };

static void test_list(void **state) {
    outcome o = RUN(*state, "presets");
    assert_int_equal(o.status, 0);
    for (int i = 0; i < NAMES; i++)
        assert_non_null(strstr(o.out, names[i]));
    outcome_free(&o);
}

// In groups, every preset in one of them; and those with a text.
static void test_groups(void **state) {
    outcome all = RUN(*state, "presets"), some = RUN(*state, "presets", "--find", "SUDOKU-9");
    static const char *const groups[] = {"learn by playing", "\nlearn from answers:\n",
                                         "\nthe paper's models:\n", "\nthe original's"};
    for (int i = 0; i < 4; i++)
        assert_non_null(strstr(all.out, groups[i]));
    assert_true(strstr(all.out, "  maze-k5 ") < strstr(all.out, groups[1]));
    assert_true(strstr(all.out, "  original-maze-k5 ") > strstr(all.out, groups[3]));
    assert_non_null(strstr(some.out, "  sudoku-9-peer "));
    assert_non_null(strstr(some.out, "  paper-sudoku-9 "));
    assert_null(strstr(some.out, "maze-k5"));
    assert_null(strstr(some.out, groups[3]));
    outcome_free(&all);
    outcome_free(&some);
    assert_refused(RUN(*state, "presets", "--find", "x", "--json"), "--find");
}

static void test_list_as_json(void **state) {
    outcome o = RUN(*state, "presets", "--json");
    assert_int_equal(o.status, 0);
    cJSON *list = cJSON_Parse(o.out);
    assert_true(cJSON_IsArray(list));
    assert_true(cJSON_GetArraySize(list) >= NAMES);
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        assert_true(cJSON_IsString(cJSON_GetObjectItem(item, "name")));
        assert_true(cJSON_IsString(cJSON_GetObjectItem(item, "module")));
        assert_true(strlen(cJSON_GetObjectItem(item, "summary")->valuestring) > 0);
    }
    cJSON_Delete(list);
    outcome_free(&o);
}

// What a preset prints is a configuration that trains the very same.
static void test_preset_round_trip(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/my.json", (const char *)*state);
    for (int i = 0; i < NAMES; i++) {
        outcome o = RUN(*state, "presets", names[i]);
        assert_int_equal(o.status, 0);
        cJSON *json = cJSON_Parse(o.out);
        assert_true(cJSON_IsObject(json));
        cJSON_Delete(json);
        file_put_text(path, o.out);
        outcome_free(&o);
        if (i == 0) {
            o = RUN(*state, "train", "my.json", "train.episodes=2", "--out", "a");
            assert_int_equal(o.status, 0);
            outcome_free(&o);
            o = RUN(*state, "train", names[i], "train.episodes=2", "--out", "b");
            assert_int_equal(o.status, 0);
            outcome_free(&o);
            char a[PATH_SIZE];
            char b[PATH_SIZE];
            snprintf(a, sizeof a, "%s/a", (const char *)*state);
            snprintf(b, sizeof b, "%s/b", (const char *)*state);
            char *left = metrics_without_seconds(a);
            char *right = metrics_without_seconds(b);
            assert_string_equal(left, right);
            free(left);
            free(right);
        }
    }
}

static void test_describe(void **state) {
    static const char *const keys[] = {"seed",           "env.type",     "env.size",
                                       "model.k_cycles", "train.lr",     "train.broadcast_bug",
                                       "train.threads",  "model.hidden", "run.checkpoint_every"};
    outcome o = RUN(*state, "presets", "--describe");
    assert_int_equal(o.status, 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(strstr(o.out, keys[i]));
    outcome_free(&o);
}

static void test_unknown(void **state) {
    assert_refused(RUN(*state, "presets", "maze-k6"), "maze-k5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_groups, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_list_as_json, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_preset_round_trip, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_describe, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_unknown, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
