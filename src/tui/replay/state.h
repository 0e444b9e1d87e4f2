// SPDX-License-Identifier: Apache-2.0
// The time line's state. The moment in sight was played, or its sample answered, again with its own
// weights; everything that is drawn of it is in the view. `at` is a place in a moment: a step of an
// episode, or one of the samples that an epoch answers.
#ifndef TUI_REPLAY_STATE_H
#define TUI_REPLAY_STATE_H

#include "trm/agent/player.h"
#include "trm/run/record.h"
#include "trm/train/trainer.h"
#include "tui/app.h"
#include "tui/train/view.h"

enum { TRM_REPLAY_GEARS = 8 };
extern const double trm_replay_speeds[TRM_REPLAY_GEARS]; // steps or epochs a second

// An episode or a sample with the weights that play or answer it, and how it looks.
typedef struct trm_replay_side {
    trm_model *model;
    trm_agent agent;                 // with that model
    trm_episode_trace episode_trace; // episodes
    trm_sample sample;               // epochs: id 0 until one was answered
    trm_train_view view;
    int64_t update; // how many updates made the weights
} trm_replay_side;

typedef struct trm_replay {
    bool epochs; // its moments are epochs; else episodes
    trm_app *app;
    trm_trainer *trainer; // borrowed; NULL: none is at work in this process
    trm_record *record;
    trm_player player; // episodes: for `now`
    trm_history history;
    trm_replay_side then, now;
    int32_t moment;  // in sight
    int64_t number;  // of its episode or epoch
    int64_t steps;   // by its end
    int32_t at;      // the place in it; -1: none yet
    trm_score score; // of an epoch

    bool compare;      // both sides are in sight
    bool now_loaded;   // `now` has the newest weights of the record
    bool now_played;   // … and has played this moment's start, or answered this sample
    int32_t differs;   // first step at which the two do not do the same; -1: none
    bool second;       // the second curve: success, loss
    bool playing;      // steps or epochs go by
    int32_t gear;      // of trm_replay_speeds
    double due;        // when the next one does
    double looked;     // when the files were looked at
    double read, cost; // when the history was read, and how long that took
} trm_replay;

// Opens a run's record and brings its first moment in sight, beside a trainer its last. NULL with
// *e filled: it cannot be shown.
trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e);
void trm_replay_free(void *replay); // a trm_replay

const trm_moment *trm_replay_moment(const trm_replay *r);
int64_t trm_replay_steps(const trm_replay *r, const trm_moment *m); // or batches by its end
int32_t trm_replay_last(const trm_replay *r);                       // place of the moment in sight

// Brings a moment and a place in it in sight; clamped. A failure goes to the status line, and
// what was in sight stays.
void trm_replay_go(trm_replay *r, int32_t moment, int32_t at);

// Another place in the moment in sight.
void trm_replay_step(trm_replay *r, int32_t at);

// Is the end of the last moment in sight?
bool trm_replay_at_end(const trm_replay *r);

// The first cell that then and now answer otherwise at a step of the model; -1: none.
int32_t trm_replay_other_cell(const trm_replay *r, int32_t step);

// Looks whether there are more moments and more history; true if there are.
bool trm_replay_renew(trm_replay *r, double now);

// ---- what is drawn, at any size from 60x16
// -------------------------------------------------------

void trm_replay_draw(trm_canvas *c, const void *replay); // a trm_replay

// The moment that a place of the canvas stands for; -1: none.
int32_t trm_replay_moment_at(const trm_replay *r, trm_rect area, int32_t y, int32_t x);

extern const trm_action trm_replay_actions[];

#endif
