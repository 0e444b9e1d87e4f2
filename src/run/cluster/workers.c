// SPDX-License-Identifier: Apache-2.0
// For every worker of another rank a thread of this one sends its pieces there and waits. So
// whoever deals out work sees nothing but more threads.
#include "run/cluster/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run/cluster/impl.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/pool.h"
#include "trm/base/text.h"
#include "trm/base/thread.h"

static const trm_work_kind *const kinds[] = {&trm_work_compare, &trm_work_measure,
                                             &trm_work_episodes, &trm_work_answers};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const double PERIOD = 0.25; // seconds between two looks at a piece on another rank

// To a worker: the piece follows, or the answer to a beat; false: there is no more, or stop.
typedef struct request {
    int64_t go;
} request;

// From a worker, and the result follows.
typedef struct reply {
    enum { BEAT, DONE, FAILED } what;
    trm_error error;
} reply;

struct trm_workers {
    trm_peers *peers; // NULL: alone
    const trm_work_kind *kind;
    void *state;
    int32_t threads, count; // this rank's, and all
    size_t item_bytes, result_bytes;
    char **buffers;       // [count] for what goes to other ranks and comes from there
    pthread_mutex_t lock; // guards busy
    bool *busy;           // [count]
};

bool trm_heartbeat_due(trm_heartbeat *p) {
    const double now = p->period > 0 ? trm_clock_now() : 0;
    if (now < p->next)
        return false;
    p->next = now + p->period;
    return true;
}

