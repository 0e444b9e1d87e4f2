// SPDX-License-Identifier: Apache-2.0
#include "trm/run/rundir.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/rundir/epochs.h"
#include "run/rundir/files.h"
#include "run/rundir/impl.h"
#include "run/rundir/lock.h"
#include "run/rundir/metrics.h"
#include "run/rundir/place.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"

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

bool trm_rundir_write_config(trm_rundir *r, const trm_config *c, trm_error *e) {
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

bool trm_rundir_commit(trm_rundir *r, const trm_config *c, char checkpoint[RUN_PATH],
                       trm_error *e) {
    return trm_lock_keep(&r->lock, r->path, e) && trm_metrics_flush(&r->metrics, true, e) &&
           trm_rundir_write_config(r, c, e) &&
           trm_files_join(checkpoint, r->path, RUN_CHECKPOINT, e);
}

bool trm_rundir_failed(const trm_rundir *r, trm_error *e) {
    if (!trm_files_is_directory(r->path))
        trm_error_set(e, TRM_E_IO, "%s: the run directory was removed or renamed", r->path);
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
    if (trm_rundir_write_config(r, c, e) && open_metrics(r, e))
        return r;
    if (made)
        trm_files_remove_run(r->path);
    trm_rundir_close(r);
    return NULL;
}

trm_rundir *trm_rundir_open(trm_config *c, const char *path, trm_error *e) {
    trm_config config;
    if (strlen(path) >= RUN_PATH || !trm_files_is_directory(path)) {
        trm_error_set(e, TRM_E_INPUT, "%s: no run directory", path);
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

static void describe_rewind(const trm_metrics_report *report, int64_t episodes, char *note,
                            int size) {
    char text[160];
    if (report->nonsense > 0) {
        trm_text_format(text, sizeof text,
                        RUN_METRICS ": %lld lines that cannot be are dropped, the first is line "
                                    "%lld",
                        (long long)report->nonsense, (long long)report->first_nonsense);
        add_note(note, size, text);
    }
    if (report->lacking > 0) {
        trm_text_format(text, sizeof text,
                        RUN_METRICS " lacks %lld of the checkpoint's %lld episodes",
                        (long long)report->lacking, (long long)episodes);
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
    return trm_writer_open(&r->writer, r->path, &r->config, c, e);
}

static trm_retention *retention_of(const trm_rundir *r) {
    return r->writer ? trm_writer_keeper(r->writer) : NULL;
}

static bool rewind_episodes(trm_rundir *r, const trm_course *c, bool checkpoint, double *seconds,
                            char *note, int size, trm_error *e) {
    trm_metrics_report report;
    int64_t lacking = 0, episodes = trm_course_count(c).done;
    if (!open_record(r, c, e) ||
        !trm_metrics_rewind(&r->metrics, episodes, &r->history, retention_of(r), &report, e) ||
        (r->writer && !trm_writer_rewind(r->writer, episodes, &lacking, e)))
        return false;
    describe_beyond(report.beyond, checkpoint, "episodes", note, size);
    describe_rewind(&report, episodes, note, size);
    // Where the metrics tell of every episode, what the record is to hold is known.
    if (report.lacking == 0 && episodes <= METRICS_FULL)
        describe_record(lacking, note, size);
    *seconds = report.seconds;
    return true;
}

static bool rewind_epochs(trm_rundir *r, const trm_course *c, bool checkpoint, double *seconds,
                          char *note, int size, trm_error *e) {
    int64_t beyond, kept, lacking = 0, epochs = trm_course_count(c).done;
    if (!open_record(r, c, e) ||
        !trm_epochs_rewind(&r->metrics, r->path, epochs, &r->history, retention_of(r), seconds,
                           &beyond, &kept, e) ||
        (r->writer && !trm_writer_rewind(r->writer, epochs, &lacking, e)))
        return false;
    describe_beyond(beyond, checkpoint, "epochs", note, size);
    if (kept == epochs)
        describe_record(lacking, note, size);
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
    const bool episodes = trm_course_unit(c) == TRM_UNIT_EPISODE;
    if (!(episodes ? rewind_episodes : rewind_epochs)(r, c, checkpoint, seconds, note, size, e))
        return false;
    *history = r->history;
    r->stale_result = true;
    return true;
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
    if (!open_record(r, c, e) || (r->writer && !trm_writer_advance(r->writer, c, a, e)))
        return false;
    return a->unit == TRM_UNIT_EPOCH
               ? trm_metrics_append_epoch(&r->metrics, &a->epoch, seconds, e)
               : trm_metrics_append(&r->metrics, &a->update, &r->history, seconds, e);
}

static bool record_checkpoint(void *ctx, trm_course *c, const trm_saving *how, trm_error *e) {
    trm_rundir *r = ctx;
    char path[RUN_PATH];
    trm_config now = r->config;
    now.train = *trm_course_config(c); // longer, if the run was extended
    bool recorded = !r->writer || trm_writer_flush(r->writer, e);
    return (recorded && trm_rundir_commit(r, &now, path, e) &&
            trm_checkpoint_save(path, c, &now, e) &&
            (!how->final || trm_rundir_write_result(r, c, how, e))) ||
           trm_rundir_failed(r, e);
}

trm_trainer_hooks trm_rundir_hooks(trm_rundir *r, const trm_config *c) {
    r->config = *c;
    return (trm_trainer_hooks){
        .ctx = r,
        .advance = record_advance,
        .checkpoint = record_checkpoint,
        .checkpoint_every = c->checkpoint_every,
    };
}
