// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/mixing.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels.h"
#include "trm/nn/blas.h"
#include "trm/nn/layers.h"

// ---- rotary positions ---------------------------------------------------------------------------

static float angle(int32_t at, int32_t pair, int32_t pairs) {
    const float slowest = 0.01f;
    float share = pairs > 1 ? (float)pair / (float)(pairs - 1) : 0;
    return (float)at * powf(slowest, share);
}

void trm_rotary_table(float *cosines, float *sines, int32_t height, int32_t width, int32_t pairs) {
    int32_t by_row = height > 1 ? pairs / 2 : 0;
    for (int32_t p = 0; p < height * width; p++)
        for (int32_t j = 0; j < pairs; j++) {
            float a = j < by_row ? angle(p / width, j, by_row)
                                 : angle(p % width, j - by_row, pairs - by_row);
            cosines[(int64_t)p * pairs + j] = cosf(a);
            sines[(int64_t)p * pairs + j] = sinf(a);
        }
}

void trm_rope_table(float *cosines, float *sines, int32_t positions, int32_t pairs, float theta) {
    for (int32_t j = 0; j < pairs; j++) {
        // PyTorch's float32 all the way: at position 900 its rounding shows
        float frequency = 1.0f / powf(theta, (float)j / (float)pairs);
        for (int32_t p = 0; p < positions; p++) {
            float a = (float)p * frequency;
            cosines[(int64_t)p * pairs + j] = cosf(a);
            sines[(int64_t)p * pairs + j] = sinf(a);
        }
    }
}

static inline void turn(float *restrict a, float *restrict b, const float *restrict cosines,
                        const float *restrict sines, int32_t pairs, float direction) {
    for (int32_t j = 0; j < pairs; j++) {
        float s = direction * sines[j], x = a[j], y = b[j];
        a[j] = x * cosines[j] - y * s;
        b[j] = y * cosines[j] + x * s;
    }
}

// Loops over rows are cloned with what they call: a head may be as short as a call.
TRM_CLONES static void turn_heads(trm_mat x, const float *cosines, const float *sines,
                                  int32_t positions, int32_t pairs, float direction) {
    for (int32_t r = 0; r < x.rows; r++) {
        int64_t at = (int64_t)(r % positions) * pairs;
        float *row = trm_mat_row(x, r);
        for (int32_t h = 0; h < x.cols; h += 2 * pairs)
            turn(row + h, row + h + pairs, cosines + at, sines + at, pairs, direction);
    }
}

void trm_rotary_apply(trm_mat x, int32_t heads, const float *cosines, const float *sines,
                      int32_t positions, int32_t pairs, bool back) {
    assert(x.cols == heads * 2 * pairs && x.rows % positions == 0);
    (void)heads;
    turn_heads(x, cosines, sines, positions, pairs, back ? -1.0f : 1.0f);
}

// ---- a linear layer over positions --------------------------------------------------------------

void trm_positions_linear_forward(trm_mat y, trm_mat x, const float *w, int32_t q, int32_t p) {
    assert(x.rows % p == 0 && y.rows == x.rows / p * q && y.cols == x.cols);
    for (int32_t i = 0; i < x.rows / p; i++)
        trm_blas_sgemm(TRM_BLAS_NN, trm_mat_rows(y, i * q, q), 1, trm_mat_view(w, q, p),
                       trm_mat_rows(x, i * p, p), 0);
}

void trm_positions_linear_backward(trm_mat dx, bool add, float *dw, trm_mat dy, trm_mat x,
                                   const float *w, int32_t q, int32_t p) {
    assert(x.rows % p == 0 && dy.rows == x.rows / p * q && dy.cols == x.cols);
    for (int32_t i = 0; i < x.rows / p; i++) {
        trm_mat dyi = trm_mat_rows(dy, i * q, q);
        trm_blas_sgemm(TRM_BLAS_NT, trm_mat_of(dw, q, p), 1, dyi, trm_mat_rows(x, i * p, p), 1);
        trm_blas_sgemm(TRM_BLAS_TN, trm_mat_rows(dx, i * p, p), 1, trm_mat_view(w, q, p), dyi,
                       add ? 1 : 0);
    }
}

// ---- RMSNorm over positions
// ----------------------------------------------------------------------

TRM_CLONES static void add_product(float *restrict sum, const float *a, const float *b, int32_t n) {
    add_products_to(sum, a, b, n);
}

