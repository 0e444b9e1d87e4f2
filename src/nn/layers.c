// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/layers.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "kernels.h"

TRM_CLONES static float layernorm_row(float *restrict y, float *restrict xhat,
                                      const float *restrict x, const float *restrict gain,
                                      const float *restrict bias, int32_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    float mean = sum / (float)n, var = 0;
#pragma omp simd reduction(+ : var)
    for (int32_t i = 0; i < n; i++) {
        float d = x[i] - mean;
        var += d * d;
    }
    float rstd = 1.0f / sqrtf(var / (float)n + 1e-5f);
    for (int32_t i = 0; i < n; i++) {
        float h = (x[i] - mean) * rstd;
        xhat[i] = h;
        y[i] = h * gain[i] + bias[i];
    }
    return rstd;
}

void trm_layernorm_forward(trm_mat y, trm_mat xhat, float *rstd, trm_mat x, const float *gain,
                           const float *bias) {
    for (int32_t r = 0; r < x.rows; r++)
        rstd[r] = layernorm_row(trm_mat_row(y, r), trm_mat_row(xhat, r), trm_mat_row(x, r), gain,
                                bias, x.cols);
}

TRM_CLONES static void scale_row(float *restrict y, const float *restrict xhat,
                                 const float *restrict gain, const float *restrict bias,
                                 int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] = xhat[i] * gain[i] + bias[i];
}

void trm_layernorm_scale(trm_mat y, trm_mat xhat, const float *gain, const float *bias) {
    for (int32_t r = 0; r < y.rows; r++)
        scale_row(trm_mat_row(y, r), trm_mat_row(xhat, r), gain, bias, y.cols);
}

TRM_CLONES static void layernorm_row_backward(float *restrict dx, float *restrict dgain,
                                              float *restrict dbias, const float *restrict dy,
                                              const float *restrict xhat, float rstd,
                                              const float *restrict gain, int32_t n) {
    float mean_d = 0, mean_dx = 0;
#pragma omp simd reduction(+ : mean_d, mean_dx)
    for (int32_t i = 0; i < n; i++) {
        float d = dy[i] * gain[i];
        mean_d += d;
        mean_dx += d * xhat[i];
    }
    mean_d /= (float)n;
    mean_dx /= (float)n;
    for (int32_t i = 0; i < n; i++) {
        dgain[i] += dy[i] * xhat[i];
        dbias[i] += dy[i];
        dx[i] += rstd * (dy[i] * gain[i] - mean_d - xhat[i] * mean_dx);
    }
}

void trm_layernorm_backward_add(trm_mat dx, float *dgain, float *dbias, trm_mat dy, trm_mat xhat,
                                const float *rstd, const float *gain) {
    for (int32_t r = 0; r < dy.rows; r++)
        layernorm_row_backward(trm_mat_row(dx, r), dgain, dbias, trm_mat_row(dy, r),
                               trm_mat_row(xhat, r), rstd[r], gain, dy.cols);
}

TRM_CLONES static void scale_by(float *y, const float *x, float factor, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = x[i] * factor;
}

static inline float rmsnorm_row(float *y, const float *x, int32_t n) {
    float rstd = 1.0f / sqrtf(sum_of_products(x, x, n) / (float)n + 1e-5f);
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = x[i] * rstd;
    return rstd;
}

// Loops over rows are cloned with what they call: a row may be as short as a call.
TRM_CLONES static void rmsnorm_rows(trm_mat y, float *rstd, trm_mat x) {
    for (int32_t r = 0; r < x.rows; r++)
        rstd[r] = rmsnorm_row(trm_mat_row(y, r), trm_mat_row(x, r), x.cols);
}

void trm_rmsnorm_forward(trm_mat y, float *rstd, trm_mat x) {
    rmsnorm_rows(y, rstd, x);
}

