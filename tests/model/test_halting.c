// SPDX-License-Identifier: Apache-2.0
// A policy's halting head: its place, its gradient, that it touches nothing else, and that what
// stops is what fewer cycles would have done.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"
#include "trm/model/inspect.h"

enum { ROWS = 9, STATES = 6, ACTIONS = 3, CYCLES = 4, H = 8 };

static const int32_t prev[ROWS] = {-1, 0, 1, 2, -1, 0, 1, 2, -1};

static trm_model *model(bool halting) {
    trm_model_config c = subject_config("trm-full", STATES, ACTIONS);
    c.h_dim = H;
    c.l_dim = 4;
    c.k_cycles = CYCLES;
    c.halting_head = halting;
    return subject_model(&c, 3);
}

static float *param(trm_model *m, const char *name) {
    trm_params *p = trm_model_params(m);
    int32_t i = trm_params_find(p, name);
    assert_true(i >= 0);
    return trm_params_at(p, p->values, i);
}

static void fill(float *x) {
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    check_fill(x, ROWS * STATES, 1, &rng);
}

static void run(const trm_model *m, trm_workspace *w, float *x) {
    trm_model_forward(m, w, 0, trm_mat_of(x, ROWS, STATES), prev);
}

static void test_place(void **state) {
    (void)state;
    trm_model *with = model(true), *without = model(false);
    trm_params *p = trm_model_params(with), *q = trm_model_params(without);
    assert_int_equal(p->total, q->total + H + 1);
    assert_int_equal(p->count, q->count + 2);
    assert_memory_equal(p->values, q->values, (size_t)q->total * sizeof(float)); // drawn last
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    assert_true(trm_model_recognise(p, &c, &e) && c.halting_head);
    assert_true(trm_model_recognise(q, &c, &e) && !c.halting_head);
    assert_true(trm_model_halts(with) && !trm_model_halts(without));
    assert_true(trm_model_trace_shape(with).halts && !trm_model_trace_shape(without).halts);
    static const char *const others[] = {"mlp", "trm-rl", "trm-conv"};
    for (int i = 0; i < 3; i++) {
        c = subject_config(others[i], STATES, ACTIONS);
        c.halting_head = true;
        assert_null(trm_model_new(&c, &e));
        assert_non_null(strstr(e.message, "has no place for a halting head"));
    }
    trm_model_free(with);
    trm_model_free(without);
}

// The head's gradient is that of sum of weights times what it says, and there is no other.
static void test_gradient(void **state) {
    (void)state;
    trm_model *m = model(true);
    trm_params *p = trm_model_params(m);
    trm_workspace *w = trm_workspace_new(m, ROWS, true);
    float x[ROWS * STATES], weights[CYCLES][ROWS];
    float *grads = trm_alloc((size_t)p->size, sizeof *grads);
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    fill(x);
    run(m, w, x);
    for (int32_t o = 0; o < CYCLES; o++) {
        check_fill(weights[o], ROWS, 1, &rng);
        memcpy(trm_workspace_dhalt(w, o), weights[o], sizeof weights[o]);
    }
    trm_model_backward(m, w, 0, 4, grads);
    trm_model_backward(m, w, 4, ROWS - 4, grads);
    float *weight = param(m, "halting_head.weight"), *bias = param(m, "halting_head.bias");
    for (int64_t i = 0; i < p->size; i++) {
        bool own = (p->values + i >= weight && p->values + i < weight + H) || p->values + i == bias;
        if (!own) {
            assert_true(grads[i] == 0);
            continue;
        }
        float kept = p->values[i];
        double sum[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            p->values[i] = kept + (side == 0 ? 0.5f : -0.5f); // it is linear
            run(m, w, x);
            for (int32_t o = 0; o < CYCLES; o++)
                for (int32_t r = 0; r < ROWS; r++)
                    sum[side] += (double)weights[o][r] * (double)trm_workspace_halt(w, o)[r];
        }
        p->values[i] = kept;
        assert_true(fabs(sum[0] - sum[1] - (double)grads[i]) < 1e-4);
    }
    free(grads);
    trm_workspace_free(w);
    trm_model_free(m);
}

