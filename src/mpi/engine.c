// SPDX-License-Identifier: Apache-2.0
// The engine of trm/base/peers.h on MPI: a module of its own, which the program loads where mpirun
// has started it. Errors are MPI's own, which end all processes.
//
// MPI's blocking calls spin. These look often at first, then less often, so that a peer that waits
// for long (for a person who paused the training, say) leaves the processor to others.
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "mpi/engine.h"

typedef struct engine {
    MPI_Comm comm;
    pthread_mutex_t lock;  // MPI takes one call at a time
    int count, *first;     // where each rank's part begins
    MPI_Request *requests; // one each way and rank
} engine;

static bool finished(engine *m, int count, MPI_Request *requests) {
    int done = 0;
    pthread_mutex_lock(&m->lock);
    MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    pthread_mutex_unlock(&m->lock);
    return done;
}

// longest_ns: of the naps between looks, once it has taken a while.
static void finish(engine *m, int count, MPI_Request *requests, long longest_ns) {
    enum { SPINS = 200, YIELDS = 2000, NAP_NS = 200000 };
    long nap = NAP_NS;
    for (int looks = 0; !finished(m, count, requests); looks++) {
        if (looks >= YIELDS) {
            nanosleep(&(struct timespec){.tv_nsec = nap}, NULL);
            nap = nap + nap / 8 < longest_ns ? nap + nap / 8 : longest_ns;
        } else if (looks >= SPINS) {
            sched_yield();
        }
    }
}

enum { MEETING_NS = 200000, MESSAGE_NS = 5000000 };

static void wait_for_all(void *ctx) {
    engine *m = ctx;
    MPI_Request request;
    MPI_Ibarrier(m->comm, &request);
    finish(m, 1, &request, MEETING_NS);
}

static void broadcast(void *ctx, void *data, size_t bytes) {
    enum { PIECE = 1 << 30 };
    engine *m = ctx;
    // NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): finish waits
    for (size_t done = 0; done < bytes; done += PIECE) {
        MPI_Request request;
        size_t left = bytes - done;
        MPI_Ibcast((char *)data + done, (int)(left < PIECE ? left : PIECE), MPI_BYTE, 0, m->comm,
                   &request);
        finish(m, 1, &request, MEETING_NS);
    }
}

static void gather(void *ctx, void *all, const int32_t *bytes) {
    engine *m = ctx;
    MPI_Request request;
    for (int r = 0, at = 0; r < m->count; at += bytes[r++])
        m->first[r] = at;
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, bytes, m->first, MPI_BYTE, m->comm,
                    &request);
    finish(m, 1, &request, MEETING_NS);
}

enum { TAG_TRADE = 1, TAG_LINES };

// MPI_Ialltoallv of Open MPI 4.1 is not used: it hangs where a rank sends nothing.
static void trade(void *ctx, const float *out, const int32_t *sent, float *in, const int32_t *got) {
    engine *m = ctx;
    for (int r = 0; r < m->count; in += got[r++])
        MPI_Irecv(in, got[r], MPI_FLOAT, r, TAG_TRADE, m->comm, &m->requests[r]);
    for (int r = 0; r < m->count; out += sent[r++])
        MPI_Isend(out, sent[r], MPI_FLOAT, r, TAG_TRADE, m->comm, &m->requests[m->count + r]);
    finish(m, 2 * m->count, m->requests, MEETING_NS);
}

// NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker): finish waits
static void send_message(void *ctx, int32_t to, int32_t line, const void *data, size_t bytes) {
    engine *m = ctx;
    MPI_Request request;
    pthread_mutex_lock(&m->lock);
    MPI_Isend(data, (int)bytes, MPI_BYTE, to, TAG_LINES + line, m->comm, &request);
    pthread_mutex_unlock(&m->lock);
    finish(m, 1, &request, MESSAGE_NS);
}

static void receive_message(void *ctx, int32_t from, int32_t line, void *data, size_t room) {
    engine *m = ctx;
    MPI_Request request;
    pthread_mutex_lock(&m->lock);
    MPI_Irecv(data, (int)room, MPI_BYTE, from, TAG_LINES + line, m->comm, &request);
    pthread_mutex_unlock(&m->lock);
    finish(m, 1, &request, MESSAGE_NS);
}
// NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker)

static void leave(void *ctx) {
    engine *m = ctx;
    MPI_Comm_free(&m->comm);
    MPI_Finalize();
    pthread_mutex_destroy(&m->lock);
    free(m->first);
    free(m->requests);
    free(m);
}

const char *trm_mpi_join(trm_peers *p) {
    static const trm_peers_engine calls = {wait_for_all, broadcast,       gather, trade,
                                           send_message, receive_message, leave};
    int provided = MPI_THREAD_SINGLE;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
        return "MPI cannot start";
    if (provided < MPI_THREAD_SERIALIZED)
        return "this MPI cannot be called from several threads";
    engine *m = calloc(1, sizeof *m);
    if (!m)
        return "no memory";
    pthread_mutex_init(&m->lock, NULL);
    MPI_Comm_dup(MPI_COMM_WORLD, &m->comm);
    MPI_Comm_size(m->comm, &m->count);
    m->first = calloc((size_t)m->count, sizeof *m->first);
    m->requests = calloc(2 * (size_t)m->count, sizeof *m->requests);
    if (!m->first || !m->requests)
        return "no memory";
    *p = (trm_peers){.count = m->count, .engine = &calls, .ctx = m};
    MPI_Comm_rank(m->comm, &p->rank);
    return NULL;
}
