// SPDX-License-Identifier: Apache-2.0
// A supervised run as its configuration describes it: the samples and the learner, together.
#ifndef TRM_RUN_LESSON_H
#define TRM_RUN_LESSON_H

#include "trm/base/api.h"
#include "trm/env/dataset.h"
#include "trm/run/config.h"
#include "trm/run/rundir.h"
#include "trm/train/supervised.h"

TRM_BEGIN_DECLS

typedef struct trm_lesson {
    trm_dataset_source *source; // that all samples are drawn from
    trm_dataset *train, *validation, *test;
    trm_supervised *learner;
    trm_dataset_config data;
    uint64_t seed;
    int64_t drawn; // the epoch that `train` is of, where every epoch has its own samples
} trm_lesson;

// Draws the samples and builds the model. Fails on data sets, sizes and batches that cannot be.
bool trm_lesson_init(trm_lesson *l, const trm_config *c, trm_error *e);
void trm_lesson_done(trm_lesson *l);

// Before the first epoch: puts in the weights that train.from names (trm_checkpoint_begin).
bool trm_lesson_begin(trm_lesson *l, const trm_config *c, trm_error *e);

// The lesson of a recorded run, to look at: its samples, and the learner as its checkpoint left it.
// Nothing is written or locked. *c is its configuration.
bool trm_lesson_read(trm_lesson *l, const char *run, trm_config *c, trm_error *e);

// Held-out samples for the final score, `count` of them: the lesson's own `test` for data.test.
trm_dataset *trm_lesson_test(const trm_config *c, int32_t count, trm_error *e);

// A data set as the learner takes it.
trm_samples trm_lesson_samples(const trm_dataset *d);

// One epoch: trm_supervised_epoch on the lesson's own samples.
trm_outcome trm_lesson_epoch(trm_lesson *l, bool (*progress)(void *ctx, double share), void *ctx,
                             trm_epoch *out, trm_error *e);

// Recording in a run directory: metrics.jsonl has one line an epoch (epoch, seconds, train_loss,
// validation_loss, cell_accuracy, exact_accuracy, path_recall, grad_norm, lr).
bool trm_lesson_record(trm_rundir *r, const trm_epoch *epoch, double seconds, trm_error *e);

// Saves the checkpoint, metrics first; with `score` (on the test samples; NULL: not at the end)
// also result.json: epochs, cell_accuracy, exact_accuracy, path_recall, loss, seconds, parameters.
bool trm_lesson_save(trm_rundir *r, trm_lesson *l, const trm_config *c, const trm_score *score,
                     double seconds, trm_error *e);

// Restores the learner from the directory's checkpoint (without one: a fresh start) and cuts
// metrics.jsonl back to its epochs. *seconds: of training so far.
bool trm_lesson_resume(trm_rundir *r, trm_lesson *l, double *seconds, trm_error *e);

TRM_END_DECLS

#endif
