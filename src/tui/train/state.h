// SPDX-License-Identifier: Apache-2.0
// The training screen's state, shared by its ticks, its keys and what they open.
#ifndef TUI_TRAIN_STATE_H
#define TUI_TRAIN_STATE_H

#include "trm/agent/policy_map.h"
#include "trm/tui/watch.h"
#include "tui/app.h"
#include "tui/pacing.h"
#include "tui/train/playback.h"
#include "tui/train/view.h"

enum { TRM_TRAIN_PATH = 512, TRM_TRAIN_NAME = 96 };

typedef struct trm_train_screen trm_train_screen;

// A screen on what is in sight that is about to be opened with the weights of now.
typedef struct trm_train_opening {
    trm_model *copy;   // is waiting for its weights; NULL: nothing is asked for
    trm_model *other;  // versus: it is compared with this one
    bool kept;         // what was in sight is here:
    char *start;       // episodes: state block of their start; else NULL
    trm_sample sample; // samples: the one that was in sight; else empty
    char name[TRM_TRAIN_NAME], other_name[TRM_TRAIN_NAME], start_name[TRM_TRAIN_NAME];
    int32_t what_if;                                 // 0, 1: which screen looks at samples
    bool (*open)(trm_train_screen *w, trm_error *e); // takes the models, or leaves them here
} trm_train_opening;

// What the model would do from every cell of the board in sight, asked a few cells at a time with
// the weights that the episode was acted with.
typedef struct trm_train_plan {
    trm_model *model; // NULL: it was never asked for
    float *weights;
    trm_agent agent;
    trm_policy_map map;
    uint64_t weights_of, id; // episode traces whose weights these are, and that the map is of …
    int32_t cursor;          // … at this step
} trm_train_plan;

struct trm_train_screen {
    const trm_watch_options *o;
    trm_watch_options own; // of a screen that another one pushed …
    void (*closed)(void *job);
    void *job;
    trm_app *app;
    trm_pacing pacing;
    trm_playback show;
    trm_train_view view;
    trm_history history;
    trm_snapshot snap;   // the newest; the view's is the one in sight
    trm_pace_input seen; // what the pacing was told last
    bool started;
    bool paused; // as the viewer wants it
    bool was_done;
    double elapsed;   // seconds of running, pauses left out
    double looked;    // at the last tick
    double refreshed; // when the numbers in sight were renewed
    bool renew;       // renew them at the next look
    double asked;     // when requests in the run's folder were looked for

    trm_train_opening opening;
    trm_train_plan plan;
    int32_t *order; // held-out samples, the hardest first; NULL: not asked for yet
    bool hardest;   // … is how they are shown

    bool saving;         // a checkpoint was asked for; then the run is copied
    uint64_t save_after; // checkpoints made when it was asked for
    char save_path[TRM_TRAIN_PATH];
};

extern const trm_action trm_train_actions[];

// Pushes the screen on a training that `make` makes, which may take a while; it is stopped, and
// `done` called with the job, when the screen closes. What fails later is said in the bottom row.
bool trm_train_push(trm_app *app, trm_watch_make *make, void (*done)(void *job), trm_error *e);

// A click into a panel gives it the focus.
void trm_train_click(void *self, int32_t y, int32_t x);

// The folder of the run that is trained or followed; NULL: there is none.
const char *trm_train_run_path(const trm_train_screen *w);

// What is in sight is another step, sample or cycle now.
void trm_train_sight(trm_train_screen *w);

// ---- keys that open another screen on what is in sight (open.c) ---------------------------------

// The inspector (0) or what-if (1) on this decision; a game on this board, by hand or against
// another model; the time line of this run, while it goes on.
void trm_train_look(void *self, int32_t what_if);
void trm_train_play(void *self);
void trm_train_versus(void *self);
void trm_train_time_line(void *self);

// The plan in the board in sight, or the board as it is.
void trm_train_plan_turn(void *self);
const char *trm_train_no_plan(const void *self); // why there is none; NULL

// Asks on; true if there is more of it to be seen. It is not whole while trm_train_planning.
bool trm_train_plan_tick(trm_train_screen *w, double now);
bool trm_train_planning(const trm_train_screen *w);
void trm_train_plan_done(trm_train_screen *w);

// Held-out samples the hardest first, or as they were drawn.
void trm_train_hardest(void *self);

// Opens what was asked for as soon as its weights are there; true if it did.
bool trm_train_open_poll(trm_train_screen *w);
void trm_train_open_done(trm_train_screen *w);

#endif
