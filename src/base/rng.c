// SPDX-License-Identifier: Apache-2.0
#include "trm/base/rng.h"

#include <assert.h>
#include <math.h>

static uint64_t rotl(uint64_t x, int k) {
    return x << k | x >> (64 - k);
}

// The output function of splitmix64 (Steele, Lea and Flood, 2014), a bijection.
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void trm_rng_seed(trm_rng *r, uint64_t seed, uint64_t stream) {
    // Four words of splitmix64 for the seed, each stirred with one of another for the stream.
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    for (uint64_t i = 0; i < 4; i++)
        r->s[i] = mix(mix(seed + (i + 1) * step) + mix(~stream - i * step));
}

uint64_t trm_rng_next(trm_rng *r) {
    uint64_t *s = r->s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

float trm_rng_float(trm_rng *r) {
    return (float)(trm_rng_next(r) >> 40) * 0x1p-24f;
}

double trm_rng_double(trm_rng *r) {
    return (double)(trm_rng_next(r) >> 11) * 0x1p-53;
}

uint32_t trm_rng_below(trm_rng *r, uint32_t n) {
    assert(n > 0);
    uint64_t m = (trm_rng_next(r) >> 32) * n;
    if ((uint32_t)m < n) {
        const uint32_t least = -n % n; // 2^32 mod n
        while ((uint32_t)m < least)
            m = (trm_rng_next(r) >> 32) * n;
    }
    return (uint32_t)(m >> 32);
}

float trm_rng_normal(trm_rng *r) {
    const double pi = 3.14159265358979323846;
    double u = 1.0 - trm_rng_double(r); // in (0, 1]: its logarithm is finite
    double v = trm_rng_double(r);
    return (float)(sqrt(-2.0 * log(u)) * cos(2.0 * pi * v));
}

void trm_rng_shuffle(trm_rng *r, int32_t *items, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = trm_rng_below(r, i);
        int32_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}
