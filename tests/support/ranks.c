// SPDX-License-Identifier: Apache-2.0
#include "ranks.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS = 16 };

// A message that nobody has taken yet.
typedef struct letter {
    struct letter *next;
    int32_t from, to, line;
    size_t bytes;
    char data[];
} letter;

// Where all meet: what each brings lies open between two waits.
typedef struct table {
    pthread_barrier_t barrier;
    const void *brought[RANKS];
    const int32_t *sizes[RANKS];
    pthread_mutex_t lock; // of the letters, the oldest first
    pthread_cond_t more;
    letter *letters;
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

static void send_message(void *ctx, int32_t to, int32_t line, const void *data, size_t bytes) {
    seat *s = ctx;
    letter *l = malloc(sizeof *l + bytes), **last = &s->table->letters;
    *l = (letter){.from = s->peers.rank, .to = to, .line = line, .bytes = bytes};
    memcpy(l->data, data, bytes);
    pthread_mutex_lock(&s->table->lock);
    while (*last)
        last = &(*last)->next;
    *last = l;
    pthread_cond_broadcast(&s->table->more);
    pthread_mutex_unlock(&s->table->lock);
}

static letter *take(table *t, int32_t from, int32_t to, int32_t line) {
    for (letter **l = &t->letters; *l; l = &(*l)->next)
        if ((*l)->from == from && (*l)->to == to && (*l)->line == line) {
            letter *taken = *l;
            *l = taken->next;
            return taken;
        }
    return NULL;
}

static void receive_message(void *ctx, int32_t from, int32_t line, void *data, size_t room) {
    seat *s = ctx;
    letter *l;
    pthread_mutex_lock(&s->table->lock);
    while (!(l = take(s->table, from, s->peers.rank, line)))
        pthread_cond_wait(&s->table->more, &s->table->lock);
    pthread_mutex_unlock(&s->table->lock);
    assert(l->bytes <= room);
    memcpy(data, l->data, l->bytes);
    free(l);
}

static void *sit(void *arg) {
    static const trm_peers_engine engine = {wait_for_all, broadcast,       gather,      trade,
                                            send_message, receive_message, wait_for_all};
    seat *s = arg;
    s->peers.engine = &engine;
    s->peers.ctx = s;
    s->body(&s->peers, s->ctx);
    trm_peers_leave(&s->peers);
    return NULL;
}

void ranks_run(int count, void (*body)(trm_peers *p, void *ctx), void *ctx) {
    assert(count <= RANKS);
    table t = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};
    seat seats[RANKS];
    pthread_barrier_init(&t.barrier, NULL, (unsigned)count);
    for (int r = 0; r < count; r++) {
        seats[r] =
            (seat){.peers = {.rank = r, .count = count}, .table = &t, .body = body, .ctx = ctx};
        pthread_create(&seats[r].thread, NULL, sit, &seats[r]);
    }
    for (int r = 0; r < count; r++)
        pthread_join(seats[r].thread, NULL);
    assert(!t.letters);
    pthread_barrier_destroy(&t.barrier);
}
