// SPDX-License-Identifier: Apache-2.0
// Checkpoints apart from their files: what trm_checkpoint_model and trm_checkpoint_restore do with
// what they have read. Errors name no path.
#ifndef RUN_CHECKPOINT_PARTS_H
#define RUN_CHECKPOINT_PARTS_H

#include "trm/run/checkpoint.h"
#include "trm/run/safetensors.h"

trm_model *checkpoint_model(const trm_safetensors *s, char *const *overrides, int n, trm_config *c,
                            trm_error *e);
bool checkpoint_restore(const trm_safetensors *s, trm_course *course, const trm_config *c,
                        trm_error *e);

#endif
