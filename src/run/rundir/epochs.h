// SPDX-License-Identifier: Apache-2.0
// The lines of metrics.jsonl where training goes by epochs: one each.
#ifndef RUN_EPOCHS_H
#define RUN_EPOCHS_H

#include "run/rundir/metrics.h"
#include "trm/train/supervised.h"

// Keeps the lines of the first `epochs` epochs, adds them to *history and offers them to the
// retention (NULL: to none); *seconds is what the last of them says, *beyond how many lines were
// dropped, *kept how many epochs the others tell of. `run` is the folder.
bool trm_epochs_rewind(trm_metrics_file *m, const char *run, int64_t epochs, trm_history *history,
                       trm_retention *k, double *seconds, int64_t *beyond, int64_t *kept,
                       trm_error *e);

// Adds to *history what a run's metrics say, which may be written at that time.
bool trm_epochs_read(const char *run, trm_history *history, trm_error *e);

#endif
