// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "made.h"
#include "plot/course.h"

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static trm_plot_runs read_runs(const char *const *paths, int32_t count) {
    trm_plot_runs r;
    trm_error e = {0};
    if (!trm_plot_runs_read(&r, paths, count, &e))
        fail_msg("%s", e.message);
    return r;
}

static trm_plot_course *course_of(const trm_plot_runs *r, trm_metric metric, trm_plot_axis axis,
                                  int32_t window) {
    trm_plot_course *c = malloc(sizeof *c);
    trm_plot_course_of(c, &r->groups[0], metric, axis, window);
    return c;
}

// Rewards are 0, .1, .2, …
static void a_point_is_the_mean_of_the_last_values(void **state) {
    (void)state;
    trm_plot_runs r = read_runs((const char *[]){made_run("a", "maze", 0, 100, 10)}, 1);
    trm_plot_course *c = course_of(&r, TRM_METRIC_REWARD, TRM_PLOT_BY_EPISODE, 10);
    assert_int_equal(c->count, 100);
    assert_int_equal(c->raw_count, 100);
    for (int32_t i = 0; i < 100; i++) {
        const int32_t n = i < 10 ? i + 1 : 10;
        assert_true(near(c->x[i], i + 1));
        assert_true(near(c->mean[i], (i - (n - 1) / 2.0) / 10));
        assert_true(isnan(c->sd[i]));
        assert_true(near(c->raw[i].y, i / 10.0));
    }
    assert_true(near(c->raw_low, 0.5) && near(c->raw_high, 9.4));
    free(c);
    trm_plot_runs_free(&r);
}

static void a_long_run_keeps_its_extremes(void **state) {
    (void)state;
    trm_plot_runs r = read_runs((const char *[]){made_run("a", "maze", 0, 5000, 10)}, 1);
    trm_plot_course *c = course_of(&r, TRM_METRIC_REWARD, TRM_PLOT_BY_STEP, 2);
    assert_int_equal(c->count, COURSE_POINTS);
    assert_int_equal(c->raw_count, COURSE_RAW);
    assert_true(near(c->raw[0].y, 0) && near(c->raw[COURSE_RAW - 1].y, 499.9));
    assert_true(near(c->x[0], 9) && near(c->x[COURSE_POINTS - 1], 45000));
    for (int32_t i = 1; i < COURSE_POINTS; i++)
        assert_true(near(c->mean[i], c->x[i] / 90 - 0.15));
    free(c);
    trm_plot_runs_free(&r);
}

static void seeds_have_a_mean_and_a_deviation_as_far_as_all_go(void **state) {
    (void)state;
    const char *paths[] = {made_run("a", "maze", 0, 30, 4), made_run("b", "maze", 1, 20, 9),
                           made_run("c", "maze", 2, 25, 4)};
    trm_plot_runs r = read_runs(paths, 3);
    trm_plot_course *c = course_of(&r, TRM_METRIC_SUCCESS, TRM_PLOT_BY_EPISODE, 1);
    assert_int_equal(c->seeds, 3);
    assert_int_equal(c->count, 20);
    assert_int_equal(c->raw_count, 0);
    assert_true(near(c->mean[3], 0) && near(c->sd[3], 0));
    assert_true(near(c->mean[5], 2 / 3.0) && near(c->sd[5], sqrt(1 / 3.0)));
    assert_true(near(c->mean[19], 1) && near(c->sd[19], 0));
    free(c);
    trm_plot_runs_free(&r);
}

static void marks_are_where_things_happened(void **state) {
    (void)state;
    trm_plot_runs r = read_runs((const char *[]){made_run("a", "maze", 0, 100, 30)}, 1);
    trm_plot_mark first, reached;
    trm_plot_marks_of(&r.runs[0], TRM_PLOT_BY_EPISODE, 50, &first, &reached);
    assert_true(near(first.x, 31) && near(first.y, 1 / 31.0));
    assert_true(near(reached.x, 79) && near(reached.y, 0.98));
    trm_plot_marks_of(&r.runs[0], TRM_PLOT_BY_SECOND, 50, &first, &reached);
    assert_true(near(first.x, 15.5));
    trm_plot_runs_free(&r);
    r = read_runs((const char *[]){made_run("b", "maze", 0, 40, 1000)}, 1);
    trm_plot_marks_of(&r.runs[0], TRM_PLOT_BY_EPISODE, 50, &first, &reached);
    assert_true(isnan(first.x) && isnan(reached.x));
    trm_plot_runs_free(&r);
    r = read_runs((const char *[]){made_run("c", "mazes-8-trm", 0, 8, 0)}, 1);
    const trm_plot_mark best =
        trm_plot_best_of(&r.runs[0], TRM_METRIC_VALIDATION_LOSS, TRM_PLOT_BY_EPISODE, true);
    assert_true(near(best.x, 8) && near(best.y, 1.1 - 7 / 16.0));
    trm_plot_runs_free(&r);
}

// Lines that lack a value, or go back in time, leave no hole in the course.
static void gaps_are_passed_over(void **state) {
    (void)state;
    static const char text[] = "{\"episode\":0,\"step\":9,\"seconds\":3,\"reward\":1}\n"
                               "{\"episode\":1,\"step\":18,\"seconds\":2,\"reward\":null}\n"
                               "{\"episode\":2,\"step\":12,\"seconds\":4,\"reward\":1e300}\n"
                               "{\"episode\":3,\"step\":40,\"seconds\":1,\"reward\":3}\n";
    const char *path = made_run("a", "maze", 0, 5, 2);
    write_text(made_path("a/metrics.jsonl"), text);
    trm_plot_runs r = read_runs(&path, 1);
    trm_plot_course *c = course_of(&r, TRM_METRIC_REWARD, TRM_PLOT_BY_STEP, 1);
    assert_int_equal(c->count, 2);
    assert_true(near(c->mean[0], 1) && near(c->mean[1], 3) && near(c->x[1], 40));
    free(c);
    c = course_of(&r, TRM_METRIC_REWARD, TRM_PLOT_BY_SECOND, 1);
    assert_int_equal(c->count, 1);
    free(c);
    c = course_of(&r, TRM_METRIC_SUCCESS, TRM_PLOT_BY_EPISODE, 50);
    assert_int_equal(c->count, 0);
    free(c);
    trm_plot_runs_free(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_point_is_the_mean_of_the_last_values),
        TEST(a_long_run_keeps_its_extremes),
        TEST(seeds_have_a_mean_and_a_deviation_as_far_as_all_go),
        TEST(marks_are_where_things_happened),
        TEST(gaps_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
