// SPDX-License-Identifier: Apache-2.0
#include "ranks.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS = 16 };

// Where all meet: what each brings lies open between two waits.
typedef struct table {
    pthread_barrier_t barrier;
    const void *brought[RANKS];
    const int32_t *sizes[RANKS];
} table;

typedef struct seat {
    trm_peers peers;
    table *table;
    pthread_t thread;
    void (*body)(trm_peers *p, void *ctx);
    void *ctx;
} seat;

static void wait_for_all(void *ctx) {
    pthread_barrier_wait(&((seat *)ctx)->table->barrier);
}

static const table *bring(seat *s, const void *data, const int32_t *sizes) {
    s->table->brought[s->peers.rank] = data;
    s->table->sizes[s->peers.rank] = sizes;
    wait_for_all(s);
    return s->table;
}

static void broadcast(void *ctx, void *data, size_t bytes) {
    seat *s = ctx;
    const table *t = bring(s, data, NULL);
    if (s->peers.rank > 0)
        memcpy(data, t->brought[0], bytes);
    wait_for_all(s);
}

static void gather(void *ctx, void *all, const int32_t *bytes) {
    seat *s = ctx;
    const table *t = bring(s, all, bytes);
    size_t at = 0;
    for (int r = 0; r < s->peers.count; at += (size_t)bytes[r++]) {
        assert(t->sizes[r][r] == bytes[r]);
        if (r != s->peers.rank && bytes[r] > 0)
            memcpy((char *)all + at, (const char *)t->brought[r] + at, (size_t)bytes[r]);
    }
    wait_for_all(s);
}

static void trade(void *ctx, const float *out, const int32_t *sent, float *in, const int32_t *got) {
    seat *s = ctx;
    const table *t = bring(s, out, sent);
    for (int r = 0; r < s->peers.count; in += got[r++]) {
        const float *from = t->brought[r];
        for (int q = 0; q < s->peers.rank; q++)
            from += t->sizes[r][q];
        assert(t->sizes[r][s->peers.rank] == got[r]);
        if (got[r] > 0)
            memcpy(in, from, (size_t)got[r] * sizeof *in);
    }
    wait_for_all(s);
}

static void *sit(void *arg) {
    static const trm_peers_engine engine = {wait_for_all, broadcast, gather, trade, wait_for_all};
    seat *s = arg;
    s->peers.engine = &engine;
    s->peers.ctx = s;
    s->body(&s->peers, s->ctx);
    trm_peers_leave(&s->peers);
    return NULL;
}

void ranks_run(int count, void (*body)(trm_peers *p, void *ctx), void *ctx) {
    assert(count <= RANKS);
    table t;
    seat seats[RANKS];
    pthread_barrier_init(&t.barrier, NULL, (unsigned)count);
    for (int r = 0; r < count; r++) {
        seats[r] =
            (seat){.peers = {.rank = r, .count = count}, .table = &t, .body = body, .ctx = ctx};
        pthread_create(&seats[r].thread, NULL, sit, &seats[r]);
    }
    for (int r = 0; r < count; r++)
        pthread_join(seats[r].thread, NULL);
    pthread_barrier_destroy(&t.barrier);
}
