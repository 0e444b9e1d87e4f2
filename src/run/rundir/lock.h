// SPDX-License-Identifier: Apache-2.0
// One writer a run directory: an advisory lock on its lock file, which holds the writer's pid. The
// system gives the lock back however the writer ends.
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <stdbool.h>

#include "run/rundir/files.h"
#include "trm/base/error.h"

typedef struct run_lock {
    int fd; // -1: not held
    char path[RUN_PATH];
} run_lock;

// Fails with the holder's pid if another has it.
bool lock_take(run_lock *l, const char *dir, trm_error *e);

// Checks that what is locked is still the directory's lock file, and takes it anew where someone
// removed it. Fails if another process has the lock meanwhile.
bool lock_keep(run_lock *l, const char *dir, trm_error *e);

// Removes the lock file and gives the lock back. Fine if not held.
void lock_release(run_lock *l);

bool lock_is_held(const char *dir);

#endif
