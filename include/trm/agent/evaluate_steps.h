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

enum { TRM_EVALUATION_STEPS = 256 };

// One step (supervision step, layer) of the model, as its head reads it.
typedef struct trm_step_score {
    double cell_accuracy;  // NaN where the head does not read it
    double exact_accuracy; // likewise
    double turned;         // share of cells answered otherwise than at the step before; NaN for the
                           // first that is read
} trm_step_score;

typedef struct trm_step_evaluation {
    trm_score score;         // of the last step
    trm_dataset_stats stats; // of the samples; .majority: cells that one constant answer gets
    int32_t steps;           // of the model; only the first TRM_EVALUATION_STEPS are kept
    int32_t first_read;      // first step that the head reads
    int32_t distinct;        // different answers to the samples
    int32_t paths;           // mazes: answers that are a shortest path, the target's or not; -1
    trm_step_score step[TRM_EVALUATION_STEPS];
} trm_step_evaluation;

// Asks `m` about every sample of d, which must be of its sizes (asserted). progress (NULL: none) is
// called after each; false stops, and then the result is false and *out unspecified.
bool trm_evaluate_steps(const trm_model *m, const trm_dataset *d,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_step_evaluation *out);

TRM_END_DECLS

#endif
