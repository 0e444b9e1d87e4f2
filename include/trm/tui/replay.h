// SPDX-License-Identifier: Apache-2.0
// The time line: the whole training of a recorded run, moment by moment, with the weights of then.
// Only the calling thread draws.
#ifndef TRM_TUI_REPLAY_H
#define TRM_TUI_REPLAY_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef struct trm_replay_options {
    const char *run;           // the run directory; it may be one that is being written
    trm_screen_options screen; // with rows and cols it is played once, for the record alone
} trm_replay_options;

// Opens the time line and returns when the user leaves. False: there is no record to show, or a
// signal ended it (TRM_E_STOPPED).
bool trm_replay_run(const trm_replay_options *o, trm_error *e);

TRM_END_DECLS

#endif
