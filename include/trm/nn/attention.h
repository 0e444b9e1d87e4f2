// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product self-attention with several heads (Vaswani et al. 2017), between the input and
// output projections of torch.nn.MultiheadAttention. No allocation, no locks: thread safe as long
// as outputs do not overlap.
#ifndef TRM_NN_ATTENTION_H
#define TRM_NN_ATTENTION_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/rng.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// One sample of P positions. qkv [P, 3 * d] holds queries, keys and values side by side, each cut
// into `heads` parts of d / heads columns. For every head
//   y = dropout(softmax(q k^T / sqrt(d / heads))) v          y [P, d]
// rng NULL: no dropout; else masks of this rate are drawn from a copy of it, one head after
// another. probs [P, P] is scratch.
void trm_attention_forward(trm_mat y, trm_mat qkv, int32_t heads, float rate, const trm_rng *rng,
                           trm_mat probs);

// dqkv [P, 3 * d] overwritten. Probabilities are computed again rather than kept: P * P floats a
// head and sample are more than the product that gives them is worth. rate and rng are the
// forward's. probs and dprobs [P, P] are scratch.
void trm_attention_backward(trm_mat dqkv, trm_mat dy, trm_mat qkv, int32_t heads, float rate,
                            const trm_rng *rng, trm_mat probs, trm_mat dprobs);

TRM_END_DECLS

#endif
