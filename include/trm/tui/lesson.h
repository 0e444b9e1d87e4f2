// SPDX-License-Identifier: Apache-2.0
// The live view of a supervised training: samples, answers step by step, accuracy and loss. Only
// the calling thread draws.
#ifndef TRM_TUI_LESSON_H
#define TRM_TUI_LESSON_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/tui/watch.h" // trm_pace

TRM_BEGIN_DECLS

typedef struct trm_lesson_watch_options {
    trm_trainer *trainer;     // not yet started; started and stopped by trm_lesson_watch_run
    const trm_course *course; // for its sizes; never advanced by the view
    const trm_config *config;
    trm_rundir *rundir; // where this run is recorded; `s` copies it; NULL: nowhere, the training is
                        // over, and all there is to see is the model
    trm_pace pace;      // how it starts
    bool ascii;         // only ASCII characters, whatever the locale
    bool color;         // false: NO_COLOR or --no-color
    bool mouse;
} trm_lesson_watch_options;

// As trm_watch_run: returns when the user leaves or a signal asks for it; training is then stopped
// and saved. *summary (malloc'd, may be NULL) receives one line for the shell.
bool trm_lesson_watch_run(const trm_lesson_watch_options *o, char **summary, trm_error *e);

TRM_END_DECLS

#endif
