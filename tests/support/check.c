// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <math.h>
#include <stdlib.h>

double check_largest(const float *x, int64_t n) {
    double max = 0;
    for (int64_t i = 0; i < n; i++)
        max = fmax(max, fabs((double)x[i]));
    return max;
}

void check_close(const char *what, const float *got, const float *want, int64_t n,
                 double tolerance) {
    check_close_at(what, got, want, n, check_largest(want, n), tolerance);
}

void check_close_at(const char *what, const float *got, const float *want, int64_t n, double scale,
                    double tolerance) {
    scale = fmax(scale, 1e-6);
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

// The difference quotient nearest to `got`: central, or on one side where a ReLU bends within the
// step. A large step drowns rounding, a small one avoids bends: a right gradient agrees at one of
// them.
static double nearest_slope(float *x, double got, double (*loss)(void *ctx), void *ctx) {
    const float steps[] = {4e-3f, 1e-3f, 2.5e-4f};
    float kept = *x;
    double here = loss(ctx), best = INFINITY;
    for (int i = 0; i < 3; i++) {
        *x = kept + steps[i];
        double above = (loss(ctx) - here) / (double)steps[i];
        *x = kept - steps[i];
        double below = (here - loss(ctx)) / (double)steps[i];
        const double slopes[] = {(above + below) / 2, above, below};
        for (int s = 0; s < 3; s++)
            if (fabs(slopes[s] - got) < fabs(best - got))
                best = slopes[s];
    }
    *x = kept;
    return best;
}

void check_gradient(const char *what, float *x, const float *grad, int64_t n, int32_t samples,
                    double (*loss)(void *ctx), void *ctx, double tolerance) {
    double scale = fmax(check_largest(grad, n), 1e-3);
    int64_t stride = n > samples ? n / samples : 1;
    for (int64_t i = 0; i < n; i += stride) {
        double got = (double)grad[i], slope = nearest_slope(&x[i], got, loss, ctx);
        if (!(fabs(slope - got) / scale <= tolerance))
            fail_msg(
                "%s[%lld]: gradient %.6g, difference quotient %.6g (error %.3g of the largest)",
                what, (long long)i, got, slope, fabs(slope - got) / scale);
    }
}

const char *check_fixtures(void) {
    const char *folder = getenv("TRM_FIXTURES");
    if (!folder || !*folder)
        folder = getenv("TRM_FIXTURES_DEFAULT");
    assert_non_null(folder);
    return folder;
}
