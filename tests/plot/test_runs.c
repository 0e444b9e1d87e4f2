// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "made.h"
#include "plot/runs.h"

static trm_plot_runs read_runs(const char *const *paths, int32_t count) {
    trm_plot_runs r;
    trm_error e = {0};
    if (!trm_plot_runs_read(&r, paths, count, &e))
        fail_msg("%s", e.message);
    return r;
}

static trm_error refused(const char *const *paths, int32_t count) {
    trm_plot_runs r;
    trm_error e = {0};
    assert_false(trm_plot_runs_read(&r, paths, count, &e));
    return e;
}

static void seeds_of_one_preset_are_one_group(void **state) {
    (void)state;
    const char *paths[] = {made_run("a", "maze", 0, 5, 2), made_run("b", "maze-mlp", 0, 5, 2),
                           made_run_with("c", "maze", 1, 7, 2, "train.threads=2")};
    trm_plot_runs r = read_runs(paths, 3);
    assert_false(r.supervised);
    assert_int_equal(r.group_count, 2);
    assert_int_equal(r.groups[0].count, 2);
    assert_string_equal(r.groups[0].label, "maze");
    assert_ptr_equal(r.groups[0].runs[1], &r.runs[2]);
    assert_int_equal(r.groups[0].runs[1]->metrics.count, 7);
    assert_string_equal(r.groups[1].label, "maze-mlp");
    trm_plot_runs_free(&r);
}

static void namesakes_tell_what_sets_them_apart(void **state) {
    (void)state;
    const char *paths[] = {made_run("a", "maze", 0, 5, 2),
                           made_run_with("b", "maze", 0, 5, 2, "model.k_cycles=5"),
                           made_run("c", "maze-mlp", 0, 5, 2)};
    trm_plot_runs r = read_runs(paths, 3);
    assert_string_equal(r.groups[0].label, "maze k_cycles=3");
    assert_string_equal(r.groups[1].label, "maze k_cycles=5");
    assert_string_equal(r.groups[2].label, "maze-mlp");
    trm_plot_runs_free(&r);
}

static void a_run_without_a_preset_goes_by_its_folder(void **state) {
    (void)state;
    trm_config c = trm_config_default();
    char label[PLOT_LABEL];
    trm_plot_label(label, &c, "some/where/my run//");
    assert_string_equal(label, "my run");
    trm_plot_label(label, &c,
                   "ba\xff"
                   "d\n");
    assert_string_equal(label, "ba?d?");
    trm_plot_label(label, &c, "/");
    assert_string_equal(label, "/");
}

static void text_is_cut_between_characters(void **state) {
    (void)state;
    char out[6];
    trm_plot_text_clean(out, sizeof out, "abcd\u00e9f");
    assert_string_equal(out, "abcd");
    trm_plot_text_clean(out, sizeof out, "abc\u00e9f");
    assert_string_equal(out, "abc\u00e9");
    trm_plot_text_clean(out, sizeof out, "\u00e9\u00e9\u00e9");
    assert_string_equal(out, "\u00e9\u00e9");
}

static void what_cannot_be_one_picture_is_refused(void **state) {
    (void)state;
    const char *maze = made_run("a", "maze", 0, 5, 2);
    trm_error e = refused((const char *[]){made_path("nothing")}, 1);
    assert_error(&e, TRM_E_INPUT, "nothing", "not the folder of a run", NULL);
    e = refused((const char *[]){maze, made_run("b", "maze", 0, 5, 2)}, 2);
    assert_error(&e, TRM_E_INPUT, "same run", "seed 0", NULL);
    e = refused((const char *[]){maze, made_run("c", "mazes-8-trm", 0, 5, 2)}, 2);
    assert_error(&e, TRM_E_INPUT, "answers", "reinforcement", NULL);
    e = refused((const char *[]){made_run("d", "maze", 0, 0, 0)}, 1);
    assert_error(&e, TRM_E_INPUT, "metrics.jsonl", "no episode", NULL);
    const char *paths[TRM_PLOT_GROUPS + 1];
    for (int32_t i = 0; i <= TRM_PLOT_GROUPS; i++) {
        char name[16], word[32];
        snprintf(name, sizeof name, "g%d", i);
        snprintf(word, sizeof word, "model.k_cycles=%d", i + 1);
        paths[i] = made_run_with(name, "maze", 0, 5, 2, word);
    }
    e = refused(paths, TRM_PLOT_GROUPS + 1);
    assert_error(&e, TRM_E_INPUT, "more than 9", NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(seeds_of_one_preset_are_one_group),         TEST(namesakes_tell_what_sets_them_apart),
        TEST(a_run_without_a_preset_goes_by_its_folder), TEST(text_is_cut_between_characters),
        TEST(what_cannot_be_one_picture_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