bool trm_heartbeat_beat(trm_heartbeat *p, const void *result) {
    return !p->beat || p->beat(p->ctx, result);
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t buffer_bytes(const trm_workers *w) {
    return larger(sizeof(request) + w->item_bytes, sizeof(reply) + w->result_bytes);
}

// All ranks: takes the setup and makes of it what pieces need.
static bool prepare(trm_workers *w, const void *setup, size_t bytes, trm_error *e) {
    trm_cluster_answer answer = trm_cluster_answer_of_program();
    trm_error own = {0};
    if (!w->peers) {
        w->state = w->kind->open(setup, bytes, &answer.boards, e);
        return w->state != NULL;
    }
    char *copy = trm_alloc(bytes + 1, 1);
    if (w->peers->rank == 0 && setup)
        memcpy(copy, setup, bytes);
    trm_peers_share(w->peers, copy, bytes);
    w->state = w->kind->open(copy, bytes, &answer.boards, &own);
    free(copy);
    if (!w->state)
        trm_text_copy(answer.refusal, sizeof answer.refusal, own.message);
    return trm_cluster_confer(w->peers, &answer, e);
}

static int32_t number_of(const trm_work_kind *kind) {
    int32_t i = 0;
    while (kinds[i] != kind)
        i++;
    return i;
}

trm_workers *trm_workers_open(trm_peers *p, const trm_workers_request *q, trm_error *e) {
    trm_workers *w = trm_alloc(1, sizeof *w);
    w->peers = p;
    w->kind = q->kind;
    w->threads = q->threads;
    w->count = q->threads * (p ? p->count : 1);
    w->item_bytes = q->item_bytes;
    w->result_bytes = q->result_bytes;
    w->buffers = trm_alloc((size_t)w->count, sizeof *w->buffers);
    w->busy = trm_alloc((size_t)w->count, sizeof *w->busy);
    pthread_mutex_init(&w->lock, NULL);
    if (p) {
        trm_cluster_order order = {.call = TRM_CLUSTER_WORK,
                                   .bytes = q->setup_bytes,
                                   .kind = number_of(q->kind),
                                   .threads = q->threads,
                                   .item_bytes = q->item_bytes,
                                   .result_bytes = q->result_bytes};
        trm_peers_share(p, &order, sizeof order);
    }
    if (!prepare(w, q->setup, q->setup_bytes, e)) {
        w->count = w->threads; // no other rank has begun
        trm_workers_close(w);
        return NULL;
    }
    for (int32_t s = w->threads; s < w->count; s++)
        w->buffers[s] = trm_alloc(buffer_bytes(w), 1);
    return w;
}

void trm_workers_close(trm_workers *w) {
    static const request end = {0};
    if (!w)
        return;
    for (int32_t s = w->threads; s < w->count; s++) {
        trm_peers_send(w->peers, s / w->threads, s % w->threads, &end, sizeof end);
        free(w->buffers[s]);
    }
    if (w->state)
        w->kind->close(w->state);
    pthread_mutex_destroy(&w->lock);
    free(w->buffers);
    free(w->busy);
    free(w);
}

int32_t trm_workers_count(const trm_workers *w) {
    return w->count;
}

static bool do_there(trm_workers *w, int32_t slot, const void *item, void *result,
                     trm_heartbeat *heartbeat, trm_error *e) {
    const int32_t rank = slot / w->threads, line = slot % w->threads;
    char *buffer = w->buffers[slot];
    request d = {.go = true};
    reply r;
    memcpy(buffer, &d, sizeof d);
    memcpy(buffer + sizeof d, item, w->item_bytes);
    trm_peers_send(w->peers, rank, line, buffer, sizeof d + w->item_bytes);
    for (;;) {
        trm_peers_receive(w->peers, rank, line, buffer, sizeof r + w->result_bytes);
        memcpy(&r, buffer, sizeof r);
        memcpy(result, buffer + sizeof r, w->result_bytes);
        if (r.what != BEAT)
            break;
        d.go = trm_heartbeat_beat(heartbeat, result);
        trm_peers_send(w->peers, rank, line, &d, sizeof d);
    }
    if (r.what == FAILED && e)
        *e = r.error;
    return r.what == DONE;
}

bool trm_workers_do(trm_workers *w, int32_t slot, const void *item, void *result,
                    const trm_heartbeat *heartbeat, trm_error *e) {
    trm_heartbeat own = heartbeat ? *heartbeat : (trm_heartbeat){0};
    assert(slot >= 0 && slot < w->count);
    return slot < w->threads ? w->kind->work(w->state, item, result, &own, e)
                             : do_there(w, slot, item, result, &own, e);
}

typedef struct dealer {
    trm_workers *workers;
    void (*each)(void *ctx, int32_t i, int32_t slot);
    void *ctx;
} dealer;

// There are as many slots as threads that may ask for one.
static void deal(void *ctx, int32_t i) {
    const dealer *d = ctx;
    trm_workers *w = d->workers;
    int32_t slot = 0;
    pthread_mutex_lock(&w->lock);
    while (w->busy[slot])
        slot++;
    w->busy[slot] = true;
    pthread_mutex_unlock(&w->lock);
    d->each(d->ctx, i, slot);
    pthread_mutex_lock(&w->lock);
    w->busy[slot] = false;
    pthread_mutex_unlock(&w->lock);
}

void trm_workers_each(trm_workers *w, int32_t n, void (*each)(void *ctx, int32_t i, int32_t slot),
                      void *ctx) {
    dealer d = {w, each, ctx};
    trm_pool *pool = trm_pool_new(n < 1 ? 1 : n < w->count ? n : w->count);
    trm_pool_run(pool, n, deal, &d);
    trm_pool_free(pool);
}

// ---- the other ranks ----------------------------------------------------------------------------

// A thread of another rank, and its line to rank 0.
typedef struct worker_thread {
    trm_workers *workers;
    pthread_t thread;
    int32_t line;
    char *buffer;
} worker_thread;

static void answer(worker_thread *h, const reply *r, const void *result) {
    const size_t bytes = h->workers->result_bytes;
    memcpy(h->buffer, r, sizeof *r);
    if (h->buffer + sizeof *r != (const char *)result)
        memcpy(h->buffer + sizeof *r, result, bytes);
    trm_peers_send(h->workers->peers, 0, h->line, h->buffer, sizeof *r + bytes);
}

static bool beat(void *ctx, const void *result) {
    worker_thread *h = ctx;
    request d;
    answer(h, &(reply){.what = BEAT}, result);
    trm_peers_receive(h->workers->peers, 0, h->line, &d, sizeof d);
    return d.go;
}

static void *thread_main(void *ctx) {
    worker_thread *h = ctx;
    const trm_workers *w = h->workers;
    char *item = trm_alloc(sizeof(request) + w->item_bytes, 1);
    char *result = trm_alloc(w->result_bytes, 1);
    for (;;) {
        request d;
        reply r = {.what = DONE};
        trm_heartbeat heartbeat = {beat, h, PERIOD, trm_clock_now() + PERIOD};
        trm_peers_receive(w->peers, 0, h->line, item, sizeof d + w->item_bytes);
        memcpy(&d, item, sizeof d);
        if (!d.go)
            break;
        memset(result, 0, w->result_bytes);
        if (!w->kind->work(w->state, item + sizeof d, result, &heartbeat, &r.error))
            r.what = FAILED;
        answer(h, &r, result);
    }
    free(item);
    free(result);
    return NULL;
}

static void run_threads(trm_workers *w) {
    worker_thread *threads = trm_alloc((size_t)w->threads, sizeof *threads);
    for (int32_t t = 0; t < w->threads; t++)
        threads[t] =
            (worker_thread){.workers = w, .line = t, .buffer = trm_alloc(buffer_bytes(w), 1)};
    // the first is this thread; one that cannot be started is a process that cannot go on
    for (int32_t t = 1; t < w->threads; t++)
        if (trm_thread_start(&threads[t].thread, thread_main, &threads[t]) != 0)
            abort();
    thread_main(&threads[0]);
    for (int32_t t = 0; t < w->threads; t++) {
        if (t > 0)
            pthread_join(threads[t].thread, NULL);
        free(threads[t].buffer);
    }
    free(threads);
}

void trm_workers_serve(trm_peers *p, const trm_cluster_order *order) {
    trm_error told_by_rank_0 = {0};
    assert(order->kind >= 0 && order->kind < KINDS);
    trm_workers w = {.peers = p,
                     .kind = kinds[order->kind],
                     .threads = order->threads,
                     .item_bytes = order->item_bytes,
                     .result_bytes = order->result_bytes};
    if (prepare(&w, NULL, order->bytes, &told_by_rank_0))
        run_threads(&w);
    if (w.state)
        w.kind->close(w.state);
}
