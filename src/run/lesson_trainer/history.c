// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "run/rundir/impl.h"
#include "trm/run/lesson_trainer.h"

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

static double number(const cJSON *root, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    return cJSON_IsNumber(item) && fabs(item->valuedouble) <= 1e30 ? item->valuedouble
                                                                   : (double)NAN;
}

static void add_line(trm_lesson_history *h, const char *line) {
    cJSON *root = cJSON_Parse(line);
    const double at = number(root, "epoch");
    if (at >= 0 && at <= 1e15) {
        const trm_epoch epoch = {.epoch = (int64_t)at,
                                 .train_loss = number(root, "train_loss"),
                                 .score = {.loss = number(root, "validation_loss"),
                                           .cell_accuracy = number(root, "cell_accuracy"),
                                           .exact_accuracy = number(root, "exact_accuracy")}};
        trm_lesson_history_add_epoch(h, &epoch);
    }
    cJSON_Delete(root);
}

bool trm_lesson_history_read(trm_lesson_history *h, const trm_rundir *r, trm_error *e) {
    char *line = NULL;
    size_t size = 0;
    FILE *in = fopen(r->metrics.path, "re");
    if (!in)
        return files_errno(e, "read", r->metrics.path);
    while (getline(&line, &size, in) >= 0)
        add_line(h, line);
    bool ok = !ferror(in) || files_errno(e, "read", r->metrics.path);
    free(line);
    fclose(in);
    return ok;
}
