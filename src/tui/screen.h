// SPDX-License-Identifier: Apache-2.0
// What a screen is to the application. A new screen is one such table and the state it works on;
// only click, tell and close may be NULL.
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/action.h"
#include "tui/canvas/canvas.h"

typedef struct trm_screen_ops {
    const char *name;
    const char *meanwhile; // what goes on where there is no room to draw: "training goes on"
    const trm_action *actions;
    int32_t least_rows, least_cols; // that it can be drawn in; 0: as most screens need
    // Looks what has happened; true if there is something new to draw. Must not wait. It is called
    // for the screens below the top one, too: what they are about goes on. The first frame has been
    // drawn by the time of the first tick.
    bool (*tick)(void *self, double now);
    // Seconds until the next tick is wanted.
    double (*wait)(const void *self, double now);
    // Draws everything but the bottom row, on a cleared canvas. Only reads, never allocates.
    void (*draw)(trm_canvas *c, const void *self);
    // The panel that has the focus, a trm_panel_id, for its explanation.
    int32_t (*panel)(const void *self);
    uint32_t wheel[2]; // keys that the mouse's wheel stands for, up and down; 0: none
    // A click; NULL if clicks mean nothing.
    void (*click)(void *self, int32_t y, int32_t x);
    // What is at a place, under the mouse, in a few words; at no place (y < 0) the value at the
    // cursor, which `y` copies. False: nothing of its own.
    bool (*tell)(const void *self, int32_t y, int32_t x, char *out, int32_t size);
    // Off the stack; NULL if there is nothing to free.
    void (*close)(void *self);
} trm_screen_ops;

#endif
