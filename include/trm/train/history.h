// SPDX-License-Identifier: Apache-2.0
// A training so far in bounded memory, as curves: points that stand for one episode (epoch, batch)
// each at first, and for two, four, eight … when there are more than fit. Of episodes, minimum and
// maximum are never lost.
#ifndef TRM_TRAIN_HISTORY_H
#define TRM_TRAIN_HISTORY_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/train/learner.h"
#include "trm/train/supervised.h"

TRM_BEGIN_DECLS

enum { TRM_HISTORY_POINTS = 1024, TRM_HISTORY_WINDOW = 50, TRM_HISTORY_CURVE = 512 };

typedef struct trm_history_point {
    int64_t episode; // first episode in it
    int64_t step;    // environment steps at its end
    int64_t count;   // episodes in it
    float min, max;  // of the reward
    double sum;      // of the reward
    float mean50;    // mean reward of the last 50 episodes at its end (of fewer at the start)
    float success50; // share of successes among them, 0..1
} trm_history_point;

// Of epochs. x: epochs learned, fractions count.
typedef struct trm_history_batches {
    int32_t count;
    int64_t stride, seen;                                // one point stands for `stride` batches
    double sum;                                          // of the losses of the point to come
    float x[TRM_HISTORY_CURVE], loss[TRM_HISTORY_CURVE]; // loss: mean of the point's batches
} trm_history_batches;

typedef struct trm_history_epochs {
    int32_t count;
    int64_t stride, seen; // every `stride`th epoch is kept
    float x[TRM_HISTORY_CURVE], train_loss[TRM_HISTORY_CURVE], validation_loss[TRM_HISTORY_CURVE];
    float cells[TRM_HISTORY_CURVE], exact[TRM_HISTORY_CURVE]; // shares of validation
} trm_history_epochs;

// Of a training that learns by episodes only what comes first is filled, of one by epochs the last
// two members.
typedef struct trm_history {
    int64_t episodes; // added so far
    int64_t width;    // episodes a full point stands for: a power of two
    int32_t count;    // points
    trm_history_point points[TRM_HISTORY_POINTS];
    float window_reward[TRM_HISTORY_WINDOW]; // ring of the last 50
    uint8_t window_success[TRM_HISTORY_WINDOW];
    float best_reward;     // -inf before the first
    int64_t best_episode;  // -1
    int64_t first_success; // episode, -1
    int64_t successes;
    trm_history_batches batches;
    trm_history_epochs epochs;
} trm_history;

void trm_history_init(trm_history *h);
void trm_history_add(trm_history *h, const trm_episode *ep);

// The same for `count` (>= 1) episodes of which only the first, *ep, is known: the others count as
// that one.
void trm_history_add_many(trm_history *h, const trm_episode *ep, int64_t count);

// Would *ep, added now, be the first success or a new best?
bool trm_history_notable(const trm_history *h, const trm_episode *ep);
float trm_history_last(const trm_history *h);      // reward of the last episode; NaN when empty
float trm_history_mean50(const trm_history *h);    // NaN when empty
float trm_history_success50(const trm_history *h); // NaN when empty

// How many episodes those two are taken over: the last 50, or as many as there are.
int32_t trm_history_window(const trm_history *h);

// A batch after `x` epochs, and a whole epoch.
void trm_history_add_batch(trm_history *h, double x, double loss);
void trm_history_add_epoch(trm_history *h, const trm_epoch *epoch);

TRM_END_DECLS

#endif