TRM_CLONES static void multiply(float *y, const float *x, const float *restrict by, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = x[i] * by[i];
}

TRM_CLONES static void add_squares(double *restrict sum, const float *x, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        sum[i] += (double)x[i] * (double)x[i];
}

enum { COLUMNS = 64 };

// A few columns of one sample, in double: see trm_rmsnorm_forward_f64.
static void norm_columns(trm_mat y, float *rstd, trm_mat x, float eps) {
    double sums[COLUMNS] = {0};
    assert(x.cols <= COLUMNS);
    for (int32_t r = 0; r < x.rows; r++)
        add_squares(sums, trm_mat_row(x, r), x.cols);
    for (int32_t c = 0; c < x.cols; c++)
        rstd[c] = (float)(1.0 / sqrt(sums[c] / x.rows + (double)eps));
    for (int32_t r = 0; r < x.rows; r++)
        multiply(trm_mat_row(y, r), trm_mat_row(x, r), rstd, x.cols);
}

void trm_positions_rmsnorm_forward(trm_mat y, float *rstd, trm_mat x, int32_t p, float eps) {
    assert(x.rows % p == 0);
    for (int32_t i = 0; i < x.rows / p; i++)
        for (int32_t c = 0; c < x.cols; c += COLUMNS) {
            const int32_t n = x.cols - c < COLUMNS ? x.cols - c : COLUMNS;
            norm_columns(trm_mat_cols(trm_mat_rows(y, i * p, p), c, n), rstd + i * x.cols + c,
                         trm_mat_cols(trm_mat_rows(x, i * p, p), c, n), eps);
        }
}

TRM_CLONES static void norm_gradient(float *dx, const float *dy, const float *y,
                                     const float *restrict dots, const float *restrict rstd,
                                     int32_t n, float count) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        dx[i] = rstd[i] * (dy[i] - y[i] * dots[i] / count);
}

void trm_positions_rmsnorm_backward(trm_mat dx, trm_mat dy, trm_mat y, const float *rstd, int32_t p,
                                    float *dots) {
    for (int32_t i = 0; i < y.rows / p; i++, rstd += y.cols) {
        memset(dots, 0, (size_t)y.cols * sizeof *dots);
        for (int32_t r = i * p; r < (i + 1) * p; r++)
            add_product(dots, trm_mat_row(dy, r), trm_mat_row(y, r), y.cols);
        for (int32_t r = i * p; r < (i + 1) * p; r++)
            norm_gradient(trm_mat_row(dx, r), trm_mat_row(dy, r), trm_mat_row(y, r), dots, rstd,
                          y.cols, (float)p);
    }
}

// ---- relations ----------------------------------------------------------------------------------

TRM_CLONES static void add_scaled(float *restrict y, const float *restrict x, float scale,
                                  int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] += scale * x[i];
}

// Row of what is gathered that position row r of `samples` samples belongs to by relation k.
static int32_t group_row(const trm_groups *g, int32_t samples, int32_t r, int32_t k) {
    int32_t count = g->first[k + 1] - g->first[k];
    int32_t group = g->group[(int64_t)(r % g->positions) * g->relations + k];
    return samples * g->first[k] + r / g->positions * count + group;
}

static int32_t count_samples(const trm_groups *g, trm_mat positions, trm_mat groups) {
    int32_t samples = positions.rows / g->positions;
    assert(samples * g->positions == positions.rows);
    assert(samples * g->first[g->relations] == groups.rows && positions.cols == groups.cols);
    (void)groups;
    return samples;
}

void trm_groups_gather(trm_mat sums, trm_mat x, const trm_groups *g, bool scaled) {
    int32_t samples = count_samples(g, x, sums);
    trm_mat_zero(sums);
    for (int32_t r = 0; r < x.rows; r++)
        for (int32_t k = 0; k < g->relations; k++)
            add_scaled(trm_mat_row(sums, group_row(g, samples, r, k)), trm_mat_row(x, r),
                       scaled ? g->scale[k] : 1.0f, x.cols);
}

void trm_groups_spread_add(trm_mat y, trm_mat sums, const trm_groups *g, bool scaled) {
    int32_t samples = count_samples(g, y, sums);
    for (int32_t r = 0; r < y.rows; r++)
        for (int32_t k = 0; k < g->relations; k++)
            add_scaled(trm_mat_row(y, r), trm_mat_row(sums, group_row(g, samples, r, k)),
                       scaled ? g->scale[k] : 1.0f, y.cols);
}
