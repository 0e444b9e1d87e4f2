// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file. A parser of its own: the grammar is small, whole numbers
// must be exact, and a hostile header must cost no more memory than a few times its size.
#ifndef RUN_SAFETENSORS_HEADER_H
#define RUN_SAFETENSORS_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/run/safetensors.h"

typedef struct trm_safetensors_entry {
    trm_tensor tensor;   // data is NULL
    uint64_t begin, end; // bytes from the start of the data
} trm_safetensors_entry;

typedef struct trm_safetensors_header {
    trm_safetensors_entry *entries; // in order of their data
    int32_t count, capacity;
    struct trm_metadata *metadata;
    int32_t metadata_count, metadata_capacity;
} trm_safetensors_header;

// Parses and checks everything that can be without the data: the entries cover 0..data_size without
// overlap or hole, each as long as its shape and dtype say. Free with trm_header_free, also on
// failure.
bool trm_header_parse(trm_safetensors_header *h, const char *text, size_t size, uint64_t data_size,
                      trm_error *e);
void trm_header_free(trm_safetensors_header *h);

// "F32"; NULL past the last dtype.
const char *trm_header_dtype_name(trm_dtype t);

#endif
