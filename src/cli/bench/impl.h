// SPDX-License-Identifier: Apache-2.0
// The parts of `trm bench`.
#ifndef TRM_CLI_BENCH_IMPL_H
#define TRM_CLI_BENCH_IMPL_H

#include "cli/bench/metrics.h"
#include "cli/common/progress.h"
#include "trm/base/error.h"
#include "trm/model/work.h"
#include "trm/run/config.h"

enum {
    BENCH_WORDS = 8,
    BENCH_PRESETS = 16,
    BENCH_CHANGES = 2,
    BENCH_BATCH = 64,
    BENCH_SQUARE = 1024, // of the sgemm that shares are of
};

#define BENCH_SGEMM_SECONDS 0.15

// How much is done.
typedef struct bench_plan {
    int32_t rounds;      // of everything that computes
    double share;        // of the usual time for each measurement
    int32_t starts;      // of the program, to the first frame
    int32_t pairs;       // of trainings with the view open and closed
    double view_seconds; // of each of those
    double settle;       // seconds that a watched run goes on before its memory is looked at
} bench_plan;

typedef struct bench_preset {
    trm_config config;
    trm_model_config model; // complete
    trm_flops flops;
    trm_product products[TRM_PRODUCTS_MAX];
    int32_t product_count;
    int32_t envs;                              // of the batched recipe
    trm_model *thinker;                        // with new weights
    trm_learner *shipped, *batched, *threaded; // threaded NULL where one thread is asked for
    uint64_t restarts;                         // of the shipped recipe
} bench_preset;

typedef struct bench {
    bench_plan plan;
    int32_t threads;
    bench_preset presets[BENCH_PRESETS];
    int32_t preset_count;
    bench_metrics metrics;
    trm_progress progress;
    int64_t done, total; // pieces of work, for the progress
} bench;

// Between two pieces of work: shows how far it is; false with *e filled when a signal came.
bool bench_go_on(bench *b, trm_error *e);

// Sgemm, environments, models, trainings: all rounds. Needs the presets as they are read.
bool bench_measure(bench *b, trm_error *e);
void bench_preset_done(bench_preset *p);

// Starts the program itself: first frame, memory, the view's cost.
bool bench_view(bench *b, trm_error *e);

// How many pieces of work those two are.
int64_t bench_measure_pieces(const bench *b);
int64_t bench_view_pieces(const bench *b);

// The presets whose models are one of each architecture: a name, or NULL after the last; *words
// [BENCH_CHANGES]: what is changed in it, NULL where nothing is.
const char *bench_models_preset(int32_t i, const char *const **words);

// The table of how fast each preset's model goes forward and backward, or one JSON object.
bool bench_models(bench *b, bool json, trm_error *e);

// The table of costs against sizes, printed as it is measured, or one JSON object.
bool bench_scaling(bench *b, bool json, trm_error *e);

#endif
