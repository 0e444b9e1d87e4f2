// SPDX-License-Identifier: Apache-2.0
// OpenBLAS's header, which some systems keep in a folder of its own. What other BLAS libraries lack
// is NULL with those.
#ifndef NN_OPENBLAS_H
#define NN_OPENBLAS_H

#ifdef TRM_OPENBLAS_FOLDER
#include <openblas/cblas.h>
#else
#include <cblas.h>
#endif

#ifdef __ELF__
// NOLINTBEGIN(readability-redundant-declaration): the attribute is new
extern char *openblas_get_config(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));
// NOLINTEND(readability-redundant-declaration)
#endif

#endif
