// SPDX-License-Identifier: Apache-2.0
// The lines of metrics.jsonl where training goes by epochs: one each.
#ifndef RUN_EPOCHS_H
#define RUN_EPOCHS_H

#include "run/rundir/metrics.h"
#include "trm/train/supervised.h"

// Keeps the lines of the first `epochs` epochs and adds them to *history; *seconds is what the last
// of them says, *beyond how many lines were dropped. `run` is the folder.
bool epochs_rewind(metrics *m, const char *run, int64_t epochs, trm_history *history,
                   double *seconds, int64_t *beyond, trm_error *e);

#endif
