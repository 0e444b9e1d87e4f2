// SPDX-License-Identifier: Apache-2.0
#include "trm/run/export.h"

#include <cjson/cJSON.h>

#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "run/rundir/lines.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/config.h"

// A line of metrics, as text and as an object.
typedef void print_line(const trm_run_fields *f, const trm_metrics_line *l, const cJSON *root,
                        FILE *out);

static void print_values(const trm_run_fields *f, const trm_metrics_line *l, const cJSON *root,
                         FILE *out) {
    (void)l;
    for (int32_t i = 0; i < f->count; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, f->items[i].name);
        char number[32] = "";
        if (cJSON_IsNumber(item))
            trm_text_from_f64(number, item->valuedouble);
        fprintf(out, "%s%s", i > 0 ? "," : "", number);
    }
    putc('\n', out);
}

static void print_as_it_is(const trm_run_fields *f, const trm_metrics_line *l, const cJSON *root,
                           FILE *out) {
    (void)f;
    (void)root;
    fwrite(l->text, 1, l->length, out);
    putc('\n', out);
}

static bool is_metrics(const trm_run_fields *f, const cJSON *root) {
    return root && cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(root, f->items[0].name));
}

static bool print_all(const char *run, bool names, print_line *print, FILE *out, trm_error *e) {
    char path[RUN_PATH];
    trm_config c;
    trm_metrics_line line = {.end = 0};
    if (!trm_config_load(&c, run, e) || !trm_files_join(path, run, RUN_METRICS, e))
        return false;
    const trm_run_fields *f =
        trm_config_supervised(&c) ? &trm_fields_of_epoch : &trm_fields_of_episode;
    FILE *in = trm_file_stream(path, e);
    if (!in)
        return false;
    for (int32_t i = 0; names && i < f->count; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", f->items[i].name);
    if (names)
        putc('\n', out);
    while (trm_metrics_line_next(in, &line)) {
        cJSON *root = trm_metrics_line_parse(&line);
        if (is_metrics(f, root))
            print(f, &line, root, out);
        cJSON_Delete(root);
    }
    const bool ok = !ferror(in) || trm_file_errno(e, "read", path);
    fclose(in);
    return ok;
}

bool trm_export_csv(const char *run, FILE *out, trm_error *e) {
    return print_all(run, true, print_values, out, e);
}

bool trm_export_jsonl(const char *run, FILE *out, trm_error *e) {
    return print_all(run, false, print_as_it_is, out, e);
}
