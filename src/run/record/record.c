// SPDX-License-Identifier: Apache-2.0
#include "trm/run/record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/record/answers.h"
#include "run/record/lines.h"
#include "run/record/store.h"
#include "run/rundir/files.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/run/checkpoint.h"

enum { MAX_FILE = 1 << 30 };

// The moments of one reading of the file, and of what was appended to it since.
typedef struct reading {
    trm_moment *moments; // [capacity]
    int32_t count, capacity;
    trm_arena arena;
    struct stat file; // as it was
    int held;         // descriptor of it, plus 1: while it is open no other file gets its number
    size_t size;      // bytes of whole lines read
    int64_t lines;
    int64_t bytes; // on disk, weights included
    int32_t marks[TRM_MARK_COUNT];
} reading;

struct trm_record {
    char run[RUN_PATH], episodes[RUN_PATH], weights[RUN_PATH];
    trm_config config;
    trm_lines_kind kind;
    trm_env *env;      // of episodes
    trm_dataset *data; // of epochs: the validation samples, once one was asked for
    reading now;
};

static void reading_done(reading *r) {
    free(r->moments);
    trm_arena_free(&r->arena);
    if (r->held)
        close(r->held - 1);
    *r = (reading){0};
}

static bool same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

// ---- reading ------------------------------------------------------------------------------------

static trm_moment *new_moment(reading *r) {
    r->moments = trm_grow(r->moments, r->count, &r->capacity, sizeof *r->moments);
    return &r->moments[r->count];
}

static bool check_order(const reading *r, const char *unit, const trm_moment *m, trm_error *e) {
    const trm_moment *last = r->count ? &r->moments[r->count - 1] : NULL;
    if (last && (m->number <= last->number || m->update < last->update ||
                 m->episode.step < last->episode.step))
        return trm_error_set(e, TRM_E_INPUT, "%s %lld does not follow on %s %lld", unit,
                             (long long)m->number, unit, (long long)last->number);
    return true;
}

static int64_t steps_of(const trm_moment *m) {
    return m->count > 0 ? m->count : m->episode.length;
}

// Takes a line in; passes over it if its weights are not there.
static bool take_line(const trm_record *rec, reading *r, const char *line, size_t size,
                      trm_error *e) {
    char path[RUN_PATH];
    struct stat st;
    trm_moment *m = new_moment(r);
    r->lines++;
    if (!trm_lines_parse(line, size, &rec->kind, &r->arena, m, e) ||
        !check_order(r, trm_unit_name(trm_record_unit(rec)), m, e))
        return trm_error_prefix(e, "%s:%lld", rec->episodes, (long long)r->lines);
    if (!trm_store_weights_path(path, rec->weights, m->update, e))
        return false;
    const bool there = stat(path, &st) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return trm_file_errno(e, "read", path);
    if (!there || !S_ISREG(st.st_mode))
        return true;
    if (r->count == 0 || r->moments[r->count - 1].update != m->update)
        r->bytes += st.st_size;
    m->steps = r->count ? m[-1].steps + steps_of(&m[-1]) : 0;
    r->count++;
    return true;
}

// By what the writer kept them for.
static void find_marks(const trm_record *rec, reading *r) {
    static const trm_retention_role roles[TRM_MARK_COUNT] = {
        [TRM_MARK_FIRST_SUCCESS] = RETENTION_FIRST_SUCCESS,
        [TRM_MARK_BEST] = RETENTION_BEST,
        [TRM_MARK_WORST] = RETENTION_WORST,
        [TRM_MARK_LONGEST] = RETENTION_LONGEST};
    double most[TRM_MARK_COUNT];
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++) {
        r->marks[k] = -1;
        most[k] = -INFINITY;
    }
    for (int32_t i = 0; i < r->count; i++) {
        const trm_retention_event event = trm_lines_event(&rec->kind, &r->moments[i]);
        for (int32_t k = 0; k < TRM_MARK_COUNT; k++) {
            if (!(event.worth[roles[k]] > most[k]))
                continue;
            most[k] = event.worth[roles[k]];
            r->marks[k] = i;
        }
    }
}

// Reads the whole lines from r->size on; a last one that is not whole is left for later.
static bool read_lines(const trm_record *rec, reading *r, trm_error *e) {
    char *text;
    size_t size;
    bool ok = true;
    if (stat(rec->episodes, &r->file) != 0)
        return trm_file_errno(e, "read", rec->episodes);
    if (!trm_file_read(rec->episodes, MAX_FILE, &text, &size, e))
        return false;
    while (ok && r->size < size) {
        const char *line = text + r->size, *newline = memchr(line, '\n', size - r->size);
        if (!newline)
            break;
        ok = take_line(rec, r, line, (size_t)(newline - line), e);
        r->bytes += newline - line + 1;
        r->size += (size_t)(newline - line) + 1;
    }
    free(text);
    find_marks(rec, r);
    return ok;
}

