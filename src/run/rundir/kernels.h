// SPDX-License-Identifier: Apache-2.0
// kernels.txt: a line for each BLAS kernel that computed part of the run.
#ifndef RUN_KERNELS_H
#define RUN_KERNELS_H

#include <stdbool.h>

#include "trm/base/error.h"

// Adds the line of this process's if it is not there. A file that cannot be read is left alone.
// sync: it is to last before anything else is done.
bool trm_kernels_add(const char *dir, bool sync, trm_error *e);

#endif
