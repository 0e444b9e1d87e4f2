// SPDX-License-Identifier: Apache-2.0
#ifndef TRM_BASE_THREAD_H
#define TRM_BASE_THREAD_H

#include <pthread.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Starts a thread that takes no signals: those are for the thread that can answer them. Its own
// faults (SIGSEGV and the like) stay its own, so that whoever handles them is asked. 0, or the
// error number of pthread_create.
int trm_thread_start(pthread_t *thread, void *(*run)(void *), void *ctx);

TRM_END_DECLS

#endif
