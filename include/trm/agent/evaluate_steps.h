// SPDX-License-Identifier: Apache-2.0
// What a model answers to a whole data set, step by step: how many cells and samples are right,
// whether answers differ at all, and what answering the same to everything would score.
#ifndef TRM_AGENT_EVALUATE_STEPS_H
#define TRM_AGENT_EVALUATE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/score.h"
#include "trm/base/api.h"
#include "trm/env/dataset.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

enum { TRM_EVALUATION_STEPS = 1024 };

// One step (supervision step, layer) of the model, as its head reads it. Shares are NaN where there
// is nothing to count: a step that the head does not read, samples that are no board, a model
// without a halting head.
typedef struct trm_step_score {
    double cell_accuracy;
    double exact_accuracy; // share of samples with every cell right
    double blank_accuracy; // share of the cells that the input leaves open (trm_dataset_given)
    double changed;        // share of samples whose answer contradicts the input in some cell
    double turned;         // share of cells answered otherwise than at the step before; NaN for the
                           // first that is read
    double moved;       // how far the step moved the state (z_H and z_L): the length of the change
                        // by that of the state, mean over samples
    double halt_mean;   // probability that the halting head gives the answer of being right
    double halt_says;   // share of samples that it says are right, with 50 % or more
    double halt_agrees; // share of samples of which it says what is so
} trm_step_score;

typedef struct trm_step_evaluation {
    trm_score score;         // of the last step
    trm_dataset_stats stats; // of the samples; .majority: cells that one constant answer gets
    int32_t steps;           // of the model; only the first TRM_EVALUATION_STEPS are kept
    int32_t first_read;      // first step that the head reads
    int32_t distinct;        // different answers to the samples
    int32_t paths;           // mazes: answers that are a shortest path, the target's or not; -1
    double stop_exact;       // share of samples right where the halting head stops them (as
                             // trm_workspace_set_stopping does)
    double stop_steps;       // steps they took, on average; both NaN without such a head
    trm_step_score step[TRM_EVALUATION_STEPS];
} trm_step_evaluation;

// Asks `m` about every sample of d, which must be of its sizes (asserted), always with all its
// steps. layers: what lies between its outputs is read, too (layers, inner steps), without halting
// and movement. random (NULL: the model answers): its place is taken by logits drawn from it, all
// classes alike likely. progress (NULL: none) is called for each sample; false stops, and then the
// result is false and *out unspecified.
bool trm_evaluate_steps(const trm_model *m, const trm_dataset *d, bool layers, trm_rng *random,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_step_evaluation *out);

TRM_END_DECLS

#endif
