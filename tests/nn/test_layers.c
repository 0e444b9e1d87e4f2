// SPDX-License-Identifier: Apache-2.0
// Every layer against a plain reference and against central differences.
#include <math.h>
#include <stdlib.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/nn/layers.h"

typedef struct fixture {
    trm_arena arena;
    trm_rng rng;
} fixture;

static int setup(void **state) {
    fixture *f = trm_alloc(1, sizeof *f);
    trm_rng_seed(&f->rng, 7, 0);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;
    trm_arena_free(&f->arena);
    free(f);
    return 0;
}

static trm_mat mat(fixture *f, int32_t rows, int32_t cols) {
    trm_mat m =
        trm_mat_of(trm_arena_array(&f->arena, (size_t)(rows * cols), sizeof(float)), rows, cols);
    check_fill(m.data, (int64_t)rows * cols, 1.0f, &f->rng);
    return m;
}

// Sum of weights * y: a loss whose gradient at y is `weights`.
static double weighted_sum(trm_mat y, trm_mat weights) {
    double sum = 0;
    for (int32_t r = 0; r < y.rows; r++)
        for (int32_t c = 0; c < y.cols; c++)
            sum += (double)trm_mat_row(y, r)[c] * (double)trm_mat_row(weights, r)[c];
    return sum;
}

static void naive_linear(trm_mat y, trm_mat x, const float *w, const float *b) {
    for (int32_t r = 0; r < y.rows; r++)
        for (int32_t o = 0; o < y.cols; o++) {
            double sum = b ? (double)b[o] : 0;
            for (int32_t i = 0; i < x.cols; i++)
                sum += (double)trm_mat_row(x, r)[i] * (double)w[o * x.cols + i];
            trm_mat_row(y, r)[o] = (float)sum;
        }
}

static void test_linear_is_the_naive_product(void **state) {
    fixture *f = *state;
    const int32_t sizes[][3] = {{1, 1, 1}, {1, 25, 64},   {2, 7, 3},   {4, 64, 130},
                                {5, 9, 5}, {64, 64, 128}, {65, 33, 17}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int32_t rows = sizes[s][0], in = sizes[s][1], out = sizes[s][2];
        trm_mat x = mat(f, rows, in), w = mat(f, out, in), b = mat(f, 1, out);
        trm_mat y = mat(f, rows, out), want = mat(f, rows, out), sum = mat(f, rows, out);
        naive_linear(want, x, w.data, b.data);
        trm_linear_forward(y, x, w.data, b.data);
        check_close("linear", y.data, want.data, (int64_t)rows * out, 1e-5);
        trm_mat_copy(sum, want);
        trm_linear_forward_add(sum, x, w.data, b.data);
        trm_mat_add(want, y);
        check_close("linear, added", sum.data, want.data, (int64_t)rows * out, 1e-5);
        naive_linear(want, x, w.data, NULL);
        trm_linear_forward(y, x, w.data, NULL);
        check_close("linear without bias", y.data, want.data, (int64_t)rows * out, 1e-5);
    }
}

static void test_linear_works_on_parts_of_wider_rows(void **state) {
    fixture *f = *state;
    trm_mat wide = mat(f, 6, 20), x = trm_mat_cols(wide, 3, 8), w = mat(f, 4, 8);
    trm_mat out = mat(f, 6, 9), y = trm_mat_cols(out, 5, 4), want = mat(f, 6, 4);
    float kept = out.data[4];
    trm_linear_forward(y, x, w.data, NULL);
    naive_linear(want, x, w.data, NULL);
    for (int32_t r = 0; r < 6; r++)
        check_close("row", trm_mat_row(y, r), trm_mat_row(want, r), 4, 1e-5);
    assert_true(out.data[4] == kept);
}

typedef struct linear_case {
    trm_mat x, y, w, b, weights;
} linear_case;

