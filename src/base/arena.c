// SPDX-License-Identifier: Apache-2.0
#include "trm/base/arena.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, BLOCK = 64 * 1024 };

struct trm_arena_block {
    struct trm_arena_block *next; // older
    unsigned char *data;          // aligned; inside the same allocation as this header
    size_t size, used;
};

// Whoever allocates cannot be asked: there is one memory.
static void (*_Atomic on_failure)(const char *line);

void trm_alloc_on_failure(void (*handler)(const char *line)) {
    on_failure = handler;
}

void trm_alloc_failed(size_t count, size_t size) {
    void (*handler)(const char *line) = on_failure;
    char line[128];
    snprintf(line, sizeof line,
             "trm: out of memory (%zu x %zu bytes wanted); a smaller model or "
             "batch needs less",
             count, size);
    if (handler)
        handler(line);
    fprintf(stderr, "%s\n", line);
    abort();
}

static size_t product(size_t count, size_t size) {
    size_t total;
    // Half of the address space leaves room for the padding added below without a further check.
    if (__builtin_mul_overflow(count, size, &total) || total > SIZE_MAX / 2)
        trm_alloc_failed(count, size);
    return total;
}

static struct trm_arena_block *block_new(size_t size) {
    // calloc rather than aligned_alloc and memset: the system's fresh pages are zero already, and
    // large blocks then take no memory before they are used.
    struct trm_arena_block *b = calloc(1, sizeof *b + ALIGN + size);
    if (!b)
        trm_alloc_failed(1, size);
    uintptr_t start = (uintptr_t)(b + 1);
    b->data = (unsigned char *)(b + 1) + (ALIGN - start % ALIGN) % ALIGN;
    b->size = size;
    return b;
}

void *trm_arena_alloc(trm_arena *a, size_t size) {
    assert(a);
    size_t padded = (product(1, size ? size : 1) + ALIGN - 1) / ALIGN * ALIGN;
    struct trm_arena_block *b = a->head;
    if (!b || b->size - b->used < padded) {
        struct trm_arena_block *fresh = block_new(padded > BLOCK ? padded : BLOCK);
        if (b && padded > BLOCK / 2) { // goes behind the head, whose rest stays in use
            fresh->next = b->next;
            b->next = fresh;
        } else {
            fresh->next = b;
            a->head = fresh;
        }
        b = fresh;
    }
    void *p = b->data + b->used;
    b->used += padded;
    a->used += padded;
    return p;
}

void *trm_arena_array(trm_arena *a, size_t count, size_t size) {
    return trm_arena_alloc(a, product(count, size));
}

char *trm_arena_strdup(trm_arena *a, const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(trm_arena_alloc(a, size), text, size);
}

void trm_arena_free(trm_arena *a) {
    assert(a);
    for (struct trm_arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (trm_arena)TRM_ARENA_INIT;
}

static size_t padded(size_t count, size_t size) {
    const size_t total = product(count, size);
    return ((total ? total : 1) + ALIGN - 1) / ALIGN * ALIGN;
}

void *trm_alloc_room(size_t count, size_t size) {
    void *p = aligned_alloc(ALIGN, padded(count, size));
    if (!p)
        trm_alloc_failed(count, size);
    return p;
}

void *trm_alloc(size_t count, size_t size) {
    return memset(trm_alloc_room(count, size), 0, padded(count, size));
}

void *trm_grow(void *items, int32_t count, int32_t *capacity, size_t size) {
    enum { FIRST = 32 };
    if (count < *capacity)
        return items;
    *capacity = *capacity > 0 ? 2 * *capacity : FIRST;
    void *larger = trm_alloc((size_t)*capacity, size);
    if (count > 0)
        memcpy(larger, items, (size_t)count * size);
    free(items);
    return larger;
}
