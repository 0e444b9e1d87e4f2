// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/optim.h"

#include <math.h>

#include "kernels.h"

void trm_adam_init(trm_adam *o, trm_arena *a, int64_t size, float beta2, float weight_decay) {
    *o = (trm_adam){.beta1 = 0.9f,
                    .beta2 = beta2,
                    .eps = 1e-8f,
                    .weight_decay = weight_decay,
                    .size = size,
                    .m = trm_arena_array(a, (size_t)size, sizeof(float)),
                    .v = trm_arena_array(a, (size_t)size, sizeof(float))};
}

// step_size = lr / (1 - beta1^t), inv_root = 1 / sqrt(1 - beta2^t)
TRM_CLONES static void adam_loop(float *restrict w, float *restrict m, float *restrict v,
                                 const float *restrict g, int64_t n, float beta1, float beta2,
                                 float eps, float weight_decay, float step_size, float inv_root) {
    for (int64_t i = 0; i < n; i++) {
        float grad = g[i] + weight_decay * w[i];
        m[i] = beta1 * m[i] + (1.0f - beta1) * grad;
        v[i] = beta2 * v[i] + (1.0f - beta2) * grad * grad;
        w[i] -= step_size * m[i] / (sqrtf(v[i]) * inv_root + eps);
    }
}

void trm_adam_step(trm_adam *o, float *values, const float *grads, float lr) {
    o->step++;
    double correct1 = 1.0 - pow(o->beta1, (double)o->step);
    double correct2 = 1.0 - pow(o->beta2, (double)o->step);
    adam_loop(values, o->m, o->v, grads, o->size, o->beta1, o->beta2, o->eps, o->weight_decay,
              (float)(lr / correct1), (float)(1.0 / sqrt(correct2)));
}

TRM_CLONES static void ema_loop(float *restrict average, const float *restrict values, int64_t n,
                                float rate) {
    for (int64_t i = 0; i < n; i++)
        average[i] += rate * (values[i] - average[i]);
}

void trm_ema_step(float *average, const float *values, int64_t size, float decay) {
    ema_loop(average, values, size, 1.0f - decay);
}

// Blocks of 4096 floats are summed in float lanes, the blocks in double: fast, and far more exact
// than the clipping needs.
TRM_CLONES static double sum_of_squares(const float *g, int64_t n) {
    double total = 0;
    for (int64_t start = 0; start < n; start += 4096) {
        int64_t end = start + 4096 < n ? start + 4096 : n;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = start; i < end; i++)
            sum += g[i] * g[i];
        total += sum;
    }
    return total;
}

float trm_grad_norm(const float *grads, int64_t size) {
    return (float)sqrt(sum_of_squares(grads, size));
}

TRM_CLONES static void scale_all(float *g, int64_t n, float factor) {
    for (int64_t i = 0; i < n; i++)
        g[i] *= factor;
}

float trm_grad_clip(float *grads, int64_t size, float max_norm) {
    float norm = trm_grad_norm(grads, size);
    float factor = max_norm / (norm + 1e-6f);
    if (max_norm > 0 && factor < 1.0f)
        scale_all(grads, size, factor);
    return norm;
}
