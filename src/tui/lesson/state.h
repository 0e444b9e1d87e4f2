// SPDX-License-Identifier: Apache-2.0
// The state of the screen of a supervised training, shared by its looking and its keys.
#ifndef TUI_LESSON_STATE_H
#define TUI_LESSON_STATE_H

#include "trm/tui/lesson.h"
#include "tui/app.h"
#include "tui/lesson/view.h"
#include "tui/pace.h"
#include "tui/screen.h"

enum { TRM_LESSON_PATH = 512 };

// What is to be opened on the sample in sight, once the weights of now are there.
typedef enum trm_lesson_screen_kind {
    TRM_LESSON_MICROSCOPE,
    TRM_LESSON_WHAT_IF,
    TRM_LESSON_PLAY,
    TRM_LESSON_VERSUS
} trm_lesson_screen_kind;

typedef struct trm_lesson_open {
    trm_lesson_screen_kind kind;
    trm_model *copy; // NULL: nothing is to be opened
    trm_model *other;
    char other_name[96];
} trm_lesson_open;

typedef struct trm_lesson_watch {
    const trm_lesson_watch_options *o;
    trm_app *app;
    trm_director director;
    trm_lesson_view view;
    trm_snapshot snap;   // the newest; the view's is the one in sight
    trm_pace_input seen; // what the director was told last
    bool started;
    bool paused; // as the viewer wants it
    bool was_done;
    double told;       // speed the trainer was told last
    double elapsed;    // seconds of running, pauses left out
    double looked;     // at the last tick
    double refreshed;  // when the numbers in sight were renewed
    bool renew;        // renew them at the next look
    bool asked;        // a sample was asked for, and not yet answered
    bool ask;          // another one is in sight than before, or a batch was asked for
    double asked_at;   // when
    int64_t answered;  // batches done when the last answer was asked for
    double shown_next; // done: when the show goes on

    trm_lesson_open open;

    bool saving;         // a checkpoint was asked for; then the run is copied
    uint64_t save_after; // checkpoints made when it was asked for
    char save_path[TRM_LESSON_PATH];
} trm_lesson_watch;

// The screen over w, which must stay where it is. w->o is set.
trm_screen trm_lesson_screen(trm_lesson_watch *w);

enum { TRM_LESSON_ACTIONS = 23 };
extern const trm_action trm_lesson_actions[TRM_LESSON_ACTIONS];

// A click into a panel gives it the focus.
void trm_lesson_click(void *self, int32_t y, int32_t x);

// Keys: kind is a trm_lesson_screen_kind, but for versus, which asks for the other model first.
void trm_lesson_open_kind(void *self, int32_t kind);
void trm_lesson_open_versus(void *self, int32_t arg);

// Opens what was asked for once the weights are there. True: it did.
bool trm_lesson_open_poll(trm_lesson_watch *w);
void trm_lesson_open_done(trm_lesson_watch *w);

// Puts another sample in sight: by `by` further.
void trm_lesson_turn(trm_lesson_watch *w, int32_t by);

#endif
