// SPDX-License-Identifier: Apache-2.0
// A recording of what is drawn, as a file: .cast is asciinema's version 2, written as it goes; .svg
// an animation of at most ten frames a second, kept in memory until it is closed.
#ifndef TUI_RECORDER_H
#define TUI_RECORDER_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "tui/canvas/canvas.h"

typedef struct trm_recorder trm_recorder;

// NULL: another ending, or a file that cannot be written. `path` is borrowed.
trm_recorder *trm_recorder_open(const char *path, trm_error *e);

// The canvas as it is from `now` on, in seconds that do not fall. It allocates.
void trm_recorder_frame(trm_recorder *r, const trm_canvas *c, double now);

// Ends the file and frees. NULL is fine. False: it could not be written.
bool trm_recorder_close(trm_recorder *r, double now, trm_error *e);

#endif
