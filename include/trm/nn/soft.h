// SPDX-License-Identifier: Apache-2.0
// Softmax over every row of a batch, and embeddings mixed by it. Backward overwrites inputs'
// gradients and adds to parameters'. No allocation, no locks: thread safe as long as outputs do not
// overlap.
#ifndef TRM_NN_SOFT_H
#define TRM_NN_SOFT_H

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// probs[B,A] = softmax of each row of logits[B,A]; probs may be logits. Agrees with trm_softmax to
// rounding: its exponential is the vectorised one.
void trm_softmax_rows(trm_mat probs, trm_mat logits);

// dlogits = probs * (dprobs - sum of dprobs * probs), row by row; dlogits may be dprobs.
void trm_softmax_rows_backward(trm_mat dlogits, trm_mat dprobs, trm_mat probs);

// y[B,dim] = probs[B,A] table[A,dim]: the mean of the table's rows under each distribution.
void trm_soft_embedding_forward(trm_mat y, trm_mat probs, const float *table);

// dprobs = dy table^T; dtable += probs^T dy. dprobs.data and dtable may be NULL: not wanted.
void trm_soft_embedding_backward(trm_mat dprobs, float *dtable, trm_mat dy, trm_mat probs,
                                 const float *table);

TRM_END_DECLS

#endif
