// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "run/rundir/fields.h"
#include "run/rundir/lines.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

enum { MAX_GATHERED = 1 << 16 };

static const int64_t ALL = (int64_t)1 << 50; // more than any run has episodes or epochs

// ---- writing ------------------------------------------------------------------------------------

bool trm_metrics_open(trm_metrics_file *m, const char *path, trm_error *e) {
    struct stat st;
    int64_t dropped;
    *m = (trm_metrics_file){.fd = -1};
    trm_text_copy(m->path, sizeof m->path, path);
    m->fd = trm_file_open(path, O_RDWR | O_CREAT | O_APPEND, e);
    if (m->fd < 0)
        return false;
    bool ok = trm_files_cut_partial_line(m->fd, path, &dropped, e);
    if (ok && fstat(m->fd, &st) != 0)
        ok = trm_file_errno(e, "read", path);
    if (!ok) {
        trm_metrics_close(m);
        return false;
    }
    m->cut = dropped > 0;
    m->size = st.st_size;
    m->written = trm_clock_now();
    return true;
}

void trm_metrics_close(trm_metrics_file *m) {
    if (m->fd >= 0) {
        trm_metrics_flush(m, false, NULL);
        close(m->fd);
    }
    free(m->buffer.data);
    *m = (trm_metrics_file){.fd = -1};
}

// One line: an object of the record's fields.
static void append_line(trm_json_buffer *out, const trm_run_fields *f, const void *record) {
    trm_json_append_bytes(out, "{", 1);
    trm_fields_print(f, record, out);
    trm_json_append_bytes(out, "}\n", 2);
}

static void append_episode(trm_json_buffer *out, const trm_update *u, const trm_episode *ep,
                           double seconds) {
    const trm_run_episode_line line = {.episode = *ep,
                                       .seconds = seconds,
                                       .loss = u->loss,
                                       .entropy = u->entropy,
                                       .grad_norm = u->grad_norm,
                                       .lr = u->lr};
    append_line(out, &trm_fields_of_episode, &line);
}

// Of how many episodes from this one on one has a line.
static int64_t stride_at(int64_t episode) {
    int64_t stride = 1;
    while (episode / stride >= METRICS_FULL)
        stride *= 2;
    return stride;
}

bool trm_metrics_append(trm_metrics_file *m, const trm_update *u, trm_history *history,
                        double seconds, trm_error *e) {
    for (int32_t i = 0; i < u->count; i++) {
        const trm_episode *ep = &u->episodes[i];
        if (ep->episode % stride_at(ep->episode) == 0 || trm_history_notable(history, ep))
            append_episode(&m->buffer, u, ep, seconds);
        trm_history_add(history, ep);
    }
    if (m->buffer.size < MAX_GATHERED && trm_clock_now() - m->written < 1)
        return true;
    return trm_metrics_flush(m, false, e);
}

// Is the file that is written the one that has its name, with all that was written to it?
static bool intact(const trm_metrics_file *m, trm_error *e) {
    struct stat mine, named;
    if (fstat(m->fd, &mine) != 0)
        return trm_file_errno(e, "read", m->path);
    if (stat(m->path, &named) != 0 || mine.st_dev != named.st_dev || mine.st_ino != named.st_ino)
        return trm_error_set(e, TRM_E_IO,
                             "%s was removed or replaced by another program: `trm train RUN "
                             "--resume` goes on from the last checkpoint",
                             m->path);
    if (mine.st_size < m->size)
        return trm_error_set(e, TRM_E_IO,
                             "%s was shortened by another program: `trm train RUN --resume` goes "
                             "on from the last checkpoint",
                             m->path);
    return true;
}

