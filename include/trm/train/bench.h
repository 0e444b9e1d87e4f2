// SPDX-License-Identifier: Apache-2.0
// How fast the parts of training are on this machine. Each function works for about the seconds
// asked for, setting up not counted, and tells a rate; nothing is kept between calls but what the
// caller passes in. They allocate outside what they time.
#ifndef TRM_TRAIN_BENCH_H
#define TRM_TRAIN_BENCH_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/model/work.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

// The BLAS library's sgemm on n x n matrices, GFLOP/s: one thread, or as many at once as are asked
// for, each with matrices of its own (their sum).
double trm_bench_sgemm(int32_t n, int32_t threads, double seconds);

// GFLOP/s of the BLAS library's sgemm on a model's products with `rows` samples.
typedef struct trm_product_speed {
    double forward;         // NT
    double input_gradient;  // NN; NaN where none is wanted
    double weight_gradient; // TN
} trm_product_speed;

// speeds [count]; NULL: only the totals. *total: each kind over all products in the proportion in
// which a sample meets them. *training: all three together, which is what training would reach if
// it were nothing but these calls.
void trm_bench_products(const trm_product *products, int32_t count, int32_t rows, double seconds,
                        trm_product_speed *speeds, trm_product_speed *total, double *training);

// Steps a second of n environments stepped as a batch with random actions, observations written,
// finished ones started again.
double trm_bench_env(const trm_env *env, int32_t n, double seconds, uint64_t seed);

// Seconds a forward of `rows` random samples, and one followed by its backward, of the outputs that
// trm_model_flops counts.
double trm_bench_forward(trm_model *m, int32_t rows, double seconds);
double trm_bench_backward(trm_model *m, int32_t rows, double seconds);

// Training as trm_learner_update does it, step callback and files apart.
typedef struct trm_bench_training {
    double seconds;
    int64_t steps;
    int64_t updates;
} trm_bench_training;

// At least one update. False: an update failed.
bool trm_bench_train(trm_learner *l, double seconds, trm_bench_training *out, trm_error *e);

TRM_END_DECLS

#endif
