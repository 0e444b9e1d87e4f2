// SPDX-License-Identifier: Apache-2.0
// The original project's claims, one by one, and how each is measured: as the original does it,
// with the fault corrected, and by our own recipe where there is one.
#ifndef TRM_RUN_REPRODUCE_H
#define TRM_RUN_REPRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"

typedef enum trm_claim_kind {
    TRM_CLAIM_SUCCESS,    // of the last 50 episodes of reinforcement learning
    TRM_CLAIM_ACCURACY,   // of supervised learning: cells, and exact answers
    TRM_CLAIM_PARAMETERS, // of a model
    TRM_CLAIM_DATA,       // distinct answers of a data set, and samples without a path
    TRM_CLAIM_READ        // settled by reading the code: nothing to measure
} trm_claim_kind;

typedef struct trm_claim {
    const char *name;    // for the command line
    const char *claim;   // what the original says
    const char *claimed; // its figure, "" where there is none
    trm_claim_kind kind;
    const char *as_is, *corrected, *ours; // presets; NULL where there is none
    const char *reason;                   // why what is measured differs, or how it is known
} trm_claim;

// NULL past the last.
const trm_claim *trm_claim_at(int32_t i);
const trm_claim *trm_claim_find(const char *name);

enum { TRM_MEASURE_SEEDS = 32 };

// One preset, measured. By kind:
//   SUCCESS     value: success of the last 50, 0..1
//   ACCURACY    value: exact answers on the test samples, cells: share of cells, 0..1
//   PARAMETERS  value: how many
//   DATA        value: distinct targets, cells: samples without a path, both of `samples`
typedef struct trm_measure {
    int32_t seeds;
    double value[TRM_MEASURE_SEEDS], cells[TRM_MEASURE_SEEDS];
    double mean, deviation; // of value; deviation NaN for a single one
    double cells_mean;
    int32_t samples; // DATA
} trm_measure;

// Measures a preset of the claim with seeds 0 .. seeds - 1, several at once on `threads`. `go_on`
// (NULL: always) is asked between episodes and batches, from any of the threads; false ends with
// TRM_E_STOPPED.
bool trm_claim_measure(const trm_claim *claim, const char *preset, int32_t seeds, int32_t threads,
                       bool (*go_on)(void *ctx), void *ctx, trm_measure *out, trm_error *e);

#endif
