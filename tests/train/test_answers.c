// SPDX-License-Identifier: Apache-2.0
// What is measured of a model that learns from answers: recounted, and every check shown a case
// with the fault and one without.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/train/diagnose.h"
#include "trm/train/supervised.h"

enum { SAMPLES = 24 };

typedef struct subject {
    trm_dataset *train, *held_out;
    trm_train_config config;
    trm_supervised *s;
} subject;

// 5x5 mazes and a small model of the given kind, new.
static subject make(const char *type) {
    const trm_dataset_config data = {.type = "mazes-10-fixed", .size = 5};
    trm_model_config m = trm_model_config_default();
    trm_error e = {0};
    subject x = {.config = trm_train_config_default()};
    x.train = trm_dataset_new(&data, TRM_SPLIT_TRAIN, 60, 1, NULL);
    x.held_out = trm_dataset_new(&data, TRM_SPLIT_HELD_OUT, SAMPLES, 1, NULL);
    trm_text_copy(m.type, sizeof m.type, type);
    m.state_dim = x.train->state_dim;
    m.action_dim = x.train->classes;
    m.positions = x.train->positions;
    m.height = m.width = 5;
    m.x_dim = m.z_dim = m.hidden = m.channels = m.d_model = 8;
    m.y_dim = 4;
    m.head_hidden = 8;
    m.inner_steps = 2;
    m.sup_steps = 3;
    m.heads = 2;
    m.layers = 1;
    m.feedforward = 16;
    x.config.batch = 20;
    x.config.lr = 3e-3f;
    x.s = trm_supervised_new(&m, &x.config, 3, &e);
    if (!x.s)
        fail_msg("%s", e.message);
    return x;
}

static void drop(subject *x) {
    trm_supervised_free(x->s);
    trm_dataset_free(x->train);
    trm_dataset_free(x->held_out);
}

static void learn(subject *x, int32_t epochs) {
    const trm_samples train = {x->train->inputs, x->train->targets, x->train->count};
    const trm_samples held = {x->held_out->inputs, x->held_out->targets, x->held_out->count};
    trm_epoch out;
    trm_error e;
    for (int32_t i = 0; i < epochs; i++)
        assert_int_equal(trm_supervised_epoch(x->s, &train, &held, NULL, NULL, &out, &e),
                         TRM_UPDATE_DONE);
}

static void fill(subject *x, const char *name, float value) {
    trm_params *p = trm_model_params(trm_supervised_model(x->s));
    const int32_t i = trm_params_find(p, name);
    assert_true(i >= 0);
    for (int64_t k = 0; k < p->items[i].size; k++)
        trm_params_at(p, p->values, i)[k] = value;
}

static trm_findings diagnose(subject *x, bool trained, trm_answer_diagnosis *d) {
    trm_findings f = {0};
    assert_true(trm_diagnose_answers(trm_supervised_model(x->s), 1, x->held_out, trained, 1, NULL,
                                     NULL, d, &f));
    return f;
}

static void assert_severity(const trm_findings *f, const char *check, trm_severity severity) {
    for (int32_t i = 0; i < f->count; i++) {
        const trm_finding *x = &f->items[i];
        if (strcmp(x->check, check) != 0)
            continue;
        if (x->severity != severity)
            fail_msg("%s: %s, expected %s: %s", check, trm_severity_name(x->severity),
                     trm_severity_name(severity), x->seen);
        assert_true((severity == TRM_SEVERITY_OK) == (x->advice[0] == '\0'));
        return;
    }
    fail_msg("no finding of check %s", check);
}

static bool stop_at_three(void *ctx, int64_t done) {
    *(int64_t *)ctx = done;
    return done < 3;
}

