// SPDX-License-Identifier: Apache-2.0
// The time line as a screen that others push.
#ifndef TUI_REPLAY_REPLAY_H
#define TUI_REPLAY_REPLAY_H

#include "trm/train/trainer.h"
#include "tui/app.h"

// Pushes the time line of a run; it frees itself when it is left. trainer: the one that is training
// this run, whose history is then shown; NULL: the history is read from the run, and the time line
// begins at the first moment and not at the last. False: nothing was pushed, and *e says why.
bool trm_replay_push(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e);

#endif
