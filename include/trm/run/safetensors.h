// SPDX-License-Identifier: Apache-2.0
// The safetensors format: 8 bytes little-endian header length, JSON header, data. Reading treats
// the file as hostile: header size, JSON, dtypes, shapes, offsets, overlaps, holes, duplicate names
// and overflow are all checked before anything is used.
#ifndef TRM_RUN_SAFETENSORS_H
#define TRM_RUN_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/train/learner.h" // trm_tensor, trm_dtype

TRM_BEGIN_DECLS

typedef struct trm_metadata {
    char *key, *value;
} trm_metadata;

typedef struct trm_safetensors {
    trm_tensor *tensors; // [count], in order of their data; data points into `bytes`, aligned to
                         // the dtype
    int32_t count;
    trm_metadata *metadata; // [metadata_count], in order of keys
    int32_t metadata_count;
    void *bytes;
    void *extra[2]; // of tensors that were made larger (trm/run/weights.h); NULL
} trm_safetensors;

// Errors name the path and the tensor. Files over 1 GiB, headers over 16 MiB, names over 127 bytes
// and tensors of more than 4 dimensions are refused. F16 and BF16 become F32; what has another
// dtype than trm_dtype's fails with a line that says so. On failure *s is empty.
bool trm_safetensors_read(trm_safetensors *s, const char *path, trm_error *e);

// The same from memory (copied); for tests and fuzzing.
bool trm_safetensors_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                           trm_error *e);
void trm_safetensors_free(trm_safetensors *s);

// NULL if there is none.
const trm_tensor *trm_safetensors_find(const trm_safetensors *s, const char *name);
const char *trm_safetensors_meta(const trm_safetensors *s, const char *key);

// The bytes of a file, malloc'd. Wide dtypes come first and the header is padded to 8
// bytes, so that every tensor is aligned in the file; the bytes depend on the arguments only. Names
// are unique.
char *trm_safetensors_print(const trm_tensor *tensors, int32_t count, const trm_metadata *metadata,
                            int32_t metadata_count, size_t *size);

// Writes them whole or not at all (trm_file_write).
bool trm_safetensors_write(const char *path, const trm_tensor *tensors, int32_t count,
                           const trm_metadata *metadata, int32_t metadata_count, trm_error *e);

TRM_END_DECLS

#endif
