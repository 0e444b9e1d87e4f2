// SPDX-License-Identifier: Apache-2.0
// The record of a run's course: moments with the weights of then, spread over the whole training
// and bounded in size (run.record_mib). In an environment a moment is an episode with the weights
// that played it. Of a supervised run it is an epoch with the weights that answer after it, and how
// they answer the first few validation samples, the same ones at every moment. A run makes its
// record by itself (trm_rundir_hooks); here it is read, and checked by playing and answering again.
//
// On disk it is episodes.jsonl, one object a moment in order, and weights/UPDATE.safetensors, one
// an update that a moment belongs to, in the form of a checkpoint without the optimiser.
//   An episode: episode, update, step, reward, success, length as in metrics.jsonl; level, the
// moment's rank when the record is thinned (-1: kept for what it is); start, the environment's
// generator as the episode began, 64 hexadecimal digits; actions, rewards; reasons, the words, and
// why, which of them goes with each step.
//   An epoch: epoch, validation_loss, cell_accuracy, exact_accuracy, path_recall as in
// metrics.jsonl; update, the batches learned by then; level; samples, which validation samples were
// answered; right, how many cells of each are; exact, 1 where all are.
//
// Moments are kept by environment steps, at first one in 64 of them, the first episode of its
// update, or by epochs, at first every one; when there is no more room every other one goes, so
// that what is left stays evenly spread. Some always stay: the first success, the best, the worst
// and the longest episode; the first epoch that answers a sample right in every cell, the best by
// exact_accuracy and then cell_accuracy, the worst, and the last. All of this depends on the
// training only: equal runs on one BLAS kernel have equal records to the byte, watched or not, with
// any number of threads, interrupted and resumed or not.
//
// A record may be read while it is written. Reading treats the files as hostile. One thread at a
// time.
#ifndef TRM_RUN_RECORD_H
#define TRM_RUN_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/agent.h"
#include "trm/agent/episode.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/run/config.h"
#include "trm/train/course.h"
#include "trm/train/history.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

// What a moment is, of all that are kept; several may hold.
typedef enum trm_mark {
    TRM_MARK_FIRST_SUCCESS, // of epochs: the first that answers a sample right in every cell
    TRM_MARK_BEST,
    TRM_MARK_WORST,
    TRM_MARK_LONGEST, // of episodes only
    TRM_MARK_COUNT
} trm_mark;

typedef struct trm_moment {
    int64_t number; // of the episode or epoch, from 0
    int64_t update; // its weights are weights/UPDATE.safetensors
    int32_t level;
    int64_t steps; // of the moments before it, or samples that they answer

    // TRM_UNIT_EPISODE
    trm_episode episode;
    trm_rng start;
    int32_t *actions; // [episode.length]
    float *rewards;   // [episode.length]
    uint8_t *why;     // [episode.length] trm_reason

    // TRM_UNIT_EPOCH
    trm_score score;  // on all validation samples
    int32_t count;    // of the samples that were answered
    int32_t *samples; // [count] which validation samples, 0-based
    int32_t *right;   // [count] cells of each that are right
    bool *exact;      // [count] all cells are
} trm_moment;

typedef struct trm_record trm_record;

// Opens the record of a run directory. Fails with TRM_E_INPUT on what is no run, on a run without
// record and on lines that cannot be (file and line are named). Lines whose weights are not there,
// and a last line that is not whole, are passed over. Free with trm_record_free (NULL is fine).
trm_record *trm_record_open(const char *run, trm_error *e);
void trm_record_free(trm_record *r);

// Reads again if the file has changed; true if there are other moments than before. On failure the
// record stays as it was.
bool trm_record_renew(trm_record *r, trm_error *e);

const char *trm_record_path(const trm_record *r); // of the run
const trm_config *trm_record_config(const trm_record *r);

// TRM_UNIT_EPISODE or TRM_UNIT_EPOCH: what its moments are.
trm_unit trm_record_unit(const trm_record *r);
const trm_env *trm_record_env(const trm_record *r); // NULL: its moments are epochs

