// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/init.h"

#include <assert.h>
#include <pthread.h>

#include "nn/openblas.h"

#ifdef __ELF__
// Of OpenBLAS, but in no header of it, and not in builds of it without threads.
extern int blas_thread_shutdown_(void) __attribute__((weak));
#endif

// The number of OpenBLAS threads belongs to the process, and so does what stands here.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int calls, threads_before;

// Threads that OpenBLAS started when it was loaded look out for work for a tenth of a second, on
// the processors that the first frame and the first updates want.
static void end_waiting_threads(void) {
#ifdef __ELF__
    if (blas_thread_shutdown_)
        blas_thread_shutdown_();
#endif
}

void trm_init(void) {
    pthread_mutex_lock(&lock);
    if (calls++ == 0) {
        threads_before = openblas_get_num_threads();
        openblas_set_num_threads(1);
        end_waiting_threads();
    }
    pthread_mutex_unlock(&lock);
}

void trm_done(void) {
    pthread_mutex_lock(&lock);
    assert(calls > 0 && "trm_done without trm_init");
    if (--calls == 0)
        openblas_set_num_threads(threads_before);
    pthread_mutex_unlock(&lock);
}

bool trm_initialised(void) {
    pthread_mutex_lock(&lock);
    bool yes = calls > 0;
    pthread_mutex_unlock(&lock);
    return yes;
}

const char *trm_library_version(void) {
    return TRM_VERSION;
}
