// SPDX-License-Identifier: Apache-2.0
#ifndef TRM_BASE_CLOCK_H
#define TRM_BASE_CLOCK_H

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Seconds on a clock that never goes back (CLOCK_MONOTONIC). Thread safe.
double trm_clock_now(void);

TRM_END_DECLS

#endif
