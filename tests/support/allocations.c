// SPDX-License-Identifier: Apache-2.0
#include "allocations.h"

#include <stdatomic.h>
#include <stddef.h>

static _Atomic int64_t count;

int64_t allocations(void) {
    return atomic_load(&count);
}

// The names are the linker's.
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *__wrap_malloc(size_t size) {
    atomic_fetch_add(&count, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
    atomic_fetch_add(&count, 1);
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
    atomic_fetch_add(&count, 1);
    return __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size) {
    atomic_fetch_add(&count, 1);
    return __real_aligned_alloc(align, size);
}
