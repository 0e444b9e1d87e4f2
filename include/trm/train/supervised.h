// SPDX-License-Identifier: Apache-2.0
// Learning from answers: mini-batches, cross entropy at every supervision step, Adam. One object
// joins a model and the samples it is shown; it knows no files and no screen. One thread at a time.
#ifndef TRM_TRAIN_SUPERVISED_H
#define TRM_TRAIN_SUPERVISED_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/score.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/model/model.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

// Samples to learn from or to be judged by. Borrowed.
typedef struct trm_samples {
    const float *inputs;    // [count, S]
    const int32_t *targets; // [count, P], 0 .. A-1; below 0: that position is not judged
    int32_t count;
} trm_samples;

typedef struct trm_epoch {
    int64_t epoch;     // 0-based
    double train_loss; // the training loss, mean over batches
    float grad_norm;   // of the last batch
    float lr;          // of the last batch
    trm_score score;   // on the validation samples
} trm_epoch;

// What one batch did.
typedef struct trm_batch {
    int64_t batch;   // 0-based, over all epochs
    double loss;     // the training loss, mean over the samples that took part
    float grad_norm; // before clipping
    float lr;
    int32_t samples; // of this epoch that were learned from so far; carried: that have left
} trm_batch;

typedef struct trm_supervised trm_supervised;

// model: sizes complete (state_dim, action_dim, positions, height, width). Of the training
// configuration it reads what trm_algorithm_reads says of "supervised"; warmup and decay count
// batches. Free with trm_supervised_free.
trm_supervised *trm_supervised_new(const trm_model_config *model, const trm_train_config *train,
                                   uint64_t seed, trm_error *e);
void trm_supervised_free(trm_supervised *s);

// As trm_learner_join. Rank 0's progress decides for all whether an epoch goes on.
void trm_supervised_join(trm_supervised *s, trm_peers *peers);

// One pass over the training samples in a new random order, the last batch may be smaller, then the
// score on `validation`. batch must not exceed the number of samples. progress (NULL: none) is
// called after each batch with the share done; false abandons the epoch and leaves everything as it
// was before it. FAILED: a loss or gradient is not finite; weights are those of before the epoch.
trm_outcome trm_supervised_epoch(trm_supervised *s, const trm_samples *train,
                                 const trm_samples *validation,
                                 bool (*progress)(void *ctx, double share), void *ctx,
                                 trm_epoch *out, trm_error *e);

// The newest batch; may be asked for in progress. batch is -1 before the first, or the first since
// a checkpoint was read.
void trm_supervised_batch(const trm_supervised *s, trm_batch *out);

// Scores samples (dropout off). Changes nothing. go_on (NULL: none) is asked before every batch,
// and may ask for a trace or an answer; false ends it, and then the result is false.
bool trm_supervised_score(trm_supervised *s, const trm_samples *samples, bool (*go_on)(void *ctx),
                          void *ctx, trm_score *out);

// A training that is told to stop within an update gives it up: the epoch, or the score, ends as
// one that was abandoned. `asked` is called by the threads that compute, often; NULL: never.
void trm_supervised_set_stop(trm_supervised *s, bool (*asked)(void *ctx), void *ctx);

// Share of the running update that is done, 0 to 1, from any thread; NaN where updates are short
// enough not to be told of (supervision other than "act").
double trm_supervised_update_share(const trm_supervised *s);

// Answers one sample [S] as classes [P].
void trm_supervised_answer(trm_supervised *s, const float *input, int32_t *classes);

// What the model thinks of one sample [S], as it would answer it: fills data (trm_trace_size floats
// of trm_model_trace_shape; steps that are not known are 0) and returns how many steps it knows. Of
// a model that thinks long (trm-paper, hrm) `seen` (NULL: none) is called after each step but the
// last: `known` of them are there. False gives the answer up, as a stop does. May be called in
// progress; changes nothing.
typedef bool trm_steps_seen(void *ctx, int32_t known);
int32_t trm_supervised_trace(trm_supervised *s, const float *input, trm_steps_seen *seen, void *ctx,
                             float *data);

trm_model *trm_supervised_model(trm_supervised *s);
// After weights were put into that model, before the first epoch: their average begins with them.
void trm_supervised_begin(trm_supervised *s);
int64_t trm_supervised_epochs(const trm_supervised *s);  // done so far
int64_t trm_supervised_updates(const trm_supervised *s); // batches done so far

// How long the training is, for the schedule of the learning rate; between epochs.
void trm_supervised_set_epochs(trm_supervised *s, int32_t total);

// Copies the weights that answer, the average where one is kept: out [size of the slab].
void trm_supervised_weights(const trm_supervised *s, float *out);

// As trm_learner_tensors and trm_learner_restored.
int32_t trm_supervised_tensors(trm_supervised *s, trm_tensor *out, int32_t capacity);
bool trm_supervised_restored(trm_supervised *s, trm_error *e);

TRM_END_DECLS

#endif
