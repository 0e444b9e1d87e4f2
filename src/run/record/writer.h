// SPDX-License-Identifier: Apache-2.0
// Makes the record of a run while it trains. What is kept is decided on the training thread, which
// copies it and goes on; files are written on a thread of the writer's own. Only where more moments
// wait than there is room for does training wait for the disk, because nothing may be left out.
#ifndef RUN_RECORD_WRITER_H
#define RUN_RECORD_WRITER_H

#include "run/record/lines.h"
#include "run/record/retention.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/train/course.h"

typedef struct trm_writer trm_writer;

// For a run directory that is written by nobody else. The course tells sizes and the samples to
// answer, and is not kept. *out is NULL if the configuration wants no record, or one in which not
// even RETENTION_LEAST moments fit; then *least_mib, 0 otherwise, is the run.record_mib that would
// do. Touches no file. Free with trm_writer_close.
bool trm_writer_open(trm_writer **out, const char *run, const trm_config *c,
                     const trm_course *course, int64_t *least_mib, trm_error *e);

// Writes what waits, ignoring errors; NULL is fine.
void trm_writer_close(trm_writer *w);

// What decides, to be told of the episodes or epochs that were before; then the files are cut back
// to those. *lacking: moments of them that are not there or not whole. Before the first advance.
trm_retention *trm_writer_keeper(trm_writer *w);
bool trm_writer_rewind(trm_writer *w, int64_t until, int64_t *lacking, trm_error *e);

// Takes in what the course did last. Fails with an error of the disk, which may be of an earlier
// moment.
bool trm_writer_advance(trm_writer *w, const trm_course *course, const trm_advance *a,
                        trm_error *e);

// Returns when everything is on disk, synced.
bool trm_writer_flush(trm_writer *w, trm_error *e);

#endif
