// SPDX-License-Identifier: Apache-2.0
// A run directory from the inside.
#ifndef RUN_RUNDIR_IMPL_H
#define RUN_RUNDIR_IMPL_H

#include "run/record/writer.h"
#include "run/rundir/files.h"
#include "run/rundir/lock.h"
#include "run/rundir/metrics.h"
#include "trm/run/rundir.h"

struct trm_rundir {
    char path[RUN_PATH];
    trm_lock lock;
    trm_metrics_file metrics;
    trm_writer *writer; // of the record; NULL: there is none
    bool ready;         // … or not yet
    trm_config config;
    char *written;       // text of config.json
    trm_history history; // of all episodes, for the result; of epochs, what was before
    bool stale_result;   // result.json is of an earlier part of the run
};

// What must last before a checkpoint does: the lock is still ours, the metrics are durable,
// config.json says what *c says. Gives the checkpoint's path.
bool trm_rundir_commit(trm_rundir *r, const trm_config *c, char checkpoint[RUN_PATH], trm_error *e);

// Writes result.json.
bool trm_rundir_write_result(const trm_rundir *r, const trm_course *c, const trm_saving *how,
                             trm_error *e);

// Something could not be written: says so if the directory is gone. Returns false.
bool trm_rundir_failed(const trm_rundir *r, trm_error *e);

// Writes config.json unless it says the same already.
bool trm_rundir_write_config(trm_rundir *r, const trm_config *c, trm_error *e);

#endif
