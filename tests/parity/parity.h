// SPDX-License-Identifier: Apache-2.0
// Our code against numbers that the original's own code computed. A fixture file names its model in
// its metadata; one checker stands for each kind.
#ifndef TRM_TESTS_PARITY_H
#define TRM_TESTS_PARITY_H

#include "../support/check.h"
#include "trm/model/model.h"
#include "trm/run/safetensors.h"

#define PARITY_OUTPUT_TOLERANCE   1e-5
#define PARITY_GRADIENT_TOLERANCE 1e-4

// The tensor, which must be there with this dtype.
const trm_tensor *parity_tensor(const trm_safetensors *s, trm_dtype dtype, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Metadata as a number; fails where it is missing and no default is given (fallback < 0).
double parity_number(const trm_safetensors *s, const char *key, double fallback);

// A model of these sizes with its parameters from param.*; the file's count of them must be its
// own.
trm_model *parity_model(const trm_model_config *c, const trm_safetensors *s);

// Differentiates the rows, whose d loss / d logits are in the workspace, and compares with grad.*.
void parity_check_gradients(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                            int32_t rows);

void parity_paper(const trm_safetensors *s); // trm-paper, hrm

// The same samples x [B, S], by the course that trains: two updates, and a step of the optimisers.
void parity_course(const trm_safetensors *s, const trm_model *m, trm_mat x);

void parity_adam(const trm_safetensors *s);
void parity_policy(const trm_safetensors *s); // trm-full, mlp, trm-rl
void parity_cells(const trm_safetensors *s);  // models that answer for every position

#endif
