// SPDX-License-Identifier: Apache-2.0
// Drives a supervised run, on a thread of its own or on the caller's: epochs, recording,
// checkpoints, the final score. Publishes what happens and takes commands as trm_trainer does for
// reinforcement learning; nothing a reader or a command does changes what is computed.
#ifndef TRM_RUN_LESSON_TRAINER_H
#define TRM_RUN_LESSON_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/run/config.h"
#include "trm/run/lesson.h"
#include "trm/run/rundir.h"
#include "trm/train/trainer.h"

TRM_BEGIN_DECLS

enum { TRM_LESSON_POINTS = 512 };

// Curves over the whole training. When a list is full every other point goes and from then on only
// every second one is kept. x: epochs learned, fractions count.
typedef struct trm_lesson_history {
    uint64_t version; // grows with every point
    struct trm_lesson_batches {
        int32_t count;
        int64_t stride, seen; // one point stands for `stride` batches
        double sum;           // of the losses of the point to come
        float x[TRM_LESSON_POINTS], loss[TRM_LESSON_POINTS]; // loss: mean of the point's batches
    } batches;
    struct trm_lesson_epochs {
        int32_t count;
        int64_t stride, seen;
        float x[TRM_LESSON_POINTS], train_loss[TRM_LESSON_POINTS];
        float validation_loss[TRM_LESSON_POINTS];
        float cells[TRM_LESSON_POINTS], exact[TRM_LESSON_POINTS]; // shares of validation
    } epochs;
} trm_lesson_history;

void trm_lesson_history_init(trm_lesson_history *h);
void trm_lesson_history_add_batch(trm_lesson_history *h, double x, double loss);
void trm_lesson_history_add_epoch(trm_lesson_history *h, const trm_epoch *epoch);

// Adds the epochs that stand in a run's metrics.jsonl; lines that are none are passed over. False:
// the file cannot be read.
bool trm_lesson_history_read(trm_lesson_history *h, const trm_rundir *r, trm_error *e);

// Numbers for screens; copied out whole.
typedef struct trm_lesson_snapshot {
    uint64_t version; // grows whenever anything below changes
    trm_trainer_state state;
    int64_t epochs, epochs_total; // done, and in all
    int32_t batch, batches;       // of the epoch being learned: done, and in all
    int64_t updates;              // batches done since this trainer began
    double seconds;               // spent in training since the start of the run
    double samples_per_second;    // over the last second or so
    double batches_per_second;    // likewise
    trm_batch last;               // the newest batch; batch -1: none yet
    trm_epoch epoch;              // the newest whole epoch; epoch -1: none yet
    double best_exact;            // highest exact_accuracy of an epoch; NaN: none yet
    int64_t best_epoch;           // the first one that had it, 0-based; -1
    trm_score test;               // on the test samples, once training is done
    bool tested;
    uint64_t checkpoints; // written by this trainer
    double speed;         // batches a second asked for; 0: as fast as it goes
    trm_error error;      // code TRM_OK unless state is FAILED
} trm_lesson_snapshot;

// One sample and what the model thinks of it. Slabs belong to the peek.
typedef struct trm_lesson_peek {
    uint64_t id; // grows with every new one; 0: none yet
    trm_split side;
    int32_t sample, count; // which one, 0-based, of how many
    int64_t epochs;        // learned by then: whole epochs …
    int32_t batch;         // … and batches of the next
    trm_board board;       // the input for drawing; rows 0 where it is no board
    float *input;          // [S]
    int32_t *target;       // [P]
    float *trace;          // trm_trace_size floats
} trm_lesson_peek;

void trm_lesson_peek_init(trm_lesson_peek *p, const trm_lesson *l);
void trm_lesson_peek_done(trm_lesson_peek *p);

typedef struct trm_lesson_trainer trm_lesson_trainer;

// Lesson and run directory are borrowed and must outlive the trainer; *c is copied. rundir NULL:
// nothing is recorded. history may be NULL, or what a resumed run did before; it is copied.
// seconds: where the clock starts.
trm_lesson_trainer *trm_lesson_trainer_new(trm_lesson *l, const trm_config *c, trm_rundir *rundir,
                                           const trm_lesson_history *history, double seconds);
void trm_lesson_trainer_free(trm_lesson_trainer *t); // stops and joins first; NULL is fine

// Trains to the end on the calling thread: every epoch is recorded, and at the end the test samples
// are scored and checkpoint and result written. go_on (NULL: always) is asked after every batch;
// false abandons the epoch. False: failed, or stopped (TRM_E_STOPPED) with the whole epochs saved.
bool trm_lesson_trainer_run(trm_lesson_trainer *t, bool (*go_on)(void *ctx), void *ctx,
                            trm_error *e);

// The same on a new thread; after the end it goes on answering samples until stopped or extended.
bool trm_lesson_trainer_start(trm_lesson_trainer *t, trm_error *e);
void trm_lesson_trainer_join(trm_lesson_trainer *t);

// Commands, from any thread; answered between two batches.
void trm_lesson_trainer_pause(trm_lesson_trainer *t);
void trm_lesson_trainer_resume(trm_lesson_trainer *t);
void trm_lesson_trainer_step(trm_lesson_trainer *t, int32_t batches);            // while paused
void trm_lesson_trainer_speed(trm_lesson_trainer *t, double batches_per_second); // 0: free
void trm_lesson_trainer_extend(trm_lesson_trainer *t, int64_t epochs);
// A checkpoint of the whole epochs: at the end of this one; while paused at once, for which the
// epoch is set back, and repeated in silence.
void trm_lesson_trainer_checkpoint(trm_lesson_trainer *t);
void trm_lesson_trainer_stop(trm_lesson_trainer *t); // abandons the epoch, saves, ends

// Asks for a sample to be answered by the weights of now; the newest request counts. The sample is
// taken modulo their number.
void trm_lesson_trainer_look(trm_lesson_trainer *t, trm_split side, int32_t sample);

// Reading; from one reader's thread. The last two return true if anything was new.
void trm_lesson_trainer_snapshot(trm_lesson_trainer *t, trm_lesson_snapshot *out);
bool trm_lesson_trainer_history(trm_lesson_trainer *t, trm_lesson_history *mine);
bool trm_lesson_trainer_peek(trm_lesson_trainer *t, trm_lesson_peek *mine);

TRM_END_DECLS

#endif
