// SPDX-License-Identifier: Apache-2.0
// Models asked about samples: the same count as the learner's, early stops, boards filled by the
// rules, intervals by their formula.
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/base/text.h"
#include "trm/run/course.h"

static trm_config config(void) {
    static const char *const words[] = {"train.algorithm=supervised",
                                        "data.type=sudoku",
                                        "data.size=4",
                                        "data.givens_min=8",
                                        "data.givens_max=12",
                                        "data.train=600",
                                        "data.validation=40",
                                        "data.test=40",
                                        "model.type=trm-peer",
                                        "model.d_model=16",
                                        "model.layers=2",
                                        "model.feedforward=32",
                                        "model.inner_steps=1",
                                        "model.k_cycles=1",
                                        "model.sup_steps=4",
                                        "train.batch=16",
                                        "train.lr=0.005",
                                        "train.ema=0.9",
                                        "train.clip=1",
                                        "train.epochs=4",
                                        "train.supervision=carried"};
    trm_config c = trm_config_default();
    trm_error e = {0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!trm_config_override(&c, words[i], &e))
            fail_msg("%s", e.message);
    return c;
}

// The judged weights in a model of their own.
static trm_model *judged(trm_course *c) {
    trm_error e = {0};
    trm_model *m = trm_model_new(trm_model_get_config(trm_course_model(c)), &e);
    trm_course_weights(c, trm_model_params(m)->values);
    return m;
}

static void test_counts_as_the_learner_does(void **state) {
    (void)state;
    trm_config c = config();
    trm_error e = {0};
    trm_advance a;
    trm_answer_evaluation x;
    trm_score score;
    trm_course *course = trm_run_course(&c, &e);
    assert_non_null(course);
    for (int i = 0; i < 4; i++)
        assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
    trm_model *m = judged(course);
    const trm_dataset *test = trm_course_data(course, TRM_SET_TEST);
    assert_true(trm_course_score(course, NULL, NULL, &score));
    assert_true(trm_evaluate_answers(m, test, false, true, NULL, NULL, NULL, &x));
    assert_int_equal(x.samples, 40);
    assert_true(x.by_step.score.exact_accuracy == score.exact_accuracy);
    assert_true(x.by_step.score.cell_accuracy == score.cell_accuracy);
    assert_true(fabs(x.by_step.score.loss - score.loss) < 1e-5);
    assert_true(x.by_step.score.cell_accuracy > 0.7);
    assert_true(x.fill_exact >= x.by_step.score.exact_accuracy - 0.3 && x.fill_rounds >= 1);
    assert_true(x.by_step.stop_steps >= 1 && x.by_step.stop_steps <= 4);
    assert_true(trm_evaluate_answers(m, test, false, false, NULL, NULL, NULL, &x));
    assert_true(isnan(x.fill_exact) && isnan(x.fill_rounds));
    trm_model_free(m);
    trm_course_free(course);
}

static void test_interval(void **state) {
    (void)state;
    double low, high;
    trm_share_interval(0.5, 100, &low, &high);
    assert_true(fabs(low - 0.40383) < 1e-4 && fabs(high - 0.59617) < 1e-4);
    trm_share_interval(1, 1000, &low, &high);
    assert_true(fabs(low - 0.99617) < 1e-4 && high == 1);
    trm_share_interval(0, 10, &low, &high);
    assert_true(low == 0 && fabs(high - 0.27753) < 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_as_the_learner_does),
        cmocka_unit_test(test_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
