// SPDX-License-Identifier: Apache-2.0
// A course is a training from its first step to its last: a model, what it learns from, and how.
// It is one interface for learning by episodes in an environment (reinforce, actor-critic, ppo,
// imitation: trm/train/learner.h) and for learning from a data set (supervised:
// trm/train/supervised.h), so that whoever drives, records, compares or shows a training asks
// nobody which of the two it is. It knows no files, no screen and no threads but its pool's.
// One thread at a time.
#ifndef TRM_TRAIN_COURSE_H
#define TRM_TRAIN_COURSE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/train/learner.h"
#include "trm/train/supervised.h"

TRM_BEGIN_DECLS

typedef struct trm_course trm_course;

// What a training is counted in, and what it is paced by.
typedef enum trm_unit { TRM_UNIT_EPISODE, TRM_UNIT_EPOCH, TRM_UNIT_STEP, TRM_UNIT_BATCH } trm_unit;

const char *trm_unit_name(trm_unit u);   // "episode"
const char *trm_unit_plural(trm_unit u); // "episodes"

// What a course is made from; borrowed while it is made.
typedef struct trm_course_plan {
    const trm_env_config *env;      // read unless train->algorithm is "supervised" …
    const trm_dataset_config *data; // … and this if it is
    const trm_model_config *model;  // learning from data, sizes complete
    const trm_train_config *train;
    uint64_t seed; // of the model's weights, episodes, samples and their order
} trm_course_plan;

// Builds everything and draws the samples. NULL with *e: sizes that cannot be. Free with
// trm_course_free (NULL is fine).
trm_course *trm_course_new(const trm_course_plan *plan, trm_error *e);
void trm_course_free(trm_course *c);

// From now on advances are computed together with peers, which must outlive the course: each has
// made one from the same plan. Rank 0 drives: what it advances, all do, its state becomes
// everyone's with the first advance, and freeing the course ends it for all. To be called once.
void trm_course_join(trm_course *c, trm_peers *peers);

// How many compute the course, 1: this process alone; and the seconds that it spent on the others.
int32_t trm_course_ranks(const trm_course *c, trm_peers_times *times);

// On the other ranks: computes what rank 0 advances, until it frees its course. False with *e: the
// state that came does not fit this course, which is a fault of the program.
bool trm_course_follow(trm_course *c, trm_error *e);

// How far a course is.
typedef struct trm_course_counts {
    int64_t done, total; // episodes or epochs
    int64_t advances;    // calls of trm_course_advance that were done
    int64_t updates;     // of the weights, as they are counted in what is shown and recorded
    int64_t steps;       // of all environments, or batches
    int64_t samples;     // learned from in whole epochs; 0 where there are episodes
} trm_course_counts;

trm_unit trm_course_unit(const trm_course *c); // TRM_UNIT_EPISODE or TRM_UNIT_EPOCH
trm_course_counts trm_course_count(const trm_course *c);
bool trm_course_done(const trm_course *c);

// Sets the length of the training; not below what is done (asserted). What is too long for the
// course is cut to its most. Takes effect with the next advance.
void trm_course_set_total(trm_course *c, int64_t total);

// As trm_supervised_set_stop and trm_supervised_update_share; nothing, and NaN, in a course of
// episodes, whose updates are short.
void trm_course_set_stop(trm_course *c, bool (*asked)(void *ctx), void *ctx);
double trm_course_update_share(const trm_course *c);

// One step within an advance: a step of environment 0, or a batch. Borrowed for the time of the
// call.
typedef struct trm_course_step {
    int64_t index;                     // 0-based, within the advance
    int64_t steps;                     // environment steps or batches in all, this one included
    bool first;                        // an episode begins here; always true for a batch
    bool last;                         // the advance's last; known for batches only
    const trm_step_view *view;         // of the environment; NULL for a batch
    trm_batch batch;                   // what the batch did
    int32_t batch_count, sample_count; // of the epoch; batch_count is an estimate where samples
                                       // take several batches each
} trm_course_step;

// Called after every step on the thread that advances. It may block (that is how a watched training
// is paced), may ask the course for a sample or for weights, and changes nothing. False abandons
// the advance.
typedef struct trm_step_callback {
    bool (*step)(void *ctx, const trm_course_step *step);
    void *ctx;
} trm_step_callback;

