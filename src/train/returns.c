// SPDX-License-Identifier: Apache-2.0
#include "train/returns.h"

#include <math.h>

static const double EPSILON = 1e-6;

void trm_returns_discount(float *returns, const float *rewards, int32_t n, float gamma) {
    double sum = 0;
    for (int32_t t = n - 1; t >= 0; t--) {
        sum = (double)rewards[t] + (double)gamma * sum;
        returns[t] = (float)sum;
    }
}

static double mean_of(const float *x, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += (double)x[i];
    return sum / n;
}

static void shift_scale(float *x, int32_t n, double mean, double std) {
    for (int32_t i = 0; i < n; i++)
        x[i] = (float)(((double)x[i] - mean) / (std + EPSILON));
}

void trm_returns_normalise(float *returns, int32_t n) {
    if (n < 2)
        return;
    double mean = mean_of(returns, n), squares = 0;
    for (int32_t i = 0; i < n; i++)
        squares += ((double)returns[i] - mean) * ((double)returns[i] - mean);
    double std = sqrt(squares / (n - 1));
    if (std > EPSILON)
        shift_scale(returns, n, mean, std);
}

void trm_returns_broadcast(float *returns, int32_t n) {
    float mean = (float)mean_of(returns, n);
    for (int32_t i = 0; i < n; i++)
        returns[i] = mean;
}

void trm_baseline_update(trm_baseline *b, double mean, double square, float rate) {
    b->count++;
    double share = fmax((double)rate, 1.0 / b->count);
    b->mean += share * (mean - b->mean);
    b->square += share * (square - b->square);
}

void trm_baseline_apply(const trm_baseline *b, float *returns, int32_t n) {
    double variance = fmax(b->square - b->mean * b->mean, 0);
    shift_scale(returns, n, b->mean, sqrt(variance));
}