// Every number of an evaluation is what a recount gives.
static void test_evaluated_by_step(void **state) {
    (void)state;
    subject x = make("trm-simple");
    learn(&x, 4);
    trm_step_evaluation e;
    assert_true(
        trm_evaluate_steps(trm_supervised_model(x.s), x.held_out, true, NULL, NULL, NULL, &e));
    assert_int_equal(e.steps, 3);
    const trm_trace_shape shape = trm_model_trace_shape(trm_supervised_model(x.s));
    float *trace = trm_alloc((size_t)trm_trace_size(&shape), sizeof *trace);
    const int32_t positions = x.held_out->positions;
    for (int32_t step = 0; step < 3; step++) {
        int64_t right = 0, exact = 0, turned = 0;
        for (int32_t i = 0; i < SAMPLES; i++) {
            const int32_t *target = x.held_out->targets + i * positions;
            trm_supervised_trace(x.s, x.held_out->inputs + i * x.held_out->state_dim, NULL, NULL,
                                 trace);
            int32_t here = 0;
            for (int32_t p = 0; p < positions; p++) {
                const float *now = trm_trace_logits(&shape, trace, step) + 2 * p;
                const float *before =
                    trm_trace_logits(&shape, trace, step > 0 ? step - 1 : 0) + 2 * p;
                here += (now[1] > now[0]) == (target[p] == 1);
                turned += (now[1] > now[0]) != (before[1] > before[0]);
            }
            right += here;
            exact += here == positions;
        }
        const double cells = (double)SAMPLES * positions;
        assert_true(fabs(e.step[step].cell_accuracy - (double)right / cells) < 1e-12);
        assert_true(fabs(e.step[step].exact_accuracy - (double)exact / SAMPLES) < 1e-12);
        assert_true(step == 0 ? isnan(e.step[0].turned)
                              : fabs(e.step[step].turned - (double)turned / cells) < 1e-12);
    }
    assert_true(e.step[2].cell_accuracy == e.score.cell_accuracy);
    free(trace);
    int64_t seen = 0;
    assert_false(trm_evaluate_steps(trm_supervised_model(x.s), x.held_out, true, NULL,
                                    stop_at_three, &seen, &e));
    assert_int_equal(seen, 3);
    drop(&x);
}

// Backward passes of every kind of model agree with finite differences.
static void test_gradients_are_right(void **state) {
    (void)state;
    static const char *const types[] = {"trm-simple", "trm-maze", "cnn", "transformer"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        subject x = make(types[i]);
        trm_answer_diagnosis d;
        trm_findings f = diagnose(&x, false, &d);
        assert_severity(&f, "finite-differences", TRM_SEVERITY_OK);
        assert_severity(&f, "gradient-size", TRM_SEVERITY_OK);
        assert_severity(&f, "input-blind", TRM_SEVERITY_OK);
        assert_true(d.gradient.compared > 20 && d.gradient.norm > 0);
        assert_int_equal(d.gradient.output_count, trm_model_outputs(trm_supervised_model(x.s)));
        const int32_t last = d.gradient.output_count - 1;
        assert_true(fabs(d.gradient.outputs[last].cosine - 1) < 1e-6);
        trm_answer_diagnosis_done(&d);
        drop(&x);
    }
}

typedef struct patience {
    int64_t asked, most;
} patience;

static bool ask(void *ctx, int64_t done) {
    patience *p = ctx;
    (void)done;
    return ++p->asked < p->most;
}

// While it answers, counts units, or compares derivatives.
static void test_stops_anywhere(void **state) {
    (void)state;
    subject x = make("mlp");
    const trm_model *m = trm_supervised_model(x.s);
    trm_answer_diagnosis d;
    trm_findings f = {0};
    patience all = {0, INT64_MAX};
    assert_true(trm_diagnose_answers(m, 1, x.held_out, true, 1, ask, &all, &d, &f));
    trm_answer_diagnosis_done(&d);
    assert_true(all.asked > 2 * SAMPLES);
    for (int64_t most = 1; most <= all.asked; most += 1 + most / 3) {
        patience p = {0, most};
        trm_findings none = {0};
        assert_false(trm_diagnose_answers(m, 1, x.held_out, true, 1, ask, &p, &d, &none));
        trm_answer_diagnosis_done(&d);
        assert_int_equal(p.asked, most);
        assert_int_equal(none.count, 0);
    }
    drop(&x);
}

