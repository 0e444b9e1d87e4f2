// SPDX-License-Identifier: Apache-2.0
// The pickle in a file of torch.save, read without running anything: a fixed list of opcodes and of
// globals, no recursion, and bounds on stack, memo and everything else that grows. What comes out
// is which tensors there are and where their numbers lie.
#ifndef RUN_TORCH_PICKLE_H
#define RUN_TORCH_PICKLE_H

#include "trm/run/safetensors.h"

// A piece of the pickle's own bytes.
typedef struct trm_pickle_text {
    const char *at;
    uint32_t size;
} trm_pickle_text;

typedef struct trm_pickle_tensor {
    trm_tensor tensor;        // data NULL
    trm_pickle_text storage;  // its key: the file's entry data/KEY
    int64_t storage_elements; // as the pickle says; the tensor lies within
    int64_t offset;           // elements
} trm_pickle_tensor;

typedef struct trm_pickle_state {
    trm_pickle_tensor *tensors; // of the state_dict, in its order; names are unique
    int32_t count;
} trm_pickle_state;

// Errors are one line. Free with trm_pickle_free, also on failure.
bool trm_pickle_read(trm_pickle_state *s, const char *bytes, size_t size, trm_error *e);
void trm_pickle_free(trm_pickle_state *s);

#endif