bool trm_metrics_flush(trm_metrics_file *m, bool sync, trm_error *e) {
    size_t done = 0;
    if (m->torn)
        return trm_error_set(e, TRM_E_IO, "%s ends within a line", m->path);
    while (done < m->buffer.size) {
        ssize_t n = write(m->fd, m->buffer.data + done, m->buffer.size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            trm_file_errno(e, "write", m->path);
            // The part of a line that stays otherwise is dropped when the run is opened.
            m->torn = done > 0 && ftruncate(m->fd, m->size) != 0;
            return false;
        }
        done += (size_t)n;
    }
    m->size += (int64_t)done;
    m->buffer.size = 0;
    m->written = trm_clock_now();
    return !sync || (intact(m, e) && (fsync(m->fd) == 0 || trm_file_errno(e, "write", m->path)));
}

bool trm_metrics_append_epoch(trm_metrics_file *m, const trm_epoch *epoch, double seconds,
                              trm_error *e) {
    const trm_run_epoch_line line = {.epoch = *epoch, .seconds = seconds};
    append_line(&m->buffer, &trm_fields_of_epoch, &line);
    return trm_metrics_flush(m, false, e);
}

// ---- reading ------------------------------------------------------------------------------------

typedef struct sieve {
    trm_unit unit; // what the lines are of
    int64_t until;
    trm_history *history;     // kept lines are added; may be NULL
    trm_retention *retention; // … and offered; may be NULL
    FILE *out;                // kept lines are copied; may be NULL
    trm_metrics_report report;
    int64_t prefix; // bytes up to the first line dropped
    bool scattered; // lines were kept after one was dropped

    int64_t lines;        // seen so far
    bool dropped;         // … and not all of them kept
    int64_t kept;         // number of the last line kept, -1: none
    trm_metrics_entry at; // … and what it says
} sieve;

static bool parse_line(trm_unit unit, const trm_metrics_line *l, trm_metrics_entry *out) {
    const double nan = (double)NAN;
    const bool epochs = unit == TRM_UNIT_EPOCH;
    *out = (trm_metrics_entry){
        .episode = {.loss = NAN, .entropy = NAN, .grad_norm = NAN, .lr = NAN},
        .epoch.epoch = {
            .train_loss = nan, .score = {nan, nan, nan, nan}, .grad_norm = NAN, .lr = NAN}};
    cJSON *root = trm_metrics_line_parse(l);
    const bool ok =
        root && (epochs ? trm_fields_read_all(&trm_fields_of_epoch, root, &out->epoch, NULL)
                        : trm_fields_read_all(&trm_fields_of_episode, root, &out->episode, NULL));
    cJSON_Delete(root);
    out->number = epochs ? out->epoch.epoch.epoch : out->episode.episode.episode;
    out->seconds = epochs ? out->epoch.seconds : out->episode.seconds;
    return ok;
}

// Episodes (or epochs) of [from, to) that have a line whatever happens in them.
static int64_t due_within(int64_t from, int64_t to) {
    int64_t due = 0;
    while (from < to) {
        int64_t stride = stride_at(from), end = stride * METRICS_FULL;
        end = end < to ? end : to;
        due += (end + stride - 1) / stride - (from + stride - 1) / stride;
        from = end;
    }
    return due;
}

// The last line kept stands for the episodes up to the next that is due, or that has one.
static void add_last(const sieve *s, int64_t next, trm_history *history) {
    const trm_episode *last = &s->at.episode.episode;
    if (!history || s->kept < 0 || s->unit != TRM_UNIT_EPISODE)
        return;
    int64_t stride = stride_at(last->episode);
    int64_t due = (last->episode / stride + 1) * stride;
    trm_history_add_many(history, last, (due < next ? due : next) - last->episode);
}

static void offer(const sieve *s, const trm_metrics_entry *x) {
    const trm_retention_event event = s->unit == TRM_UNIT_EPOCH
                                          ? trm_retention_epoch(x->number, &x->epoch.epoch.score)
                                          : trm_retention_episode(&x->episode.episode);
    int32_t level;
    if (s->retention)
        trm_retention_offer(s->retention, &event, &level);
}

