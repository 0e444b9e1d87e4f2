// SPDX-License-Identifier: Apache-2.0
// A training that takes long to make, since its boards are drawn first, is made on a thread of its
// own, and a screen says so.
#ifndef TUI_TRAIN_PREPARE_H
#define TUI_TRAIN_PREPARE_H

#include "trm/tui/watch.h"
#include "tui/app.h"

typedef struct trm_preparing trm_preparing;

// Begins to make what `given` asks for. done (NULL: none) frees a job that nobody waits for.
trm_preparing *trm_preparing_start(const trm_watch_options *given, void (*done)(void *job));

// Is it made? Waits for what takes a moment only, which needs no screen.
bool trm_preparing_soon(trm_preparing *p);

// Shows the screen until it is made or the user leaves. then (NULL: none) is called when it is made
// and the screen is off the stack, and takes it; who leaves gives it up.
typedef void trm_preparing_then(trm_app *app, trm_preparing *p, void (*done)(void *job));
bool trm_preparing_push(trm_preparing *p, trm_app *app, trm_preparing_then *then, trm_error *e);

// Frees it. True: *made and *job (may be NULL) are filled. False: *e says why not; or nobody waited
// for it (TRM_E_STOPPED), and the thread ends by itself.
bool trm_preparing_take(trm_preparing *p, trm_watch_options *made, void **job, trm_error *e);

#endif
