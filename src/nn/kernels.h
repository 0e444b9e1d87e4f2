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

// Sums, side by side in lanes that are added up by halves: what a compiler makes of a reduction
// adds its lanes one after the other, which takes longer than a row of 64 itself. The same bits
// whatever the instruction set, but for fused products.
enum { LANES = 16 };

static inline float sum_of_lanes(const float lanes[LANES]) {
    float eight[8] = {0}, four[4] = {0};
    for (int32_t j = 0; j < 8; j++)
        eight[j] = lanes[j] + lanes[j + 8];
    for (int32_t j = 0; j < 4; j++)
        four[j] = eight[j] + eight[j + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

static inline float sum_of(const float *x, int32_t n) {
    float lanes[LANES] = {0};
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int32_t j = 0; j < LANES; j++)
            lanes[j] += x[i + j];
    for (int32_t j = 0; i + j < n; j++)
        lanes[j] += x[i + j];
    return sum_of_lanes(lanes);
}

static inline float sum_of_products(const float *x, const float *y, int32_t n) {
    float lanes[LANES] = {0};
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int32_t j = 0; j < LANES; j++)
            lanes[j] += x[i + j] * y[i + j];
    for (int32_t j = 0; i + j < n; j++)
        lanes[j] += x[i + j] * y[i + j];
    return sum_of_lanes(lanes);
}

static inline void add_to(float *restrict y, const float *restrict x, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] += x[i];
}

static inline void add_products_to(float *restrict y, const float *restrict a,
                                   const float *restrict b, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] += a[i] * b[i];
}

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
