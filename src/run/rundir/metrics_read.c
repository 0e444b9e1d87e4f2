// SPDX-License-Identifier: Apache-2.0
#include "trm/run/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "run/rundir/lines.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"

#define MOST 1e30 // of a value; a float holds it

static const trm_run_fields *fields_of(bool supervised) {
    return supervised ? &trm_fields_of_epoch : &trm_fields_of_episode;
}

static const trm_run_field *field_of(const trm_run_fields *fields, trm_metric metric) {
    for (int32_t i = 0; i < fields->count; i++)
        if (fields->items[i].metric == (int)metric + 1)
            return &fields->items[i];
    return NULL;
}

static void grow(trm_metrics *m, int32_t *capacity) {
    int32_t now = *capacity;
    m->number = trm_grow(m->number, m->count, &now, sizeof *m->number);
    for (int i = 0; i < TRM_METRIC_COUNT; i++) {
        int32_t each = *capacity;
        if (field_of(fields_of(m->supervised), (trm_metric)i))
            m->values[i] = trm_grow(m->values[i], m->count, &each, sizeof *m->values[i]);
    }
    *capacity = now;
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

// Puts the line behind those kept. Its number is the first field.
static bool keep(trm_metrics *m, const cJSON *root) {
    const trm_run_fields *fields = fields_of(m->supervised);
    int64_t number;
    if (!trm_json_whole(cJSON_GetObjectItemCaseSensitive(root, fields->items[0].name), 0,
                        fields->items[0].most, &number) ||
        (m->count > 0 && (double)number <= m->number[m->count - 1]))
        return false;
    for (int32_t i = 0; i < fields->count; i++) {
        const trm_run_field *f = &fields->items[i];
        if (f->metric > 0 && !read_value(cJSON_GetObjectItemCaseSensitive(root, f->name),
                                         &m->values[f->metric - 1][m->count]))
            return false;
    }
    m->number[m->count++] = (double)number;
    return true;
}

static bool read_lines(trm_metrics *m, FILE *in, const char *path, trm_error *e) {
    trm_metrics_line line = {.end = 0};
    int32_t capacity = 0;
    for (int64_t number = 1; trm_metrics_line_next(in, &line); number++) {
        if (m->count == TRM_METRICS_LINES)
            return trm_error_set(e, TRM_E_INPUT, "%s: more than %d lines", path,
                                 (int)TRM_METRICS_LINES);
        grow(m, &capacity);
        cJSON *root = trm_metrics_line_parse(&line);
        if ((!root || !keep(m, root)) && m->nonsense++ == 0)
            m->first_nonsense = number;
        cJSON_Delete(root);
    }
    if (ferror(in))
        return trm_file_errno(e, "read", path);
    if (m->count == 0 && m->nonsense > 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: no line of it is the metrics of an %s", path,
                             m->supervised ? "epoch" : "episode");
    return m->count > 0 ||
           trm_error_set(e, TRM_E_INPUT, "%s: no %s is recorded yet: try again later", path,
                         m->supervised ? "epoch" : "episode");
}

bool trm_metrics_read(trm_metrics *m, const char *run, bool supervised, trm_error *e) {
    char path[RUN_PATH];
    *m = (trm_metrics){.supervised = supervised};
    if (!trm_files_join(path, run, RUN_METRICS, e))
        return false;
    FILE *in = trm_file_stream(path, e);
    if (!in)
        return false;
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
