// SPDX-License-Identifier: Apache-2.0
// The value head: its place, its gradient against central differences, and that nothing else
// changes.
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/model/model.h"

enum { ROWS = 5, STATES = 6, ACTIONS = 3 };

static trm_model *model(const char *type, bool value_head) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, type);
    c.state_dim = STATES;
    c.action_dim = ACTIONS;
    c.h_dim = 8;
    c.l_dim = 4;
    c.k_cycles = 2;
    c.hidden = 7;
    c.value_head = value_head;
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, 3, 0);
    trm_model_init(m, &rng);
    return m;
}

typedef struct trial {
    trm_model *m;
    trm_workspace *w;
    float x[ROWS * STATES], of_values[ROWS], of_logits[ROWS * ACTIONS];
} trial;

static void trial_init(trial *t, const char *type) {
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    t->m = model(type, true);
    t->w = trm_workspace_new(t->m, ROWS, false);
    for (int32_t i = 0; i < ROWS * STATES; i++)
        t->x[i] = trm_rng_normal(&rng);
    for (int32_t i = 0; i < ROWS; i++)
        t->of_values[i] = trm_rng_normal(&rng);
    for (int32_t i = 0; i < ROWS * ACTIONS; i++)
        t->of_logits[i] = trm_rng_normal(&rng);
}

static double loss(trial *t) {
    static const int32_t prev[ROWS] = {-1, 0, 1, 2, -1};
    trm_model_forward(t->m, t->w, 0, trm_mat_of(t->x, ROWS, STATES), prev);
    trm_mat logits = trm_workspace_logits(t->w, trm_model_outputs(t->m) - 1);
    double sum = 0;
    for (int32_t r = 0; r < ROWS; r++) {
        sum += (double)t->of_values[r] * (double)trm_workspace_values(t->w)[r];
        for (int32_t a = 0; a < ACTIONS; a++)
            sum += (double)t->of_logits[r * ACTIONS + a] * (double)trm_mat_row(logits, r)[a];
    }
    return sum;
}

static void test_gradient(void **state) {
    (void)state;
    static const char *const types[] = {"trm-full", "mlp"};
    for (int k = 0; k < 2; k++) {
        trial t;
        static float grads[1 << 14];
        trial_init(&t, types[k]);
        trm_params *p = trm_model_params(t.m);
        assert_true(p->size < 1 << 14);
        loss(&t);
        trm_mat d = trm_workspace_dlogits(t.w, trm_model_outputs(t.m) - 1);
        memcpy(d.data, t.of_logits, sizeof t.of_logits);
        memcpy(trm_workspace_dvalues(t.w), t.of_values, sizeof t.of_values);
        memset(grads, 0, sizeof grads);
        trm_model_backward(t.m, t.w, 0, ROWS, grads);
        for (int32_t i = 0; i < p->count; i++) {
            double worst = 0, size = 1;
            float *values = trm_params_at(p, p->values, i), *g = trm_params_at(p, grads, i);
            int64_t n = 1;
            for (int32_t dim = 0; dim < p->items[i].ndim; dim++)
                n *= p->items[i].shape[dim];
            for (int64_t at = 0; at < n; at++) {
                float kept = values[at];
                const float h = 5e-4f;
                values[at] = kept + h;
                double up = loss(&t);
                values[at] = kept - h;
                double quotient = (up - loss(&t)) / (2 * (double)h);
                values[at] = kept;
                worst = fmax(worst, fabs(quotient - (double)g[at]));
                size = fmax(size, fabs(quotient));
            }
            if (worst > 2e-2 * size)
                fail_msg("%s %s: off by %g of %g", types[k], p->items[i].name, worst, size);
        }
        trm_workspace_free(t.w);
        trm_model_free(t.m);
    }
}

static void test_the_policy_is_the_same_without(void **state) {
    (void)state;
    trial t;
    trial_init(&t, "trm-full");
    trm_model *bare = model("trm-full", false);
    trm_params *with = trm_model_params(t.m), *without = trm_model_params(bare);
    assert_int_equal(with->total, without->total + 9);
    assert_int_equal(with->count, without->count + 2);
    for (int32_t i = 0; i < without->count; i++)
        assert_string_equal(with->items[i].name, without->items[i].name);
    assert_string_equal(with->items[without->count].name, "value_head.weight");
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    assert_true(trm_model_recognise(with, &c, &e) && c.value_head);
    assert_true(trm_model_recognise(without, &c, &e) && !c.value_head);
    trm_model_free(bare);
    trm_workspace_free(t.w);
    trm_model_free(t.m);
}

static void test_models_without_a_place_for_it(void **state) {
    (void)state;
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, "trm-rl");
    c.state_dim = STATES;
    c.action_dim = ACTIONS;
    c.value_head = true;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "trm-rl has no place for a value head"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_the_policy_is_the_same_without),
        cmocka_unit_test(test_models_without_a_place_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
