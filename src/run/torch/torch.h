// SPDX-License-Identifier: Apache-2.0
// Files of torch.save (PyTorch 1.6 and later): a zip of a pickle and of the tensors' numbers.
// Nothing in them is run. Memory is bounded by a small multiple of the file's size.
#ifndef RUN_TORCH_TORCH_H
#define RUN_TORCH_TORCH_H

#include "trm/run/safetensors.h"

// Tensors of the state_dict in the file; metadata stays empty. Errors name the path or `name`, also
// where this build has no libzip. On failure *s is empty.
bool trm_torch_read(trm_safetensors *s, const char *path, trm_error *e);
bool trm_torch_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                     trm_error *e);

// What all_config.yaml, which the paper's code writes beside a checkpoint, says of the model and
// weights do not: cycles, steps, heads, prefix, positions; by c->action_dim and the name of its
// data how many cells a sample has. Keys that are not known are passed over; *c is unchanged on
// failure.
bool trm_torch_read_config(const char *path, trm_model_config *c, trm_error *e);
bool trm_torch_parse_config(const char *name, const char *text, size_t size, trm_model_config *c,
                            trm_error *e);

// One such setting of "arch" by its name; trm_torch_take_setting, of a safetensors file's metadata,
// also takes seq_len, the cells of a sample.
bool trm_torch_take_arch(const char *key, const char *value, trm_model_config *c, trm_error *e);
bool trm_torch_take_setting(const char *key, const char *value, trm_model_config *c, trm_error *e);

#endif
