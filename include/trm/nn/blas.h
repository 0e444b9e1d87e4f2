// SPDX-License-Identifier: Apache-2.0
// The matrix product of the BLAS library, on the calling thread alone whatever the library was
// built with. Thread safe.
#ifndef TRM_NN_BLAS_H
#define TRM_NN_BLAS_H

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// Which operand is transposed. The three of a Linear: NT forward, NN input's gradient, TN weight's
// gradient.
typedef enum trm_blas_form { TRM_BLAS_NN, TRM_BLAS_NT, TRM_BLAS_TN } trm_blas_form;

// c[m,n] = alpha op(a) op(b) + beta c: 2 m n k floating-point operations, k the inner dimension.
// a and b are only read. Shapes must fit (asserted); trm_init has been called.
void trm_blas_sgemm(trm_blas_form form, trm_mat c, float alpha, trm_mat a, trm_mat b, float beta);

// The processor that the library chose its kernels for, as it calls it: "SkylakeX". Static.
const char *trm_blas_core(void);

// The library with its version, and that: "OpenBLAS 0.3.21 (SkylakeX)". Results are the same bits
// only where this is the same.
enum { TRM_BLAS_NAME = 96 };
const char *trm_blas_describe(char out[TRM_BLAS_NAME]);

TRM_END_DECLS

#endif
