// SPDX-License-Identifier: Apache-2.0
#include "run/weights/tensor.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

enum { ALIGNMENT = 16 };

static bool is_half(trm_dtype t) {
    return t == TRM_F16 || t == TRM_BF16;
}

size_t trm_tensor_room(const trm_tensor *t) {
    size_t size = trm_tensor_bytes(t) * (is_half(t->dtype) ? 2 : 1);
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *trm_tensor_raw(const trm_tensor *t) {
    return (char *)t->data + (is_half(t->dtype) ? trm_tensor_bytes(t) : 0);
}

static int by_name(const void *a, const void *b) {
    const trm_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

const char *trm_tensor_named_twice(const void *tensors, int32_t count, size_t size) {
    const char *twice = NULL;
    const trm_tensor **order = trm_alloc((size_t)count + 1, sizeof *order);
    for (int32_t i = 0; i < count; i++)
        order[i] = (const trm_tensor *)(const void *)((const char *)tensors + (size_t)i * size);
    qsort(order, (size_t)count, sizeof *order, by_name);
    for (int32_t i = 1; i < count && !twice; i++)
        if (strcmp(order[i - 1]->name, order[i]->name) == 0)
            twice = order[i]->name;
    free(order);
    return twice;
}

static uint32_t from_bf16(uint16_t bits) {
    return (uint32_t)bits << 16;
}

static uint32_t from_f16(uint16_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 31;
    uint32_t fraction = bits & 1023u;
    if (exponent == 31) // infinity or no number
        return sign | 0x7F800000u | fraction << 13;
    if (exponent > 0)
        return sign | (exponent + 112) << 23 | fraction << 13;
    float tiny = (float)fraction / 16777216.0f; // 2^-24 a unit
    uint32_t out;
    memcpy(&out, &tiny, sizeof out);
    return sign | out;
}

void trm_tensor_widen(trm_tensor *t) {
    uint32_t (*const from)(uint16_t) = t->dtype == TRM_F16 ? from_f16 : from_bf16;
    int64_t n = trm_tensor_count(t);
    if (!is_half(t->dtype))
        return;
    // From the front on, what is written never reaches what is still to be read.
    const char *raw = trm_tensor_raw(t);
    char *out = t->data;
    for (int64_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, raw + 2 * i, sizeof half);
        uint32_t bits = from(half);
        memcpy(out + 4 * i, &bits, sizeof bits);
    }
    t->dtype = TRM_F32;
}

void trm_tensor_narrow(trm_tensor *t) {
    int64_t n = trm_tensor_count(t);
    if (t->dtype != TRM_F64)
        return;
    char *data = t->data;
    for (int64_t i = 0; i < n; i++) {
        double wide;
        memcpy(&wide, data + 8 * i, sizeof wide);
        float value = (float)wide;
        memcpy(data + 4 * i, &value, sizeof value);
    }
    t->dtype = TRM_F32;
}
