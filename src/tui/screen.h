// SPDX-License-Identifier: Apache-2.0
// What a screen is to the application. A new screen is one such table and the state it works on.
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "tui/action.h"
#include "tui/canvas.h"

struct trm_app;

typedef struct trm_screen_ops {
    const char *name;
    int32_t min_rows, min_cols; // below, the application asks for more room instead of drawing
    const char *meanwhile;      // what goes on all the same: "training goes on"
    const trm_action *actions;  // [action_count]
    int32_t action_count;
    // The screen is on top now. The first frame has been drawn by the time of the first tick.
    bool (*open)(void *self, struct trm_app *app, trm_error *e);
    // Looks what has happened; true if there is something new to draw. Must not wait. It is called
    // for the screens below the top one, too: what they are about goes on.
    bool (*tick)(void *self, double now);
    // Seconds until the next tick is wanted.
    double (*wait)(const void *self, double now);
    // Draws everything but the bottom row, on a cleared canvas. Only reads, never allocates.
    void (*draw)(const void *self, trm_canvas *c);
    // A click; NULL if clicks mean nothing.
    void (*click)(void *self, int32_t y, int32_t x);
    // Off the stack; free what open took. It is not called if open failed.
    void (*close)(void *self);
} trm_screen_ops;

typedef struct trm_screen {
    const trm_screen_ops *ops;
    void *self;
} trm_screen;

#endif
