// SPDX-License-Identifier: Apache-2.0
// What several numeric tests need: comparing tensors the way the fixtures ask for, and central
// differences.
#ifndef TRM_TESTS_CHECK_H
#define TRM_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trm/base/rng.h"

// Fails unless every element of got agrees with want to `tolerance` relative to want's largest
// magnitude (absolute where that is below 1e-6). Non-finite values never agree.
void check_close(const char *what, const float *got, const float *want, int64_t n,
                 double tolerance);

// The same relative to `scale`, where got and want are a part of something larger.
void check_close_at(const char *what, const float *got, const float *want, int64_t n, double scale,
                    double tolerance);
double check_largest(const float *x, int64_t n);

// Fills with values from N(0, scale^2).
void check_fill(float *out, int64_t n, float scale, trm_rng *rng);

// Compares grad[n] with central differences of loss(ctx) in x[n], at up to `samples` places spread
// over it. Relative to the gradient's largest magnitude.
void check_gradient(const char *what, float *x, const float *grad, int64_t n, int32_t samples,
                    double (*loss)(void *ctx), void *ctx, double tolerance);

// The folder of fixtures: $TRM_FIXTURES, or the tree's own.
const char *check_fixtures(void);

#endif