// At least one.
int32_t trm_record_count(const trm_record *r);
int64_t trm_record_steps(const trm_record *r); // of all moments, or samples that they answer
int64_t trm_record_bytes(const trm_record *r); // on disk
const trm_moment *trm_record_moment(const trm_record *r, int32_t i); // borrowed until renewed

// The moment with a mark, -1 if there is none.
int32_t trm_record_marked(const trm_record *r, trm_mark mark);

// The last moment that is not after an episode or epoch, or the first.
int32_t trm_record_at(const trm_record *r, int64_t number);

// The course of the training from metrics.jsonl.
bool trm_record_history(const trm_record *r, trm_history *out, trm_error *e);

// A model of the run's sizes, its weights all 0. Free with trm_model_free.
trm_model *trm_record_model(const trm_record *r, trm_error *e);

// Puts a moment's weights into a model of those sizes.
bool trm_record_weights(const trm_record *r, int32_t i, trm_model *m, trm_error *e);

// The weights of the end of what is recorded: the checkpoint's, or where there is none, or it is
// older, the newest moment's. *update: how many updates made them.
bool trm_record_newest(const trm_record *r, trm_model *m, int64_t *update, trm_error *e);

// Plays a moment again: the start is drawn, the agent (of the record's environment and a model with
// the moment's weights) is asked at every step, the recorded action is done. The episode trace, if
// not NULL, receives the steps with all that the model thought. Fails on the first step whose
// reward, reason or end is not as recorded, or at which the agent would not have sampled the
// recorded action.
bool trm_record_play(const trm_record *r, int32_t i, trm_agent *a, trm_episode_trace *episode_trace,
                     trm_error *e);

// A sample of a moment that is an epoch (asserted), as it was answered then.
typedef struct trm_record_answer {
    int32_t sample;        // which validation sample
    int32_t right, cells;  // cells that are right, of how many
    bool exact;            // all are
    const float *input;    // [S]
    const int32_t *target; // [cells]
    trm_board board;       // the input for drawing; rows 0 where it is no board
} trm_record_answer;

// Sample k (0 .. count - 1) of moment i. The first call draws the samples again, from the run's
// configuration and seed. Input and target are borrowed until the next call. Fails where the
// samples cannot be drawn: files of puzzles may be gone.
bool trm_record_sample(trm_record *r, int32_t i, int32_t k, trm_record_answer *out, trm_error *e);

// The validation samples of which moment i, an epoch (asserted), answers `samples`: all up to the
// last of those. Borrowed until the next call of this or of trm_record_sample; fails as that does.
const trm_dataset *trm_record_data(trm_record *r, int32_t i, trm_error *e);

// What a moment looks like: the board as its episode ended, or its first sample as the agent
// answers it (of no environment, with the moment's weights; episodes need none). signs
// [TRM_BOARD_MAX * TRM_BOARD_MAX]: trm_cell_sign of every cell of an answer, TRM_SIGN_NONE of an
// episode. Rows are 0 where it is no board. Fails where the episode does not go as recorded, as
// trm_record_sample does, and with TRM_E_STOPPED where the workspace was stopped.
bool trm_record_board(trm_record *r, int32_t i, trm_agent *a, trm_board *board, uint8_t *signs,
                      trm_error *e);

// Up to `most` moments (3 or more) in order, spread evenly, the first, the best and the last among
// them. Returns how many.
int32_t trm_record_spread(const trm_record *r, int32_t most, int32_t *chosen);

// Proves a moment with an agent of trm_record_env (NULL where moments are epochs) and a model with
// the moment's weights: plays it again, or answers its samples again. Fails on the first
// difference. As many cells must be right as recorded; where two logits are so near to each other
// that another machine may take either, either counts.
bool trm_record_check(trm_record *r, int32_t i, trm_agent *a, trm_error *e);

TRM_END_DECLS

#endif