static bool unchanged(const struct stat *a, const struct stat *b) {
    return same_file(a, b) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// A file that is replaced while it is read is read again.
static bool read_whole(const trm_record *rec, reading *r, trm_error *e) {
    enum { TRIES = 100 };
    for (int32_t i = 0; i < TRIES; i++) {
        struct stat st;
        reading_done(r);
        r->held = trm_file_open(rec->episodes, O_RDONLY, e) + 1;
        if (!r->held || !read_lines(rec, r, e))
            return false;
        if (fstat(r->held - 1, &st) == 0 && same_file(&st, &r->file))
            break;
    }
    return true;
}

static bool read_anew(trm_record *rec, trm_error *e) {
    reading fresh = {0};
    bool ok = read_whole(rec, &fresh, e);
    if (ok && fresh.count == 0)
        ok = trm_error_set(e, TRM_E_INPUT,
                           "%s: it holds no whole moment yet: look again after an update or epoch",
                           rec->episodes);
    if (ok) {
        reading before = rec->now;
        rec->now = fresh;
        fresh = before;
    }
    reading_done(&fresh);
    return ok;
}

bool trm_record_renew(trm_record *rec, trm_error *e) {
    struct stat st;
    reading *r = &rec->now;
    if (e)
        e->code = TRM_OK;
    if (stat(rec->episodes, &st) != 0)
        return trm_file_errno(e, "read", rec->episodes);
    if (unchanged(&st, &r->file))
        return false;
    // Lines are only ever appended to a file; one with others is another file.
    if (!same_file(&st, &r->file) || (size_t)st.st_size < r->size)
        return read_anew(rec, e);
    int32_t count = r->count;
    const reading before = *r;
    if (!read_lines(rec, r, e)) {
        r->count = count;
        r->size = before.size;
        r->lines = before.lines;
        r->bytes = before.bytes;
        find_marks(rec, r);
        return false;
    }
    return r->count != count;
}

// ---- opening ------------------------------------------------------------------------------------

static bool refuse_none(const trm_record *r, trm_error *e) {
    if (r->config.record_mib == 0)
        return trm_error_set(e, TRM_E_INPUT, "%s has no record of its course: run.record_mib is 0",
                             r->run);
    return trm_error_set(e, TRM_E_INPUT,
                         "%s has no record of its course: it was made before %s kept one, or has "
                         "not begun, or run.record_mib=%lld is too little for its model",
                         r->run, trm_config_supervised(&r->config) ? "supervised runs" : "runs",
                         (long long)r->config.record_mib);
}

static bool open_files(trm_record *r, const char *run, trm_error *e) {
    if (strlen(run) >= RUN_PATH || !trm_file_is_folder(run))
        return trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)",
                             run);
    if (!trm_config_load(&r->config, run, e) || !trm_files_join(r->run, run, "", e) ||
        !trm_files_join(r->episodes, run, RUN_EPISODES, e) ||
        !trm_files_join(r->weights, run, RUN_WEIGHTS, e))
        return false;
    r->run[strlen(run)] = '\0';
    if (!trm_file_exists(r->episodes))
        return refuse_none(r, e);
    if (trm_config_supervised(&r->config)) {
        const trm_dataset_config data = trm_config_data(&r->config);
        trm_dataset shape;
        if (!trm_dataset_shape(&data, &shape, e))
            return trm_error_prefix(e, "%s", r->run);
    } else if (!(r->env = trm_env_new(&r->config.env, e))) {
        return false;
    }
    r->kind = trm_lines_kind_of(&r->config, r->env);
    return read_anew(r, e);
}

trm_record *trm_record_open(const char *run, trm_error *e) {
    trm_record *r = trm_alloc(1, sizeof *r);
    if (open_files(r, run, e))
        return r;
    if (e)
        e->code = TRM_E_INPUT; // the path is the user's
    trm_record_free(r);
    return NULL;
}

void trm_record_free(trm_record *r) {
    if (!r)
        return;
    reading_done(&r->now);
    trm_env_free(r->env);
    trm_dataset_free(r->data);
    free(r);
}

// ---- asking -------------------------------------------------------------------------------------

const char *trm_record_path(const trm_record *r) {
    return r->run;
}

const trm_config *trm_record_config(const trm_record *r) {
    return &r->config;
}

trm_unit trm_record_unit(const trm_record *r) {
    return trm_config_supervised(&r->config) ? TRM_UNIT_EPOCH : TRM_UNIT_EPISODE;
}

const trm_env *trm_record_env(const trm_record *r) {
    return r->env;
}

int32_t trm_record_count(const trm_record *r) {
    return r->now.count;
}

int64_t trm_record_steps(const trm_record *r) {
    const trm_moment *last = &r->now.moments[r->now.count - 1];
    return last->steps + steps_of(last);
}

