// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "../support/check.h"
#include "trm/nn/optim.h"
#include "trm/nn/params.h"

static void fill_table(trm_params *p, trm_arena *a) {
    trm_params_add_linear(p, a, "first", 5, 3);
    trm_params_add_norm(p, a, "norm", 7);
    trm_params_add_embedding(p, a, "embed", 4, 600);
    trm_params_add_linear_pair(p, a, "left", "right", 400, 3);
    trm_params_place(p, a);
}

static void test_table_counts_finds_and_packs(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_params p = {0};
    fill_table(&p, &a);
    assert_int_equal(p.total, 5 * 3 + 3 + 14 + 2400 + 2 * (1200 + 3));
    assert_int_equal(trm_params_find(&p, "norm.bias"), 3);
    assert_int_equal(trm_params_find(&p, "norm"), -1);
    int32_t left = trm_params_find(&p, "left.weight");
    assert_int_equal(p.items[left + 1].offset, p.items[left].offset + 1200);
    assert_int_equal(p.items[left + 3].offset, p.items[left + 2].offset + 3);
    for (int32_t i = 1; i < p.count; i++)
        assert_true(p.items[i].offset >= p.items[i - 1].offset + p.items[i - 1].size);
    trm_arena_free(&a);
}

static void moments(const float *x, int64_t n, double *mean, double *deviation, double *largest) {
    double sum = 0, squares = 0;
    *largest = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
        *largest = fmax(*largest, fabs((double)x[i]));
    }
    *mean = sum / (double)n;
    *deviation = sqrt(squares / (double)n - *mean * *mean);
}

static void test_default_initialisation_is_pytorchs(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_params p = {0};
    trm_rng rng;
    fill_table(&p, &a);
    trm_rng_seed(&rng, 5, 0);
    trm_params_init(&p, &rng, 0);
    double mean, deviation, largest;
    int32_t weight = trm_params_find(&p, "left.weight");
    moments(trm_params_at(&p, p.values, weight), 1200, &mean, &deviation, &largest);
    assert_true(largest <= 0.05 && largest > 0.049); // 1 / sqrt(400)
    assert_true(fabs(deviation - 0.05 / sqrt(3)) < 0.001);
    moments(trm_params_at(&p, p.values, trm_params_find(&p, "embed.weight")), 2400, &mean,
            &deviation, &largest);
    assert_true(fabs(mean) < 0.06 && fabs(deviation - 1) < 0.05);
    assert_true(trm_params_at(&p, p.values, 2)[6] == 1 && trm_params_at(&p, p.values, 3)[6] == 0);
    trm_arena_free(&a);
}

static void test_xavier_touches_linears_only(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_params p = {0};
    trm_rng rng;
    fill_table(&p, &a);
    trm_rng_seed(&rng, 5, 0);
    trm_params_init(&p, &rng, 0.5f);
    double mean, deviation, largest, bound = 0.5 * sqrt(6.0 / 403.0);
    int32_t weight = trm_params_find(&p, "left.weight");
    moments(trm_params_at(&p, p.values, weight), 1200, &mean, &deviation, &largest);
    assert_true(largest <= bound * 1.0001 && largest > 0.98 * bound);
    for (int32_t i = 0; i < 3; i++)
        assert_true(trm_params_at(&p, p.values, trm_params_find(&p, "left.bias"))[i] == 0);
    moments(trm_params_at(&p, p.values, trm_params_find(&p, "embed.weight")), 2400, &mean,
            &deviation, &largest);
    assert_true(fabs(deviation - 1) < 0.05);
    trm_arena_free(&a);
}

static void test_clip_scales_only_above_the_norm(void **state) {
    (void)state;
    float g[] = {3, 0, 4};
    assert_true(trm_grad_clip(g, 3, 10) == 5.0f);
    assert_true(g[0] == 3 && g[2] == 4);
    assert_true(trm_grad_clip(g, 3, 1) == 5.0f);
    assert_true(fabsf(g[0] - 0.6f) < 1e-6f && fabsf(g[2] - 0.8f) < 1e-6f);
    assert_true(trm_grad_clip(g, 3, 0) > 0.99f);
    assert_true(fabsf(g[2] - 0.8f) < 1e-6f);
}

