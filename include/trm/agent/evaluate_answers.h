// SPDX-License-Identifier: Apache-2.0
// How well a trained model answers samples: at once, stopping where its halting head says so, and,
// for boards that are filled with digits, a few cells at a time.
#ifndef TRM_AGENT_EVALUATE_ANSWERS_H
#define TRM_AGENT_EVALUATE_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/evaluate_steps.h"
#include "trm/base/api.h"
#include "trm/base/rng.h"
#include "trm/env/dataset.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

typedef struct trm_answer_evaluation {
    int64_t samples;
    trm_step_evaluation by_step; // one answer a sample, after each step and after all
    double fill_exact;           // share of boards solved when filled step by step; NaN where there
                                 // is nothing to fill
    double fill_rounds;          // times that the model was asked, on average
} trm_answer_evaluation;

// Fraction that a digit must be sure of to be put down beside the surest one.
#define TRM_FILL_SURE 0.99f

// Asks `m` about every sample of d, as trm_evaluate_steps. fill: boards are filled too: of the
// digits that no rule forbids the surest is put down, and every other of which the model is surer
// than TRM_FILL_SURE; then it is asked again with these as givens. random, to compare with: filling
// then draws a cell and a digit that no rule forbids there, again and again. progress (NULL: none)
// is called now and then with the share done; false stops early, and *out then is of no use.
bool trm_evaluate_answers(const trm_model *m, const trm_dataset *d, bool layers, bool fill,
                          trm_rng *random, bool (*progress)(void *ctx, double share), void *ctx,
                          trm_answer_evaluation *out);

// Wilson's interval of a share found in n samples, 95 %.
void trm_share_interval(double share, int64_t n, double *low, double *high);

TRM_END_DECLS

#endif
