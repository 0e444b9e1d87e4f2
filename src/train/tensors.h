// SPDX-License-Identifier: Apache-2.0
// Listing what a checkpoint holds.
#ifndef TRM_TRAIN_TENSORS_H
#define TRM_TRAIN_TENSORS_H

#include "trm/nn/optim.h"
#include "trm/nn/params.h"
#include "trm/train/learner.h"

typedef struct trm_listing {
    trm_tensor *out;
    int32_t capacity, count; // count may exceed capacity: then it only counts
} trm_listing;

void trm_listing_put(trm_listing *to, const char *prefix, const char *name, trm_dtype dtype,
                     int32_t ndim, const int64_t *shape, void *data);

// A slab laid out as the parameters, under their names behind a prefix.
void trm_listing_put_slab(trm_listing *to, const trm_params *p, const char *prefix, float *slab);

// Parameters under their own names, Adam's moments and step.
void trm_listing_put_training(trm_listing *to, const trm_params *p, trm_adam *adam);

// Are all of those finite (and second moments not negative)?
bool trm_training_sound(const trm_params *p, const trm_adam *adam);

bool trm_values_finite(const float *x, int64_t n);

// Is the state one that a generator can be in?
bool trm_rng_sound(const trm_rng *r);

#endif
