// SPDX-License-Identifier: Apache-2.0
// Peers: processes that compute one training together, on one machine or many. Each runs the same
// program on the same configuration and holds the whole state. Of every numbered set of pieces each
// does its own, and what a piece wrote then goes to all. So the number of processes changes a
// result as little as the number of threads does.
//
// Whoever works alone passes NULL for the peers; everything below then does what one process must.
// Every function but the two of messages is a meeting: all peers call it, in the same order, each
// from one thread at a time. A peer that dies takes the others with it; that is up to the engine
// (trm/run/cluster.h).
#ifndef TRM_BASE_PEERS_H
#define TRM_BASE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/pool.h"

TRM_BEGIN_DECLS

// What an engine provides.
typedef struct trm_peers_engine {
    void (*wait)(void *ctx);                                // until all are here
    void (*broadcast)(void *ctx, void *data, size_t bytes); // rank 0's becomes everyone's
    // Everyone's part of `all` becomes everyone's: rank r's are bytes[r], after those of the ranks
    // before it.
    void (*gather)(void *ctx, void *all, const int32_t *bytes);
    // Rank r gets sent[r] floats of `out`, which stand in order of rank; `in` is filled likewise.
    void (*trade)(void *ctx, const float *out, const int32_t *sent, float *in, const int32_t *got);
    void (*send)(void *ctx, int32_t to, int32_t line, const void *data, size_t bytes);
    void (*receive)(void *ctx, int32_t from, int32_t line, void *data, size_t room);
    void (*leave)(void *ctx); // the last meeting
} trm_peers_engine;

// Seconds that went by in meetings.
typedef struct trm_peers_times {
    double waiting;    // for the last one to come
    double exchanging; // from then on
} trm_peers_times;

typedef struct trm_peers {
    int32_t rank, count; // 0-based, of how many
    const trm_peers_engine *engine;
    void *ctx; // the engine's
    trm_peers_times times;
    void *scratch; // grows to the largest meeting, and stays
    size_t scratch_bytes;
} trm_peers;

// What a piece of work wrote, named block by block. Sizes must be the same for all peers.
typedef struct trm_parcel trm_parcel;
void trm_parcel_add(trm_parcel *p, void *data, size_t bytes);

// Calls work(ctx, i) once for every i in 0..n-1, on this process's threads for those that are its
// own (piece i is rank i % count's), and returns when all peers have what wrote(ctx, i, parcel)
// names. Piece 0 is rank 0's.
void trm_peers_run(trm_peers *p, trm_pool *pool, int32_t n, void (*work)(void *ctx, int32_t i),
                   void (*wrote)(void *ctx, int32_t i, trm_parcel *parcel), void *ctx);

// sum [size] = parts[0] + parts[1] + … + parts[n - 1], in that order; from_zero: 0 + parts[0] + …
// Of parts[i] only rank i % count's is read.
void trm_peers_add(trm_peers *p, float *const *parts, int32_t n, int64_t size, bool from_zero,
                   float *sum);

// Rank 0's bytes become everyone's.
void trm_peers_share(trm_peers *p, void *data, size_t bytes);

// Rank 0's answer.
bool trm_peers_agree(trm_peers *p, bool answer);

// all [count, bytes]: rank r's row goes to everyone.
void trm_peers_gather(trm_peers *p, void *all, size_t bytes);

// Messages from one rank to another, in between meetings. Two ranks may have several lines,
// numbered from 0; each has one thread at either end, which knows what the other one does next, and
// other lines may be in use meanwhile. Returns when the message has gone out, or has come: at most
// `room` bytes.
void trm_peers_send(trm_peers *p, int32_t to, int32_t line, const void *data, size_t bytes);
void trm_peers_receive(trm_peers *p, int32_t from, int32_t line, void *data, size_t room);

void trm_peers_leave(trm_peers *p);

TRM_END_DECLS

#endif
