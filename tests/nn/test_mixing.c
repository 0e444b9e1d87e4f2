// SPDX-License-Identifier: Apache-2.0
// Rotary positions, layers over positions, relations, RMSNorm, stable-max and averages of weights:
// by their definitions and central differences.
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"
#include "trm/nn/mixing.h"
#include "trm/nn/optim.h"

enum { B = 2, P = 6, D = 8, Q = 5, HEADS = 2, PAIRS = 2 };

// One case of any layer: y = f(x, w), loss = weights . y.
typedef struct layer {
    float x[B * P * D], w[Q * P], y[B * P * D], weights[B * P * D];
    int64_t outputs;
    void (*forward)(struct layer *l);
    float cosines[P * PAIRS], sines[P * PAIRS];
    float rstd[B * P], column_rstd[B * D];
} layer;

static double loss(void *ctx) {
    layer *l = ctx;
    double sum = 0;
    l->forward(l);
    for (int64_t i = 0; i < l->outputs; i++)
        sum += (double)l->y[i] * (double)l->weights[i];
    return sum;
}

static layer make(void (*forward)(layer *l), int64_t outputs) {
    layer l = {.forward = forward, .outputs = outputs};
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    check_fill(l.x, B * P * D, 1, &rng);
    check_fill(l.w, Q * P, 1, &rng);
    check_fill(l.weights, B * P * D, 1, &rng);
    trm_rotary_table(l.cosines, l.sines, 2, 3, PAIRS);
    return l;
}

static trm_mat cells(float *data) {
    return trm_mat_of(data, B * P, D);
}

// ---- RMSNorm ------------------------------------------------------------------------------------

static void rmsnorm(layer *l) {
    trm_rmsnorm_forward(cells(l->y), l->rstd, cells(l->x));
}

static void test_rmsnorm(void **state) {
    (void)state;
    layer l = make(rmsnorm, B * P * D);
    float dx[B * P * D];
    loss(&l);
    for (int r = 0; r < B * P; r++) {
        double sum = 0;
        for (int i = 0; i < D; i++)
            sum += (double)l.x[r * D + i] * (double)l.x[r * D + i];
        assert_true(fabs((double)l.y[r * D] - (double)l.x[r * D] / sqrt(sum / D + 1e-5)) < 1e-5);
    }
    trm_rmsnorm_backward(cells(dx), cells(l.weights), cells(l.y), l.rstd);
    check_gradient("x", l.x, dx, B * P * D, 40, loss, &l, 2e-3);
}

static void rmsnorm_f64(layer *l) {
    trm_rmsnorm_forward_f64(cells(l->y), l->rstd, cells(l->x), 0.25f);
}

static void test_rmsnorm_f64(void **state) {
    (void)state;
    layer l = make(rmsnorm_f64, B * P * D);
    float dx[B * P * D];
    double sum = 0;
    loss(&l);
    for (int i = 0; i < D; i++)
        sum += (double)l.x[i] * (double)l.x[i];
    assert_true(fabs((double)l.y[1] - (double)l.x[1] / sqrt(sum / D + 0.25)) < 1e-6);
    trm_rmsnorm_backward(cells(dx), cells(l.weights), cells(l.y), l.rstd);
    check_gradient("x", l.x, dx, B * P * D, 40, loss, &l, 2e-3);
}

// Over the positions of each column.
static void positions_rmsnorm(layer *l) {
    trm_positions_rmsnorm_forward(cells(l->y), l->column_rstd, cells(l->x), P, 0.125f);
}

static void test_positions_rmsnorm(void **state) {
    (void)state;
    layer l = make(positions_rmsnorm, B * P * D);
    float dx[B * P * D], dots[D];
    loss(&l);
    for (int i = 0; i < B; i++)
        for (int j = 0; j < D; j++) {
            double sum = 0;
            for (int p = 0; p < P; p++)
                sum += pow((double)l.x[(i * P + p) * D + j], 2);
            int at = (i * P + 2) * D + j;
            assert_true(fabs((double)l.y[at] - (double)l.x[at] / sqrt(sum / P + 0.125)) < 1e-6);
        }
    trm_positions_rmsnorm_backward(cells(dx), cells(l.weights), cells(l.y), l.column_rstd, P, dots);
    check_gradient("x", l.x, dx, B * P * D, 40, loss, &l, 2e-3);
    memcpy(l.y, l.x, sizeof l.x); // in place
    float apart[B * P * D];
    trm_positions_rmsnorm_forward(cells(apart), l.column_rstd, cells(l.x), P, 0.125f);
    trm_positions_rmsnorm_forward(cells(l.y), l.column_rstd, cells(l.y), P, 0.125f);
    assert_memory_equal(l.y, apart, sizeof apart);
}

