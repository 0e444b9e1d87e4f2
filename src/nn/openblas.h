// SPDX-License-Identifier: Apache-2.0
// OpenBLAS's header, which some systems keep in a folder of its own.
#ifndef NN_OPENBLAS_H
#define NN_OPENBLAS_H

#ifdef TRM_OPENBLAS_FOLDER
#include <openblas/cblas.h>
#else
#include <cblas.h>
#endif

#endif