static double linear_loss(void *ctx) {
    linear_case *c = ctx;
    trm_linear_forward(c->y, c->x, c->w.data, c->b.data);
    return weighted_sum(c->y, c->weights);
}

static void test_linear_gradients(void **state) {
    fixture *f = *state;
    for (int32_t rows = 1; rows <= 9; rows += 4) {
        linear_case c = {mat(f, rows, 6), mat(f, rows, 5), mat(f, 5, 6), mat(f, 1, 5),
                         mat(f, rows, 5)};
        trm_mat dx = mat(f, rows, 6), dw = mat(f, 5, 6), db = mat(f, 1, 5);
        trm_mat_zero(dw);
        trm_mat_zero(db);
        trm_linear_backward(dx, dw.data, db.data, c.weights, c.x, c.w.data);
        check_gradient("x", c.x.data, dx.data, rows * 6, 40, linear_loss, &c, 1e-3);
        check_gradient("w", c.w.data, dw.data, 30, 40, linear_loss, &c, 1e-3);
        check_gradient("b", c.b.data, db.data, 5, 40, linear_loss, &c, 1e-3);
        trm_mat twice = mat(f, rows, 6), kept = mat(f, rows, 6);
        trm_mat_copy(kept, twice);
        trm_mat_add(kept, dx);
        trm_linear_backward_add(twice, NULL, NULL, c.weights, c.x, c.w.data);
        check_close("dx, added", twice.data, kept.data, rows * 6, 1e-5);
    }
}

typedef struct norm_case {
    trm_mat x, y, xhat, gain, bias, weights;
    float rstd[8];
} norm_case;

static double norm_loss(void *ctx) {
    norm_case *c = ctx;
    trm_layernorm_forward(c->y, c->xhat, c->rstd, c->x, c->gain.data, c->bias.data);
    return weighted_sum(c->y, c->weights);
}

static void test_layernorm(void **state) {
    fixture *f = *state;
    norm_case c = {mat(f, 3, 17),
                   mat(f, 3, 17),
                   mat(f, 3, 17),
                   mat(f, 1, 17),
                   mat(f, 1, 17),
                   mat(f, 3, 17),
                   {0}};
    norm_loss(&c);
    for (int32_t r = 0; r < 3; r++) {
        double mean = 0, var = 0;
        for (int32_t i = 0; i < 17; i++)
            mean += (double)trm_mat_row(c.x, r)[i] / 17.0;
        for (int32_t i = 0; i < 17; i++)
            var += pow((double)trm_mat_row(c.x, r)[i] - mean, 2) / 17.0;
        for (int32_t i = 0; i < 17; i++) {
            double want = ((double)trm_mat_row(c.x, r)[i] - mean) / sqrt(var + 1e-5) *
                              (double)c.gain.data[i] +
                          (double)c.bias.data[i];
            assert_true(fabs(want - (double)trm_mat_row(c.y, r)[i]) < 1e-5);
        }
    }
    trm_mat dx = mat(f, 3, 17), dgain = mat(f, 1, 17), dbias = mat(f, 1, 17);
    trm_mat_zero(dx);
    trm_mat_zero(dgain);
    trm_mat_zero(dbias);
    trm_layernorm_backward_add(dx, dgain.data, dbias.data, c.weights, c.xhat, c.rstd, c.gain.data);
    check_gradient("x", c.x.data, dx.data, 51, 51, norm_loss, &c, 2e-3);
    check_gradient("gain", c.gain.data, dgain.data, 17, 17, norm_loss, &c, 1e-3);
    check_gradient("bias", c.bias.data, dbias.data, 17, 17, norm_loss, &c, 1e-3);
}

typedef struct gate_case {
    trm_mat ab, y, weights;
} gate_case;

static double swiglu_loss(void *ctx) {
    gate_case *c = ctx;
    trm_swiglu_forward(c->y, c->ab);
    return weighted_sum(c->y, c->weights);
}

