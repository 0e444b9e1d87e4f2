// SPDX-License-Identifier: Apache-2.0
// Convolution against its definition and central differences.
#include <string.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

typedef struct conv_case {
    int32_t height, width;
    trm_mat x, y, w, b, weights;
    trm_conv_scratch scratch;
} conv_case;

static trm_mat mat(trm_arena *a, int32_t rows, int32_t cols, trm_rng *rng) {
    trm_mat m =
        trm_mat_of(trm_arena_array(a, (size_t)rows * (size_t)cols, sizeof(float)), rows, cols);
    check_fill(m.data, (int64_t)rows * cols, 1, rng);
    return m;
}

static conv_case case_of(trm_arena *a, int32_t grids, int32_t height, int32_t width, int32_t in,
                         int32_t out, trm_rng *rng) {
    int32_t cells = grids * height * width;
    return (conv_case){
        .height = height,
        .width = width,
        .x = mat(a, cells, in, rng),
        .y = mat(a, cells, out, rng),
        .w = mat(a, out, in * TRM_CONV_TAPS, rng),
        .b = mat(a, 1, out, rng),
        .scratch = {mat(a, cells, in * TRM_CONV_TAPS, rng), mat(a, out, in * TRM_CONV_TAPS, rng)},
        .weights = mat(a, cells, out, rng)};
}

static void forward(const conv_case *c, const float *b) {
    trm_conv3x3_forward(c->y, c->x, c->height, c->width, c->w.data, b, c->scratch);
}

// One output by the definition.
static float naive(const conv_case *c, int32_t grid, int32_t y, int32_t x, int32_t o,
                   const float *b) {
    double sum = b ? (double)b[o] : 0;
    for (int32_t i = 0; i < c->x.cols; i++)
        for (int32_t dy = -1; dy <= 1; dy++)
            for (int32_t dx = -1; dx <= 1; dx++) {
                if (y + dy < 0 || y + dy >= c->height || x + dx < 0 || x + dx >= c->width)
                    continue;
                int32_t cell = (grid * c->height + y + dy) * c->width + x + dx;
                int32_t tap = (i * 3 + dy + 1) * 3 + dx + 1;
                sum += (double)trm_mat_row(c->x, cell)[i] * (double)trm_mat_row(c->w, o)[tap];
            }
    return (float)sum;
}

static void check_forward(const conv_case *c, const float *b) {
    int32_t cells = c->height * c->width;
    forward(c, b);
    for (int32_t r = 0; r < c->y.rows; r++)
        for (int32_t o = 0; o < c->y.cols; o++) {
            float want = naive(c, r / cells, r % cells / c->width, r % c->width, o, b);
            float error = trm_mat_row(c->y, r)[o] - want;
            assert_true(error < 1e-4f && error > -1e-4f);
        }
}

static const int32_t shapes[][5] = {{1, 1, 1, 1, 1}, {3, 2, 5, 4, 3}, {2, 8, 8, 3, 16},
                                    {1, 1, 4, 2, 2}, {2, 7, 1, 3, 2}, {5, 3, 3, 16, 5}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void test_convolution_is_its_definition(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    for (int s = 0; s < SHAPES; s++) {
        trm_arena arena = TRM_ARENA_INIT;
        const int32_t *n = shapes[s];
        conv_case c = case_of(&arena, n[0], n[1], n[2], n[3], n[4], &rng);
        check_forward(&c, c.b.data);
        check_forward(&c, NULL);
        trm_arena_free(&arena);
    }
}

static double loss(void *ctx) {
    const conv_case *c = ctx;
    double sum = 0;
    forward(c, c->b.data);
    for (int32_t i = 0; i < c->y.rows * c->y.cols; i++)
        sum += (double)c->y.data[i] * (double)c->weights.data[i];
    return sum;
}

static void test_gradients(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 2, 0);
    for (int s = 0; s < SHAPES; s++) {
        trm_arena arena = TRM_ARENA_INIT;
        const int32_t *n = shapes[s];
        conv_case c = case_of(&arena, n[0], n[1], n[2], n[3], n[4], &rng);
        trm_mat dx = mat(&arena, c.x.rows, c.x.cols, &rng);
        trm_mat dw = mat(&arena, c.w.rows, c.w.cols, &rng), db = mat(&arena, 1, c.y.cols, &rng);
        trm_mat_zero(dx);
        memset(dw.data, 0, (size_t)dw.rows * (size_t)dw.cols * sizeof(float));
        memset(db.data, 0, (size_t)db.cols * sizeof(float));
        trm_conv3x3_backward_add(dx, dw.data, db.data, c.weights, c.x, c.height, c.width, c.w.data,
                                 c.scratch);
        check_gradient("x", c.x.data, dx.data, dx.rows * dx.cols, 30, loss, &c, 2e-3);
        check_gradient("w", c.w.data, dw.data, dw.rows * dw.cols, 30, loss, &c, 2e-3);
        check_gradient("b", c.b.data, db.data, db.cols, 30, loss, &c, 2e-3);
        trm_conv3x3_backward_add((trm_mat){0}, NULL, db.data, c.weights, c.x, c.height, c.width,
                                 c.w.data, c.scratch);
        trm_arena_free(&arena);
    }
}

