// SPDX-License-Identifier: Apache-2.0
// Courses as configurations and recorded runs describe them.
#ifndef TRM_RUN_COURSE_H
#define TRM_RUN_COURSE_H

#include "trm/base/api.h"
#include "trm/run/config.h"
#include "trm/train/course.h"

TRM_BEGIN_DECLS

// Checks the configuration and makes its course. NULL with *e: it cannot be. Free with
// trm_course_free.
trm_course *trm_run_course(const trm_config *c, trm_error *e);

// Held-out samples of a supervised configuration, `count` of them (fewer where they come from files
// with fewer): what its final score is taken on is this for data.test.
trm_dataset *trm_run_test_samples(const trm_config *c, int32_t count, trm_error *e);

// The samples that an evaluation asks about: `count` of those; 0: TRM_EVALUATION_EPISODES, or all
// puzzles where some are named to be asked about (trm_dataset_config.asked).
trm_dataset *trm_run_evaluation_samples(const trm_config *c, int32_t count, trm_error *e);

// Before the first advance: puts in the weights that train.from names (trm_checkpoint_begin).
bool trm_run_begin(trm_course *course, const trm_config *c, trm_error *e);

// The supervised course of a recorded run, to look at: its samples, and the weights as its
// checkpoint left them. Nothing is written or locked. *c receives its configuration.
trm_course *trm_run_read(const char *run, trm_config *c, trm_error *e);

TRM_END_DECLS

#endif
