// SPDX-License-Identifier: Apache-2.0
// One writer a run directory: an advisory lock on its lock file, which holds the writer's pid. The
// system gives the lock back however the writer ends.
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <stdbool.h>

#include "run/rundir/files.h"
#include "trm/base/error.h"

typedef struct trm_lock {
    int fd; // -1: not held
    char path[RUN_PATH];
} trm_lock;

// Fails with the holder's pid if another has it.
bool trm_lock_take(trm_lock *l, const char *dir, trm_error *e);

// Is what is locked still the directory's lock file?
bool trm_lock_held(const trm_lock *l);

// Checks that what is locked is still the directory's lock file, and takes it again where someone
// removed it. Fails if another process has the lock meanwhile.
bool trm_lock_keep(trm_lock *l, const char *dir, trm_error *e);

// Removes the lock file and gives the lock back. Fine if not held.
void trm_lock_release(trm_lock *l);

bool trm_lock_is_held(const char *dir);

// The process that holds it: 0: none; -1: one whose number cannot be read.
int64_t trm_lock_holder(const char *dir);

#endif
