// SPDX-License-Identifier: Apache-2.0
// The live view of a training, of episodes or of samples. The only part of the program that touches
// the terminal's modes; only the calling thread draws.
#ifndef TRM_TUI_WATCH_H
#define TRM_TUI_WATCH_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/run/follow.h"
#include "trm/run/rundir.h"
#include "trm/train/trainer.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef enum trm_pace { TRM_PACE_AUTO, TRM_PACE_PACED, TRM_PACE_FREE } trm_pace;

typedef struct trm_watch_options trm_watch_options;

// Makes a training: fills trainer, course, config, rundir and note of *out, and *job, what it is
// made of; both hold what was given. False: *e says why not. Called on a thread of its own.
typedef bool trm_watch_make(trm_watch_options *out, void **job, trm_error *e);

struct trm_watch_options {
    // Not NULL: the training is made when the view is open, if that takes more than a moment, and
    // what follows is filled then. If the user leaves before it is made, the thread ends by
    // itself, and until then the job must not be freed.
    trm_watch_make *make;
    void *job;

    trm_trainer *trainer;     // not yet started; started and stopped by trm_watch_run
    const trm_course *course; // for its sizes; never advanced by the view
    const trm_config *config;
    trm_rundir *rundir; // where this run is recorded; `s` copies it; NULL: nowhere, the training is
                        // over, and all there is to see is the model
    trm_follower *follower; // not NULL: another process trains the run, which is followed; the
                            // trainer is given its source, and rundir is NULL
    const char *note;       // one line to show at the start, or NULL
    trm_pace pace;          // how it starts
    trm_screen_options screen;
};

// True if standard input and output are a terminal that curses can drive; else *e says what is
// missing and what to do instead (`trm train`). Call before anything is created.
bool trm_watch_possible(trm_error *e);

// Opens the view, trains, and returns when the user leaves or a signal (INT, TERM, HUP) asks for
// it: training is then stopped and saved and the terminal is as it was. False: training failed, or
// it was ended by a signal (TRM_E_STOPPED), or it could not be made. *summary (malloc'd, may be
// NULL) receives one line for the shell: episodes or epochs done, how well it did, where the run
// is.
bool trm_watch_run(const trm_watch_options *o, char **summary, trm_error *e);

TRM_END_DECLS

#endif
