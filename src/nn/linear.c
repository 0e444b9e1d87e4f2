// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stddef.h>

#include "kernels.h"
#include "trm/nn/blas.h"
#include "trm/nn/layers.h"

// Below this many rows sgemm costs more to set up than the product itself.
enum { SMALL_BATCH = 4 };

// y[o] = (b ? b[o] : y[o]) + x . w[o], four outputs at a time so that each load of x serves four.
TRM_CLONES static void small_forward(float *restrict y, const float *restrict x,
                                     const float *restrict w, const float *restrict b, int32_t in,
                                     int32_t out) {
    int32_t o = 0;
    for (; o + 4 <= out; o += 4) {
        const float *w0 = w + (size_t)o * (size_t)in, *w1 = w0 + in, *w2 = w1 + in, *w3 = w2 + in;
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
        for (int32_t i = 0; i < in; i++) {
            s0 += x[i] * w0[i];
            s1 += x[i] * w1[i];
            s2 += x[i] * w2[i];
            s3 += x[i] * w3[i];
        }
        const float *base = b ? b + o : y + o;
        y[o] = base[0] + s0;
        y[o + 1] = base[1] + s1;
        y[o + 2] = base[2] + s2;
        y[o + 3] = base[3] + s3;
    }
    for (; o < out; o++) {
        const float *row = w + (size_t)o * (size_t)in;
        float s = 0;
#pragma omp simd reduction(+ : s)
        for (int32_t i = 0; i < in; i++)
            s += x[i] * row[i];
        y[o] = (b ? b[o] : y[o]) + s;
    }
}

static void gemm_forward(trm_mat y, trm_mat x, const float *w, float beta) {
    trm_blas_sgemm(TRM_BLAS_NT, y, 1, x, trm_mat_view(w, y.cols, x.cols), beta);
}

static void fill_rows(trm_mat y, const float *b) {
    for (int32_t r = 0; r < y.rows; r++)
        memcpy(trm_mat_row(y, r), b, (size_t)y.cols * sizeof *b);
}

void trm_linear_forward(trm_mat y, trm_mat x, const float *w, const float *b) {
    assert(y.rows == x.rows);
    if (x.rows <= SMALL_BATCH) {
        if (!b)
            trm_mat_zero(y);
        for (int32_t r = 0; r < x.rows; r++)
            small_forward(trm_mat_row(y, r), trm_mat_row(x, r), w, b, x.cols, y.cols);
        return;
    }
    if (b)
        fill_rows(y, b);
    gemm_forward(y, x, w, b ? 1 : 0);
}

TRM_CLONES static void add_row(float *restrict y, const float *restrict b, int32_t n) {
    add_to(y, b, n);
}

void trm_linear_forward_add(trm_mat y, trm_mat x, const float *w, const float *b) {
    assert(y.rows == x.rows);
    if (b)
        for (int32_t r = 0; r < y.rows; r++)
            add_row(trm_mat_row(y, r), b, y.cols);
    if (x.rows <= SMALL_BATCH) {
        for (int32_t r = 0; r < x.rows; r++)
            small_forward(trm_mat_row(y, r), trm_mat_row(x, r), w, NULL, x.cols, y.cols);
        return;
    }
    gemm_forward(y, x, w, 1);
}

static void backward(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x, const float *w,
                     float beta) {
    assert(dy.rows == x.rows);
    if (dx.data)
        trm_blas_sgemm(TRM_BLAS_NN, dx, 1, dy, trm_mat_view(w, dy.cols, dx.cols), beta);
    if (dw)
        trm_blas_sgemm(TRM_BLAS_TN, trm_mat_of(dw, dy.cols, x.cols), 1, dy, x, 1);
    if (db)
        for (int32_t r = 0; r < dy.rows; r++)
            add_row(db, trm_mat_row(dy, r), dy.cols);
}

void trm_linear_backward(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x, const float *w) {
    backward(dx, dw, db, dy, x, w, 0.0f);
}

void trm_linear_backward_add(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x,
                             const float *w) {
    backward(dx, dw, db, dy, x, w, 1.0f);
}
