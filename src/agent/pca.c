// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/pca.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

enum { ROUNDS_MAX = 200 };
static const double TOLERANCE = 1e-9; // of the angle that a direction still turns by, squared

void trm_pca_init(trm_pca *p, int32_t dim) {
    *p = (trm_pca){.dim = dim, .done = true};
    p->mean = trm_alloc((size_t)dim, sizeof *p->mean);
    p->basis = trm_alloc((size_t)dim * TRM_PCA_BASIS, sizeof *p->basis);
    p->image = trm_alloc((size_t)dim * TRM_PCA_BASIS, sizeof *p->image);
}

void trm_pca_done(trm_pca *p) {
    free(p->mean);
    free(p->basis);
    free(p->image);
    *p = (trm_pca){0};
}

static double dot(const double *a, const double *b, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

// Gram-Schmidt, twice for accuracy. A direction that is left with nothing becomes 0.
static void orthonormalise(double *rows, int32_t dim) {
    for (int32_t k = 0; k < TRM_PCA_BASIS; k++) {
        double *row = rows + (int64_t)k * dim, before = sqrt(dot(row, row, dim));
        for (int32_t j = 0; j < 2 * k; j++) {
            const double *other = rows + (int64_t)(j % k) * dim;
            double along = dot(row, other, dim);
            for (int32_t i = 0; i < dim; i++)
                row[i] -= along * other[i];
        }
        double length = sqrt(dot(row, row, dim));
        double scale = length > 1e-10 * before && length > 0 ? 1 / length : 0;
        for (int32_t i = 0; i < dim; i++)
            row[i] *= scale;
    }
}

// A start that no cloud is likely to be at right angles to, the same every time.
static void start_basis(trm_pca *p) {
    uint64_t x = 0x9E3779B97F4A7C15u;
    for (int64_t i = 0; i < (int64_t)TRM_PCA_BASIS * p->dim; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p->basis[i] = (double)(x >> 11) / 9007199254740992.0 - 0.5;
    }
    orthonormalise(p->basis, p->dim);
}

void trm_pca_begin(trm_pca *p, const float *const *points, int32_t n) {
    p->points = points;
    p->n = n;
    p->rounds = 0;
    p->total = 0;
    p->done = n < 1 || p->dim < 1;
    memset(p->value, 0, sizeof p->value);
    memset(p->mean, 0, (size_t)p->dim * sizeof *p->mean);
    for (int32_t k = 0; k < n; k++)
        for (int32_t i = 0; i < p->dim; i++)
            p->mean[i] += (double)points[k][i] / n;
    for (int32_t k = 0; k < n; k++)
        for (int32_t i = 0; i < p->dim; i++) {
            double d = (double)points[k][i] - p->mean[i];
            p->total += d * d / n;
        }
    if (p->total <= 1e-24 * dot(p->mean, p->mean, p->dim)) // rounding of the mean
        p->total = 0;
    start_basis(p);
}

static double along(const trm_pca *p, const float *point, const double *direction) {
    double sum = 0;
    for (int32_t i = 0; i < p->dim; i++)
        sum += ((double)point[i] - p->mean[i]) * direction[i];
    return sum;
}

// image = covariance times basis
static void multiply(trm_pca *p) {
    memset(p->image, 0, (size_t)p->dim * TRM_PCA_BASIS * sizeof *p->image);
    for (int32_t b = 0; b < TRM_PCA_BASIS; b++) {
        const double *direction = p->basis + (int64_t)b * p->dim;
        double *image = p->image + (int64_t)b * p->dim;
        for (int32_t k = 0; k < p->n; k++) {
            double a = along(p, p->points[k], direction) / p->n;
            for (int32_t i = 0; i < p->dim; i++)
                image[i] += a * ((double)p->points[k][i] - p->mean[i]);
        }
    }
}

// Eigenvectors of the small symmetric matrix a, in the columns of v, by Jacobi rotations.
static void rotate_small(double a[TRM_PCA_BASIS][TRM_PCA_BASIS],
                         double v[TRM_PCA_BASIS][TRM_PCA_BASIS]) {
    enum { N = TRM_PCA_BASIS, SWEEPS = 12 };
    for (int32_t i = 0; i < N; i++)
        for (int32_t j = 0; j < N; j++)
            v[i][j] = i == j;
    for (int32_t pair = 0; pair < SWEEPS * N * N; pair++) {
        int32_t i = pair / N % N, j = pair % N;
        if (i >= j || a[i][j] == 0)
            continue;
        double theta = (a[j][j] - a[i][i]) / (2 * a[i][j]);
        double t = copysign(1 / (fabs(theta) + sqrt(theta * theta + 1)), theta);
        double c = 1 / sqrt(t * t + 1), s = t * c;
        for (int32_t k = 0; k < N; k++) {
            double x = a[k][i], y = a[k][j];
            a[k][i] = c * x - s * y;
            a[k][j] = s * x + c * y;
        }
        for (int32_t k = 0; k < N; k++) {
            double x = a[i][k], y = a[j][k];
            a[i][k] = c * x - s * y;
            a[j][k] = s * x + c * y;
        }
        for (int32_t k = 0; k < N; k++) {
            double x = v[k][i], y = v[k][j];
            v[k][i] = c * x - s * y;
            v[k][j] = s * x + c * y;
        }
    }
}

// Turns the basis, and its image with it, so that the covariance is diagonal in it, the largest
// variance first.
static void align(trm_pca *p) {
    enum { N = TRM_PCA_BASIS };
    double a[N][N], v[N][N], row[2][N];
    int32_t order[N];
    for (int32_t i = 0; i < N; i++)
        for (int32_t j = 0; j < N; j++)
            a[i][j] = dot(p->basis + (int64_t)(i < j ? i : j) * p->dim,
                          p->image + (int64_t)(i < j ? j : i) * p->dim, p->dim);
    rotate_small(a, v);
    for (int32_t k = 0; k < N; k++) {
        int32_t at = k;
        for (; at > 0 && a[order[at - 1]][order[at - 1]] < a[k][k]; at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
    for (int32_t k = 0; k < N; k++)
        p->value[k] = fmax(0, a[order[k]][order[k]]);
    for (int32_t i = 0; i < p->dim; i++) {
        memset(row, 0, sizeof row);
        for (int32_t k = 0; k < N; k++)
            for (int32_t j = 0; j < N; j++) {
                row[0][k] += v[j][order[k]] * p->basis[(int64_t)j * p->dim + i];
                row[1][k] += v[j][order[k]] * p->image[(int64_t)j * p->dim + i];
            }
        for (int32_t k = 0; k < N; k++) {
            p->basis[(int64_t)k * p->dim + i] = row[0][k];
            p->image[(int64_t)k * p->dim + i] = row[1][k];
        }
    }
}

// How far a direction still is from being turned onto itself, relative to its variance, squared.
static double turning(const trm_pca *p, int32_t k) {
    const double *basis = p->basis + (int64_t)k * p->dim, *image = p->image + (int64_t)k * p->dim;
    double rest = 0;
    for (int32_t i = 0; i < p->dim; i++) {
        double d = image[i] - p->value[k] * basis[i];
        rest += d * d;
    }
    return rest / (p->value[k] * p->value[k]);
}

static void fix_sign(trm_pca *p, int32_t k) {
    double *basis = p->basis + (int64_t)k * p->dim;
    int32_t largest = 0;
    for (int32_t i = 1; i < p->dim; i++)
        if (fabs(basis[i]) > fabs(basis[largest]) * (1 + 1e-9))
            largest = i;
    if (basis[largest] < 0)
        for (int32_t i = 0; i < p->dim; i++)
            basis[i] = -basis[i];
}

bool trm_pca_step(trm_pca *p) {
    if (p->done)
        return false;
    multiply(p);
    align(p);
    bool still = true;
    for (int32_t k = 0; k < TRM_PCA_DIRECTIONS; k++)
        still &= p->value[k] <= 1e-12 * p->total || turning(p, k) < TOLERANCE;
    if (still || ++p->rounds >= ROUNDS_MAX) {
        for (int32_t k = 0; k < TRM_PCA_DIRECTIONS; k++)
            fix_sign(p, k);
        p->done = true;
        return false;
    }
    memcpy(p->basis, p->image, (size_t)p->dim * TRM_PCA_BASIS * sizeof *p->basis);
    orthonormalise(p->basis, p->dim);
    return true;
}

void trm_pca_project(const trm_pca *p, const float *point, float out[TRM_PCA_DIRECTIONS]) {
    for (int32_t k = 0; k < TRM_PCA_DIRECTIONS; k++)
        out[k] =
            trm_pca_share(p, k) > 0 ? (float)along(p, point, p->basis + (int64_t)k * p->dim) : 0.0f;
}

double trm_pca_share(const trm_pca *p, int32_t direction) {
    return p->total > 0 && p->value[direction] > 1e-12 * p->total ? p->value[direction] / p->total
                                                                  : 0;
}
