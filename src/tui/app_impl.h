// SPDX-License-Identifier: Apache-2.0
// What the application's loop (app.c) and its keys (app_keys.c) share.
#ifndef TUI_APP_IMPL_H
#define TUI_APP_IMPL_H

#include "tui/app.h"
#include "tui/canvas/recorder.h"
#include "tui/cover.h"

enum { TRM_APP_STACK = 8 };

// A screen on the stack.
typedef struct trm_app_screen {
    const trm_screen_ops *ops;
    void *self;
} trm_app_screen;

struct trm_app {
    trm_terminal *terminal;     // NULL: what is drawn is recorded only
    trm_recorder *recorder;     // NULL: nothing is recorded
    trm_canvas canvas, picture; // picture: to be saved under a name that is being typed
    trm_app_screen stack[TRM_APP_STACK];
    int32_t depth;
    bool pop, dirty, whole;
    double now, drawn; // drawn: when the last frame was

    trm_cover cover;
    void (*number_done)(void *ctx, int64_t number);
    void *number_ctx;
    const char *number_wrong;

    bool explaining; // the panel in focus
    int32_t stop;    // of the tour; -1: there is none
    void (*tour_at)(void *ctx, int32_t stop);
    void *tour_ctx;

    trm_action_spots spots; // of the bottom row as it was drawn
    char status[256];
    double status_until;
    bool hovers;                  // … is what the mouse is on
    int32_t pointer_y, pointer_x; // of the mouse; y is -1 where that is not known
};

static inline trm_app_screen *trm_app_top(trm_app *a) {
    return &a->stack[a->depth - 1];
}

// Does what was typed or clicked. True if anything was. a->dirty: it may be seen.
bool trm_app_handle_keys(trm_app *a);

// Names what is under the mouse in the bottom row for as long as it is there.
void trm_app_name_hovered(trm_app *a);

// Gives the terminal back until the shell says fg. self: the application.
void trm_app_suspend(void *self);
void trm_app_measure(trm_app *a); // takes the terminal's size over

#endif
