// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/dropout.h"

#include <assert.h>

void trm_dropout(float *x, int64_t n, float rate, trm_rng *rng) {
    assert(rate >= 0 && rate < 1);
    uint32_t threshold = (uint32_t)((double)rate * 4294967296.0);
    const float scale[] = {0, 1.0f / (1.0f - rate)};
    for (int64_t i = 0; i < n; i += 2) {
        uint64_t bits = trm_rng_next(rng); // 32 for each of two
        x[i] *= scale[(uint32_t)bits >= threshold];
        if (i + 1 < n)
            x[i + 1] *= scale[(uint32_t)(bits >> 32) >= threshold];
    }
}
