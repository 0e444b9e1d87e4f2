// SPDX-License-Identifier: Apache-2.0
// The value head: its place, its gradient against central differences, and that nothing else
// changes.
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/model/model.h"

enum { ROWS = 5, STATES = 6, ACTIONS = 3 };

// A 1x2 board of three planes for the models whose cells see one another.
static void set_reason(trm_model_config *c, int32_t steps) {
    c->height = 1;
    c->width = 2;
    c->d_model = 4;
    c->heads = 1;
    c->layers = 1;
    c->feedforward = 3;
    c->inner_steps = 1;
    c->sup_steps = steps;
}

// Of the models whose cells see one another the last recursion alone is differentiated.
static trm_model *model(const char *type, bool value_head, int32_t steps) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    set_reason(&c, steps);
    c.read_at_agent = strcmp(type, "trm-conv") == 0;
    trm_text_copy(c.type, sizeof c.type, type);
    c.state_dim = STATES;
    c.action_dim = ACTIONS;
    c.h_dim = 8;
    c.l_dim = 4;
    c.k_cycles = strcmp(type, "trm-full") == 0 ? 2 : 1;
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

static void trial_init(trial *t, const char *type, int32_t steps) {
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    t->m = model(type, true, steps);
    t->w = trm_workspace_new(t->m, ROWS, false);
    for (int32_t i = 0; i < ROWS * STATES; i++)
        t->x[i] = trm_rng_normal(&rng);
    if (trm_model_get_config(t->m)->read_at_agent) // plane 1 shows where the agent is
        for (int32_t i = 0; i < ROWS; i++) {
            t->x[i * STATES + 2] = i % 2 == 0;
            t->x[i * STATES + 3] = i % 2 == 1;
        }
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
    static const char *const types[] = {"trm-full", "mlp",      "trm-attn",
                                        "trm-mix",  "trm-conv", "trm-peer"};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        trial t;
        static float grads[1 << 14];
        trial_init(&t, types[k], 1);
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
    trial_init(&t, "trm-full", 1);
    trm_model *bare = model("trm-full", false, 1);
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

// Where samples may stop early, the value is that of the step at which they did.
static void test_the_value_of_the_step_that_stopped(void **state) {
    (void)state;
    static const int32_t prev[ROWS] = {0};
    trial t;
    trial_init(&t, "trm-attn", 2);
    trm_params *p = trm_model_params(t.m);
    float *sure = trm_params_at(p, p->values, trm_params_find(p, "halt.bias"));
    loss(&t);
    float whole = trm_workspace_values(t.w)[0];
    trm_workspace_set_stopping(t.w, true);
    *sure = -10;
    loss(&t);
    assert_int_equal(trm_workspace_steps(t.w, 0), 2);
    assert_true(trm_workspace_values(t.w)[0] == whole);
    *sure = 10;
    loss(&t);
    assert_int_equal(trm_workspace_steps(t.w, 0), 1);
    float stopped = trm_workspace_values(t.w)[0];
    trm_model_config c = *trm_model_get_config(t.m);
    trm_error e = {0};
    c.sup_steps = 1;
    trm_model *one = trm_model_new(&c, &e);
    assert_non_null(one);
    memcpy(trm_model_params(one)->values, p->values, (size_t)p->size * sizeof(float));
    trm_workspace *w = trm_workspace_new(one, ROWS, false);
    trm_model_forward(one, w, 0, trm_mat_of(t.x, ROWS, STATES), prev);
    assert_true(trm_workspace_values(w)[0] == stopped && stopped != whole);
    trm_workspace_free(w);
    trm_model_free(one);
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
        cmocka_unit_test(test_the_value_of_the_step_that_stopped),
        cmocka_unit_test(test_models_without_a_place_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
