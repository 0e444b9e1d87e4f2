// SPDX-License-Identifier: Apache-2.0
// Layers: a forward and a backward each, over batch-first matrices. d… is the gradient of the loss
// with respect to …. Backward adds to parameter gradients (dw, db, …). Where it writes an input's
// gradient it overwrites it, unless the name ends in _add. Nothing here allocates or locks: thread
// safe as long as outputs do not overlap. Inputs and outputs of one call may not overlap unless
// said. Products run on the calling thread alone only after trm_init (trm/nn/init.h).
#ifndef TRM_NN_LAYERS_H
#define TRM_NN_LAYERS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// y[B,out] = x[B,in] w^T + b. w is [out,in], b [out] or NULL. (torch.nn.Linear)
void trm_linear_forward(trm_mat y, trm_mat x, const float *w, const float *b);
// The same, added to what y holds.
void trm_linear_forward_add(trm_mat y, trm_mat x, const float *w, const float *b);
// dx[B,in] = dy w; dw += dy^T x; db += sum of dy's rows. dx.data, dw, db may be NULL: not wanted.
void trm_linear_backward(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x, const float *w);
// The same with dx += dy w.
void trm_linear_backward_add(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x,
                             const float *w);

// y = (x - mean) * rstd * gain + bias over each row, eps 1e-5, biased variance.
// (torch.nn.LayerNorm) Keeps xhat [B,dim] = (x - mean) * rstd and rstd [B] for the backward.
void trm_layernorm_forward(trm_mat y, trm_mat xhat, float *rstd, trm_mat x, const float *gain,
                           const float *bias);
// y = xhat * gain + bias: the forward's y once more, from what it kept.
void trm_layernorm_scale(trm_mat y, trm_mat xhat, const float *gain, const float *bias);
// dx += …: the block around it is residual, so the gradient always joins another one.
void trm_layernorm_backward_add(trm_mat dx, float *dgain, float *dbias, trm_mat dy, trm_mat xhat,
                                const float *rstd, const float *gain);

// y = x * rstd over each row, rstd = 1 / sqrt(mean x^2 + 1e-5). (Zhang and Sennrich 2019, without a
// gain.) Keeps rstd [B] for the backward. y may be x.
void trm_rmsnorm_forward(trm_mat y, float *rstd, trm_mat x);
// The same with another number than 1e-5, and with the mean in double: where a layer is gone
// through hundreds of times, an error that all of a row shares is carried far.
void trm_rmsnorm_forward_f64(trm_mat y, float *rstd, trm_mat x, float eps);
// y and rstd are the forward's outputs; dx may be dy.
void trm_rmsnorm_backward(trm_mat dx, trm_mat dy, trm_mat y, const float *rstd);

// y = max(x, 0); y may be x.
void trm_relu_forward(trm_mat y, trm_mat x);
// dx = dy where y > 0, else 0; y is the forward's output; dx may be dy.
void trm_relu_backward(trm_mat dx, trm_mat dy, trm_mat y);

// SwiGLU's gate: y = silu(a) * b with silu(a) = a / (1 + exp(-a)). (Shazeer 2020)
// ab [B, 2*dim] holds a in the first half of each row and b in the second.
void trm_swiglu_forward(trm_mat y, trm_mat ab);
// Hidden units that the paper's code gives a SwiGLU over `dim` values: two thirds of expansion *
// dim, rounded (half to even), then up to a multiple of 256.
int32_t trm_swiglu_width(float expansion, int32_t dim);
// dab in the same layout; may be ab itself.
void trm_swiglu_backward(trm_mat dab, trm_mat dy, trm_mat ab);

// y[i] = table[index[i]], rows of `dim`; a negative index gives a row of zeros.
// (torch.nn.Embedding)
void trm_embedding_forward(trm_mat y, const int32_t *index, const float *table);
// dtable[index[i]] += dy[i]; negative indices are skipped.
void trm_embedding_backward(float *dtable, trm_mat dy, const int32_t *index);

// Element-wise helpers: dst += src; y = a + b; y = a + (b + c), y being none of them; dst = src.
void trm_mat_add(trm_mat dst, trm_mat src);
void trm_mat_sum(trm_mat y, trm_mat a, trm_mat b);
void trm_mat_sum3(trm_mat y, trm_mat a, trm_mat b, trm_mat c);
void trm_mat_copy(trm_mat dst, trm_mat src);
void trm_mat_zero(trm_mat dst);

TRM_END_DECLS

#endif