// Rows stop at cycles of their own, and act as they would with that many.
static void test_stopping(void **state) {
    (void)state;
    trm_model *m = model(true);
    trm_workspace *w = trm_workspace_new(m, ROWS, false);
    trm_workspace *other = trm_workspace_new_inspect(m, ROWS, CYCLES);
    float x[ROWS * STATES], *weight = param(m, "halting_head.weight");
    trm_error e = {0};
    int32_t stopped[CYCLES + 1] = {0};
    fill(x);
    for (int32_t i = 0; i < H; i++) // so that it says something else of every row
        weight[i] = i % 2 == 0 ? 8.0f : -6.0f;
    run(m, w, x);
    for (int32_t r = 0; r < ROWS; r++)
        assert_int_equal(trm_workspace_steps(w, r), CYCLES);
    trm_workspace_set_stopping(w, true);
    run(m, w, x);
    for (int32_t r = 0; r < ROWS; r++) {
        int32_t steps = trm_workspace_steps(w, r);
        const trm_intervention fewer = {.cycles = steps};
        assert_true(trm_workspace_intervene(m, other, &fewer, &e));
        run(m, other, x);
        check_close("logits", trm_mat_row(trm_workspace_logits(w, CYCLES - 1), r),
                    trm_mat_row(trm_workspace_logits(other, steps - 1), r), ACTIONS, 1e-6);
        for (int32_t o = 0; o < steps; o++) // the first of which it is sure
            assert_true((trm_workspace_halt(other, o)[r] > TRM_HALT_SURE) ==
                            (o == steps - 1 && steps < CYCLES) ||
                        o == CYCLES - 1);
        stopped[steps]++;
    }
    assert_true(stopped[1] > 0 && stopped[1] < ROWS);
    *param(m, "halting_head.bias") = 1e4f;
    run(m, w, x);
    for (int32_t r = 0; r < ROWS; r++)
        assert_int_equal(trm_workspace_steps(w, r), 1);
    trm_workspace_set_stopping(w, false);
    run(m, w, x);
    assert_int_equal(trm_workspace_steps(w, 0), CYCLES);
    trm_workspace_free(other);
    trm_workspace_free(w);
    trm_model_free(m);
}

static void test_trace(void **state) {
    (void)state;
    trm_model *m = model(true), *bare = model(false);
    trm_workspace *w = trm_workspace_new(m, ROWS, false);
    trm_workspace *v = trm_workspace_new(bare, ROWS, false);
    trm_trace_shape s = trm_model_trace_shape(m), t = trm_model_trace_shape(bare);
    float x[ROWS * STATES];
    float *with = trm_alloc((size_t)trm_trace_size(&s), sizeof *with);
    float *without = trm_alloc((size_t)trm_trace_size(&t), sizeof *without);
    fill(x);
    run(m, w, x);
    run(bare, v, x);
    assert_int_equal(trm_trace_size(&s), trm_trace_size(&t) + CYCLES);
    trm_model_trace(m, w, 5, with);
    trm_model_trace(bare, v, 5, without);
    for (int32_t c = 0; c < CYCLES; c++) {
        double p = 1 / (1 + exp(-(double)trm_workspace_halt(w, c)[5]));
        assert_true(fabs(p - (double)*trm_trace_halt(&s, with, c)) < 1e-6);
        assert_memory_equal(trm_trace_h_mid(&s, with, c), trm_trace_h_mid(&t, without, c),
                            (size_t)trm_trace_stride(&t) * sizeof(float));
    }
    free(with);
    free(without);
    trm_workspace_free(w);
    trm_workspace_free(v);
    trm_model_free(m);
    trm_model_free(bare);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
