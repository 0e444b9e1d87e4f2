// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/categorical.h"

#include <math.h>

static float max_of(const float *x, int32_t n) {
    float max = x[0];
    for (int32_t i = 1; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

// log of the sum of exp(x[i])
static float log_sum_exp(const float *x, int32_t n) {
    float max = max_of(x, n), sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += expf(x[i] - max);
    return max + logf(sum);
}

void trm_softmax(float *probs, const float *logits, int32_t n) {
    float max = max_of(logits, n), sum = 0;
    for (int32_t i = 0; i < n; i++) {
        probs[i] = expf(logits[i] - max);
        sum += probs[i];
    }
    for (int32_t i = 0; i < n; i++)
        probs[i] /= sum;
}

float trm_logistic(float logit) {
    return 1.0f / (1.0f + expf(-logit));
}

float trm_categorical_log_prob(const float *logits, int32_t n, int32_t index) {
    return logits[index] - log_sum_exp(logits, n);
}

float trm_categorical_entropy(const float *logits, int32_t n) {
    float lse = log_sum_exp(logits, n), entropy = 0;
    for (int32_t i = 0; i < n; i++) {
        float log_p = logits[i] - lse, p = expf(log_p);
        if (p > 0)
            entropy -= p * log_p;
    }
    return entropy;
}

int32_t trm_categorical_sample(const float *probs, int32_t n, trm_rng *rng) {
    float u = trm_rng_float(rng), sum = 0;
    int32_t last = 0;
    for (int32_t i = 0; i < n; i++) {
        if (probs[i] > 0)
            last = i;
        sum += probs[i];
        if (u < sum)
            return i;
    }
    return last;
}

int32_t trm_categorical_argmax(const float *values, int32_t n) {
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

void trm_categorical_backward(float *dlogits, const float *logits, int32_t n, int32_t action,
                              float scale_log_prob, float scale_entropy) {
    float lse = log_sum_exp(logits, n), entropy = trm_categorical_entropy(logits, n);
    for (int32_t i = 0; i < n; i++) {
        float log_p = logits[i] - lse, p = expf(log_p);
        float d_entropy = p > 0 ? -p * (log_p + entropy) : 0;
        dlogits[i] = scale_log_prob * ((i == action ? 1.0f : 0.0f) - p) + scale_entropy * d_entropy;
    }
}

float trm_cross_entropy(float *dlogits, const float *logits, int32_t n, int32_t target,
                        float scale) {
    float lse = log_sum_exp(logits, n);
    if (dlogits)
        for (int32_t i = 0; i < n; i++)
            dlogits[i] = scale * (expf(logits[i] - lse) - (i == target ? 1.0f : 0.0f));
    return lse - logits[target];
}

static float stable_exp(float x) {
    return x >= 0 ? x + 1 : 1 / (1 - x);
}

float trm_stablemax_cross_entropy(float *dlogits, const float *logits, int32_t n, int32_t target,
                                  float scale) {
    float sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += stable_exp(logits[i]);
    float found = stable_exp(logits[target]) / sum;
    for (int32_t i = 0; dlogits && i < n; i++) {
        float s = stable_exp(logits[i]), relative_slope = logits[i] >= 0 ? 1 / s : s;
        dlogits[i] = scale * relative_slope * (s / sum - (i == target ? 1.0f : 0.0f));
    }
    return -logf(found);
}

static double stable_exp_f64(double x) {
    return x >= 0 ? x + 1 : 1 / (1 - x);
}

void trm_stablemax(float *probs, const float *logits, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += stable_exp_f64((double)logits[i]);
    for (int32_t i = 0; i < n; i++)
        probs[i] = (float)(stable_exp_f64((double)logits[i]) / sum);
}

double trm_stablemax_cross_entropy_f64(float *dlogits, const float *logits, int32_t n,
                                       int32_t target, double scale) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += stable_exp_f64((double)logits[i]);
    double found = stable_exp_f64((double)logits[target]) / sum;
    for (int32_t i = 0; dlogits && i < n; i++) {
        double s = stable_exp_f64((double)logits[i]), relative_slope = logits[i] >= 0 ? 1 / s : s;
        dlogits[i] = (float)(scale * relative_slope * (s / sum - (i == target ? 1 : 0)));
    }
    return -log(found);
}
