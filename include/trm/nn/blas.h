// SPDX-License-Identifier: Apache-2.0
// The matrix product of the BLAS library itself, for measuring it: what layers reach is compared
// with this. Layers do not use it. Thread safe.
#ifndef TRM_NN_BLAS_H
#define TRM_NN_BLAS_H

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// Which operand is transposed. The three of a Linear: NT forward, NN input's gradient, TN weight's
// gradient.
typedef enum trm_blas_form { TRM_BLAS_NN, TRM_BLAS_NT, TRM_BLAS_TN } trm_blas_form;

// c[m,n] = op(a) op(b) on one thread: 2 m n k floating-point operations, k the inner dimension.
// Shapes must fit, and trm_init must have been called (both asserted).
void trm_blas_sgemm(trm_blas_form form, trm_mat c, trm_mat a, trm_mat b);

// The processor that the library chose its kernels for, as it calls it: "SkylakeX". Static.
const char *trm_blas_core(void);

TRM_END_DECLS

#endif
