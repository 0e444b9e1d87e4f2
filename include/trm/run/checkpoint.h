// SPDX-License-Identifier: Apache-2.0
// Checkpoints: weights under the original's names, so that PyTorch loads them as they are, beside
// the optimiser and everything else that resuming needs.
#ifndef TRM_RUN_CHECKPOINT_H
#define TRM_RUN_CHECKPOINT_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/config.h"
#include "trm/train/course.h"

TRM_BEGIN_DECLS

// Everything of the course, with "format" = "trm-checkpoint-1" and "config" in the metadata. Whole
// or not at all; the one before stays until the new one is durable. The config is saved with
// train.threads and run.record_mib at their defaults: what changes no result changes no byte.
bool trm_checkpoint_save(const char *path, trm_course *course, const trm_config *c, trm_error *e);

// Puts a checkpoint back into a course made from the configuration *c: env.*, data.* and model.*
// must be those of the checkpoint. Missing, unexpected and misshapen tensors and weights that are
// not finite are named. On failure the course's contents are unspecified: free it.
bool trm_checkpoint_restore(const char *path, trm_course *course, const trm_config *c,
                            trm_error *e);

// The bytes of a checkpoint of any list of tensors and the configuration they belong to, malloc'd.
char *trm_checkpoint_print(const trm_tensor *tensors, int32_t count, const trm_config *c,
                           size_t *size);

// The weights alone with the configuration in the metadata: what a checkpoint is to those who will
// not train on. It is read as a checkpoint is, but cannot be resumed from.
bool trm_checkpoint_export(const char *path, const trm_model *m, const trm_config *c, trm_error *e);

// A model to look at or evaluate: from our checkpoint (configuration from its metadata), from a run
// directory (its checkpoint.safetensors), by the name of one that comes with the program
// (trm/run/assets.h; files and folders of that name come first), or from bare weights, whose
// architecture and sizes are read off names and shapes; bare weights may be other people's
// (trm/run/weights.h), and an all_config.yaml beside them is read. `overrides` [n] are key=value
// words for what the file cannot tell (model.k_cycles=4) or to look at it differently; what the
// weights do tell cannot be overridden. Puzzles that an override names are there to be asked about,
// all of them (trm_dataset_config.asked). *c is filled with the configuration used (unchanged on
// failure); for bare weights env stays at its default unless overridden, and may not fit the model.
// Free with trm_model_free.
trm_model *trm_checkpoint_model(const char *path, char *const *overrides, int n, trm_config *c,
                                trm_error *e);

// A slab of a model's parameters as tensors, in table order; malloc'd.
trm_tensor *trm_checkpoint_parameters(const trm_params *p, float *slab);

// Puts the weights of a file into a model of their sizes; what the file says of the configuration
// is not looked at. *updates: how many made them, if the file tells, else -1. On failure the
// model's weights are unspecified.
bool trm_checkpoint_weights(const char *path, trm_model *m, int64_t *updates, trm_error *e);

// What a training begins with where train.from names it: the weights of a run, a file, or a bundled
// model, which must be of the model's sizes (boards and cycles may differ). Without
// train.from the model is left as it is. On failure its weights are unspecified.
bool trm_checkpoint_begin(const trm_config *c, trm_model *m, trm_error *e);

TRM_END_DECLS

#endif
