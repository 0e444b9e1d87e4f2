// SPDX-License-Identifier: Apache-2.0
// The Baseline's toy task (trm.py: SimplePuzzleDataset): a random vector for every position, its
// label (round(sum of the vector) + position) mod 10.
#include <math.h>

#include "env/dataset/spec.h"

enum { X_DIM = 32, CLASSES = 10 };

static void draw(int32_t size, trm_rng *rng, float *input, int32_t *target) {
    for (int32_t p = 0; p < size; p++) {
        float sum = 0;
        for (int32_t i = 0; i < X_DIM; i++) {
            input[p * X_DIM + i] = trm_rng_normal(rng);
            sum += input[p * X_DIM + i];
        }
        int32_t label = ((int32_t)lrintf(sum) + p) % CLASSES; // to even, as torch.round
        target[p] = label < 0 ? label + CLASSES : label;
    }
}

const trm_dataset_spec trm_dataset_tokens = {
    .name = "tokens",
    .summary = "synthetic: a random vector a position, labelled by its sum and place",
    .size = 16,
    .size_min = 1,
    .size_max = 256,
    .channels = X_DIM,
    .classes = CLASSES,
    .draw = draw,
};
