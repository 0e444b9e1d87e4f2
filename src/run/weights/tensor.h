// SPDX-License-Identifier: Apache-2.0
// Where a file's tensors lie in memory, and how half precision becomes F32 there.
#ifndef RUN_TENSOR_H
#define RUN_TENSOR_H

#include "trm/run/safetensors.h"

// Bytes that a tensor as the file has it takes once it is read, up to the next one's alignment.
size_t trm_tensor_room(const trm_tensor *t);

// Where its bytes as the file has them go: t->data, or, of F16 and BF16, the second half of that.
void *trm_tensor_raw(const trm_tensor *t);

// A name that two of `count` tensors have, NULL if there is none. They are the first members of
// structs of `size` bytes.
const char *trm_tensor_named_twice(const void *tensors, int32_t count, size_t size);

// F16 and BF16 become F32 in place; others are left as they are.
void trm_tensor_widen(trm_tensor *t);

// F64 becomes F32 in place.
void trm_tensor_narrow(trm_tensor *t);

#endif