static void test_swiglu(void **state) {
    fixture *f = *state;
    gate_case c = {mat(f, 4, 22), mat(f, 4, 11), mat(f, 4, 11)};
    swiglu_loss(&c);
    for (int32_t r = 0; r < 4; r++)
        for (int32_t i = 0; i < 11; i++) {
            double a = (double)trm_mat_row(c.ab, r)[i], b = (double)trm_mat_row(c.ab, r)[11 + i];
            assert_true(fabs(a / (1.0 + exp(-a)) * b - (double)trm_mat_row(c.y, r)[i]) < 1e-6);
        }
    trm_mat dab = mat(f, 4, 22);
    trm_swiglu_backward(dab, c.weights, c.ab);
    check_gradient("ab", c.ab.data, dab.data, 88, 88, swiglu_loss, &c, 1e-3);
    trm_mat in_place = mat(f, 4, 22);
    trm_mat_copy(in_place, c.ab);
    trm_swiglu_backward(in_place, c.weights, in_place);
    assert_memory_equal(in_place.data, dab.data, 88 * sizeof(float));
}

static void test_swiglu_far_from_zero(void **state) {
    (void)state;
    float ab[] = {-1000, -90, -20, 20, 90, 1000, 1, 1, 1, 1, 1, 1}, y[6];
    trm_swiglu_forward(trm_mat_of(y, 1, 6), trm_mat_of(ab, 1, 12));
    const float want[] = {0, 0, -20.0f / (1.0f + 4.85165195e8f), 20, 90, 1000};
    for (int i = 0; i < 6; i++)
        assert_true(fabsf(y[i] - want[i]) <= 1e-6f * fmaxf(1.0f, fabsf(want[i])));
}

static void test_relu(void **state) {
    (void)state;
    float x[] = {-2, -0.0f, 0, 3, 5e-30f}, y[5], d[5], dy[] = {1, 2, 3, 4, 5};
    trm_relu_forward(trm_mat_of(y, 1, 5), trm_mat_of(x, 1, 5));
    const float want[] = {0, 0, 0, 3, 5e-30f}, dwant[] = {0, 0, 0, 4, 5};
    trm_relu_backward(trm_mat_of(d, 1, 5), trm_mat_of(dy, 1, 5), trm_mat_of(y, 1, 5));
    for (int i = 0; i < 5; i++) {
        assert_true(y[i] == want[i]);
        assert_true(d[i] == dwant[i]);
    }
}

static void test_embedding(void **state) {
    fixture *f = *state;
    trm_mat table = mat(f, 4, 3), y = mat(f, 5, 3), dy = mat(f, 5, 3), dtable = mat(f, 4, 3);
    const int32_t index[] = {2, -1, 0, 2, 3};
    trm_mat_zero(dtable);
    trm_embedding_forward(y, index, table.data);
    trm_embedding_backward(dtable.data, dy, index);
    for (int32_t r = 0; r < 5; r++)
        for (int32_t i = 0; i < 3; i++)
            assert_true(trm_mat_row(y, r)[i] == (index[r] < 0 ? 0 : table.data[index[r] * 3 + i]));
    for (int32_t i = 0; i < 3; i++) {
        assert_true(dtable.data[3 + i] == 0);
        assert_true(fabsf(dtable.data[6 + i] - dy.data[i] - dy.data[9 + i]) < 1e-6f);
        assert_true(dtable.data[i] == dy.data[6 + i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_linear_is_the_naive_product, setup, teardown),
        cmocka_unit_test_setup_teardown(test_linear_works_on_parts_of_wider_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_linear_gradients, setup, teardown),
        cmocka_unit_test_setup_teardown(test_layernorm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_swiglu, setup, teardown),
        cmocka_unit_test(test_swiglu_far_from_zero),
        cmocka_unit_test(test_relu),
        cmocka_unit_test_setup_teardown(test_embedding, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
