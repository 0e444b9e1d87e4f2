// SPDX-License-Identifier: Apache-2.0
// A region of memory that is given back all at once. Everything a model, a workspace or an
// environment block needs is taken when it is created; afterwards nothing allocates.
// Not thread safe: one owner.
#ifndef TRM_BASE_ARENA_H
#define TRM_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

typedef struct trm_arena {
    struct trm_arena_block *head; // newest block
    size_t used;                  // bytes handed out, over all blocks, padding included
} trm_arena;

// An empty arena; needs no init call. `trm_arena a = TRM_ARENA_INIT;`
#define TRM_ARENA_INIT                                                                             \
    { 0 }

// `size` zeroed bytes, aligned to 64. Never NULL: running out of memory aborts with a message,
// because no caller could go on. Sizes from outside are range-checked before they get here.
void *trm_arena_alloc(trm_arena *a, size_t size);

// count * size with overflow checked (aborts).
void *trm_arena_array(trm_arena *a, size_t count, size_t size);

// What is called where memory runs out, on any thread, with a line that says so; must not return.
// NULL, as at first: the line goes to standard error and the process aborts. For a program's main.
void trm_alloc_on_failure(void (*handler)(const char *line));

// Ends the program as a failed trm_alloc of that size does.
void trm_alloc_failed(size_t count, size_t size) __attribute__((noreturn));

// A copy of the string, in the arena.
char *trm_arena_strdup(trm_arena *a, const char *text);

// Frees every block; the arena is then empty and may be used again.
void trm_arena_free(trm_arena *a);

// calloc for single objects outside an arena, 64-byte aligned, that aborts instead of returning
// NULL; release with free().
void *trm_alloc(size_t count, size_t size);

// The same, not zeroed: what nobody writes to takes no memory.
void *trm_alloc_room(size_t count, size_t size);

// Room for one more behind `count` items of trm_alloc (NULL: none yet): the items, or a larger copy
// of them in their place. Release with free().
void *trm_grow(void *items, int32_t count, int32_t *capacity, size_t size);

TRM_END_DECLS

#endif
