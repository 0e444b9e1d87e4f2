// SPDX-License-Identifier: Apache-2.0
#include "trm/run/rundir.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/record/writer.h"
#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "run/rundir/kernels.h"
#include "run/rundir/lock.h"
#include "run/rundir/metrics.h"
#include "run/rundir/place.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"

struct trm_rundir {
    char path[RUN_PATH];
    trm_lock lock;
    trm_metrics_file metrics;
    trm_writer *writer; // of the record; NULL: there is none
    bool ready;         // … or not yet
    int64_t least_mib;  // where there is none for want of room: what would do
    trm_config config;
    char *written;       // text of config.json
    trm_history history; // of all episodes, for the result; of epochs, what was before
    bool stale_result;   // result.json is of an earlier part of the run
    bool kernels_synced; // kernels.txt is on the disk
};

static trm_rundir *new_rundir(const char *path) {
    trm_rundir *r = trm_alloc(1, sizeof *r);
    trm_text_copy(r->path, sizeof r->path, path);
    r->lock.fd = -1;
    r->metrics.fd = -1;
    trm_history_init(&r->history);
    return r;
}

void trm_rundir_close(trm_rundir *r) {
    if (!r)
        return;
    trm_writer_close(r->writer);
    trm_metrics_close(&r->metrics);
    trm_lock_release(&r->lock);
    free(r->written);
    free(r);
}

const char *trm_rundir_path(const trm_rundir *r) {
    return r->path;
}

// ---- making and opening -------------------------------------------------------------------------

// Writes config.json unless it says the same already.
static bool write_config(trm_rundir *r, const trm_config *c, trm_error *e) {
    char path[RUN_PATH], *text = trm_config_print(c);
    bool ok = trm_files_join(path, r->path, RUN_CONFIG, e);
    if (ok && (!r->written || strcmp(r->written, text) != 0 || !trm_file_exists(path)))
        ok = trm_file_write(path, text, strlen(text), e);
    if (!ok) {
        free(text);
        return false;
    }
    free(r->written);
    r->written = text;
    r->config = *c;
    return true;
}

// The first frame does not wait for the disk; what there is before a checkpoint can be lost.
static bool keep_kernels(trm_rundir *r, trm_error *e) {
    char path[RUN_PATH];
    if (r->kernels_synced)
        return true;
    if (!trm_files_join(path, r->path, RUN_KERNELS, e) ||
        (trm_file_exists(path) && !trm_files_sync(path, e)))
        return false;
    r->kernels_synced = true;
    return true;
}

// What must last before a checkpoint does: the lock is still ours, the metrics are durable,
// config.json says what *c says. Gives the checkpoint's path.
static bool commit(trm_rundir *r, const trm_config *c, char checkpoint[RUN_PATH], trm_error *e) {
    return trm_lock_keep(&r->lock, r->path, e) && trm_metrics_flush(&r->metrics, true, e) &&
           keep_kernels(r, e) && write_config(r, c, e) &&
           trm_files_join(checkpoint, r->path, RUN_CHECKPOINT, e);
}

// Something could not be written: says so if the directory is gone. Returns false.
static bool failed(const trm_rundir *r, trm_error *e) {
    if (!trm_file_is_folder(r->path) || (r->lock.fd >= 0 && !trm_lock_held(&r->lock)))
        trm_error_set(e, TRM_E_IO,
                      "%s: the run directory was removed or renamed; put it back, then --resume "
                      "goes on from its last checkpoint",
                      r->path);
    return false;
}

static bool open_metrics(trm_rundir *r, trm_error *e) {
    char path[RUN_PATH];
    return trm_files_join(path, r->path, RUN_METRICS, e) && trm_metrics_open(&r->metrics, path, e);
}

trm_rundir *trm_rundir_create(const trm_config *c, const char *path, trm_error *e) {
    char chosen[RUN_PATH];
    bool made;
    bool placed =
        path ? trm_place_given(path, &made, e) : trm_place_next("runs", c, chosen, &made, e);
    if (!placed) {
        // Wherever a run was to go, another place is for the user to choose.
        if (e)
            e->code = TRM_E_INPUT;
        return NULL;
    }
    trm_rundir *r = new_rundir(path ? path : chosen);
    if (!trm_lock_take(&r->lock, r->path, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        if (made)
            trm_files_remove_run(r->path);
        trm_rundir_close(r);
        return NULL;
    }
    trm_files_remove_leftovers(r->path);
    if (write_config(r, c, e) && trm_kernels_add(r->path, false, e) && open_metrics(r, e))
        return r;
    if (made)
        trm_files_remove_run(r->path);
    trm_rundir_close(r);
    return NULL;
}

trm_rundir *trm_rundir_open(trm_config *c, const char *path, trm_error *e) {
    trm_config config;
    if (strlen(path) >= RUN_PATH || !trm_file_is_folder(path)) {
        trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)", path);
        return NULL;
    }
    if (!trm_config_load(&config, path, e))
        return NULL;
    trm_rundir *r = new_rundir(path);
    bool ok = trm_lock_take(&r->lock, r->path, e);
    if (ok) {
        trm_files_remove_leftovers(r->path);
        // Again, now that nobody else writes it.
        ok = trm_config_load(&config, path, e) && open_metrics(r, e);
    }
    if (!ok) {
        if (e)
            e->code = TRM_E_INPUT; // the path is the user's
        trm_rundir_close(r);
        return NULL;
    }
    r->config = config;
    r->written = trm_config_print(&config);
    *c = config;
    return r;
}

