// SPDX-License-Identifier: Apache-2.0
// The screen of recorded runs: browse, sort, filter, mark, delete; and choose what to do with one.
#ifndef TRM_TUI_RUNS_H
#define TRM_TUI_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/runs.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

enum { TRM_RUNS_CHOSEN = 16, TRM_RUNS_TEXT = 256, TRM_RUNS_PATH = 4096 };

typedef enum trm_runs_deed {
    TRM_RUNS_LEAVE,
    TRM_RUNS_FOLLOW, // the first of the runs chosen
    TRM_RUNS_RESUME,
    TRM_RUNS_REPLAY,
    TRM_RUNS_VERSUS, // the first two on one board
    TRM_RUNS_PLOT    // all of them, into the picture `text`
} trm_runs_deed;

// What was chosen; and how the list stood, for the next time it is shown.
typedef struct trm_runs_choice {
    trm_runs_deed deed;
    char runs[TRM_RUNS_CHOSEN][TRM_RUNS_PATH];
    int32_t count;
    char text[TRM_RUNS_TEXT];

    char selected[TRM_RUNS_PATH], filter[TRM_RUNS_TEXT];
    int order; // trm_runs_order
    bool reverse;
} trm_runs_choice;

typedef struct trm_runs_options {
    const char *const *folders; // [count] that are listed
    int32_t count;
    const char *note; // one line to show at the start, or NULL
    trm_screen_options screen;
} trm_runs_options;

// Shows the list until something is chosen or the user leaves; *choice begins as zeros. False: a
// signal ended it, or a folder cannot be read.
bool trm_runs_run(const trm_runs_options *o, trm_runs_choice *choice, trm_error *e);

TRM_END_DECLS

#endif
