// SPDX-License-Identifier: Apache-2.0
// Following a training of another process: of a run its metrics, its record and its newest weights,
// read as they are written. Nothing is written or locked. The run may be resumed, extended,
// thinned, ended, moved away or deleted meanwhile: what was read stays, and what comes back is
// taken up.
#ifndef TRM_RUN_FOLLOW_H
#define TRM_RUN_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/train/course.h"
#include "trm/train/trainer.h"

TRM_BEGIN_DECLS

typedef struct trm_follower trm_follower;

// The process that writes to a run: 0: none does; -1: one whose number cannot be read.
int64_t trm_run_writer(const char *run);

// Reads the run's configuration into *c; its files may still be to come. A folder that is no run
// may be one in which another program leaves checkpoints (step_N, .safetensors, .pt): the newest
// tells the configuration, with `overrides` [n] as for trm_checkpoint_model. Free with
// trm_follower_free (NULL is fine).
trm_follower *trm_follower_open(const char *path, char *const *overrides, int n, trm_config *c,
                                trm_error *e);

// Is there no run, but a folder that may hold checkpoints?
bool trm_follower_of_files(const char *path);

// Where trm_follower_open failed on such a folder: may a checkpoint still come? True if it is empty
// but for an all_config.yaml, or one was written in the last seconds.
bool trm_follower_waits(const char *path);
void trm_follower_free(trm_follower *f);

const char *trm_follower_path(const trm_follower *f); // of the run

// From its next renewal on this process computes on other processors than those on which the
// training does, where there are others: a follower that wakes beside it would take its time from
// it. All threads of this process are moved, until trm_follower_free.
void trm_follower_keep_off(trm_follower *f);

// A course of the run's sizes for a trainer to show: untrained, never advanced, with as few samples
// as will do. Free with trm_course_free.
trm_course *trm_follower_course(const trm_follower *f, trm_error *e);

// For trm_trainer_follow; borrows f, which is used on that trainer's thread from then on.
trm_trainer_source trm_follower_source(trm_follower *f);

// Asks the process that trains for a checkpoint now, by a file in the run's folder that it removes:
// the one thing that a follower writes, and only when asked to. Fails where no process trains. From
// any thread.
bool trm_follower_ask(const trm_follower *f, trm_error *e);

TRM_END_DECLS

#endif
