// SPDX-License-Identifier: Apache-2.0
// The picture of predictions.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "trm/base/file.h"
#include "trm/plot/plot.h"
#include "trm/run/course.h"
#include "trm/run/rundir.h"

// A recorded supervised run of one epoch: temp/name.
static const char *trained(const char *name, const char *preset, const char *word) {
    trm_config c;
    trm_error e = {0};
    trm_advance a;
    const char *path = made_path(name);
    assert_true(trm_config_preset(&c, preset, &e));
    static const char *const small[] = {"data.train=16", "data.validation=4", "data.test=6",
                                        "train.epochs=1"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        assert_true(trm_config_override(&c, small[i], &e));
    if (word)
        assert_true(trm_config_override(&c, word, &e));
    trm_course *course = trm_run_course(&c, &e);
    assert_non_null(course);
    trm_rundir *r = trm_rundir_create(&c, path, &e);
    assert_non_null(r);
    const trm_trainer_hooks h = trm_rundir_hooks(r, &c);
    assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
    assert_true(h.advance(h.ctx, course, &a, 1, &e));
    assert_true(h.checkpoint(h.ctx, course, &(trm_saving){.seconds = 1}, &e));
    trm_rundir_close(r);
    trm_course_free(course);
    return path;
}

static char *picture_text(const trm_mazes_request *q) {
    trm_error e = {0};
    size_t size;
    if (!trm_plot_mazes(q, &e))
        fail_msg("%s", e.message);
    return read_bytes(q->out, &size);
}

static void draws_what_each_model_answers(void **state) {
    (void)state;
    const char *runs[] = {trained("a", "mazes-8-fixed-trm", NULL),
                          trained("b", "mazes-8-fixed-cnn", "seed=4")};
    const trm_mazes_request q = {
        .runs = runs, .count = 2, .out = made_path("x.svg"), .samples = 3, .title = "mazes"};
    char *first = picture_text(&q), *again = picture_text(&q);
    assert_string_equal(first, again);
    assert_non_null(strstr(first, "<title>mazes</title>"));
    assert_non_null(strstr(first, "3 held-out mazes of mazes-8-fixed; mazes-8-fixed-trm, test: "));
    assert_non_null(strstr(first, "; mazes-8-fixed-cnn, test: cells "));
    free(first);
    free(again);
}

static void as_many_mazes_as_there_are(void **state) {
    (void)state;
    const char *run = trained("a", "mazes-8-trm", NULL);
    const trm_mazes_request q = {
        .runs = &run, .count = 1, .out = made_path("x.svg"), .samples = 16};
    char *text = picture_text(&q);
    assert_non_null(strstr(text, "6 held-out mazes"));
    free(text);
    const trm_mazes_request png = {
        .runs = &run, .count = 1, .out = made_path("x.png"), .samples = 1};
    char *bytes = picture_text(&png);
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
    free(bytes);
}

static void what_has_no_mazes_is_refused(void **state) {
    (void)state;
    const char *good = trained("a", "mazes-8-trm", NULL);
    const struct {
        const char *run, *words[2];
    } cases[] = {
        {made_run("b", "maze", 0, 5, 2), {"reinforcement", NULL}},
        {made_run("c", "mazes-8-trm", 0, 5, 2), {"no checkpoint", NULL}},
        {trained("d", "baseline", "train.batch=8"), {"tokens", "no mazes"}},
        {trained("e", "mazes-8-fixed-trm", NULL), {"different mazes", "mazes-8-fixed"}},
        {made_path("nothing"), {"not the folder of a run", NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *runs[] = {good, cases[i].run};
        trm_error e = {0};
        const trm_mazes_request q = {
            .runs = runs, .count = 2, .out = made_path("x.svg"), .samples = 2};
        assert_false(trm_plot_mazes(&q, &e));
        assert_error(&e, TRM_E_INPUT, cases[i].words[0], cases[i].words[1], NULL);
        assert_false(trm_file_exists(q.out));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(draws_what_each_model_answers),
        TEST(as_many_mazes_as_there_are),
        TEST(what_has_no_mazes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
