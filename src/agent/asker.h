// SPDX-License-Identifier: Apache-2.0
// A model asked about several samples side by side, step by step. Models whose state goes from one
// supervision step to the next run one at a time, so that any number of steps takes the same
// memory.
#ifndef TRM_AGENT_ASKER_H
#define TRM_AGENT_ASKER_H

#include "trm/model/model.h"

enum { TRM_ASKER_ROWS = 16 };

typedef struct trm_asker {
    const trm_model *model;
    trm_workspace *workspace; // NULL: answers are drawn
    bool carried;
    int32_t steps;
    trm_rng *random; // draws logits in the model's place; NULL: the model answers
    trm_mat drawn;   // [TRM_ASKER_ROWS, P * A]
    float *before;   // [TRM_ASKER_ROWS, carry size] states before the newest step
} trm_asker;

void trm_asker_open(trm_asker *a, const trm_model *m, trm_rng *random);
void trm_asker_close(trm_asker *a);

// The logits after step `step` of the samples x [rows, S]. Steps are asked for in order, from 0.
trm_mat trm_asker_ask(trm_asker *a, trm_mat x, int32_t step);

// Those after the last step.
trm_mat trm_asker_answer(trm_asker *a, trm_mat x);

// What the halting head said of a row at the newest step, a logit; NAN without one.
float trm_asker_halt(const trm_asker *a, int32_t row, int32_t step);

// How far the step moved a row's state: the length of the change by that of the state; NAN where no
// state is carried.
double trm_asker_moved(const trm_asker *a, int32_t row);

#endif
