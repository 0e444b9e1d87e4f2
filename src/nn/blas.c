// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/blas.h"

#include <assert.h>

#include "nn/openblas.h"
#include "trm/nn/init.h"

void trm_blas_sgemm(trm_blas_form form, trm_mat c, trm_mat a, trm_mat b) {
    assert(trm_initialised());
    int32_t m = form == TRM_BLAS_TN ? a.cols : a.rows;
    int32_t k = form == TRM_BLAS_TN ? a.rows : a.cols;
    int32_t n = form == TRM_BLAS_NT ? b.rows : b.cols;
    assert(c.rows == m && c.cols == n && k == (form == TRM_BLAS_NT ? b.cols : b.rows));
    cblas_sgemm(CblasRowMajor, form == TRM_BLAS_TN ? CblasTrans : CblasNoTrans,
                form == TRM_BLAS_NT ? CblasTrans : CblasNoTrans, m, n, k, 1.0f, a.data, a.stride,
                b.data, b.stride, 0.0f, c.data, c.stride);
}

const char *trm_blas_core(void) {
    return openblas_get_corename();
}
