// SPDX-License-Identifier: Apache-2.0
// Principal components of clouds whose directions are known.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/pca.h"

enum { N = 300, DIM = 24 };

typedef struct cloud {
    float values[N][DIM];
    const float *points[N];
    trm_pca pca;
} cloud;

static double normal(trm_rng *rng) {
    float x;
    check_fill(&x, 1, 1, rng);
    return (double)x;
}

// Wide along (1, 1, 0…)/sqrt 2, less so along (1, -1, 0…)/sqrt 2, a little elsewhere.
static cloud *make(double first, double second, double rest) {
    cloud *k = calloc(1, sizeof *k);
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    for (int32_t n = 0; n < N; n++) {
        double a = first * normal(&rng), b = second * normal(&rng);
        for (int32_t i = 0; i < DIM; i++)
            k->values[n][i] = (float)(3 + i + rest * normal(&rng));
        k->values[n][0] += (float)((a + b) / sqrt(2));
        k->values[n][1] += (float)((a - b) / sqrt(2));
        k->points[n] = k->values[n];
    }
    trm_pca_init(&k->pca, DIM);
    return k;
}

static void run(cloud *k, int32_t n) {
    trm_pca_begin(&k->pca, k->points, n);
    int32_t rounds = 0;
    while (trm_pca_step(&k->pca))
        assert_true(++rounds < 1000);
    assert_true(k->pca.done);
}

static void discard(cloud *k) {
    trm_pca_done(&k->pca);
    free(k);
}

static void test_known_directions(void **state) {
    (void)state;
    cloud *k = make(5, 2, 0.01);
    run(k, N);
    const double *first = k->pca.basis, *second = k->pca.basis + DIM;
    assert_true(fabs(first[0] - sqrt(0.5)) < 0.05 && fabs(first[1] - sqrt(0.5)) < 0.05);
    assert_true(fabs(fabs(second[0]) - sqrt(0.5)) < 0.05);
    assert_true(second[0] * second[1] < 0);
    assert_true(trm_pca_share(&k->pca, 0) > 0.8 && trm_pca_share(&k->pca, 1) > 0.1);
    assert_true(trm_pca_share(&k->pca, 0) + trm_pca_share(&k->pca, 1) > 0.999);
    discard(k);
}

// Orthonormal, and each an eigenvector of the covariance.
static void test_they_are_eigenvectors(void **state) {
    (void)state;
    cloud *k = make(3, 2.5, 1);
    run(k, N);
    for (int32_t d = 0; d < 2; d++) {
        const double *v = k->pca.basis + d * DIM, *other = k->pca.basis + (1 - d) * DIM;
        double image[DIM] = {0}, length = 0, across = 0;
        for (int32_t n = 0; n < N; n++) {
            double a = 0;
            for (int32_t i = 0; i < DIM; i++)
                a += ((double)k->values[n][i] - k->pca.mean[i]) * v[i];
            for (int32_t i = 0; i < DIM; i++)
                image[i] += a * ((double)k->values[n][i] - k->pca.mean[i]) / N;
        }
        for (int32_t i = 0; i < DIM; i++) {
            assert_true(fabs(image[i] - k->pca.value[d] * v[i]) < 1e-3 * k->pca.value[d]);
            length += v[i] * v[i];
            across += v[i] * other[i];
        }
        assert_true(fabs(length - 1) < 1e-9 && fabs(across) < 1e-9);
    }
    assert_true(k->pca.value[0] >= k->pca.value[1]);
    discard(k);
}

static void test_projections_keep_variance_and_sign(void **state) {
    (void)state;
    cloud *k = make(5, 2, 0.1);
    run(k, N);
    double square[2] = {0};
    float at[2], again[2];
    for (int32_t n = 0; n < N; n++) {
        trm_pca_project(&k->pca, k->points[n], at);
        for (int d = 0; d < 2; d++)
            square[d] += (double)at[d] * (double)at[d] / N;
    }
    for (int d = 0; d < 2; d++) {
        assert_true(fabs(square[d] - k->pca.value[d]) < 1e-3 * k->pca.value[d]);
        double largest = 0;
        for (int32_t i = 0; i < DIM; i++)
            if (fabs(k->pca.basis[d * DIM + i]) > fabs(largest))
                largest = k->pca.basis[d * DIM + i];
        assert_true(largest > 0);
    }
    trm_pca_project(&k->pca, k->points[7], at);
    run(k, N); // the same again
    trm_pca_project(&k->pca, k->points[7], again);
    assert_memory_equal(at, again, sizeof at);
    discard(k);
}

static void test_clouds_without_two_directions(void **state) {
    (void)state;
    cloud *k = make(5, 2, 1);
    float at[2] = {NAN, NAN};
    run(k, 0);
    assert_true(trm_pca_share(&k->pca, 0) == 0);
    run(k, 1); // a point
    trm_pca_project(&k->pca, k->points[0], at);
    assert_true(at[0] == 0 && at[1] == 0);
    run(k, 2); // a line
    assert_true(fabs(trm_pca_share(&k->pca, 0) - 1) < 1e-9);
    assert_true(trm_pca_share(&k->pca, 1) == 0);
    float ends[2][2];
    trm_pca_project(&k->pca, k->points[0], ends[0]);
    trm_pca_project(&k->pca, k->points[1], ends[1]);
    assert_true(fabsf(ends[0][0] + ends[1][0]) < 1e-4f && ends[0][1] == 0);
    for (int32_t n = 0; n < N; n++)
        k->points[n] = k->values[0]; // all the same
    run(k, N);
    assert_true(trm_pca_share(&k->pca, 0) == 0);
    discard(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_directions),
        cmocka_unit_test(test_they_are_eigenvectors),
        cmocka_unit_test(test_projections_keep_variance_and_sign),
        cmocka_unit_test(test_clouds_without_two_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
