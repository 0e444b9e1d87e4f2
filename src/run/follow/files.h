// SPDX-License-Identifier: Apache-2.0
// A folder in which a training of another program leaves its checkpoints: what is the newest, and
// how good each is.
#ifndef RUN_FOLLOW_FILES_H
#define RUN_FOLLOW_FILES_H

#include "trm/run/config.h"
#include "trm/train/course.h"
#include "trm/train/trainer.h"

typedef struct trm_follow_files trm_follow_files;

// Looks for the newest checkpoint that is whole; *c receives the configuration it tells, with
// `overrides` [n] as for trm_checkpoint_model. NULL with *e: there is none, or it cannot be read.
trm_follow_files *trm_follow_files_open(const char *folder, char *const *overrides, int n,
                                        trm_config *c, trm_error *e);
void trm_follow_files_free(trm_follow_files *f); // NULL is fine

// As trm_follower_waits.
bool trm_follow_files_waits(const char *folder);

// As the members of trm_trainer_source. Of checkpoints that are new one is scored a call.
bool trm_follow_files_renew(trm_follow_files *f, const trm_config *c, trm_snapshot *s,
                            const trm_history **history);
bool trm_follow_files_weights(trm_follow_files *f, trm_model *m);

// A course to show, or to score with: no more samples than will do.
trm_course *trm_follow_course(const trm_config *c, trm_error *e);

#endif