// True if the line is kept.
static bool sift_line(sieve *s, const trm_metrics_line *l) {
    trm_metrics_report *r = &s->report;
    trm_metrics_entry x;
    s->lines++;
    if (!parse_line(s->unit, l, &x) || x.number <= s->kept) {
        if (r->nonsense++ == 0)
            r->first_nonsense = s->lines;
        s->dropped = true;
        return false;
    }
    if (x.number >= s->until) {
        r->beyond++;
        s->dropped = true;
        return false;
    }
    r->lacking += due_within(s->kept + 1, x.number);
    add_last(s, x.number, s->history);
    if (s->unit == TRM_UNIT_EPOCH && s->history)
        trm_history_add_epoch(s->history, &x.epoch.epoch);
    s->at = x;
    s->kept = x.number;
    r->kept++;
    r->seconds = x.seconds;
    s->scattered |= s->dropped;
    if (!s->dropped)
        s->prefix = l->end;
    offer(s, &x);
    return true;
}

static void sift(sieve *s, FILE *in) {
    trm_metrics_line l = {.end = 0};
    s->kept = -1;
    while (trm_metrics_line_next(in, &l)) {
        if (sift_line(s, &l) && s->out) {
            fwrite(l.text, 1, l.length, s->out);
            putc('\n', s->out);
        }
    }
    s->report.lacking += due_within(s->kept + 1, s->until);
    add_last(s, s->until, s->history);
}

// Writes the kept lines to a new file that takes the old one's place.
static bool rewrite(trm_metrics_file *m, FILE *in, const sieve *of, trm_error *e) {
    char path[RUN_PATH];
    sieve s = {.unit = of->unit, .until = of->until};
    if (trm_text_format(path, sizeof path, "%s.tmp", m->path) + 1 >= sizeof path)
        return trm_error_set(e, TRM_E_IO, "%.60s...: the path is too long", m->path);
    s.out = fopen(path, "we");
    if (!s.out)
        return trm_file_errno(e, "write", path);
    rewind(in);
    sift(&s, in);
    bool ok = !ferror(in) && fflush(s.out) == 0 && !ferror(s.out) && fsync(fileno(s.out)) == 0;
    if (!ok)
        trm_file_errno(e, "write", path);
    if (fclose(s.out) != 0 && ok)
        ok = trm_file_errno(e, "write", path);
    if (ok && rename(path, m->path) != 0)
        ok = trm_file_errno(e, "write", m->path);
    if (!ok)
        unlink(path);
    return ok;
}

void trm_metrics_sift(FILE *in, FILE *out, int64_t episodes, trm_history *history,
                      trm_metrics_report *report) {
    sieve s = {.unit = TRM_UNIT_EPISODE, .until = episodes, .history = history, .out = out};
    sift(&s, in);
    *report = s.report;
}

static bool rewind_file(trm_metrics_file *m, FILE *in, sieve *s, trm_error *e) {
    sift(s, in);
    if (ferror(in))
        return trm_file_errno(e, "read", m->path);
    if (!s->scattered) {
        if (s->prefix < m->size && (ftruncate(m->fd, s->prefix) != 0 || fsync(m->fd) != 0))
            return trm_file_errno(e, "write", m->path);
        m->size = s->prefix;
        return true;
    }
    char path[RUN_PATH];
    bool cut = m->cut;
    trm_text_copy(path, sizeof path, m->path);
    if (!rewrite(m, in, s, e))
        return false;
    trm_metrics_close(m);
    bool ok = trm_metrics_open(m, path, e);
    m->cut = cut;
    return ok;
}

bool trm_metrics_rewind(trm_metrics_file *m, trm_unit unit, int64_t until, trm_history *history,
                        trm_retention *k, trm_metrics_report *report, trm_error *e) {
    sieve s = {.unit = unit, .until = until, .history = history, .retention = k};
    FILE *in = trm_file_stream(m->path, e);
    if (!in)
        return false;
    bool ok = rewind_file(m, in, &s, e);
    fclose(in);
    *report = s.report;
    return ok;
}