// A depthwise convolution is one whose kernels between different channels are 0, forward and
// backward; both add.
static void test_depthwise_is_a_diagonal_convolution(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    for (int s = 0; s < SHAPES; s++) {
        trm_arena arena = TRM_ARENA_INIT;
        const int32_t *n = shapes[s], d = n[3];
        conv_case c = case_of(&arena, n[0], n[1], n[2], d, d, &rng);
        trm_mat w = mat(&arena, TRM_CONV_TAPS, d, &rng), dw = mat(&arena, TRM_CONV_TAPS, d, &rng);
        trm_mat y = mat(&arena, c.y.rows, d, &rng), dx = mat(&arena, c.x.rows, d, &rng);
        trm_mat full_dx = mat(&arena, c.x.rows, d, &rng), full_dw = mat(&arena, d, c.w.cols, &rng);
        trm_mat_zero(c.w);
        trm_mat_zero(full_dw);
        trm_mat_zero(full_dx);
        trm_mat_zero(y);
        trm_mat_zero(dx);
        trm_mat_zero(dw);
        for (int32_t i = 0; i < d; i++)
            for (int32_t k = 0; k < TRM_CONV_TAPS; k++)
                trm_mat_row(c.w, i)[i * TRM_CONV_TAPS + k] = trm_mat_row(w, k)[i];
        forward(&c, NULL);
        for (int twice = 0; twice < 2; twice++) {
            trm_depthwise3x3_forward_add(y, c.x, c.height, c.width, w.data);
            trm_depthwise3x3_backward_add(dx, dw.data, c.weights, c.x, c.height, c.width, w.data);
        }
        trm_conv3x3_backward_add(full_dx, full_dw.data, NULL, c.weights, c.x, c.height, c.width,
                                 c.w.data, c.scratch);
        for (int32_t i = 0; i < y.rows * d; i++) {
            assert_float_equal(y.data[i], 2 * c.y.data[i], 1e-4);
            assert_float_equal(dx.data[i], 2 * full_dx.data[i], 1e-4);
        }
        for (int32_t i = 0; i < d; i++)
            for (int32_t k = 0; k < TRM_CONV_TAPS; k++)
                assert_float_equal(trm_mat_row(dw, k)[i],
                                   2 * trm_mat_row(full_dw, i)[i * TRM_CONV_TAPS + k], 1e-3);
        trm_arena_free(&arena);
    }
}

static void test_cells_from_planes(void **state) {
    (void)state;
    float planes[2 * 6] = {0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15}, cells[12];
    const float want[12] = {0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15};
    trm_cells_from_planes(trm_mat_of(cells, 6, 2), trm_mat_of(planes, 2, 6));
    assert_memory_equal(cells, want, sizeof want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolution_is_its_definition),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_depthwise_is_a_diagonal_convolution),
        cmocka_unit_test(test_cells_from_planes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
