// SPDX-License-Identifier: Apache-2.0
// The time line's state. The moment in sight was played again with its own weights; everything that
// is drawn of it is in the view.
#ifndef TUI_REPLAY_STATE_H
#define TUI_REPLAY_STATE_H

#include "trm/agent/player.h"
#include "trm/run/record.h"
#include "trm/train/trainer.h"
#include "tui/app.h"
#include "tui/train/view.h"

enum { TRM_REPLAY_GEARS = 8 };
extern const double trm_replay_speeds[TRM_REPLAY_GEARS]; // steps a second

// An episode with the weights that play it, and how it looks.
typedef struct trm_replay_side {
    trm_model *model;
    trm_episode_trace episode_trace;
    trm_train_view view;
    int64_t update; // how many updates made the weights
} trm_replay_side;

typedef struct trm_replay {
    trm_app *app;
    trm_trainer *trainer; // borrowed; NULL: none is at work in this process
    trm_record *record;
    trm_agent agent;   // for `then`
    trm_player player; // for `now`
    trm_history history;
    trm_replay_side then, now;
    int32_t moment;      // in sight
    trm_episode episode; // of it
    bool whole;          // it plays as it was recorded

    bool compare;      // both sides are in sight
    bool now_loaded;   // `now` has the newest weights of the record
    bool now_played;   // … and has played this moment's start
    int32_t differs;   // first step at which the two do not do the same; -1: none
    bool success;      // the curve is that of success
    bool playing;      // steps go by
    int32_t gear;      // of trm_replay_speeds
    double due;        // when the next one does
    double looked;     // when the files were looked at
    double read, cost; // when the history was read, and how long that took
} trm_replay;

// Opens a run's record and brings its first moment in sight, beside a trainer its last. NULL with
// *e filled: it cannot be shown.
trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e);
void trm_replay_free(trm_replay *r);

// Brings a moment and one of its steps in sight; clamped. A failure goes to the status line, and
// what was in sight stays.
void trm_replay_go(trm_replay *r, int32_t moment, int32_t step);

// Another step of the moment in sight.
void trm_replay_step(trm_replay *r, int32_t step);

// One step on or back, over the edges of moments; false at the end of all.
bool trm_replay_forward(trm_replay *r);
bool trm_replay_back(trm_replay *r);

// Plays the start in sight with the newest weights, if that has to be done.
void trm_replay_prepare(trm_replay *r);

// Looks whether there are more moments and more history; true if there are.
bool trm_replay_renew(trm_replay *r, double now);

const trm_moment *trm_replay_moment(const trm_replay *r);

// "the best": what the moment in sight is known for; "" if for nothing.
const char *trm_replay_fame(const trm_replay *r);

enum { TRM_REPLAY_ACTIONS = 24 };
extern const trm_action trm_replay_actions[TRM_REPLAY_ACTIONS];

void trm_replay_click(void *self, int32_t y, int32_t x);

#endif
