// SPDX-License-Identifier: Apache-2.0
// The engine of trm/base/peers.h on MPI: a module of its own, which the program loads where mpirun
// has started it. Errors are MPI's own, which end all processes.
//
// MPI's blocking calls spin. These look often at first, then less often, so that a peer that waits
// for long (for a person who paused the training, say) leaves the processor to others.
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "mpi/engine.h"

typedef struct engine {
    MPI_Comm comm;
    int count, *first;     // where each rank's part begins
    MPI_Request *requests; // one each way and rank
} engine;

static void finish(int count, MPI_Request *requests) {
    enum { SPINS = 200, YIELDS = 2000, NAP_NS = 200000 };
    int done = 0;
    for (int looks = 0;; looks++) {
        MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
        if (done)
            return;
        if (looks >= YIELDS)
            nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
        else if (looks >= SPINS)
            sched_yield();
    }
}

static void wait_for_all(void *ctx) {
    const engine *m = ctx;
    MPI_Request request;
    MPI_Ibarrier(m->comm, &request);
    finish(1, &request);
}

static void broadcast(void *ctx, void *data, size_t bytes) {
    enum { PIECE = 1 << 30 };
    const engine *m = ctx;
    // NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): finish waits
    for (size_t done = 0; done < bytes; done += PIECE) {
        MPI_Request request;
        size_t left = bytes - done;
        MPI_Ibcast((char *)data + done, (int)(left < PIECE ? left : PIECE), MPI_BYTE, 0, m->comm,
                   &request);
        finish(1, &request);
    }
}

static void gather(void *ctx, void *all, const int32_t *bytes) {
    const engine *m = ctx;
    MPI_Request request;
    for (int r = 0, at = 0; r < m->count; at += bytes[r++])
        m->first[r] = at;
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, bytes, m->first, MPI_BYTE, m->comm,
                    &request);
    finish(1, &request);
}

// MPI_Ialltoallv of Open MPI 4.1 is not used: it hangs where a rank sends nothing.
static void trade(void *ctx, const float *out, const int32_t *sent, float *in, const int32_t *got) {
    enum { TAG = 1 };
    const engine *m = ctx;
    for (int r = 0; r < m->count; in += got[r++])
        MPI_Irecv(in, got[r], MPI_FLOAT, r, TAG, m->comm, &m->requests[r]);
    for (int r = 0; r < m->count; out += sent[r++])
        MPI_Isend(out, sent[r], MPI_FLOAT, r, TAG, m->comm, &m->requests[m->count + r]);
    finish(2 * m->count, m->requests);
}

static void leave(void *ctx) {
    engine *m = ctx;
    MPI_Comm_free(&m->comm);
    MPI_Finalize();
    free(m->first);
    free(m->requests);
    free(m);
}

const char *trm_mpi_join(trm_peers *p) {
    static const trm_peers_engine calls = {wait_for_all, broadcast, gather, trade, leave};
    int provided = MPI_THREAD_SINGLE;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
        return "MPI cannot start";
    if (provided < MPI_THREAD_SERIALIZED)
        return "this MPI cannot be called from several threads";
    engine *m = calloc(1, sizeof *m);
    if (!m)
        return "no memory";
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
