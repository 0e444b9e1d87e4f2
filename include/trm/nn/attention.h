// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product self-attention with several heads (Vaswani et al. 2017), between the input and
// output projections of torch.nn.MultiheadAttention. No allocation, no locks: thread safe as long
// as outputs do not overlap.
#ifndef TRM_NN_ATTENTION_H
#define TRM_NN_ATTENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/rng.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// One sample of P positions. qkv [P, 3 * d] holds queries, keys and values side by side, each cut
// into `heads` parts of d / heads columns. For every head
//   y = dropout(softmax(q k^T / sqrt(d / heads))) v          y [P, d]
// rng NULL: no dropout; else masks of this rate are drawn from a copy of it, one head after
// another. probs [P, P] is scratch, or [heads * P, P] keeps them, after dropout.
void trm_attention_forward(trm_mat y, trm_mat qkv, int32_t heads, float rate, const trm_rng *rng,
                           trm_mat probs);

// dqkv [P, 3 * d] overwritten; rate and rng are the forward's. known: probs [heads * P, P] are what
// a forward without dropout kept; else they are computed again in probs, which is scratch as there.
// dprobs [P, P] is scratch.
void trm_attention_backward(trm_mat dqkv, trm_mat dy, trm_mat qkv, int32_t heads, float rate,
                            const trm_rng *rng, trm_mat probs, bool known, trm_mat dprobs);

TRM_END_DECLS

#endif
