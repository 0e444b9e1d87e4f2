// SPDX-License-Identifier: Apache-2.0
// Where a new run goes, and what else is kept between runs.
#ifndef RUN_PLACE_H
#define RUN_PLACE_H

#include <stdbool.h>

#include "run/rundir/files.h"
#include "trm/base/error.h"
#include "trm/run/config.h"

// Makes the directory, or takes it if it is there and empty. *made: it was not there.
bool trm_place_given(const char *path, bool *made, trm_error *e);

// Makes parent/PRESET-SEED, with -2, -3, … if taken.
bool trm_place_next(const char *parent, const trm_config *c, char out[RUN_PATH], bool *made,
                    trm_error *e);

// A file or folder of the program's below the XDG state folder: $XDG_STATE_HOME/trm/NAME or
// ~/.local/state/trm/NAME. Nothing is made.
bool trm_place_state(char out[RUN_PATH], const char *name, trm_error *e);

#endif
