// SPDX-License-Identifier: Apache-2.0
#include "trm/base/thread.h"

#include <signal.h>
#include <stddef.h>

int trm_thread_start(pthread_t *thread, void *(*run)(void *), void *ctx) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t others, before; // a thread inherits the mask
    sigfillset(&others);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&others, faults[i]);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    int failed = pthread_create(thread, NULL, run, ctx);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
