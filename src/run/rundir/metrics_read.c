// SPDX-License-Identifier: Apache-2.0
#include "trm/run/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run/rundir/files.h"
#include "run/rundir/lines.h"
#include "trm/base/arena.h"

enum { EPISODES = 1, EPOCHS = 2, FIRST_CAPACITY = 1024 };

#define MOST 1e30 // of a value; a float holds it

static const struct {
    const char *name;
    int kinds;
} columns[TRM_METRIC_COUNT] = {
    [TRM_METRIC_SECONDS] = {"seconds", EPISODES | EPOCHS},
    [TRM_METRIC_GRAD_NORM] = {"grad_norm", EPISODES | EPOCHS},
    [TRM_METRIC_LR] = {"lr", EPISODES | EPOCHS},
    [TRM_METRIC_STEP] = {"step", EPISODES},
    [TRM_METRIC_REWARD] = {"reward", EPISODES},
    [TRM_METRIC_SUCCESS] = {"success", EPISODES},
    [TRM_METRIC_LENGTH] = {"length", EPISODES},
    [TRM_METRIC_LOSS] = {"loss", EPISODES},
    [TRM_METRIC_ENTROPY] = {"entropy", EPISODES},
    [TRM_METRIC_TRAIN_LOSS] = {"train_loss", EPOCHS},
    [TRM_METRIC_VALIDATION_LOSS] = {"validation_loss", EPOCHS},
    [TRM_METRIC_CELL_ACCURACY] = {"cell_accuracy", EPOCHS},
    [TRM_METRIC_EXACT_ACCURACY] = {"exact_accuracy", EPOCHS},
    [TRM_METRIC_PATH_RECALL] = {"path_recall", EPOCHS},
};

const char *trm_metric_name(trm_metric metric) {
    return columns[metric].name;
}

static void grow(trm_metrics *m, int32_t *capacity) {
    const int32_t more = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    double **all[TRM_METRIC_COUNT + 1] = {&m->number};
    for (int i = 0; i < TRM_METRIC_COUNT; i++)
        if (columns[i].kinds & (m->supervised ? EPOCHS : EPISODES))
            all[i + 1] = &m->values[i];
    for (int i = 0; i <= TRM_METRIC_COUNT; i++) {
        if (!all[i])
            continue;
        double *grown = trm_alloc((size_t)more, sizeof *grown);
        if (m->count > 0)
            memcpy(grown, *all[i], (size_t)m->count * sizeof *grown);
        free(*all[i]);
        *all[i] = grown;
    }
    *capacity = more;
}

// What is missing, null or no number of this world is NaN. False for what no writer writes there.
static bool read_value(const cJSON *item, double *out) {
    *out = (double)NAN;
    if (!item || cJSON_IsNull(item))
        return true;
    if (!cJSON_IsNumber(item))
        return false;
    if (fabs(item->valuedouble) <= MOST)
        *out = item->valuedouble;
    return true;
}

// Puts the line behind those kept.
static bool keep(trm_metrics *m, const cJSON *root) {
    int64_t number;
    const char *name = m->supervised ? "epoch" : "episode";
    if (!metrics_line_whole(cJSON_GetObjectItemCaseSensitive(root, name), 1e15, &number) ||
        (m->count > 0 && (double)number <= m->number[m->count - 1]))
        return false;
    for (int i = 0; i < TRM_METRIC_COUNT; i++)
        if (m->values[i] && !read_value(cJSON_GetObjectItemCaseSensitive(root, columns[i].name),
                                        &m->values[i][m->count]))
            return false;
    m->number[m->count++] = (double)number;
    return true;
}

static bool read_lines(trm_metrics *m, FILE *in, const char *path, trm_error *e) {
    metrics_line line = {.end = 0};
    int32_t capacity = 0;
    for (int64_t number = 1; metrics_line_next(in, &line); number++) {
        if (m->count == TRM_METRICS_LINES)
            return trm_error_set(e, TRM_E_INPUT, "%s: more than %d lines", path,
                                 (int)TRM_METRICS_LINES);
        if (m->count == capacity)
            grow(m, &capacity);
        cJSON *root = metrics_line_parse(&line);
        if ((!root || !keep(m, root)) && m->nonsense++ == 0)
            m->first_nonsense = number;
        cJSON_Delete(root);
    }
    if (ferror(in))
        return files_errno(e, "read", path);
    if (m->count == 0 && m->nonsense > 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: no line of it is the metrics of an %s", path,
                             m->supervised ? "epoch" : "episode");
    return m->count > 0 || trm_error_set(e, TRM_E_INPUT, "%s: no %s is recorded yet", path,
                                         m->supervised ? "epoch" : "episode");
}

bool trm_metrics_read(trm_metrics *m, const char *run, bool supervised, trm_error *e) {
    char path[RUN_PATH];
    *m = (trm_metrics){.supervised = supervised};
    if (!files_join(path, run, RUN_METRICS, e))
        return false;
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return trm_error_set(e, TRM_E_INPUT, "%s: not a regular file", path);
    FILE *in = fopen(path, "re");
    if (!in)
        return files_errno(e, "read", path);
    bool ok = read_lines(m, in, path, e);
    fclose(in);
    if (!ok)
        trm_metrics_free(m);
    return ok;
}

void trm_metrics_free(trm_metrics *m) {
    free(m->number);
    for (int i = 0; i < TRM_METRIC_COUNT; i++)
        free(m->values[i]);
    *m = (trm_metrics){0};
}
