// SPDX-License-Identifier: Apache-2.0
// Counts what is allocated. The linker sends every call of an allocator to here (--wrap), from the
// test and from the libraries of this project; system libraries keep their own.
#ifndef TRM_TESTS_SUPPORT_ALLOCATIONS_H
#define TRM_TESTS_SUPPORT_ALLOCATIONS_H

#include <stdint.h>

// Allocations since the program started, on all threads.
int64_t allocations(void);

#endif
