// SPDX-License-Identifier: Apache-2.0
// NumPy's files of whole numbers: format 1 to 3, |u1, <i4 or <i8, in C order.
#ifndef TRM_ENV_FILES_NPY_H
#define TRM_ENV_FILES_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"

enum { TRM_NPY_DIMS = 4 };

typedef struct trm_npy {
    int32_t dims;
    int64_t shape[TRM_NPY_DIMS], count; // count: their product
    int32_t width;                      // bytes of an item: 1, 4, 8
    const uint8_t *data;                // [count * width]
    char *file;                         // what it lies in, NULL where that is the caller's
} trm_npy;

// Everything about the file is checked: exactly as many bytes must follow the header as its shape
// says.
bool trm_npy_parse(const char *bytes, size_t size, trm_npy *out, trm_error *e);

// Errors begin with the path. Give back with trm_npy_done, which all 0 is fine for, too.
bool trm_npy_read(const char *path, trm_npy *out, trm_error *e);
void trm_npy_done(trm_npy *a);

int64_t trm_npy_at(const trm_npy *a, int64_t i); // 0 <= i < count (asserted)

#endif