// ---- rotary positions ---------------------------------------------------------------------------

static void rotary(layer *l) {
    memcpy(l->y, l->x, sizeof l->x);
    trm_rotary_apply(cells(l->y), HEADS, l->cosines, l->sines, P, PAIRS, false);
}

static void test_rotary(void **state) {
    (void)state;
    layer l = make(rotary, B * P * D);
    float dx[B * P * D];
    loss(&l);
    memcpy(dx, l.weights, sizeof dx);
    trm_rotary_apply(cells(dx), HEADS, l.cosines, l.sines, P, PAIRS, true);
    check_gradient("x", l.x, dx, B * P * D, 40, loss, &l, 2e-3);
}

static double dot(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

// The same query and key everywhere: what they give depends on how far apart they stand, and in
// which direction.
static void test_rotary_tells_distances(void **state) {
    (void)state;
    enum { HEIGHT = 4, WIDTH = 5, CELLS = HEIGHT * WIDTH, COLS = 8 };
    float cosines[CELLS * 4], sines[CELLS * 4], q[CELLS * COLS], k[CELLS * COLS];
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    check_fill(q, COLS, 1, &rng);
    check_fill(k, COLS, 1, &rng);
    for (int p = 1; p < CELLS; p++) {
        memcpy(q + p * COLS, q, COLS * sizeof *q);
        memcpy(k + p * COLS, k, COLS * sizeof *k);
    }
    trm_rotary_table(cosines, sines, HEIGHT, WIDTH, 4);
    trm_rotary_apply(trm_mat_of(q, CELLS, COLS), 1, cosines, sines, CELLS, 4, false);
    trm_rotary_apply(trm_mat_of(k, CELLS, COLS), 1, cosines, sines, CELLS, 4, false);
    double right = dot(q, k + COLS, COLS), below = dot(q, k + WIDTH * COLS, COLS);
    assert_true(fabs(right - below) > 1e-3);
    for (int row = 0; row < HEIGHT - 1; row++)
        for (int col = 0; col < WIDTH - 1; col++) {
            int p = row * WIDTH + col;
            assert_true(fabs(dot(q + p * COLS, k + (p + 1) * COLS, COLS) - right) < 1e-4);
            assert_true(fabs(dot(q + p * COLS, k + (p + WIDTH) * COLS, COLS) - below) < 1e-4);
        }
}

// ---- a layer over positions ---------------------------------------------------------------------

static void positions(layer *l) {
    trm_positions_linear_forward(trm_mat_of(l->y, B * Q, D), cells(l->x), l->w, Q, P);
}

static void test_positions(void **state) {
    (void)state;
    layer l = make(positions, B * Q * D);
    float dx[B * P * D], dw[Q * P] = {0};
    loss(&l);
    for (int q = 0; q < Q; q++) {
        double sum = 0;
        for (int p = 0; p < P; p++)
            sum += (double)l.w[q * P + p] * (double)l.x[(P + p) * D + 1];
        assert_true(fabs((double)l.y[(Q + q) * D + 1] - sum) < 1e-5);
    }
    trm_positions_linear_backward(cells(dx), false, dw, trm_mat_of(l.weights, B * Q, D), cells(l.x),
                                  l.w, Q, P);
    check_gradient("x", l.x, dx, B * P * D, 40, loss, &l, 2e-3);
    check_gradient("w", l.w, dw, Q * P, Q * P, loss, &l, 2e-3);
    float once[B * P * D];
    memcpy(once, dx, sizeof once);
    trm_positions_linear_backward(cells(dx), true, dw, trm_mat_of(l.weights, B * Q, D), cells(l.x),
                                  l.w, Q, P);
    for (int i = 0; i < B * P * D; i++)
        assert_true(fabsf(dx[i] - 2 * once[i]) < 1e-4f);
}

// ---- relations ----------------------------------------------------------------------------------

// Two rows and three columns of a grid.
static const int32_t group[P * 2] = {0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2};
static const trm_groups grid = {
    .positions = P, .relations = 2, .first = {0, 2, 5}, .scale = {0.5f, 2}, .group = group};
enum { G = 5 };

static void test_relations(void **state) {
    (void)state;
    layer l = make(NULL, 0);
    float sums[B * G * D], y[B * P * D];
    for (int scaled = 0; scaled <= 1; scaled++) {
        float by_row = scaled ? 0.5f : 1, by_column = scaled ? 2.0f : 1;
        trm_groups_gather(trm_mat_of(sums, B * G, D), cells(l.x), &grid, scaled);
        // second row of the second sample; third column of the first
        float row = l.x[(P + 3) * D] + l.x[(P + 4) * D] + l.x[(P + 5) * D];
        float column = l.x[2 * D] + l.x[5 * D];
        assert_true(fabsf(sums[3 * D] - by_row * row) < 1e-5f);
        assert_true(fabsf(sums[(4 + 2) * D] - by_column * column) < 1e-5f);
        memcpy(y, l.x, sizeof y);
        trm_groups_spread_add(cells(y), trm_mat_of(sums, B * G, D), &grid, scaled);
        float want = l.x[(P + 4) * D] + by_row * sums[3 * D] + by_column * sums[(4 + 3 + 1) * D];
        assert_true(fabsf(y[(P + 4) * D] - want) < 1e-4f);
        // <gather x, s> = <x, spread s>: each is the other's backward
        float s[B * G * D], back[B * P * D] = {0};
        trm_rng rng;
        trm_rng_seed(&rng, 8, 0);
        check_fill(s, B * G * D, 1, &rng);
        trm_groups_spread_add(cells(back), trm_mat_of(s, B * G, D), &grid, scaled);
        assert_true(fabs(dot(sums, s, B * G * D) - dot(l.x, back, B * P * D)) < 1e-3);
    }
}

// ---- stable-max, averages -----------------------------------------------------------------------

typedef struct choice {
    float logits[5], dlogits[5];
} choice;

static double choice_loss(void *ctx) {
    choice *c = ctx;
    return 3 * (double)trm_stablemax_cross_entropy(NULL, c->logits, 5, 2, 1);
}

static void test_stablemax(void **state) {
    (void)state;
    choice c = {.logits = {0.5f, -2, -0.3f, 4, 0.01f}};
    double s[5] = {1.5, 1.0 / 3, 1 / 1.3, 5, 1.01}, sum = s[0] + s[1] + s[2] + s[3] + s[4];
    float found = trm_stablemax_cross_entropy(c.dlogits, c.logits, 5, 2, 3);
    assert_true(fabs((double)found + log(s[2] / sum)) < 1e-6);
    check_gradient("logits", c.logits, c.dlogits, 5, 5, choice_loss, &c, 2e-3);
}

static double wide_stablemax_loss(void *ctx) {
    const struct { float logits[5], dlogits[5]; } *c = ctx;
    return 3 * trm_stablemax_cross_entropy_f64(NULL, c->logits, 5, 2, 1);
}

static void test_stablemax_f64(void **state) {
    (void)state;
    struct {
        float logits[5], dlogits[5];
    } c = {.logits = {0.5f, -2, 1.5f, -0.25f, 3}};
    float probs[5];
    double sum = 1.5 + 1.0 / 3 + 2.5 + 0.8 + 4;
    assert_true(fabs(trm_stablemax_cross_entropy_f64(c.dlogits, c.logits, 5, 2, 3) +
                     log(2.5 / sum)) < 1e-12);
    check_gradient("logits", c.logits, c.dlogits, 5, 5, wide_stablemax_loss, &c, 2e-3);
    trm_stablemax(probs, c.logits, 5);
    assert_true(fabs((double)probs[1] - 1 / 3.0 / sum) < 1e-7);
    assert_true(fabs((double)probs[4] - 4 / sum) < 1e-7);
}

// Pair j of `pairs` turns by theta^(-j / pairs) a position, whatever the grid.
static void test_rope(void **state) {
    (void)state;
    float cosines[5 * 4], sines[5 * 4];
    trm_rope_table(cosines, sines, 5, 4, 10000);
    for (int p = 0; p < 5; p++)
        for (int j = 0; j < 4; j++) {
            double a = p * pow(10000, -j / 4.0);
            assert_true(fabs((double)cosines[p * 4 + j] - cos(a)) < 1e-6);
            assert_true(fabs((double)sines[p * 4 + j] - sin(a)) < 1e-6);
        }
}

static void test_swiglu_width(void **state) {
    (void)state;
    assert_int_equal(trm_swiglu_width(4, 512), 1536);
    assert_int_equal(trm_swiglu_width(4, 97), 512);
    assert_int_equal(trm_swiglu_width(4, 96), 256);
    assert_int_equal(trm_swiglu_width(4, 64), 256);
    assert_int_equal(trm_swiglu_width(1, 1536), 1024);
}

static void test_average(void **state) {
    (void)state;
    float average[3] = {0, 1, -4}, values[3] = {10, 1, 4};
    trm_ema_step(average, values, 3, 0.75f);
    assert_true(average[0] == 2.5f && average[1] == 1 && average[2] == -2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rmsnorm),
        cmocka_unit_test(test_rotary),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_rotary_tells_distances),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_stablemax),
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_rmsnorm_f64),
        cmocka_unit_test(test_positions_rmsnorm),
        cmocka_unit_test(test_stablemax_f64),
        cmocka_unit_test(test_rope),
        cmocka_unit_test(test_swiglu_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