// ---- going on -----------------------------------------------------------------------------------

static void add_note(char *note, int size, const char *text) {
    size_t used = strlen(note);
    if (size > 0)
        trm_text_format(note + used, (size_t)size - used, "%s%s", used ? "; " : "", text);
}

// Lines of what the checkpoint does not know yet.
static void describe_beyond(int64_t beyond, bool checkpoint, const char *units, char *note,
                            int size) {
    char text[160];
    if (beyond <= 0)
        return;
    trm_text_format(text, sizeof text,
                    checkpoint ? "%lld %s after the last checkpoint are run again"
                               : "there is no checkpoint: %lld %s are run again",
                    (long long)beyond, units);
    add_note(note, size, text);
}

static void describe_rewind(const trm_metrics_report *report, int64_t total, const char *units,
                            char *note, int size) {
    char text[160];
    if (report->nonsense > 0) {
        trm_text_format(text, sizeof text,
                        RUN_METRICS ": %lld lines that cannot be are dropped, the first is line "
                                    "%lld",
                        (long long)report->nonsense, (long long)report->first_nonsense);
        add_note(note, size, text);
    }
    if (report->lacking > 0) {
        trm_text_format(text, sizeof text, RUN_METRICS " lacks %lld of the checkpoint's %lld %s",
                        (long long)report->lacking, (long long)total, units);
        add_note(note, size, text);
    }
}

static void describe_record(int64_t lacking, char *note, int size) {
    char text[160];
    if (lacking <= 0)
        return;
    trm_text_format(text, sizeof text,
                    RUN_EPISODES " and " RUN_WEIGHTS " lack %lld moments of the run's course",
                    (long long)lacking);
    add_note(note, size, text);
}

// The record is opened once there is a course to tell sizes.
static bool open_record(trm_rundir *r, const trm_course *c, trm_error *e) {
    if (r->ready)
        return true;
    r->ready = true;
    return trm_writer_open(&r->writer, r->path, &r->config, c, &r->least_mib, e);
}

static void describe_size(const trm_rundir *r, char *note, int size) {
    char text[160];
    if (r->least_mib == 0)
        return;
    trm_text_format(text, sizeof text,
                    "no record for replay: run.record_mib=%lld is too little, %lld holds this "
                    "model",
                    (long long)r->config.record_mib, (long long)r->least_mib);
    add_note(note, size, text);
}

bool trm_rundir_begin(trm_rundir *r, const trm_course *c, char *note, int size, trm_error *e) {
    if (size > 0)
        note[0] = '\0';
    if (!open_record(r, c, e))
        return false;
    describe_size(r, note, size);
    return true;
}

static trm_retention *retention_of(const trm_rundir *r) {
    return r->writer ? trm_writer_keeper(r->writer) : NULL;
}

static bool rewind_all(trm_rundir *r, const trm_course *c, bool checkpoint, double *seconds,
                       char *note, int size, trm_error *e) {
    const trm_unit unit = trm_course_unit(c);
    const char *units = trm_unit_plural(unit);
    trm_metrics_report report;
    int64_t lacking = 0, done = trm_course_count(c).done;
    if (!open_record(r, c, e) ||
        !trm_metrics_rewind(&r->metrics, unit, done, &r->history, retention_of(r), &report, e) ||
        (r->writer && !trm_writer_rewind(r->writer, done, &lacking, e)))
        return false;
    describe_beyond(report.beyond, checkpoint, units, note, size);
    describe_rewind(&report, done, units, note, size);
    describe_size(r, note, size);
    // Where the metrics tell of all of them, what the record is to hold is known.
    if (report.lacking == 0 && done <= METRICS_FULL)
        describe_record(lacking, note, size);
    *seconds = report.seconds;
    return true;
}

