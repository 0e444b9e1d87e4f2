// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/nn/categorical.h"

enum { N = 6 };

typedef struct scored {
    float logits[N];
    float log_prob_scale, entropy_scale;
} scored;

static double score(void *ctx) {
    scored *s = ctx;
    return (double)s->log_prob_scale * (double)trm_categorical_log_prob(s->logits, N, 2) +
           (double)s->entropy_scale * (double)trm_categorical_entropy(s->logits, N);
}

static void test_softmax_sums_to_one_and_shifts(void **state) {
    (void)state;
    float logits[N] = {1, 2, 3, -4, 0, 2}, shifted[N], a[N], b[N], sum = 0;
    for (int i = 0; i < N; i++)
        shifted[i] = logits[i] + 300.0f;
    trm_softmax(a, logits, N);
    trm_softmax(b, shifted, N);
    for (int i = 0; i < N; i++) {
        sum += a[i];
        assert_true(fabsf(a[i] - b[i]) < 1e-6f);
        assert_true(fabsf(logf(a[i]) - trm_categorical_log_prob(logits, N, i)) < 1e-5f);
    }
    assert_true(fabsf(sum - 1.0f) < 1e-6f);
}

static void test_entropy_at_its_ends(void **state) {
    (void)state;
    float flat[N] = {5, 5, 5, 5, 5, 5}, sure[N] = {0, 500, 0, 0, 0, 0};
    assert_true(fabsf(trm_categorical_entropy(flat, N) - logf(N)) < 1e-6f);
    assert_true(trm_categorical_entropy(sure, N) == 0);
}

static void test_gradients_of_log_prob_and_entropy(void **state) {
    (void)state;
    const float scales[][2] = {{1, 0}, {0, 1}, {-0.7f, 0.3f}};
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    for (int k = 0; k < 3; k++) {
        scored s = {.log_prob_scale = scales[k][0], .entropy_scale = scales[k][1]};
        float grad[N];
        check_fill(s.logits, N, 1.5f, &rng);
        trm_categorical_backward(grad, s.logits, N, 2, s.log_prob_scale, s.entropy_scale);
        check_gradient("logits", s.logits, grad, N, N, score, &s, 2e-3);
    }
}

static double cross(void *ctx) {
    return 0.5 * (double)trm_cross_entropy(NULL, ctx, N, 4, 1.0f);
}

static void test_cross_entropy(void **state) {
    (void)state;
    float logits[N] = {1, -2, 0.5f, 0, 0.3f, 2}, grad[N];
    float loss = trm_cross_entropy(grad, logits, N, 4, 0.5f);
    assert_true(fabsf(loss + trm_categorical_log_prob(logits, N, 4)) < 1e-6f);
    check_gradient("logits", logits, grad, N, N, cross, logits, 2e-3);
}

static void test_sampling_follows_the_probabilities(void **state) {
    (void)state;
    const float probs[4] = {0.1f, 0, 0.6f, 0.3f};
    int32_t counts[4] = {0}, draws = 40000;
    trm_rng rng;
    trm_rng_seed(&rng, 11, 0);
    for (int32_t i = 0; i < draws; i++)
        counts[trm_categorical_sample(probs, 4, &rng)]++;
    assert_int_equal(counts[1], 0);
    for (int a = 0; a < 4; a++)
        assert_true(fabs(counts[a] / (double)draws - (double)probs[a]) < 0.012);
}

static void test_sampling_survives_probabilities_that_fall_short(void **state) {
    (void)state;
    const float probs[4] = {0.1f, 0.1f, 0.1f, 0};
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    for (int i = 0; i < 1000; i++)
        assert_in_range(trm_categorical_sample(probs, 4, &rng), 0, 2);
}

static void test_argmax_takes_the_first_of_equals(void **state) {
    (void)state;
    assert_int_equal(trm_categorical_argmax((float[]){1, 3, 3, 2}, 4), 1);
    assert_int_equal(trm_categorical_argmax((float[]){-5}, 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax_sums_to_one_and_shifts),
        cmocka_unit_test(test_entropy_at_its_ends),
        cmocka_unit_test(test_gradients_of_log_prob_and_entropy),
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_sampling_follows_the_probabilities),
        cmocka_unit_test(test_sampling_survives_probabilities_that_fall_short),
        cmocka_unit_test(test_argmax_takes_the_first_of_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
