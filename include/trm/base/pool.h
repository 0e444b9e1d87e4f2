// SPDX-License-Identifier: Apache-2.0
// A fixed set of threads that run numbered pieces of work. Which thread runs which piece is not
// defined; results must not depend on it: that is how a run is the same with any number of threads.
#ifndef TRM_BASE_POOL_H
#define TRM_BASE_POOL_H

#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

typedef struct trm_pool trm_pool;

// threads >= 1 counts the caller: a pool of 1 starts no thread and runs everything in place.
// Never NULL; if the system gives fewer threads the pool is smaller. Workers block all signals, and
// sleep between runs.
trm_pool *trm_pool_new(int32_t threads);
void trm_pool_free(trm_pool *p); // NULL is fine
int32_t trm_pool_threads(const trm_pool *p);

// Calls work(ctx, i) once for every i in 0..n-1 and returns when all have returned. The caller
// works too. One run at a time, from one thread.
void trm_pool_run(trm_pool *p, int32_t n, void (*work)(void *ctx, int32_t i), void *ctx);

TRM_END_DECLS

#endif
