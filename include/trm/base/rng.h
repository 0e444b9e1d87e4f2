// SPDX-License-Identifier: Apache-2.0
// Random numbers: xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", 2021), seeded through splitmix64. The state is explicit and saved in checkpoints.
// Not thread safe: one owner a generator; streams of one seed are for different owners.
#ifndef TRM_BASE_RNG_H
#define TRM_BASE_RNG_H

#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

typedef struct trm_rng {
    uint64_t s[4];
} trm_rng;

// The generator number `stream` of `seed`. Equal arguments give equal generators on every machine;
// different streams of one seed are independent for all practical purposes.
void trm_rng_seed(trm_rng *r, uint64_t seed, uint64_t stream);

// 64 uniform bits.
uint64_t trm_rng_next(trm_rng *r);

// Uniform in [0, 1): 24 bits, exact in a float.
float trm_rng_float(trm_rng *r);

// Uniform in [0, 1): 53 bits.
double trm_rng_double(trm_rng *r);

// Uniform in 0 .. n-1, without modulo bias (Lemire 2019). n > 0.
uint32_t trm_rng_below(trm_rng *r, uint32_t n);

// Standard normal (Box-Muller; one draw uses two uniforms, nothing is cached).
float trm_rng_normal(trm_rng *r);

// Fisher-Yates on n ints.
void trm_rng_shuffle(trm_rng *r, int32_t *items, uint32_t n);

TRM_END_DECLS

#endif
