// SPDX-License-Identifier: Apache-2.0
// The time line's state. The moment in sight was played, or its sample answered, again with its own
// weights; everything that is drawn of it is in the view.
#ifndef TUI_REPLAY_STATE_H
#define TUI_REPLAY_STATE_H

#include "trm/agent/player.h"
#include "trm/run/record.h"
#include "trm/train/trainer.h"
#include "tui/app.h"
#include "tui/inspector/inspector.h"
#include "tui/train/panel.h"
#include "tui/train/view.h"

enum { TRM_REPLAY_GEARS = 8 };
extern const double trm_replay_speeds[TRM_REPLAY_GEARS]; // steps or epochs a second

typedef struct trm_replay trm_replay;

// An episode or a sample with the weights that play or answer it, and how it looks.
typedef struct trm_replay_side {
    trm_model *model;
    trm_agent agent;                 // with that model; of episodes for `then` only
    trm_episode_trace episode_trace; // episodes
    trm_sample sample;               // epochs: id 0 until one was answered
    trm_train_view view;
    int64_t update; // how many updates made the weights
} trm_replay_side;

enum { TRM_REPLAY_WORDS = 3 };

// What differs between moments that are episodes and moments that are epochs. `at` is a place in a
// moment: a step of an episode, or one of the samples that an epoch answers.
typedef struct trm_replay_kind {
    const char *beat;                                // what playing goes on by: "step", "epoch"
    const char *then, *now;                          // how each side comes about
    const char *fame[TRM_MARK_COUNT];                // "the best"
    const char *curves[2];                           // names of the curves for their key
    void (*open)(trm_replay *r, trm_replay_side *s); // its model is there, and its view begun
    void (*close)(trm_replay_side *s);
    void (*begin)(trm_replay *r); // both sides are open

    bool (*load)(trm_replay *r, int32_t moment); // whose weights are in place; false: not shown
    int32_t (*last)(const trm_replay *r);        // place of the moment in sight
    int32_t (*first)(const trm_replay *r);       // place to begin another moment with
    bool (*show)(trm_replay *r, int32_t at);     // false: it cannot be, and the status says why
    bool (*answer)(trm_replay *r);               // the same with the newest weights
    void (*show_now)(trm_replay *r);
    bool (*forward)(trm_replay *r); // false at the end of all
    void (*step)(trm_replay *r, int32_t by);
    void (*differ)(trm_replay *r); // to r->differs, which is a difference
    bool (*source)(trm_replay *r, trm_inspector_source *out, trm_error *e);

    int64_t (*steps)(const trm_moment *m);                           // steps or batches by its end
    const char *(*curve)(const trm_replay *r, trm_train_curve *out); // returns its name
    void (*heading)(const trm_replay *r, char words[TRM_REPLAY_WORDS][80]);
} trm_replay_kind;

extern const trm_replay_kind trm_replay_episodes, trm_replay_epochs;

struct trm_replay {
    const trm_replay_kind *kind;
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
    char title[64];  // of a screen that is opened on it

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
};

// Opens a run's record and brings its first moment in sight, beside a trainer its last. NULL with
// *e filled: it cannot be shown.
trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e);
void trm_replay_free(trm_replay *r);

// Brings a moment and a place in it in sight; clamped. A failure goes to the status line, and
// what was in sight stays.
void trm_replay_go(trm_replay *r, int32_t moment, int32_t step);

// Another place in the moment in sight.
void trm_replay_step(trm_replay *r, int32_t at);

// Is the end of the last moment in sight?
bool trm_replay_at_end(const trm_replay *r);

// Plays the start, or answers the sample, in sight with the newest weights, if that has to be done.
void trm_replay_prepare(trm_replay *r);

// Looks whether there are more moments and more history; true if there are.
bool trm_replay_renew(trm_replay *r, double now);

const trm_moment *trm_replay_moment(const trm_replay *r);

// "the best": what the moment in sight is known for; "" if for nothing.
const char *trm_replay_fame(const trm_replay *r);

extern const trm_action trm_replay_actions[];

void trm_replay_click(void *self, int32_t y, int32_t x);

#endif