static void test_a_blind_model(void **state) {
    (void)state;
    subject x = make("trm-simple");
    trm_answer_diagnosis d;
    fill(&x, "input_conv.2.weight", 0); // the same x for every cell
    trm_findings f = diagnose(&x, true, &d);
    assert_severity(&f, "input-blind", TRM_SEVERITY_FAULT);
    assert_severity(&f, "constant-answer", TRM_SEVERITY_FAULT);
    assert_severity(&f, "majority", TRM_SEVERITY_FAULT);
    assert_severity(&f, "steps-improve", TRM_SEVERITY_NOTE);
    assert_int_equal(d.evaluation.distinct, 1);
    trm_answer_diagnosis_done(&d);
    drop(&x);
}

// Nothing is said of what only training can show.
static void test_untrained(void **state) {
    (void)state;
    subject x = make("trm-simple");
    trm_answer_diagnosis d;
    fill(&x, "input_conv.2.weight", 0);
    trm_findings f = diagnose(&x, false, &d);
    assert_severity(&f, "constant-answer", TRM_SEVERITY_NOTE);
    for (int32_t i = 0; i < f.count; i++) {
        assert_string_not_equal(f.items[i].check, "majority");
        assert_string_not_equal(f.items[i].check, "steps-improve");
    }
    trm_answer_diagnosis_done(&d);
    drop(&x);
}

static int32_t dead_of(const trm_unit_count *counts, int32_t n, const char *name, int32_t *units) {
    for (int32_t i = 0; i < n; i++)
        if (strcmp(counts[i].name, name) == 0) {
            *units = counts[i].units;
            return counts[i].dead;
        }
    return -1;
}

// ReLUs that are never on pass no gradient; a first answer that is a constant is not dead.
static void test_dead_units(void **state) {
    (void)state;
    subject x = make("trm-simple");
    trm_answer_diagnosis d;
    int32_t units;
    diagnose(&x, false, &d);
    assert_int_equal(dead_of(d.units.levels, d.units.level_count, "step 1 y", &units), -1);
    assert_int_equal(dead_of(d.units.levels, d.units.level_count, "step 2 y", &units), 0);
    assert_int_equal(units, 4); // whatever the number of cells
    assert_true(dead_of(d.units.linears, d.units.linear_count, "output_head.0", &units) < units);
    trm_answer_diagnosis_done(&d);
    fill(&x, "output_head.0.bias", -1e3f);
    trm_findings f = diagnose(&x, false, &d);
    assert_int_equal(dead_of(d.units.linears, d.units.linear_count, "output_head.0", &units), 8);
    assert_severity(&f, "input-blind", TRM_SEVERITY_FAULT);
    trm_answer_diagnosis_done(&d);
    drop(&x);
}

static void test_a_model_that_has_learned(void **state) {
    (void)state;
    subject x = make("cnn");
    trm_answer_diagnosis d;
    learn(&x, 60);
    trm_findings f = diagnose(&x, true, &d);
    assert_severity(&f, "constant-answer", TRM_SEVERITY_OK);
    assert_severity(&f, "majority", TRM_SEVERITY_OK);
    assert_true(d.evaluation.score.cell_accuracy > d.evaluation.stats.majority);
    assert_int_equal(d.evaluation.first_read, 3);
    trm_answer_diagnosis_done(&d);
    drop(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluated_by_step),
        cmocka_unit_test(test_gradients_are_right),
        cmocka_unit_test(test_stops_anywhere),
        cmocka_unit_test(test_a_blind_model),
        cmocka_unit_test(test_untrained),
        cmocka_unit_test(test_dead_units),
        cmocka_unit_test(test_a_model_that_has_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
