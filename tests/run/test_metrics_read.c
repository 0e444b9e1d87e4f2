// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl in columns, from whatever stands in a file of that name.
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trm/run/metrics.h"

static const char *put(const char *text) {
    const char *run = temp_path("run");
    mkdir(run, 0777);
    write_text(temp_path("run/metrics.jsonl"), text);
    return run;
}

static trm_metrics read_text(const char *text, bool supervised) {
    trm_metrics m;
    trm_error e = {0};
    if (!trm_metrics_read(&m, put(text), supervised, &e))
        fail_msg("%s", e.message);
    return m;
}

static void columns_hold_what_the_lines_say(void **state) {
    (void)state;
    trm_metrics m = read_text("{\"episode\":0,\"step\":9,\"seconds\":0.5,\"reward\":-1.25,"
                              "\"success\":0,\"length\":9,\"loss\":null}\n"
                              "{\"episode\":4,\"step\":20,\"seconds\":1,\"reward\":11.5,"
                              "\"success\":1,\"length\":11,\"loss\":0.5,\"more\":[]}\n",
                              false);
    assert_int_equal(m.count, 2);
    assert_int_equal(m.nonsense, 0);
    assert_true(m.number[1] == 4 && m.values[TRM_METRIC_STEP][1] == 20);
    assert_true(m.values[TRM_METRIC_REWARD][0] == -1.25);
    assert_true(m.values[TRM_METRIC_SUCCESS][1] == 1);
    assert_true(isnan(m.values[TRM_METRIC_LOSS][0]) && m.values[TRM_METRIC_LOSS][1] == 0.5);
    assert_true(isnan(m.values[TRM_METRIC_ENTROPY][0]));
    assert_null(m.values[TRM_METRIC_CELL_ACCURACY]);
    trm_metrics_free(&m);
    m = read_text("{\"epoch\":0,\"cell_accuracy\":0.75}\n", true);
    assert_int_equal(m.count, 1);
    assert_true(m.values[TRM_METRIC_CELL_ACCURACY][0] == 0.75);
    assert_null(m.values[TRM_METRIC_REWARD]);
    trm_metrics_free(&m);
}

static void many_lines_are_kept(void **state) {
    (void)state;
    enum { LINES = 5000, LONGEST = 40 };
    char *text = malloc(LINES * LONGEST), *at = text;
    for (int i = 0; i < LINES; i++)
        at += snprintf(at, LONGEST, "{\"episode\":%d,\"reward\":%d}\n", i, 2 * i);
    trm_metrics m = read_text(text, false);
    free(text);
    assert_int_equal(m.count, LINES);
    for (int i = 0; i < LINES; i++)
        assert_true(m.number[i] == i && m.values[TRM_METRIC_REWARD][i] == 2 * i);
    trm_metrics_free(&m);
}

static void nonsense_is_passed_over_and_counted(void **state) {
    (void)state;
    trm_metrics m = read_text("{\"episode\":0,\"reward\":1}\n"
                              "\n"
                              "[]\n"
                              "{\"episode\":0,\"reward\":2}\n"
                              "{\"episode\":1,\"reward\":\"3\"}\n"
                              "{\"episode\":1.5}\n"
                              "{\"episode\":-1}\n"
                              "{\"episode\":1e16}\n"
                              "{\"episode\":1,\"reward\":1e31}\n"
                              "{\"episode\":2,\"reward\":4} x\n"
                              "\xff{\"episode\":2}\n"
                              "{\"episode\":3,\"reward\":5}\n"
                              "{\"episode\":4,\"rew",
                              false);
    assert_int_equal(m.count, 3);
    assert_int_equal(m.nonsense, 9);
    assert_int_equal(m.first_nonsense, 2);
    assert_true(isnan(m.values[TRM_METRIC_REWARD][1])); // a number that no float holds
    assert_true(m.number[2] == 3);
    trm_metrics_free(&m);
}

static void what_is_no_metrics_is_refused(void **state) {
    (void)state;
    trm_metrics m;
    trm_error e = {0};
    assert_false(trm_metrics_read(&m, temp_path("nothing"), false, &e));
    assert_error(&e, TRM_E_IO, "nothing/metrics.jsonl", NULL);
    assert_false(trm_metrics_read(&m, put(""), false, &e));
    assert_error(&e, TRM_E_INPUT, "no episode is recorded yet", NULL);
    assert_false(trm_metrics_read(&m, put("{\"episode\":0}\n"), true, &e));
    assert_error(&e, TRM_E_INPUT, "no line", "epoch", NULL);
    assert_int_equal(remove(temp_path("run/metrics.jsonl")), 0);
    assert_int_equal(mkdir(temp_path("run/metrics.jsonl"), 0777), 0);
    assert_false(trm_metrics_read(&m, temp_path("run"), false, &e));
    assert_error(&e, TRM_E_INPUT, "metrics.jsonl: it is a folder, not a file", NULL);
    assert_int_equal(remove(temp_path("run/metrics.jsonl")), 0);
    assert_int_equal(mkfifo(temp_path("run/metrics.jsonl"), 0666), 0);
    assert_false(trm_metrics_read(&m, temp_path("run"), false, &e));
    assert_error(&e, TRM_E_INPUT, "a device or a pipe, not a file", NULL);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(columns_hold_what_the_lines_say),
        TEMP(many_lines_are_kept),
        TEMP(nonsense_is_passed_over_and_counted),
        TEMP(what_is_no_metrics_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
