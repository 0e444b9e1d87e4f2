// SPDX-License-Identifier: Apache-2.0
// Pictures of a run's moments in its event file: of an episode the board at its end ("board"), of
// an epoch the first kept sample as it was answered ("sample"). Where none can be drawn, the
// numbers are all there is, and standard error says so once.
#ifndef TRM_CLI_PICTURES_H
#define TRM_CLI_PICTURES_H

#include <stdbool.h>

#include "trm/base/error.h"
#include "trm/run/export.h"

// Moments spread over the whole record, at most 64. False: the file cannot be written.
bool trm_pictures_export(const char *run, trm_event_file *f, trm_error *e);

// Those of a run that is being trained, drawn beside it by a thread of their own. `run` and `f` are
// borrowed. NULL: they cannot be drawn.
typedef struct trm_pictures trm_pictures;
trm_pictures *trm_pictures_open(const char *run, trm_event_file *f);

// Writes the picture that is done, if there is one, and begins that of the newest moment, unless it
// has one or drawing has taken 2 % of the time. False: the file cannot be written.
bool trm_pictures_renew(trm_pictures *p, trm_error *e);

// After training: waits for the picture in the making, and draws that of the last moment.
bool trm_pictures_finish(trm_pictures *p, trm_error *e);

// Drops what is in the making. NULL is fine.
void trm_pictures_close(trm_pictures *p);

#endif
