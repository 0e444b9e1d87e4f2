// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "run/rundir/impl.h"
#include "trm/run/lesson_trainer.h"
#include "trm/run/metrics.h"

void trm_lesson_history_init(trm_lesson_history *h) {
    *h = (trm_lesson_history){.batches.stride = 1, .epochs.stride = 1};
}

// Keeps every second value of a full list: the later one of each pair.
static void halve(float *values) {
    for (int32_t i = 0; i < TRM_LESSON_POINTS / 2; i++)
        values[i] = values[2 * i + 1];
}

static void halve_mean(float *values) {
    for (int32_t i = 0; i < TRM_LESSON_POINTS / 2; i++)
        values[i] = 0.5f * (values[2 * i] + values[2 * i + 1]);
}

void trm_lesson_history_add_batch(trm_lesson_history *h, double x, double loss) {
    struct trm_lesson_batches *b = &h->batches;
    b->sum += loss;
    if (++b->seen % b->stride != 0)
        return;
    if (b->count == TRM_LESSON_POINTS) {
        halve(b->x);
        halve_mean(b->loss);
        b->count /= 2;
        b->stride *= 2;
        if (b->seen % b->stride != 0)
            return; // the first half of a point
    }
    b->x[b->count] = (float)x;
    b->loss[b->count++] = (float)(b->sum / (double)b->stride);
    b->sum = 0;
    h->version++;
}

void trm_lesson_history_add_epoch(trm_lesson_history *h, const trm_epoch *epoch) {
    struct trm_lesson_epochs *k = &h->epochs;
    if (++k->seen % k->stride != 0)
        return;
    if (k->count == TRM_LESSON_POINTS) {
        float *const lists[] = {k->x, k->train_loss, k->validation_loss, k->cells, k->exact};
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            halve(lists[i]);
        k->count /= 2;
        k->stride *= 2;
        if (k->seen % k->stride != 0)
            return;
    }
    const int32_t i = k->count++;
    k->x[i] = (float)(epoch->epoch + 1);
    k->train_loss[i] = (float)epoch->train_loss;
    k->validation_loss[i] = (float)epoch->score.loss;
    k->cells[i] = (float)epoch->score.cell_accuracy;
    k->exact[i] = (float)epoch->score.exact_accuracy;
    h->version++;
}

static double at(const trm_metrics *m, trm_metric metric, int32_t line) {
    return m->values[metric] ? m->values[metric][line] : (double)NAN;
}

bool trm_lesson_history_read(trm_lesson_history *h, const trm_rundir *r, trm_error *e) {
    trm_metrics m;
    if (r->metrics.size == 0)
        return true; // no epoch yet
    if (!trm_metrics_read(&m, r->path, true, e))
        return false;
    for (int32_t i = 0; i < m.count; i++) {
        const trm_epoch epoch = {.epoch = (int64_t)m.number[i],
                                 .train_loss = at(&m, TRM_METRIC_TRAIN_LOSS, i),
                                 .score = {.loss = at(&m, TRM_METRIC_VALIDATION_LOSS, i),
                                           .cell_accuracy = at(&m, TRM_METRIC_CELL_ACCURACY, i),
                                           .exact_accuracy = at(&m, TRM_METRIC_EXACT_ACCURACY, i)}};
        trm_lesson_history_add_epoch(h, &epoch);
    }
    trm_metrics_free(&m);
    return true;
}
