// SPDX-License-Identifier: Apache-2.0
#include "trm/base/peers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"

// Ranks whose sizes fit on the stack; there are never more (trm/run/cluster.h).
enum { RANKS_MAX = 4096 };

static bool alone(const trm_peers *p) {
    return !p || p->count == 1;
}

static char *scratch(trm_peers *p, size_t bytes) {
    if (p->scratch_bytes < bytes) {
        free(p->scratch);
        p->scratch = trm_alloc(bytes, 1);
        p->scratch_bytes = bytes;
    }
    return p->scratch;
}

// Waits for all, so that waiting is told from exchanging.
static double meet(trm_peers *p) {
    double since = trm_clock_now();
    p->engine->wait(p->ctx);
    double now = trm_clock_now();
    p->times.waiting += now - since;
    return now;
}

static void part(trm_peers *p, double since) {
    p->times.exchanging += trm_clock_now() - since;
}

// ---- pieces of work -----------------------------------------------------------------------------

struct trm_parcel {
    char *at; // NULL: only the bytes are counted
    size_t bytes;
    bool unpack;
};

void trm_parcel_add(trm_parcel *p, void *data, size_t bytes) {
    if (p->at && p->unpack)
        memcpy(data, p->at + p->bytes, bytes);
    else if (p->at)
        memcpy(p->at + p->bytes, data, bytes);
    p->bytes += bytes;
}

typedef struct own {
    const trm_peers *peers;
    void (*work)(void *ctx, int32_t i);
    void *ctx;
} own;

static void work_own(void *ctx, int32_t k) {
    const own *o = ctx;
    o->work(o->ctx, o->peers->rank + k * o->peers->count);
}

// Pieces of rank r.
static int32_t pieces_of(const trm_peers *p, int32_t r, int32_t n) {
    return n > r ? (n - r - 1) / p->count + 1 : 0;
}

typedef void wrote_fn(void *ctx, int32_t i, trm_parcel *parcel);

static void pass_on(trm_parcel *parcel, const trm_peers *p, int32_t r, int32_t n, wrote_fn *wrote,
                    void *ctx) {
    for (int32_t i = r; i < n; i += p->count)
        wrote(ctx, i, parcel);
}

// Packs this process's pieces, or unpacks those of the others.
static void pack(const trm_peers *p, int32_t n, const int32_t *bytes, char *data, bool unpack,
                 wrote_fn *wrote, void *ctx) {
    trm_parcel parcel = {.unpack = unpack};
    parcel.at = data;
    for (int32_t r = 0; r < p->count; r++)
        if ((r == p->rank) != unpack)
            pass_on(&parcel, p, r, n, wrote, ctx);
        else
            parcel.bytes += (size_t)bytes[r];
}

void trm_peers_run(trm_peers *p, trm_pool *pool, int32_t n, void (*work)(void *ctx, int32_t i),
                   wrote_fn *wrote, void *ctx) {
    if (alone(p)) {
        trm_pool_run(pool, n, work, ctx);
        return;
    }
    own o = {p, work, ctx};
    int32_t bytes[RANKS_MAX] = {0};
    size_t all = 0;
    trm_pool_run(pool, pieces_of(p, p->rank, n), work_own, &o);
    double since = meet(p);
    for (int32_t r = 0; r < p->count; r++) {
        trm_parcel size = {0};
        pass_on(&size, p, r, n, wrote, ctx);
        bytes[r] = (int32_t)size.bytes;
        all += size.bytes;
        assert(all <= INT32_MAX);
    }
    char *data = scratch(p, all);
    pack(p, n, bytes, data, false, wrote, ctx);
    p->engine->gather(p->ctx, data, bytes);
    pack(p, n, bytes, data, true, wrote, ctx);
    part(p, since);
}

// ---- sums ---------------------------------------------------------------------------------------

