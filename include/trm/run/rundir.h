// SPDX-License-Identifier: Apache-2.0
// A run directory: config.json, metrics.jsonl, checkpoint.safetensors and, at the end, result.json.
// Provides the hooks by which a trainer records itself, and resuming.
#ifndef TRM_RUN_RUNDIR_H
#define TRM_RUN_RUNDIR_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/train/history.h"
#include "trm/train/trainer.h"

TRM_BEGIN_DECLS

typedef struct trm_rundir trm_rundir;

// Makes a new run directory and writes config.json. path NULL: runs/PRESET-SEED below the current
// folder, with -2, -3, … if taken. A given path must not exist or be an empty directory. Takes a
// lock (an advisory lock on the directory's lock file holding the pid): a second writer is refused
// with the first one's pid. A place that cannot be had is TRM_E_INPUT.
trm_rundir *trm_rundir_create(const trm_config *c, const char *path, trm_error *e);

// Opens an existing run to go on with it: takes the lock, reads config.json into *c, drops what a
// killed writer left: temporary files and part of a line at the end of metrics.jsonl. Fails if it
// is not the folder of a run; *c is then unchanged.
trm_rundir *trm_rundir_open(trm_config *c, const char *path, trm_error *e);

// Says what the record of a new run needs before its training begins: note (size) receives one line
// if run.record_mib is too little for its model, so that no moments are kept, else "".
bool trm_rundir_begin(trm_rundir *r, const trm_course *c, char *note, int size, trm_error *e);

// Restores the course from the checkpoint (without one: a fresh start) and cuts metrics.jsonl back
// to the checkpoint's episodes or epochs, filling *history from what is left and *seconds with the
// training time so far. note (size) receives one line if anything was dropped or is missing, no
// moments are kept, or another BLAS kernel computed the run so far, else "". On failure of the
// checkpoint no file is changed.
bool trm_rundir_resume(trm_rundir *r, trm_course *c, trm_history *history, double *seconds,
                       char *note, int size, trm_error *e);

const char *trm_rundir_path(const trm_rundir *r);

// A run notes in kernels.txt which BLAS library, and which of its kernels, computed it: with
// another one the last bits differ. True with one line in out if the run at `path` was computed by
// another than this process has; false if not, or if it does not say (older runs).
bool trm_rundir_kernels_differ(const char *path, char *out, size_t size);

// Hooks that record a course of any kind: they append to metrics.jsonl (a line an episode, written
// at least once a second, or a line an epoch), and save the checkpoint (metrics fsynced first,
// config.json brought up to *c and to an extended training); the final one also writes result.json
// (of epochs only once training is done). Borrow r; *c is copied.
trm_trainer_hooks trm_rundir_hooks(trm_rundir *r, const trm_config *c);

// Was a checkpoint asked for (trm_follower_ask, or a file checkpoint.request in the run's folder)?
// The request is removed.
bool trm_rundir_asked(const trm_rundir *r);

void trm_rundir_close(trm_rundir *r); // flushes, unlocks, frees; NULL is fine

// Below the XDG state folder: $XDG_STATE_HOME/trm/runs or ~/.local/state/trm/runs. Makes room
// first: of the runs there that no one holds a lock on, only the newest stay, so that with the new
// one there are at most `keep` (>= 1). Makes a directory for trm_rundir_create and writes its path
// to out.
bool trm_rundir_state_path(const trm_config *c, int32_t keep, char *out, int size, trm_error *e);

// Copies a run's files to another directory (which must not exist), whole or not at all. The run
// may be one that is being written.
bool trm_rundir_copy(const char *from, const char *to, trm_error *e);

TRM_END_DECLS

#endif
