// SPDX-License-Identifier: Apache-2.0
// The Watch screen's state, shared by its looking and its keys.
#ifndef TUI_WATCH_STATE_H
#define TUI_WATCH_STATE_H

#include "trm/tui/watch.h"
#include "tui/app.h"
#include "tui/pace.h"
#include "tui/screen.h"
#include "tui/watch/show.h"
#include "tui/watch/view.h"

enum { TRM_WATCH_PATH = 512 };

// The board in sight, about to be played or compared on.
typedef struct trm_watch_board {
    trm_model *copy;  // is waiting for its weights; NULL: nothing is asked for
    trm_model *other; // it is compared with this one; NULL: it is played against
    char *start;      // state block
    char name[96], other_name[96], start_name[96];
} trm_watch_board;

typedef struct trm_watch {
    const trm_watch_options *o;
    trm_app *app;
    trm_director director;
    trm_show show;
    trm_watch_view view;
    trm_history history;
    trm_snapshot snap;   // the newest; the view's is the one in sight
    trm_pace_input seen; // what the director was told last
    bool started;
    bool paused; // as the viewer wants it
    bool was_done;
    double elapsed;   // seconds of running, pauses left out
    double looked;    // at the last tick
    double refreshed; // when the numbers in sight were renewed
    bool renew;       // renew them at the next look

    trm_watch_board board;

    bool saving;         // a checkpoint was asked for; then the run is copied
    uint64_t save_after; // checkpoints made when it was asked for
    char save_path[TRM_WATCH_PATH];
} trm_watch;

// The screen over w, which must stay where it is. w->o is set.
trm_screen trm_watch_screen(trm_watch *w);

enum { TRM_WATCH_ACTIONS = 24 };
extern const trm_action trm_watch_actions[TRM_WATCH_ACTIONS];

// Put the step in sight under the microscope, or under what-if, with the weights it was acted with.
void trm_watch_microscope(void *self, int32_t arg);
void trm_watch_what_if(void *self, int32_t arg);

// Play the board in sight by hand, or set the model beside another one on it; the model is a copy
// of the weights of now. poll opens what was asked for as soon as they are there; true if it did.
void trm_watch_play(void *self, int32_t arg);
void trm_watch_versus(void *self, int32_t arg);
bool trm_watch_board_poll(trm_watch *w);
void trm_watch_board_done(trm_watch *w);

// The time line of this run, while it goes on.
void trm_watch_replay(void *self, int32_t arg);

// A click into a panel gives it the focus.
void trm_watch_click(void *self, int32_t y, int32_t x);

#endif
