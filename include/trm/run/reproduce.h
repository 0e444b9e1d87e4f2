// SPDX-License-Identifier: Apache-2.0
// The original project's claims, one by one, and how each is measured: as the original does it,
// with the fault corrected, and by our own recipe where there is one.
#ifndef TRM_RUN_REPRODUCE_H
#define TRM_RUN_REPRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/peers.h"

TRM_BEGIN_DECLS

typedef enum trm_claim_kind {
    TRM_CLAIM_SUCCESS,    // of the last 50 episodes of reinforcement learning
    TRM_CLAIM_ACCURACY,   // of supervised learning: cells, and exact answers
    TRM_CLAIM_PARAMETERS, // of a model
    TRM_CLAIM_DATA,       // distinct answers of a data set, and samples without a path
    TRM_CLAIM_READ        // settled by reading the code: nothing to measure
} trm_claim_kind;

typedef struct trm_claim {
    trm_claim_kind kind;
    const char *name;                     // for the command line
    const char *claim;                    // what the original says
    const char *claimed;                  // its figure, "" where there is none
    const char *as_is, *corrected, *ours; // presets; NULL where there is none
    const char *found;                    // READ: what is there in its place
    const char *reason;                   // why what is measured differs, or how it is known
    int32_t quick_seeds;                  // of a quick measurement; 0: TRM_QUICK_SEEDS
    int32_t quick_epochs;                 // … of a supervised one; 0: all
} trm_claim;

// NULL past the last.
const trm_claim *trm_claim_at(int32_t i);

enum { TRM_MEASURE_SEEDS = 32, TRM_QUICK_SEEDS = 3 };

// One preset, measured. By kind:
//   SUCCESS     value: success of the last 50, 0..1
//   ACCURACY    value: exact answers on the test samples, cells: share of cells, 0..1
//   PARAMETERS  value: how many
//   DATA        value: distinct targets, cells: samples without a path, both of `samples`
typedef struct trm_measure {
    int32_t seeds;
    double value[TRM_MEASURE_SEEDS], cells[TRM_MEASURE_SEEDS];
    double mean, deviation; // of value; deviation NaN for a single one
    double cells_mean, cells_deviation;
    int32_t samples;              // DATA
    int32_t epochs, epochs_whole; // ACCURACY: trained, and of how many
} trm_measure;

// A preset of a claim to be measured with seeds 0 .. seeds - 1. Give it zeroed but for the first
// four.
typedef struct trm_measure_task {
    const trm_claim *claim;
    const char *preset;
    int32_t seeds;  // 1 .. TRM_MEASURE_SEEDS; where the seed changes nothing one is measured
    int32_t epochs; // at most so many; 0: the preset's
    trm_measure result;
    int32_t seeds_done;
    bool done; // result is whole
} trm_measure_task;

typedef struct trm_measure_watch {
    bool (*go_on)(void *ctx); // asked between episodes and batches, from any of the threads; false
                              // ends with TRM_E_STOPPED. NULL: always true
    void (*ended)(void *ctx, const trm_measure_task *task); // after a seed of the task, one call at
                                                            // a time. NULL: none
    void *ctx;
} trm_measure_watch;

// Measures all tasks, as many seeds at once as there are threads, the longest first; results do not
// depend on threads. peers (NULL: alone): each of them has as many threads. On failure (the first
// one's *e) tasks that are not done have no result.
bool trm_claims_measure(trm_measure_task *tasks, int32_t count, trm_peers *peers, int32_t threads,
                        const trm_measure_watch *watch, trm_error *e);

TRM_END_DECLS

#endif