bool trm_metrics_recover(const char *path, trm_unit unit, trm_history *history, trm_error *e) {
    sieve s = {.unit = unit, .until = ALL, .history = history};
    FILE *in = trm_file_stream(path, e);
    if (!in)
        return false;
    sift(&s, in);
    bool ok = !ferror(in) || trm_file_errno(e, "read", path);
    fclose(in);
    return ok;
}

// ---- a file that grows --------------------------------------------------------------------------

enum { MARK = 256 };

struct trm_metrics_tail {
    char path[RUN_PATH];
    sieve sieve;
    trm_history history; // of all lines but the last
    struct stat file;    // that was read
    int64_t size;        // of it, in whole lines
    char mark[MARK];     // what stood before that; a file that is written again has other seconds
    size_t marked;
};

trm_metrics_tail *trm_metrics_tail_new(const char *path, trm_unit unit) {
    trm_metrics_tail *t = trm_alloc(1, sizeof *t);
    trm_text_copy(t->path, sizeof t->path, path);
    t->sieve.unit = unit;
    return t;
}

void trm_metrics_tail_free(trm_metrics_tail *t) {
    free(t);
}

static void start_over(trm_metrics_tail *t) {
    t->sieve = (sieve){.unit = t->sieve.unit, .until = ALL, .history = &t->history, .kept = -1};
    trm_history_init(&t->history);
    t->size = 0;
    t->marked = 0;
}

// Is it the file that was read, with what was read still in it?
static bool goes_on(const trm_metrics_tail *t, FILE *in) {
    char now[MARK];
    struct stat st;
    return t->size > 0 && fstat(fileno(in), &st) == 0 && st.st_dev == t->file.st_dev &&
           st.st_ino == t->file.st_ino && st.st_size >= t->size &&
           pread(fileno(in), now, t->marked, t->size - (off_t)t->marked) == (ssize_t)t->marked &&
           memcmp(now, t->mark, t->marked) == 0;
}

static void set_mark(trm_metrics_tail *t, FILE *in) {
    const int64_t most = t->size < MARK ? t->size : MARK;
    const ssize_t n = pread(fileno(in), t->mark, (size_t)most, t->size - most);
    t->marked = n > 0 ? (size_t)n : 0;
}

static bool read_on(trm_metrics_tail *t, FILE *in,
                    void (*line)(void *ctx, const trm_metrics_entry *x), void *ctx, trm_error *e) {
    trm_metrics_line l = {.end = t->size};
    if (fseeko(in, t->size, SEEK_SET) != 0 || fstat(fileno(in), &t->file) != 0)
        return trm_file_errno(e, "read", t->path);
    while (trm_metrics_line_next(in, &l)) {
        if (sift_line(&t->sieve, &l) && line)
            line(ctx, &t->sieve.at);
        t->size = l.end;
    }
    if (ferror(in))
        return trm_file_errno(e, "read", t->path);
    set_mark(t, in);
    return true;
}

bool trm_metrics_tail_read(trm_metrics_tail *t, trm_metrics_change *change,
                           void (*line)(void *ctx, const trm_metrics_entry *x), void *ctx,
                           trm_error *e) {
    *change = TRM_METRICS_SAME;
    FILE *in = trm_file_stream(t->path, e);
    if (!in)
        return false;
    const bool again = !goes_on(t, in);
    const int64_t before = again ? -1 : t->size;
    if (again && t->size > 0)
        *change = TRM_METRICS_REWRITTEN;
    if (again)
        start_over(t);
    const bool ok = read_on(t, in, line, ctx, e);
    if (*change == TRM_METRICS_SAME && t->size > 0 && t->size != before)
        *change = TRM_METRICS_MORE;
    fclose(in);
    return ok;
}

const trm_metrics_entry *trm_metrics_tail_last(const trm_metrics_tail *t) {
    return t->sieve.kept >= 0 && t->size > 0 ? &t->sieve.at : NULL;
}

void trm_metrics_tail_history(const trm_metrics_tail *t, trm_history *out) {
    if (t->size == 0) {
        trm_history_init(out);
        return;
    }
    *out = t->history;
    add_last(&t->sieve, t->sieve.kept + 1, out);
}