int64_t trm_record_bytes(const trm_record *r) {
    return r->now.bytes;
}

const trm_moment *trm_record_moment(const trm_record *r, int32_t i) {
    assert(i >= 0 && i < r->now.count);
    return &r->now.moments[i];
}

int32_t trm_record_marked(const trm_record *r, trm_mark mark) {
    return r->now.marks[mark];
}

int32_t trm_record_at(const trm_record *r, int64_t number) {
    int32_t low = 0, high = r->now.count; // the answer is low - 1
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (r->now.moments[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

bool trm_record_history(const trm_record *r, trm_history *out, trm_error *e) {
    char path[RUN_PATH];
    trm_history_init(out);
    return trm_files_join(path, r->run, RUN_METRICS, e) &&
           trm_metrics_recover(path, trm_record_unit(r), out, e);
}

trm_model *trm_record_model(const trm_record *r, trm_error *e) {
    trm_model_config c;
    return trm_config_model(&r->config, &c, e) ? trm_model_new(&c, e) : NULL;
}

bool trm_record_weights(const trm_record *r, int32_t i, trm_model *m, trm_error *e) {
    char path[RUN_PATH];
    int64_t updates;
    return trm_store_weights_path(path, r->weights, trm_record_moment(r, i)->update, e) &&
           trm_checkpoint_weights(path, m, &updates, e);
}

bool trm_record_newest(const trm_record *r, trm_model *m, int64_t *update, trm_error *e) {
    char path[RUN_PATH];
    int32_t last = r->now.count - 1;
    int64_t newest = r->now.moments[last].update;
    if (!trm_files_join(path, r->run, RUN_CHECKPOINT, e))
        return false;
    if (trm_file_exists(path)) {
        if (!trm_checkpoint_weights(path, m, update, e))
            return false;
        if (*update >= newest)
            return true;
    }
    *update = newest;
    return trm_record_weights(r, last, m, e);
}

// ---- samples ------------------------------------------------------------------------------------

// As many validation samples as the moments are about: those come first, however many are drawn.
static bool draw_samples(trm_record *r, int32_t count, trm_error *e) {
    if (r->data && r->data->count >= count)
        return true;
    const trm_dataset_config data = trm_config_data(&r->config);
    trm_dataset *d = trm_dataset_new(&data, TRM_SPLIT_HELD_OUT, count, (uint64_t)r->config.seed, e);
    if (d && d->count < count)
        trm_error_set(e, TRM_E_INPUT,
                      "%s: there are only %d validation samples, sample %d is asked for", r->run,
                      (int)d->count, (int)count);
    const bool ok = d && d->count >= count;
    trm_dataset *unused = ok ? r->data : d;
    if (ok)
        r->data = d;
    trm_dataset_free(unused);
    return ok;
}

const trm_dataset *trm_record_data(trm_record *r, int32_t i, trm_error *e) {
    const trm_moment *m = trm_record_moment(r, i);
    assert(trm_record_unit(r) == TRM_UNIT_EPOCH);
    return draw_samples(r, m->samples[m->count - 1] + 1, e) ? r->data : NULL;
}

bool trm_record_sample(trm_record *r, int32_t i, int32_t k, trm_record_answer *out, trm_error *e) {
    const trm_moment *m = trm_record_moment(r, i);
    const trm_dataset *d = trm_record_data(r, i, e);
    assert(k >= 0 && k < m->count);
    if (d == NULL)
        return false;
    const int64_t at = m->samples[k];
    *out = (trm_record_answer){.sample = m->samples[k],
                               .right = m->right[k],
                               .cells = d->positions,
                               .exact = m->exact[k],
                               .input = d->inputs + at * d->state_dim,
                               .target = d->targets + at * d->positions};
    if (d->geometry.rows > 0)
        trm_dataset_board(d, m->samples[k], &out->board);
    return true;
}

static bool check_answers(trm_record *r, int32_t i, trm_agent *a, trm_error *e) {
    trm_record_answer then;
    const trm_moment *moment = trm_record_moment(r, i);
    for (int32_t k = 0; k < moment->count; k++) {
        if (!trm_record_sample(r, i, k, &then, e))
            return false;
        const trm_answers_count now = trm_answers_ask(a, then.input, then.target);
        if (then.right < now.least || then.right > now.most)
            return trm_error_set(e, TRM_E_INPUT,
                                 "epoch %lld, sample %d: the weights kept with it answer %d of %d "
                                 "cells right, not %d as recorded",
                                 (long long)moment->number, (int)then.sample, (int)now.right,
                                 (int)then.cells, (int)then.right);
    }
    return true;
}

bool trm_record_check(trm_record *r, int32_t i, trm_agent *a, trm_error *e) {
    return r->env ? trm_record_play(r, i, a, NULL, e) : check_answers(r, i, a, e);
}
