// SPDX-License-Identifier: Apache-2.0
// Threads of all ranks that take pieces of work as they become free: runs of a comparison, seeds of
// a measurement, batches of held-out boards. Rank 0 deals them out and gets what comes of them.
#ifndef RUN_CLUSTER_WORKERS_H
#define RUN_CLUSTER_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/base/peers.h"

// Beaten by whoever works on a piece, often: whether to go on. What stands in the result by then is
// shown to rank 0.
typedef struct trm_heartbeat {
    bool (*beat)(void *ctx, const void *result); // NULL: goes on
    void *ctx;
    double period, next; // seconds between beats that cost something; the clock at the next
} trm_heartbeat;

// Is the next beat due? A piece that must fill its result first asks.
bool trm_heartbeat_due(trm_heartbeat *p);
bool trm_heartbeat_beat(trm_heartbeat *p, const void *result);

// A kind of work. What goes from rank to rank is plain bytes: every rank runs the same program.
typedef struct trm_work_kind {
    // Once a rank: makes what all pieces need of rank 0's bytes. NULL with *e: this rank cannot.
    // *boards: a hash of what was read from this rank's files.
    void *(*open)(const void *setup, size_t bytes, uint64_t *boards, trm_error *e);
    void (*close)(void *state);
    // A piece, on any thread.
    bool (*work)(void *state, const void *item, void *result, trm_heartbeat *heartbeat,
                 trm_error *e);
} trm_work_kind;

extern const trm_work_kind trm_work_compare, trm_work_measure, trm_work_episodes, trm_work_answers;

typedef struct trm_workers_request {
    const trm_work_kind *kind;
    int32_t threads; // a rank
    const void *setup;
    size_t setup_bytes, item_bytes, result_bytes;
} trm_workers_request;

typedef struct trm_workers trm_workers;

// Rank 0. p NULL: this process alone. NULL with *e naming the rank that cannot take part.
trm_workers *trm_workers_open(trm_peers *p, const trm_workers_request *q, trm_error *e);
void trm_workers_close(trm_workers *w); // NULL is fine

// Of all ranks. Those from 0 to threads - 1 are this process's own.
int32_t trm_workers_count(const trm_workers *w);

// Worker `slot`, which does one piece at a time, does this one. False with *e: it failed, or beat
// said to stop (TRM_E_STOPPED).
bool trm_workers_do(trm_workers *w, int32_t slot, const void *item, void *result,
                    const trm_heartbeat *heartbeat, trm_error *e);

// each(ctx, i, slot) once for every i in 0..n-1, in this order as workers become free.
void trm_workers_each(trm_workers *w, int32_t n, void (*each)(void *ctx, int32_t i, int32_t slot),
                      void *ctx);

// The other ranks: all of it, from rank 0's order on.
struct trm_cluster_order;
void trm_workers_serve(trm_peers *p, const struct trm_cluster_order *order);

#endif
