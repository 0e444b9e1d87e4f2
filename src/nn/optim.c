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

static void adam_span(const trm_adam *o, float *values, const float *grads, int64_t first,
                      int64_t n, float lr) {
    double correct1 = 1.0 - pow(o->beta1, (double)o->step);
    double correct2 = 1.0 - pow(o->beta2, (double)o->step);
    adam_loop(values + first, o->m + first, o->v + first, grads + first, n, o->beta1, o->beta2,
              o->eps, o->weight_decay, (float)(lr / correct1), (float)(1.0 / sqrt(correct2)));
}

void trm_adam_step(trm_adam *o, float *values, const float *grads, float lr) {
    o->step++;
    adam_span(o, values, grads, 0, o->size, lr);
}

void trm_adam_params_step(trm_adam *o, const trm_params *p, const float *grads, float lr) {
    if (trm_params_all_learn(p)) {
        trm_adam_step(o, p->values, grads, lr);
        return;
    }
    o->step++;
    for (int32_t i = 0; i < p->count; i++)
        if (p->items[i].learning == TRM_LEARNS)
            adam_span(o, p->values, grads, p->items[i].offset, p->items[i].size, lr);
}

static void atan2_loop(const trm_adam *o, float *w, int64_t first, int64_t n, const float *g,
                       float lr, double step_size, double inv_root) {
    float *m = o->m + first, *v = o->v + first;
    for (int64_t i = 0; i < n; i++) {
        m[i] += (1.0f - o->beta1) * (g[i] - m[i]);
        v[i] += (1.0f - o->beta2) * (g[i] * g[i] - v[i]);
        w[i] *= 1.0f - lr * o->weight_decay;
        w[i] -= (float)step_size * atan2f(m[i], sqrtf(v[i]) * (float)inv_root);
    }
}

void trm_adam_atan2_step(trm_adam *o, const trm_params *p, const float *grads, float lr) {
    o->step++;
    double correct1 = 1.0 - pow(o->beta1, (double)o->step);
    double correct2 = 1.0 - pow(o->beta2, (double)o->step);
    for (int32_t i = 0; i < p->count; i++) {
        const trm_param *item = &p->items[i];
        if (item->learning == TRM_LEARNS)
            atan2_loop(o, p->values + item->offset, item->offset, item->size, grads + item->offset,
                       lr, lr / correct1, 1.0 / sqrt(correct2));
    }
}

static bool seen_before(const int32_t *rows, int32_t i) {
    for (int32_t k = 0; k < i; k++)
        if (rows[k] == rows[i])
            return true;
    return false;
}

void trm_sign_rows_step(float *table, const float *grads, int32_t dim, const int32_t *rows,
                        int32_t count, float lr, float weight_decay) {
    for (int32_t i = 0; i < count; i++) {
        if (seen_before(rows, i))
            continue;
        float *w = table + (int64_t)rows[i] * dim;
        const float *g = grads + (int64_t)rows[i] * dim;
        for (int32_t j = 0; j < dim; j++) {
            w[j] *= 1.0f - lr * weight_decay;
            w[j] -= lr * (float)((g[j] > 0) - (g[j] < 0));
        }
    }
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

static float grad_norm(const float *grads, int64_t size) {
    return (float)sqrt(sum_of_squares(grads, size));
}

TRM_CLONES static void scale_all(float *g, int64_t n, float factor) {
    for (int64_t i = 0; i < n; i++)
        g[i] *= factor;
}

float trm_grad_clip(float *grads, int64_t size, float max_norm) {
    float norm = grad_norm(grads, size);
    float factor = max_norm / (norm + 1e-6f);
    if (max_norm > 0 && factor < 1.0f)
        scale_all(grads, size, factor);
    return norm;
}
