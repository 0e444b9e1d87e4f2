// SPDX-License-Identifier: Apache-2.0
// NumPy's files: one array (.npy), and arrays by name in a zip archive that packs nothing (.npz).
#ifndef RUN_EXPORT_NPY_H
#define RUN_EXPORT_NPY_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/train/learner.h" // trm_tensor

// Of dtype F32, F64, I64 or U8, in any number of dimensions up to TRM_PARAM_DIMS.
bool trm_npy_write(const char *path, const trm_tensor *t, trm_error *e);
bool trm_npz_write(const char *path, const trm_tensor *tensors, int32_t count, trm_error *e);

#endif
