// SPDX-License-Identifier: Apache-2.0
#include "trm/base/thread.h"

#include <signal.h>
#include <stddef.h>

enum { STACK = 8 << 20 };

int trm_thread_start(pthread_t *thread, void *(*run)(void *), void *ctx) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t others, before; // a thread inherits the mask
    sigfillset(&others);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&others, faults[i]);
    pthread_attr_t attr;
    int failed = pthread_attr_init(&attr);
    if (failed)
        return failed;
    pthread_attr_setstacksize(&attr, STACK); // whatever `ulimit -s` says
    pthread_sigmask(SIG_SETMASK, &others, &before);
    failed = pthread_create(thread, &attr, run, ctx);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
