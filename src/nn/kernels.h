// SPDX-License-Identifier: Apache-2.0
// Pieces that the element-wise loops of nn/ share.
#ifndef TRM_NN_KERNELS_H
#define TRM_NN_KERNELS_H

#include <stdint.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TRM_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRM_SANITIZED 1
#endif

// Compiles a loop once for each instruction set and lets the loader choose. Sanitizers cannot
// instrument the choosing, which runs before they are up; other compilers get the portable loop.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(TRM_SANITIZED)
#define TRM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TRM_CLONES
#endif

// exp(x) to about 2 units in the last place, without branches so that loops over it vectorise:
// x = n ln 2 + r, exp(r) by its Taylor polynomial on |r| <= ln 2 / 2, 2^n by its bits. Saturates
// outside [-87, 88] where float would leave its normal range.
static inline float exp_branchless(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)((uint32_t)bits << 23) + 0x3f800000;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

#endif