// What an advance did: what there is to record of it.
typedef struct trm_advance {
    trm_unit unit;
    trm_update update; // TRM_UNIT_EPISODE: an update with its episodes
    trm_epoch epoch;   // TRM_UNIT_EPOCH: an epoch, and the score on the validation samples
} trm_advance;

// One update (an episode in every environment), or one epoch. callback may be NULL. ABANDONED: the
// callback said so; everything is exactly as before the call. FAILED: something is not finite, and
// again everything is as before; or samples could not be drawn.
trm_outcome trm_course_advance(trm_course *c, const trm_step_callback *callback, trm_advance *out,
                               trm_error *e);

// The model that learns. Its weights are not those that answer where an average of them is kept
// (train.ema): trm_course_weights copies those that do, out [size of the parameters' slab].
trm_model *trm_course_model(trm_course *c);
const trm_model *trm_course_model_const(const trm_course *c);
void trm_course_weights(const trm_course *c, float *out);

// To be called after weights were put into that model and before the first advance.
void trm_course_begin(trm_course *c);

// As trm_learner_tensors and trm_learner_restored: everything that a checkpoint must hold.
int32_t trm_course_tensors(trm_course *c, trm_tensor *out, int32_t capacity);
bool trm_course_restored(trm_course *c, trm_error *e);

const trm_train_config *trm_course_config(const trm_course *c); // with the length as it is set
uint64_t trm_course_seed(const trm_course *c);

// ---- episodes: NULL in a course of epochs -------------------------------------------------------

const trm_env *trm_course_env(const trm_course *c);
trm_learner *trm_course_learner(trm_course *c);

// ---- epochs -------------------------------------------------------------------------------------

// Samples of a course: those that the coming epoch is learned from, those that every epoch is
// judged by, and those for the final score. NULL in a course of episodes. Training samples are
// borrowed until the next advance, where every epoch has its own.
typedef enum trm_course_set {
    TRM_SET_TRAIN,
    TRM_SET_VALIDATION,
    TRM_SET_TEST,
    TRM_SETS
} trm_course_set;

const trm_dataset *trm_course_data(const trm_course *c, trm_course_set set);

// Held-out samples for the final score, `count` of them: TRM_SET_TEST is this for data.test.
trm_dataset *trm_course_draw_test(const trm_dataset_config *data, int32_t count, uint64_t seed,
                                  trm_error *e);

// Scores the test samples with the weights that answer. go_on (NULL: none) is asked before every
// batch of them; samples may be asked for meanwhile. False: the course has none, or was stopped.
bool trm_course_score(trm_course *c, bool (*go_on)(void *ctx), void *ctx, trm_score *out);

// Answers one input [S] as classes [P]. Courses of epochs only (asserted).
void trm_course_answer(trm_course *c, const float *input, int32_t *classes);

// One sample and what the model thinks of it. The slabs are its own.
typedef struct trm_sample {
    uint64_t id;           // differs for every answer; 0: none yet
    trm_split side;        // training or validation samples
    int32_t sample, count; // which one, 0-based, of how many
    int64_t epochs;        // learned by then: whole epochs …
    int32_t batch;         // … and batches of the next
    trm_board board;       // the input for drawing; rows 0 where it is no board
    float *input;          // [S]
    int32_t *target;       // [P]
    float *trace;          // trm_trace_size floats of trm_model_trace_shape …
    int32_t known;         // … of whose supervision steps or cycles so many are there
} trm_sample;

// Allocates for the course, which must be one of epochs (asserted). Free with trm_sample_done.
void trm_sample_init(trm_sample *s, const trm_course *c);
void trm_sample_done(trm_sample *s);

// dst becomes equal to src; both of the same course.
void trm_sample_copy(trm_sample *dst, const trm_sample *src, const trm_model *m);

// Asks the model about a sample, taken modulo their number: fills all but id, epochs and batch.
// seen is asked as trm_supervised_trace does, with *out filled but for `known`. May be called
// within a step callback; changes nothing.
void trm_course_sample(trm_course *c, trm_split side, int32_t sample, trm_steps_seen *seen,
                       void *ctx, trm_sample *out);

TRM_END_DECLS

#endif
