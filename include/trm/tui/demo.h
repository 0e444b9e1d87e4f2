// SPDX-License-Identifier: Apache-2.0
// The start screen: bundled models think about a sudoku and a maze; from there to a training, the
// microscope, what-if, and a board of one's own. Only the calling thread draws.
#ifndef TRM_TUI_DEMO_H
#define TRM_TUI_DEMO_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/tui/screens.h"
#include "trm/tui/watch.h"

TRM_BEGIN_DECLS

typedef struct trm_demo_options {
    // Makes the training that Enter opens. `trained` frees *job when the training's screen has
    // closed, or where nobody waited for it.
    trm_watch_make *train;
    void (*trained)(void *job);
    bool tour;  // begins with the tour
    bool offer; // says once that there is one
    trm_screen_options screen;
} trm_demo_options;

// Opens the screen and returns when the user leaves. False: a bundled model is missing, the view
// could not be opened, or a signal ended it (TRM_E_STOPPED).
bool trm_demo_run(const trm_demo_options *o, trm_error *e);

TRM_END_DECLS

#endif
