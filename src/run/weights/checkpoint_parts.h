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

// True if the file says it is a checkpoint of ours; *ok false if of a kind that cannot be read.
bool trm_checkpoint_is(const trm_safetensors *s, bool *ok, trm_error *e);

// Is a tensor of that name there to go on training, not to compute?
bool trm_checkpoint_resumes(const char *name);

// Copies every wanted tensor from the file, once all were checked. Tensors of the file that nobody
// wants are refused, those for resuming only if `strict`.
bool trm_checkpoint_copy(const trm_safetensors *s, const trm_tensor *wanted, int32_t count,
                         bool strict, trm_error *e);

// Fails on the first key of env or model in which the two differ: "K: HAVE in WHERE, WANT …".
bool trm_checkpoint_same_keys(const trm_config *have, const trm_config *want, const char *section,
                              const char *format, trm_error *e);

#endif
