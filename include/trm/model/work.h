// SPDX-License-Identifier: Apache-2.0
// What a sample costs, counted and not measured: every matrix product that a forward and a backward
// make for it, from the model's sizes alone. Element-wise work is not counted.
#ifndef TRM_MODEL_WORK_H
#define TRM_MODEL_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/model/model.h"

// One weight and how often a sample meets it.
typedef struct trm_product {
    char name[TRM_PARAM_NAME]; // of the weight; of the first of a pair that is one product
    int32_t out, in;           // [out, in]
    int32_t times;             // products a sample, each of out * in multiply-adds forward and as
                               // many for the weight's gradient
    int32_t input_gradients;   // how many of them are differentiated to their input, too: again
                               // out * in each
} trm_product;

// Writes up to `capacity` of them, returns how many there are; 0 for an architecture that is not a
// policy. `c` must be that of a model (trm_model_get_config): its sizes are complete.
int32_t trm_model_products(const trm_model_config *c, trm_product *out, int32_t capacity);

// Floating-point operations a sample, 2 a multiply-add. Only the last output is differentiated.
typedef struct trm_flops {
    double forward;
    double training; // forward and backward
} trm_flops;

// False for an architecture that is not a policy.
bool trm_model_flops(const trm_model_config *c, trm_flops *out);

#endif
