// SPDX-License-Identifier: Apache-2.0
// Checkpoints apart from their files: what trm_checkpoint_model and trm_checkpoint_restore do with
// what they have read. Errors name no path.
#ifndef RUN_CHECKPOINT_PARTS_H
#define RUN_CHECKPOINT_PARTS_H

#include "trm/run/checkpoint.h"
#include "trm/run/safetensors.h"

// Names of other people's weights are made ours in *s. beside: an all_config.yaml, or NULL.
trm_model *trm_checkpoint_build_model(trm_safetensors *s, const char *beside,
                                      char *const *overrides, int n, trm_config *c, trm_error *e);
bool trm_checkpoint_fill_model(const trm_safetensors *s, trm_course *course, const trm_config *c,
                               trm_error *e);

#endif
