// SPDX-License-Identifier: Apache-2.0
// Adam and gradient clipping over parameter slabs.
#ifndef TRM_NN_OPTIM_H
#define TRM_NN_OPTIM_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/arena.h"

TRM_BEGIN_DECLS

typedef struct trm_adam {
    float beta1, beta2, eps; // 0.9, as asked for (PyTorch: 0.999), 1e-8
    float weight_decay;      // L2: added to the gradient, as torch.optim.Adam does (not AdamW)
    int64_t step;            // updates done
    int64_t size;            // floats in each slab
    float *m, *v;            // first and second moments, [size], owned by the arena
} trm_adam;

// PyTorch's defaults but for beta2 and weight_decay; moments zeroed.
void trm_adam_init(trm_adam *o, trm_arena *a, int64_t size, float beta2, float weight_decay);

// One update: values -= lr * mhat / (sqrt(vhat) + eps) (Kingma and Ba 2015, torch.optim.Adam).
void trm_adam_step(trm_adam *o, float *values, const float *grads, float lr);

// Exponential moving average of weights: average += (1 - decay) * (values - average).
void trm_ema_step(float *average, const float *values, int64_t size, float decay);

// Euclidean norm of the slab, summed in double in a fixed order.
float trm_grad_norm(const float *grads, int64_t size);

// torch.nn.utils.clip_grad_norm_: scales by max_norm / (norm + 1e-6) when that is below 1.
// max_norm <= 0 clips nothing. Returns the norm before clipping.
float trm_grad_clip(float *grads, int64_t size, float max_norm);

TRM_END_DECLS

#endif
