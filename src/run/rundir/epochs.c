// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/epochs.h"

#include <math.h>

#include "trm/base/text.h"
#include "trm/run/metrics.h"

static double at(const trm_metrics *m, trm_metric metric, int32_t line) {
    return m->values[metric] ? m->values[metric][line] : (double)NAN;
}

static void offer(trm_retention *k, const trm_epoch *epoch) {
    const trm_retention_event event = trm_retention_epoch(epoch->epoch, &epoch->score);
    int32_t level;
    trm_retention_offer(k, &event, &level);
}

// Lines that are no epochs are passed over.
static bool read_lines(const char *run, trm_history *history, trm_retention *k, int64_t *kept,
                       trm_error *e) {
    trm_metrics m;
    if (!trm_metrics_read(&m, run, true, e))
        return false;
    for (int32_t i = 0; i < m.count; i++) {
        const trm_epoch epoch = {.epoch = (int64_t)m.number[i],
                                 .train_loss = at(&m, TRM_METRIC_TRAIN_LOSS, i),
                                 .score = {.loss = at(&m, TRM_METRIC_VALIDATION_LOSS, i),
                                           .cell_accuracy = at(&m, TRM_METRIC_CELL_ACCURACY, i),
                                           .exact_accuracy = at(&m, TRM_METRIC_EXACT_ACCURACY, i)}};
        trm_history_add_epoch(history, &epoch);
        if (k)
            offer(k, &epoch);
    }
    *kept = m.count;
    trm_metrics_free(&m);
    return true;
}

bool trm_epochs_read(const char *run, trm_history *history, trm_error *e) {
    int64_t kept;
    return read_lines(run, history, NULL, &kept, e);
}

bool trm_epochs_rewind(trm_metrics_file *m, const char *run, int64_t epochs, trm_history *history,
                       trm_retention *k, double *seconds, int64_t *beyond, int64_t *kept,
                       trm_error *e) {
    *kept = 0;
    return trm_metrics_cut(m, epochs, seconds, beyond, e) &&
           (m->size == 0 || read_lines(run, history, k, kept, e));
}