TRM_CLONES static double sum_of_squares(const float *x, int32_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

void trm_rmsnorm_forward_f64(trm_mat y, float *rstd, trm_mat x, float eps) {
    for (int32_t r = 0; r < x.rows; r++) {
        double mean = sum_of_squares(trm_mat_row(x, r), x.cols) / x.cols;
        rstd[r] = (float)(1.0 / sqrt(mean + (double)eps));
        scale_by(trm_mat_row(y, r), trm_mat_row(x, r), rstd[r], x.cols);
    }
}

static inline void rmsnorm_row_backward(float *dx, const float *dy, const float *y, float rstd,
                                        int32_t n) {
    float dot = sum_of_products(dy, y, n) / (float)n;
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        dx[i] = rstd * (dy[i] - y[i] * dot);
}

TRM_CLONES static void rmsnorm_rows_backward(trm_mat dx, trm_mat dy, trm_mat y, const float *rstd) {
    for (int32_t r = 0; r < y.rows; r++)
        rmsnorm_row_backward(trm_mat_row(dx, r), trm_mat_row(dy, r), trm_mat_row(y, r), rstd[r],
                             y.cols);
}

void trm_rmsnorm_backward(trm_mat dx, trm_mat dy, trm_mat y, const float *rstd) {
    rmsnorm_rows_backward(dx, dy, y, rstd);
}

TRM_CLONES static void relu_row(float *y, const float *x, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

void trm_relu_forward(trm_mat y, trm_mat x) {
    for (int32_t r = 0; r < x.rows; r++)
        relu_row(trm_mat_row(y, r), trm_mat_row(x, r), x.cols);
}

TRM_CLONES static void relu_row_backward(float *dx, const float *dy, const float *y, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

void trm_relu_backward(trm_mat dx, trm_mat dy, trm_mat y) {
    for (int32_t r = 0; r < y.rows; r++)
        relu_row_backward(trm_mat_row(dx, r), trm_mat_row(dy, r), trm_mat_row(y, r), y.cols);
}

// In a loop of its own: gcc would draw what depends on exp's two clamps into branches of its own,
// and divide in each of them.
static inline void one_plus_exp_minus(float *restrict y, const float *restrict a, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = 1.0f + exp_branchless(-a[i]);
}

static inline void swiglu_row(float *restrict y, const float *restrict a, const float *restrict b,
                              int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++)
        y[i] = a[i] / y[i] * b[i];
}

int32_t trm_swiglu_width(float expansion, int32_t dim) {
    enum { MULTIPLE = 256 };
    double wanted = nearbyint((double)expansion * dim * 2 / 3);
    return MULTIPLE * (int32_t)ceil(wanted / MULTIPLE);
}

TRM_CLONES static void swiglu_rows(trm_mat y, trm_mat ab) {
    for (int32_t r = 0; r < y.rows; r++) {
        const float *row = trm_mat_row(ab, r);
        one_plus_exp_minus(trm_mat_row(y, r), row, y.cols);
        swiglu_row(trm_mat_row(y, r), row, row + y.cols, y.cols);
    }
}

void trm_swiglu_forward(trm_mat y, trm_mat ab) {
    assert(ab.cols == 2 * y.cols);
    swiglu_rows(y, ab);
}

static inline void swiglu_row_backward(float *da, float *db, const float *dy, const float *a,
                                       const float *b, int32_t n) {
#pragma omp simd
    for (int32_t i = 0; i < n; i++) {
        float s = 1.0f / (1.0f + exp_branchless(-a[i]));
        float silu = a[i] * s;
        float grad_a = dy[i] * b[i] * (s + silu * (1.0f - s));
        db[i] = dy[i] * silu;
        da[i] = grad_a;
    }
}

TRM_CLONES static void swiglu_rows_backward(trm_mat dab, trm_mat dy, trm_mat ab) {
    for (int32_t r = 0; r < dy.rows; r++) {
        const float *row = trm_mat_row(ab, r);
        float *out = trm_mat_row(dab, r);
        swiglu_row_backward(out, out + dy.cols, trm_mat_row(dy, r), row, row + dy.cols, dy.cols);
    }
}

void trm_swiglu_backward(trm_mat dab, trm_mat dy, trm_mat ab) {
    assert(ab.cols == 2 * dy.cols);
    swiglu_rows_backward(dab, dy, ab);
}

void trm_embedding_forward(trm_mat y, const int32_t *index, const float *table) {
    for (int32_t r = 0; r < y.rows; r++) {
        float *row = trm_mat_row(y, r);
        if (index[r] < 0)
            memset(row, 0, (size_t)y.cols * sizeof *row);
        else
            memcpy(row, table + (int64_t)index[r] * y.cols, (size_t)y.cols * sizeof *row);
    }
}

TRM_CLONES static void add(float *restrict dst, const float *restrict src, int32_t n) {
    add_to(dst, src, n);
}

void trm_embedding_backward(float *dtable, trm_mat dy, const int32_t *index) {
    for (int32_t r = 0; r < dy.rows; r++)
        if (index[r] >= 0)
            add(dtable + (int64_t)index[r] * dy.cols, trm_mat_row(dy, r), dy.cols);
}

// Matrices of one shape without gaps between their rows become one long row each.
static void unwrap(trm_mat *all, int32_t count) {
    const int64_t size = (int64_t)all[0].rows * all[0].cols;
    bool gapless = size <= INT32_MAX;
    for (int32_t i = 0; i < count; i++)
        gapless = gapless && all[i].stride == all[0].cols;
    for (int32_t i = 0; i < count && gapless; i++)
        all[i] = trm_mat_of(all[i].data, 1, (int32_t)size);
}

void trm_mat_add(trm_mat dst, trm_mat src) {
    trm_mat m[] = {dst, src};
    unwrap(m, 2);
    for (int32_t r = 0; r < m[0].rows; r++)
        add(trm_mat_row(m[0], r), trm_mat_row(m[1], r), m[0].cols);
}

TRM_CLONES static void sum3(float *restrict y, const float *restrict a, const float *restrict b,
                            const float *restrict c, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] = a[i] + (b[i] + c[i]);
}

TRM_CLONES static void sum2(float *restrict y, const float *restrict a, const float *restrict b,
                            int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] = a[i] + b[i];
}

void trm_mat_sum(trm_mat y, trm_mat a, trm_mat b) {
    trm_mat m[] = {y, a, b};
    unwrap(m, 3);
    for (int32_t r = 0; r < m[0].rows; r++)
        sum2(trm_mat_row(m[0], r), trm_mat_row(m[1], r), trm_mat_row(m[2], r), m[0].cols);
}

void trm_mat_sum3(trm_mat y, trm_mat a, trm_mat b, trm_mat c) {
    trm_mat m[] = {y, a, b, c};
    unwrap(m, 4);
    for (int32_t r = 0; r < m[0].rows; r++)
        sum3(trm_mat_row(m[0], r), trm_mat_row(m[1], r), trm_mat_row(m[2], r), trm_mat_row(m[3], r),
             m[0].cols);
}

void trm_mat_copy(trm_mat dst, trm_mat src) {
    trm_mat m[] = {dst, src};
    unwrap(m, 2);
    for (int32_t r = 0; r < m[0].rows; r++)
        memcpy(trm_mat_row(m[0], r), trm_mat_row(m[1], r), (size_t)m[0].cols * sizeof(float));
}

void trm_mat_zero(trm_mat dst) {
    unwrap(&dst, 1);
    for (int32_t r = 0; r < dst.rows; r++)
        memset(trm_mat_row(dst, r), 0, (size_t)dst.cols * sizeof(float));
}