bool trm_rundir_resume(trm_rundir *r, trm_course *c, trm_history *history, double *seconds,
                       char *note, int size, trm_error *e) {
    char path[RUN_PATH];
    trm_error why;
    if (size > 0)
        note[0] = '\0';
    if (!trm_files_join(path, r->path, RUN_CHECKPOINT, e))
        return false;
    const bool checkpoint = trm_file_exists(path);
    if (checkpoint && !trm_checkpoint_restore(path, c, &r->config, &why))
        return trm_error_set(e, why.code,
                             "%s (with it moved away, --resume starts from the beginning)",
                             why.message);
    trm_history_init(&r->history);
    if (r->metrics.cut)
        add_note(note, size, RUN_METRICS " ended within a line: that part is dropped");
    char other[160];
    if (trm_rundir_kernels_differ(r->path, other, sizeof other))
        add_note(note, size, other);
    if (!rewind_all(r, c, checkpoint, seconds, note, size, e) || !trm_kernels_add(r->path, true, e))
        return false;
    r->kernels_synced = true;
    *history = r->history;
    r->stale_result = true;
    return true;
}

// ---- result.json: what a training came to -------------------------------------------------------

static void print_episodes(trm_json_buffer *out, const trm_history *h, const trm_course_counts *n,
                           double seconds, int64_t parameters) {
    const double rate = seconds > 0 ? round((double)n->steps / seconds * 10) / 10 : (double)NAN;
    const trm_run_result result = {.episodes = n->done,
                                   .success50 = trm_history_success50(h),
                                   .mean50 = trm_history_mean50(h),
                                   .window = trm_history_window(h),
                                   .seconds = seconds,
                                   .steps_per_second = rate,
                                   .parameters = parameters};
    trm_fields_print_lines(&trm_fields_of_result, &result, out);
}

static void print_epochs(trm_json_buffer *out, const trm_score *score, const trm_course_counts *n,
                         double seconds, int64_t parameters) {
    const trm_run_answers_result result = {
        .epochs = n->done, .test = *score, .seconds = seconds, .parameters = parameters};
    trm_json_append(out, "{");
    trm_fields_print(&trm_fields_of_answers_result, &result, out);
    trm_json_append(out, "}\n");
}

static bool write_result(const trm_rundir *r, const trm_course *c, const trm_saving *how,
                         trm_error *e) {
    char path[RUN_PATH];
    trm_json_buffer out = {0};
    const trm_course_counts n = trm_course_count(c);
    const int64_t parameters = trm_model_params_const(trm_course_model_const(c))->total;
    if (trm_course_unit(c) == TRM_UNIT_EPISODE)
        print_episodes(&out, &r->history, &n, how->seconds, parameters);
    else if (how->score)
        print_epochs(&out, how->score, &n, how->seconds, parameters);
    else
        return true; // there is nothing to tell before the end
    bool ok =
        trm_files_join(path, r->path, RUN_RESULT, e) && trm_file_write(path, out.data, out.size, e);
    free(out.data);
    return ok;
}

// ---- recording ----------------------------------------------------------------------------------

static bool record_advance(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                           trm_error *e) {
    trm_rundir *r = ctx;
    char path[RUN_PATH];
    if (r->stale_result) {
        if (trm_files_join(path, r->path, RUN_RESULT, NULL))
            unlink(path);
        r->stale_result = false;
    }
    const bool recorded =
        open_record(r, c, e) && (!r->writer || trm_writer_advance(r->writer, c, a, e));
    return (recorded &&
            (a->unit == TRM_UNIT_EPOCH
                 ? trm_metrics_append_epoch(&r->metrics, &a->epoch, seconds, e)
                 : trm_metrics_append(&r->metrics, &a->update, &r->history, seconds, e))) ||
           failed(r, e);
}

static bool record_checkpoint(void *ctx, trm_course *c, const trm_saving *how, trm_error *e) {
    trm_rundir *r = ctx;
    char path[RUN_PATH];
    trm_config now = r->config;
    now.train = *trm_course_config(c); // longer, if the run was extended
    bool recorded = !r->writer || trm_writer_flush(r->writer, e);
    return (recorded && commit(r, &now, path, e) && trm_checkpoint_save(path, c, &now, e) &&
            (!how->final || write_result(r, c, how, e))) ||
           failed(r, e);
}

bool trm_rundir_asked(const trm_rundir *r) {
    char path[RUN_PATH];
    return trm_files_join(path, r->path, RUN_REQUEST, NULL) && unlink(path) == 0;
}

enum { CHECKPOINT_SECONDS = 300 }; // what is lost when a training of long epochs is killed

trm_trainer_hooks trm_rundir_hooks(trm_rundir *r, const trm_config *c) {
    r->config = *c;
    return (trm_trainer_hooks){
        .ctx = r,
        .advance = record_advance,
        .checkpoint = record_checkpoint,
        .checkpoint_every = c->checkpoint_every,
        .checkpoint_seconds = CHECKPOINT_SECONDS,
    };
}
