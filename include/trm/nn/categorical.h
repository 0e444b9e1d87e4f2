// SPDX-License-Identifier: Apache-2.0
// Softmax and the categorical distribution over logits, and the probability of a single one. Pure;
// thread safe.
#ifndef TRM_NN_CATEGORICAL_H
#define TRM_NN_CATEGORICAL_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/rng.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// probs[n] = softmax(logits[n]); probs may be logits. Subtracts the maximum first.
void trm_softmax(float *probs, const float *logits, int32_t n);

// 1 / (1 + exp(-logit)): how likely a yes is.
float trm_logistic(float logit);

// log softmax(logits)[index].
float trm_categorical_log_prob(const float *logits, int32_t n, int32_t index);

// -sum p log p, in nats, with 0 log 0 = 0.
float trm_categorical_entropy(const float *logits, int32_t n);

// Draws an index from probabilities (as trm_softmax gives them) with one float of the generator.
// Always a valid index, whatever the rounding.
int32_t trm_categorical_sample(const float *probs, int32_t n, trm_rng *rng);

// Index of the largest value, the first of equals.
int32_t trm_categorical_argmax(const float *values, int32_t n);

// dlogits[n] = scale_log_prob * d log_prob(action) / d logits
//            + scale_entropy  * d entropy / d logits        (overwrites)
// with d log_prob(a) / d logit_i = [i = a] - p_i and d entropy / d logit_i = -p_i (log p_i +
// entropy).
void trm_categorical_backward(float *dlogits, const float *logits, int32_t n, int32_t action,
                              float scale_log_prob, float scale_entropy);

// probs[n]: what stable-max makes of logits; probs may be logits.
void trm_stablemax(float *probs, const float *logits, int32_t n);

// Cross entropy with stable-max in place of softmax: p_i = s(x_i) / sum s, s(x) = x + 1 for x >= 0
// and 1 / (1 - x) below (Prieto et al. 2025). As trm_cross_entropy otherwise.
float trm_stablemax_cross_entropy(float *dlogits, const float *logits, int32_t n, int32_t target,
                                  float scale);

// The same computed in double throughout, as the paper's code does; dlogits are rounded at the end.
double trm_stablemax_cross_entropy_f64(float *dlogits, const float *logits, int32_t n,
                                       int32_t target, double scale);

// Cross entropy of one position: returns -log p[target]; dlogits[n] = scale * (p - onehot(target)).
// dlogits may be NULL.
float trm_cross_entropy(float *dlogits, const float *logits, int32_t n, int32_t target,
                        float scale);

TRM_END_DECLS

#endif
