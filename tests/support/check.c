// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <math.h>
#include <stdlib.h>

static double largest(const float *x, int64_t n) {
    double max = 0;
    for (int64_t i = 0; i < n; i++)
        max = fmax(max, fabs((double)x[i]));
    return max;
}

void check_close(const char *what, const float *got, const float *want, int64_t n,
                 double tolerance) {
    double scale = fmax(largest(want, n), 1e-6);
    for (int64_t i = 0; i < n; i++) {
        double error = fabs((double)got[i] - (double)want[i]) / scale;
        if (!(error <= tolerance))
            fail_msg("%s[%lld]: got %.9g, want %.9g (error %.3g of the largest, %.3g allowed)",
                     what, (long long)i, (double)got[i], (double)want[i], error, tolerance);
    }
}

void check_fill(float *out, int64_t n, float scale, trm_rng *rng) {
    for (int64_t i = 0; i < n; i++)
        out[i] = scale * trm_rng_normal(rng);
}

void check_gradient(const char *what, float *x, const float *grad, int64_t n, int32_t samples,
                    double (*loss)(void *ctx), void *ctx, double tolerance) {
    const float step = 4e-3f;
    double scale = fmax(largest(grad, n), 1e-3);
    int64_t stride = n > samples ? n / samples : 1;
    for (int64_t i = 0; i < n; i += stride) {
        float kept = x[i];
        x[i] = kept + step;
        double above = loss(ctx);
        x[i] = kept - step;
        double below = loss(ctx);
        x[i] = kept;
        double estimate = (above - below) / (2.0 * (double)step);
        double error = fabs(estimate - (double)grad[i]) / scale;
        if (!(error <= tolerance))
            fail_msg("%s[%lld]: gradient %.6g, central difference %.6g (error %.3g of the largest)",
                     what, (long long)i, (double)grad[i], estimate, error);
    }
}

const char *check_fixtures(void) {
    const char *folder = getenv("TRM_FIXTURES");
    if (!folder || !*folder)
        folder = getenv("TRM_FIXTURES_DEFAULT");
    assert_non_null(folder);
    return folder;
}
