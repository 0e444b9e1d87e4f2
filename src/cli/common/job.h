// SPDX-License-Identifier: Apache-2.0
// A training that is about to begin or to go on: what `train` and `watch` share. Or a model that is
// only looked at, which is a training that is over.
#ifndef TRM_CLI_JOB_H
#define TRM_CLI_JOB_H

#include <stdbool.h>

#include "cli/common/options.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/run/rundir.h"
#include "trm/train/course.h"
#include "trm/train/history.h"
#include "trm/train/trainer.h"

typedef struct trm_job_request {
    const char *source; // PRESET, CONFIG, RUN, or MODEL where those may be
    bool models;        // models and finished runs may be looked at …
    bool train;         // … but what a preset or a configuration says is trained
    char *const *overrides;
    int override_count;
    const char *out;   // NULL: the folder is chosen
    bool resume;       // go on with the run in `source` or `out`
    bool state_folder; // chosen below the XDG state folder instead of runs/
} trm_job_request;

typedef struct trm_job {
    trm_config config;
    trm_course *course;
    trm_rundir *rundir; // NULL for a model: nothing is recorded
    trm_history history;
    double seconds; // trained before
    char note[256]; // what was dropped on resuming, or ""
    trm_trainer_hooks hooks;
    trm_trainer *trainer;
} trm_job;

// What can be said of a request before anything else is looked at: its words. Nothing is made.
bool trm_job_check(const trm_job_request *request, trm_error *e);

// Reads and checks everything before anything is written; makes or opens the run directory. NULL
// with *e filled: nothing was begun. Free with trm_job_close.
trm_job *trm_job_open(const trm_job_request *request, trm_error *e);

// Frees the trainer first; NULL is fine.
void trm_job_close(trm_job *job);

#endif