static void add(float *const *parts, int32_t n, int64_t size, bool from_zero, float *sum) {
    if (from_zero)
        memset(sum, 0, (size_t)size * sizeof *sum);
    else
        memcpy(sum, parts[0], (size_t)size * sizeof *sum);
    for (int32_t k = from_zero ? 0 : 1; k < n; k++)
        for (int64_t i = 0; i < size; i++)
            sum[i] += parts[k][i];
}

// Values are dealt out in slices, one a rank.
static int64_t slice(const trm_peers *p, int64_t size, int32_t r) {
    return size * r / p->count;
}

// Copies every rank's slice of this process's parts to where it is sent from. Returns how many
// floats that are, and what comes in.
static size_t deal(const trm_peers *p, float *const *parts, int32_t n, int64_t size, float *out,
                   int32_t *sent, int32_t *got) {
    int64_t mine = slice(p, size, p->rank + 1) - slice(p, size, p->rank);
    float *at = out;
    for (int32_t r = 0; r < p->count; r++) {
        int64_t first = slice(p, size, r), length = slice(p, size, r + 1) - first;
        sent[r] = (int32_t)(length * pieces_of(p, p->rank, n));
        got[r] = (int32_t)(mine * pieces_of(p, r, n));
        for (int32_t i = p->rank; i < n; i += p->count, at += length)
            memcpy(at, parts[i] + first, (size_t)length * sizeof *at);
    }
    return (size_t)(at - out);
}

// Every rank adds up a slice of all parts, and the sums go round: each process sends and receives
// about as much with many ranks as with two.
void trm_peers_add(trm_peers *p, float *const *parts, int32_t n, int64_t size, bool from_zero,
                   float *sum) {
    if (alone(p)) {
        add(parts, n, size, from_zero, sum);
        return;
    }
    int32_t sent[RANKS_MAX], got[RANKS_MAX];
    float *in_order[RANKS_MAX] = {NULL};
    double since = meet(p);
    assert(p->count > 1 && n >= 1 && n <= RANKS_MAX && size * n <= INT32_MAX);
    float *out = (float *)(void *)scratch(p, 2 * (size_t)(size * n) * sizeof *out);
    float *in = out + deal(p, parts, n, size, out, sent, got);
    int64_t first = slice(p, size, p->rank), length = slice(p, size, p->rank + 1) - first;
    p->engine->trade(p->ctx, out, sent, in, got);
    for (int32_t r = 0; r < p->count; r++)
        for (int32_t i = r; i < n; i += p->count, in += length)
            in_order[i] = in;
    add(in_order, n, length, from_zero, sum + first);
    for (int32_t r = 0; r < p->count; r++)
        sent[r] = (int32_t)((slice(p, size, r + 1) - slice(p, size, r)) * (int64_t)sizeof *sum);
    p->engine->gather(p->ctx, sum, sent);
    part(p, since);
}

// ---- the rest -----------------------------------------------------------------------------------

void trm_peers_share(trm_peers *p, void *data, size_t bytes) {
    if (alone(p))
        return;
    double since = meet(p);
    p->engine->broadcast(p->ctx, data, bytes);
    part(p, since);
}

bool trm_peers_agree(trm_peers *p, bool answer) {
    trm_peers_share(p, &answer, sizeof answer);
    return answer;
}

void trm_peers_gather(trm_peers *p, void *all, size_t bytes) {
    int32_t each[RANKS_MAX];
    if (alone(p))
        return;
    for (int32_t r = 0; r < p->count; r++)
        each[r] = (int32_t)bytes;
    p->engine->gather(p->ctx, all, each);
}

void trm_peers_send(trm_peers *p, int32_t to, int32_t line, const void *data, size_t bytes) {
    assert(to != p->rank && bytes <= INT32_MAX);
    p->engine->send(p->ctx, to, line, data, bytes);
}

void trm_peers_receive(trm_peers *p, int32_t from, int32_t line, void *data, size_t room) {
    assert(from != p->rank && room <= INT32_MAX);
    p->engine->receive(p->ctx, from, line, data, room);
}

void trm_peers_leave(trm_peers *p) {
    if (!p)
        return;
    p->engine->leave(p->ctx);
    free(p->scratch);
}
