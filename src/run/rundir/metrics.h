// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl: one line an episode, in order; from METRICS_FULL on one in two, then in four,
// eight …, so that twice as many episodes are half of METRICS_FULL lines more, however many there
// are. The first success and every new best always have theirs. Lines are gathered and written
// whole; the file ends on a whole line at any moment at which this program has a say.
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run/json.h"
#include "run/record/retention.h"
#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "trm/base/error.h"
#include "trm/train/course.h"
#include "trm/train/history.h"
#include "trm/train/learner.h"
#include "trm/train/supervised.h"

enum { METRICS_FULL = 1 << 20 };

typedef struct trm_metrics_file {
    int fd;
    char path[RUN_PATH];
    trm_json_buffer buffer; // whole lines not yet written
    int64_t size;           // bytes written, all of them whole lines
    double written;         // when the last of them were
    bool torn;              // part of a line could not be taken back: nothing more is written
    bool cut;               // the file ended on part of a line, which was dropped
} trm_metrics_file;

// What trm_metrics_rewind found.
typedef struct trm_metrics_report {
    int64_t kept, beyond;   // lines of episodes or epochs below and from `until` on
    int64_t lacking;        // those below `until` whose line is not there
    int64_t nonsense;       // lines that are no metrics, or of one that had been
    int64_t first_nonsense; // line of the first of these, from 1
    double seconds;         // of the last line kept; 0 if there is none
} trm_metrics_report;

// Opens or makes the file and drops an incomplete last line.
bool trm_metrics_open(trm_metrics_file *m, const char *path, trm_error *e);
void trm_metrics_close(
    trm_metrics_file *m); // writes what is gathered, ignoring errors; fine if not open

// A line for each episode of the update that has one, after which the episode is added to *history.
// Written at once unless that was done in this second.
bool trm_metrics_append(trm_metrics_file *m, const trm_update *u, trm_history *history,
                        double seconds, trm_error *e);

// The line of an epoch, written at once.
bool trm_metrics_append_epoch(trm_metrics_file *m, const trm_epoch *epoch, double seconds,
                              trm_error *e);

// Writes what is gathered; with `sync` also makes it durable, and fails if another program removed,
// replaced or shortened the file. On failure the file keeps the lines it had.
bool trm_metrics_flush(trm_metrics_file *m, bool sync, trm_error *e);

// Keeps the lines of the episodes or epochs 0..until-1, drops all others, adds the kept ones to
// *history and offers them to the retention (NULL: to none).
bool trm_metrics_rewind(trm_metrics_file *m, trm_unit unit, int64_t until, trm_history *history,
                        trm_retention *k, trm_metrics_report *report, trm_error *e);

// What trm_metrics_rewind does with the lines it reads; those it keeps are copied to `out`.
void trm_metrics_sift(FILE *in, FILE *out, int64_t episodes, trm_history *history,
                      trm_metrics_report *report);

// Adds to *history what a file says, which may be written at that time; lines that are no metrics
// are passed over.
bool trm_metrics_recover(const char *path, trm_unit unit, trm_history *history, trm_error *e);

// ---- a file that grows --------------------------------------------------------------------------

// A line: of an episode or of an epoch.
typedef struct trm_metrics_entry {
    int64_t number; // of the episode or epoch
    double seconds;
    trm_run_episode_line episode;
    trm_run_epoch_line epoch;
} trm_metrics_entry;

typedef enum trm_metrics_change {
    TRM_METRICS_SAME,
    TRM_METRICS_MORE,     // lines were added
    TRM_METRICS_REWRITTEN // the file was cut back or is another one: everything was read again
} trm_metrics_change;

// A file that another process may be writing, read line by line as it comes. The file is opened for
// the time of a reading only. Free with trm_metrics_tail_free (NULL is fine).
typedef struct trm_metrics_tail trm_metrics_tail;
trm_metrics_tail *trm_metrics_tail_new(const char *path, trm_unit unit);
void trm_metrics_tail_free(trm_metrics_tail *t);

// Reads the whole lines that came since the last reading; `line` (NULL: nobody) is told of each
// that is metrics. False: it cannot be read now; what was read stays.
bool trm_metrics_tail_read(trm_metrics_tail *t, trm_metrics_change *change,
                           void (*line)(void *ctx, const trm_metrics_entry *x), void *ctx,
                           trm_error *e);

// The last line, NULL: there is none. Borrowed until the next reading.
const trm_metrics_entry *trm_metrics_tail_last(const trm_metrics_tail *t);

// The training so far.
void trm_metrics_tail_history(const trm_metrics_tail *t, trm_history *out);

#endif
