// SPDX-License-Identifier: Apache-2.0
// A run is published through one atomic, `remaining`: whoever lowers it by one has taken a piece.
// n, work and ctx are read only after a piece was taken, and change only when no piece is under
// way, so a worker that wakes late (even during a later run) never sees half a run.
//
// Waking a sleeping thread takes tens of microseconds, as long as a small piece of training does.
// So whoever waits looks out for a moment before it sleeps, where there are cores enough for that.
#include "trm/base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "trm/base/arena.h"
#include "trm/base/thread.h"

struct trm_pool {
    int32_t threads; // the caller counted
    pthread_t *workers;

    int32_t looks; // how often to look before sleeping

    pthread_mutex_t lock; // guards quit, both conditions, and changes of epoch
    pthread_cond_t begin, end;
    bool quit;

    int32_t n;
    void (*work)(void *ctx, int32_t i);
    void *ctx;
    _Alignas(64) _Atomic uint64_t epoch;    // number of the latest run
    _Alignas(64) _Atomic int32_t remaining; // pieces that nobody has taken
    _Alignas(64) _Atomic int32_t finished;
};

enum { LOOKS = 2000 }; // about 50 microseconds

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static bool take(trm_pool *p) {
    int32_t left = atomic_load_explicit(&p->remaining, memory_order_relaxed);
    while (left > 0) {
        if (!atomic_compare_exchange_weak_explicit(&p->remaining, &left, left - 1,
                                                   memory_order_acquire, memory_order_relaxed))
            continue;
        int32_t n = p->n;
        p->work(p->ctx, n - left);
        if (atomic_fetch_add_explicit(&p->finished, 1, memory_order_acq_rel) + 1 == n) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->end);
            pthread_mutex_unlock(&p->lock);
        }
        return true;
    }
    return false;
}

static bool all_finished(trm_pool *p) {
    return atomic_load_explicit(&p->finished, memory_order_acquire) == p->n;
}

static uint64_t latest(trm_pool *p) {
    return atomic_load_explicit(&p->epoch, memory_order_relaxed);
}

static void *worker(void *arg) {
    trm_pool *p = arg;
    uint64_t seen = 0;
    while (true) {
        for (int32_t i = 0; i < p->looks && latest(p) == seen; i++)
            relax();
        pthread_mutex_lock(&p->lock);
        while (latest(p) == seen && !p->quit)
            pthread_cond_wait(&p->begin, &p->lock);
        bool quit = p->quit;
        seen = latest(p);
        pthread_mutex_unlock(&p->lock);
        if (quit)
            return NULL;
        while (take(p))
            ;
    }
}

trm_pool *trm_pool_new(int32_t threads) {
    assert(threads >= 1);
    trm_pool *p = trm_alloc(1, sizeof *p);
    p->threads = 1;
    p->looks = threads <= sysconf(_SC_NPROCESSORS_ONLN) ? LOOKS : 0;
    p->workers = trm_alloc((size_t)threads, sizeof *p->workers);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->begin, NULL);
    pthread_cond_init(&p->end, NULL);

    while (p->threads < threads && trm_thread_start(&p->workers[p->threads - 1], worker, p) == 0)
        p->threads++;
    return p;
}

void trm_pool_free(trm_pool *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->lock);
    for (int32_t i = 0; i < p->threads - 1; i++)
        pthread_join(p->workers[i], NULL);
    pthread_cond_destroy(&p->end);
    pthread_cond_destroy(&p->begin);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}

int32_t trm_pool_threads(const trm_pool *p) {
    return p->threads;
}

void trm_pool_run(trm_pool *p, int32_t n, void (*work)(void *ctx, int32_t i), void *ctx) {
    assert(p && work);
    if (p->threads == 1 || n <= 1) {
        for (int32_t i = 0; i < n; i++)
            work(ctx, i);
        return;
    }
    p->n = n;
    p->work = work;
    p->ctx = ctx;
    atomic_store_explicit(&p->finished, 0, memory_order_relaxed);
    atomic_store_explicit(&p->remaining, n, memory_order_release);

    pthread_mutex_lock(&p->lock);
    atomic_fetch_add_explicit(&p->epoch, 1, memory_order_relaxed);
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->lock);
    while (take(p))
        ;
    for (int32_t i = 0; i < p->looks && !all_finished(p); i++)
        relax();
    pthread_mutex_lock(&p->lock);
    while (!all_finished(p))
        pthread_cond_wait(&p->end, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
