// SPDX-License-Identifier: Apache-2.0
// What a sample costs, counted and not measured: every matrix product that a forward and a backward
// make for it, from the model's sizes alone. Element-wise work is not counted.
#ifndef TRM_MODEL_WORK_H
#define TRM_MODEL_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// One weight and how often a sample meets it; or what attention multiplies with one another, under
// the names of "scores" and "values", whose two gradients count as a weight's and an input's.
typedef struct trm_product {
    char name[TRM_PARAM_NAME]; // of the weight; of the first of a pair that is one product
    int32_t out, in;           // [out, in]
    int32_t times;             // products a sample, each of out * in multiply-adds forward
    int32_t weight_gradients;  // how many of them are differentiated to the weight,
    int32_t input_gradients;   // and how many to their input: out * in each again
} trm_product;

// What the largest configurations have at most: 64 blocks of trm-attn.
enum { TRM_PRODUCTS_MAX = 64 * 7 + 8 };

// Writes up to `capacity` of them, returns how many there are. Every architecture is counted. `c`
// must be that of a model (trm_model_get_config): its sizes are complete.
int32_t trm_model_products(const trm_model_config *c, trm_product *out, int32_t capacity);

// Floating-point operations a sample, 2 a multiply-add. Only the last output is differentiated, of
// models with supervision steps every one of them. What a backward computes again is not counted.
typedef struct trm_flops {
    double forward;
    double training; // forward and backward
} trm_flops;

trm_flops trm_model_flops(const trm_model_config *c);

TRM_END_DECLS

#endif
