// SPDX-License-Identifier: Apache-2.0
// What `trm bench` reports is there and is consistent with itself. How fast this machine is, is no
// matter of right and wrong.
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
#include "trm/model/model.h"

// A small model, of which this is known: a step's operations.
#define SMALL "maze", "env.size=3", "model.h_dim=16", "model.l_dim=8"
enum { FORWARD = 23586 };

static void assert_near(double a, double b, double share) {
    if (!(fabs(a - b) <= share * fabs(b)))
        fail_msg("%g is not near %g", a, b);
}

// Medians lie between their quartiles.
static void check_spread(const cJSON *values, const cJSON *spread) {
    assert_true(cJSON_GetArraySize(spread) > 0);
    const cJSON *item;
    cJSON_ArrayForEach(item, spread) {
        const cJSON *median = cJSON_GetObjectItemCaseSensitive(values, item->string);
        const cJSON *low = cJSON_GetArrayItem(item, 0);
        const cJSON *high = cJSON_GetArrayItem(item, 1);
        assert_non_null(median);
        if (cJSON_IsNumber(median)) {
            assert_true(low->valuedouble <= median->valuedouble);
            assert_true(median->valuedouble <= high->valuedouble);
        }
    }
}

static void check_preset(const cJSON *json) {
    assert_true(number_of(json, "forward_flop") == FORWARD);
    assert_true(number_of(json, "training_flop") == 3 * FORWARD);
    assert_near(number_of(json, "train_batched_gflops"),
                number_of(json, "train_batched_steps_s") * 3e-9 * FORWARD, 0.01);
    assert_true(number_of(json, "batched_envs") > number_of(json, "shipped_envs"));
    check_spread(json, cJSON_GetObjectItem(json, "spread"));
}

static void test_report(void **state) {
    static const char *const positive[] = {
        "sgemm_gflops",        "sgemm_model_gflops",    "env_maze_open_steps_s",
        "env_sudoku_steps_s",  "forward_b1_us",         "forward_b16_us",
        "forward_b256_us",     "train_shipped_steps_s", "train_shipped_share",
        "train_batched_share", "train_threads2_ratio",
#ifndef TRM_NO_SCREENS
        "first_frame_ms",      "resident_mib",          "view_open_steps_s",
        "view_closed_steps_s",
#endif
    };
    outcome o = RUN(*state, "bench", SMALL, "--quick", "--json");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_true(cJSON_IsObject(json));
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
        if (!(number_of(json, positive[i]) > 0))
            fail_msg("%s is not above 0", positive[i]);
#ifndef TRM_NO_SCREENS
    assert_true(number_of(json, "watch_overhead") < 1);
#endif
    assert_true(strlen(cJSON_GetObjectItem(json, "core")->valuestring) > 0);
    assert_non_null(cJSON_GetObjectItem(json, "blas"));
    check_spread(json, cJSON_GetObjectItem(json, "spread"));
    const cJSON *presets = cJSON_GetObjectItem(json, "presets");
    assert_int_equal(cJSON_GetArraySize(presets), 1);
    check_preset(cJSON_GetArrayItem(presets, 0));
    cJSON_Delete(json);
    outcome_free(&o);
    assert_int_equal(folder_entries(*state), 0);
}

// One of each architecture, made small; and the model of a preset that is asked for.
static void test_models(void **state) {
    outcome o = RUN(*state, "bench", "--models", "--quick", "--json", "train.batch=1",
                    "model.sup_steps=1", "model.inner_steps=1", "model.k_cycles=1");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    const cJSON *models = cJSON_GetObjectItem(json, "models"), *item;
    for (int32_t i = 0; trm_arch_name(i) != NULL; i++) {
        int found = 0;
        cJSON_ArrayForEach(item, models) {
            const char *type = cJSON_GetObjectItem(item, "type")->valuestring;
            found += strcmp(type, trm_arch_name(i)) == 0;
        }
        if (found != 1)
            fail_msg("%s is measured %d times", trm_arch_name(i), found);
    }
    cJSON_ArrayForEach(item, models) {
        assert_true(number_of(item, "samples_s") > 0);
        assert_true(number_of(item, "share_low") <= number_of(item, "share"));
        assert_true(number_of(item, "share") <= number_of(item, "share_high"));
    }
    cJSON_Delete(json);
    outcome_free(&o);
    o = RUN(*state, "bench", SMALL, "--models", "--quick", "--json");
    json = cJSON_Parse(o.out);
    item = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "models"), 0);
    assert_true(number_of(item, "training_flop") == 3 * FORWARD);
    cJSON_Delete(json);
    outcome_free(&o);
}

static void test_refusals(void **state) {
    assert_refused(RUN(*state, "bench", "original-mase"), "original-maze");
    assert_refused(RUN(*state, "bench", "--threads", "0"), "--threads");
    assert_refused(RUN(*state, "bench", "maze", "model.k_cycle=2"), "model.k_cycles");
    assert_refused(RUN(*state, "bench", "mazes-8-cnn"), "data set");
    assert_refused(RUN(*state, "bench", "--models", "--scaling"), "ask for one");
    assert_refused(RUN(*state, "bench", "--models", "model.type=trm-peer"), "grid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_report, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_models, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
