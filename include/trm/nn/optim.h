// SPDX-License-Identifier: Apache-2.0
// Optimisers, averages of weights and gradient clipping over parameter slabs.
#ifndef TRM_NN_OPTIM_H
#define TRM_NN_OPTIM_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/arena.h"
#include "trm/nn/params.h"

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

// The same over every parameter of the table that learns by the optimiser.
void trm_adam_params_step(trm_adam *o, const trm_params *p, const float *grads, float lr);

// One update of AdamATan2 (Everett et al. 2024, as the paper's code has it) over every parameter of
// the table that learns by the optimiser: the decay is decoupled, there is no eps, and the first
// moment's correction stands outside the arc tangent.
//   w *= 1 - lr * weight_decay;  w -= lr / (1 - beta1^t) * atan2(m, sqrt(v / (1 - beta2^t)))
// `o` was made for the table's slab; values are the table's, grads [size] laid out as they are.
void trm_adam_atan2_step(trm_adam *o, const trm_params *p, const float *grads, float lr);

// SignSGD with decoupled decay over rows of a table [.., dim], each of which is updated once,
// however often `rows` [count] names it: w *= 1 - lr * weight_decay, w -= lr * sign(grads), 0 where
// the gradient is 0. grads is laid out as the table and holds the sum over a row's uses.
void trm_sign_rows_step(float *table, const float *grads, int32_t dim, const int32_t *rows,
                        int32_t count, float lr, float weight_decay);

// Exponential moving average of weights: average += (1 - decay) * (values - average).
void trm_ema_step(float *average, const float *values, int64_t size, float decay);

// torch.nn.utils.clip_grad_norm_: scales by max_norm / (norm + 1e-6) when that is below 1.
// max_norm <= 0 clips nothing. Returns the norm before clipping.
float trm_grad_clip(float *grads, int64_t size, float max_norm);

TRM_END_DECLS

#endif
