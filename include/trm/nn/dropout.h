// SPDX-License-Identifier: Apache-2.0
// Dropout (Srivastava et al. 2014), inverted as in torch.nn.Dropout.
#ifndef TRM_NN_DROPOUT_H
#define TRM_NN_DROPOUT_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/rng.h"

TRM_BEGIN_DECLS

// Each of x[n] becomes 0 with probability `rate` (0 <= rate < 1) and x / (1 - rate) otherwise, in
// place. Takes (n + 1) / 2 draws. With a generator in the same state the same places are dropped:
// that is the backward, applied to the gradient.
void trm_dropout(float *x, int64_t n, float rate, trm_rng *rng);

TRM_END_DECLS

#endif