static void test_adam_moves_by_lr_at_first(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_adam adam;
    trm_adam_init(&adam, &a, 2, 0.999f, 0);
    float w[] = {1, 1};
    trm_adam_step(&adam, w, (float[]){0.5f, -20}, 0.01f);
    assert_true(fabsf(w[0] - 0.99f) < 1e-6f && fabsf(w[1] - 1.01f) < 1e-6f);
    assert_int_equal(adam.step, 1);
    trm_arena_free(&a);
}

// Cut off at 2 of the uncut deviations, and of the deviation that was asked for.
static void test_truncated_normal_and_constant(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_params p = {0};
    trm_rng rng;
    double mean, deviation, largest;
    trm_params_add(&p, &a, "w", 2, (int32_t[]){200, 200}, TRM_INIT_TRUNCATED, 0, 0.5f);
    trm_params_add(&p, &a, "b", 1, (int32_t[]){3}, TRM_INIT_CONSTANT, 0, -5);
    trm_params_place(&p, &a);
    trm_rng_seed(&rng, 1, 0);
    trm_params_init(&p, &rng, 0);
    moments(p.values, 40000, &mean, &deviation, &largest);
    assert_true(fabs(mean) < 0.01 && fabs(deviation - 0.5) < 0.01);
    assert_true(largest > 1.1 && largest <= 0.5 * 2 / 0.8796);
    assert_true(p.values[40000] == -5 && p.values[40002] == -5);
    trm_arena_free(&a);
}

// By hand, two steps; what is fixed or learns by sign is left alone.
static void test_adam_atan2(void **state) {
    (void)state;
    trm_arena a = TRM_ARENA_INIT;
    trm_params p = {0};
    trm_adam o;
    for (int i = 0; i < 3; i++) {
        const char name[2] = {(char)('a' + i), 0};
        trm_params_add(&p, &a, name, 1, (int32_t[]){1}, TRM_INIT_CONSTANT, 0, 2);
        p.items[i].learning = (trm_learning)i;
    }
    trm_params_place(&p, &a);
    trm_params_init(&p, NULL, 0);
    trm_adam_init(&o, &a, p.size, 0.95f, 0.5f);
    double w = 2, m = 0, v = 0;
    for (int t = 1; t <= 2; t++) {
        const double g = t == 1 ? 0.25 : -3;
        float *grads = trm_arena_array(&a, (size_t)p.size, sizeof *grads);
        for (int i = 0; i < 3; i++)
            grads[p.items[i].offset] = (float)g;
        trm_adam_atan2_step(&o, &p, grads, 0.1f);
        m += 0.1 * (g - m);
        v += 0.05 * (g * g - v);
        w = w * (1 - 0.1 * 0.5) -
            0.1 / (1 - pow(0.9, t)) * atan2(m, sqrt(v) / sqrt(1 - pow(0.95, t)));
        assert_true(fabs((double)p.values[p.items[0].offset] - w) < 1e-6);
    }
    assert_true(p.values[p.items[1].offset] == 2 && p.values[p.items[2].offset] == 2);
    trm_arena_free(&a);
}

static void test_sign_rows(void **state) {
    (void)state;
    float table[4 * 2] = {1, 1, 1, 1, 1, 1, 1, 1};
    const float grads[4 * 2] = {5, 5, 0.1f, -7, 0, 3, 1, 1};
    const int32_t rows[] = {2, 1, 2};
    trm_sign_rows_step(table, grads, 2, rows, 3, 0.25f, 0.5f);
    const float want[] = {1, 1, 0.625f, 1.125f, 0.875f, 0.625f, 1, 1};
    for (int i = 0; i < 8; i++)
        assert_true(table[i] == want[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_counts_finds_and_packs),
        cmocka_unit_test(test_default_initialisation_is_pytorchs),
        cmocka_unit_test(test_xavier_touches_linears_only),
        cmocka_unit_test(test_clip_scales_only_above_the_norm),
        cmocka_unit_test(test_adam_moves_by_lr_at_first),
        cmocka_unit_test(test_truncated_normal_and_constant),
        cmocka_unit_test(test_adam_atan2),
        cmocka_unit_test(test_sign_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
