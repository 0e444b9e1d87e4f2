// SPDX-License-Identifier: Apache-2.0
// The dueling head: its place, the equation, its gradient, and what the inspector tells of it.
#include <stdlib.h>
#include <string.h>

#include "subject.h"
#include "trm/model/inspect.h"

enum { ROWS = 5, STATES = 6, ACTIONS = 3, H = 70, CYCLES = 3 };

static trm_model_config config(bool dueling) {
    trm_model_config c = subject_config("trm-full", STATES, ACTIONS);
    c.h_dim = H;
    c.l_dim = 4;
    c.k_cycles = CYCLES;
    c.q_values = true;
    c.dueling_head = dueling;
    return c;
}

static trm_model *model(bool dueling) {
    const trm_model_config c = config(dueling);
    return subject_model(&c, 3);
}

static void fill(float *x) {
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    check_fill(x, ROWS * STATES, 1, &rng);
}

static void test_place(void **state) {
    (void)state;
    trm_model *with = model(true), *without = model(false);
    const trm_params *p = trm_model_params(with), *q = trm_model_params(without);
    assert_int_equal(p->total, q->total + H + 1);
    assert_memory_equal(p->values, q->values, (size_t)q->total * sizeof(float)); // drawn last
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    assert_true(trm_model_recognise(p, &c, &e) && c.dueling_head);
    assert_true(trm_model_recognise(q, &c, &e) && !c.dueling_head);
    c = subject_config("mlp", STATES, ACTIONS);
    c.dueling_head = true;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "train.dueling"));
    trm_model_free(with);
    trm_model_free(without);
}

// Of every cycle: the mean of the actions is V of its H, and their differences are the head's.
static void test_equation(void **state) {
    (void)state;
    trm_model *with = model(true), *without = model(false);
    trm_workspace *w = trm_workspace_new(with, ROWS, true),
                  *v = trm_workspace_new(without, ROWS, true);
    const trm_trace_shape shape = trm_model_trace_shape(with);
    const trm_params *p = trm_model_params(with);
    const float *worth = trm_params_at(p, p->values, trm_params_find(p, "dueling_head.weight"));
    const float *bias = trm_params_at(p, p->values, trm_params_find(p, "dueling_head.bias"));
    float x[ROWS * STATES], *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
    const int32_t prev[ROWS] = {-1, 0, 1, 2, -1};
    fill(x);
    trm_model_forward(with, w, 0, trm_mat_of(x, ROWS, STATES), prev);
    trm_model_forward(without, v, 0, trm_mat_of(x, ROWS, STATES), prev);
    for (int32_t r = 0; r < ROWS; r++) {
        trm_model_trace(with, w, r, trace);
        for (int32_t c = 0; c < CYCLES; c++) {
            const float *h = trm_trace_h(&shape, trace, c);
            const float *a = trm_mat_row(trm_workspace_logits(v, c), r);
            float want[ACTIONS], value = *bias, mean = 0;
            for (int32_t u = 0; u < H; u++)
                value += worth[u] * h[u];
            for (int32_t i = 0; i < ACTIONS; i++)
                mean += a[i] / ACTIONS;
            for (int32_t i = 0; i < ACTIONS; i++)
                want[i] = value + a[i] - mean;
            check_close("Q", trm_mat_row(trm_workspace_logits(w, c), r), want, ACTIONS, 1e-5);
            check_close("Q in the trace", trm_trace_logits(&shape, trace, c), want, ACTIONS, 1e-5);
        }
    }
    free(trace);
    trm_workspace_free(w);
    trm_workspace_free(v);
    trm_model_free(with);
    trm_model_free(without);
}

static void test_gradient(void **state) {
    (void)state;
    const trm_model_config c = config(true);
    for (int all = 0; all < 2; all++) {
        subject s;
        subject_new(&s, &c, ROWS, all);
        subject_check_gradient(&s, 12);
        subject_free(&s);
    }
}

// What moves all actions alike is the worth of the state: its weights are the mean of the
// gradients, and the differences are those of the same model without the head.
static void test_what_the_inspector_tells(void **state) {
    (void)state;
    trm_model *with = model(true), *without = model(false);
    trm_workspace *w = trm_workspace_new(with, 1, false);
    const trm_trace_shape shape = trm_model_trace_shape(with);
    const trm_params *p = trm_model_params(with);
    const float *worth = trm_params_at(p, p->values, trm_params_find(p, "dueling_head.weight"));
    float x[ROWS * STATES], *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
    float g[ACTIONS * H], plain[ACTIONS * H], want[ACTIONS * H], part[2];
    fill(x);
    trm_model_forward(with, w, 0, trm_mat_of(x, 1, STATES), NULL);
    trm_model_trace(with, w, 0, trace);
    assert_true(trm_model_head_gradient(with, &shape, x, trace, 0, ACTIONS, 0, H, g));
    assert_true(trm_model_head_gradient(without, &shape, x, trace, 0, ACTIONS, 0, H, plain));
    for (int32_t u = 0; u < H; u++)
        for (int32_t a = 0; a < ACTIONS; a++)
            want[a * H + u] = worth[u] + plain[a * H + u] -
                              (plain[u] + plain[H + u] + plain[2 * H + u]) / ACTIONS;
    check_close("gradient", g, want, ACTIONS * H, 1e-5);
    assert_true(trm_model_head_gradient(with, &shape, x, trace, 2, 1, 65, 2, part));
    check_close("part", part, want + 2 * H + 65, 2, 1e-5);
    free(trace);
    trm_workspace_free(w);
    trm_model_free(with);
    trm_model_free(without);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_equation),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_what_the_inspector_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
