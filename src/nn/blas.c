// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/blas.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "nn/openblas.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

#ifdef __ELF__
extern void omp_set_num_threads(int threads) __attribute__((weak));
#endif

// What OpenBLAS maps for a thread that computes, at most.
enum { BUFFER = 128 << 20 };

// Before a thread's first product. A library built with OpenMP asks omp_get_max_threads how many
// threads to take, for each of ours again, and does not heed openblas_set_num_threads. And where no
// memory is to be had for its buffer, OpenBLAS asks for it again for ever: so we ask first.
static void prepare(void) {
    static _Thread_local bool done;
    if (done)
        return;
    done = true;
    // address space only: mapped as OpenBLAS will, and never touched
    void *buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED)
        trm_alloc_failed(1, BUFFER);
    munmap(buffer, BUFFER);
#ifdef __ELF__
    if (omp_set_num_threads)
        omp_set_num_threads(1);
#endif
}

void trm_blas_sgemm(trm_blas_form form, trm_mat c, float alpha, trm_mat a, trm_mat b, float beta) {
    int32_t m = form == TRM_BLAS_TN ? a.cols : a.rows;
    int32_t k = form == TRM_BLAS_TN ? a.rows : a.cols;
    int32_t n = form == TRM_BLAS_NT ? b.rows : b.cols;
    assert(c.rows == m && c.cols == n && k == (form == TRM_BLAS_NT ? b.cols : b.rows));
    prepare();
    cblas_sgemm(CblasRowMajor, form == TRM_BLAS_TN ? CblasTrans : CblasNoTrans,
                form == TRM_BLAS_NT ? CblasTrans : CblasNoTrans, m, n, k, alpha, a.data, a.stride,
                b.data, b.stride, beta, c.data, c.stride);
}

const char *trm_blas_core(void) {
    return openblas_get_corename ? openblas_get_corename() : "unknown";
}

const char *trm_blas_describe(char out[TRM_BLAS_NAME]) {
    const char *config = openblas_get_config ? openblas_get_config() : "BLAS";
    size_t name = strcspn(config, " ");
    name +=
        config[name] ? 1 + strcspn(config + name + 1, " ") : 0; // "OpenBLAS 0.3.21 NO_LAPACKE …"
    trm_text_format(out, TRM_BLAS_NAME, "%.*s (%s)", (int)name, config, trm_blas_core());
    return out;
}
