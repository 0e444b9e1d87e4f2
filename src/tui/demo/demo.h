// SPDX-License-Identifier: Apache-2.0
// The start screen's state: two boards that bundled models think about.
#ifndef TUI_DEMO_STATE_H
#define TUI_DEMO_STATE_H

#include "trm/tui/demo.h"
#include "tui/app.h"
#include "tui/demo/act.h"

enum { TRM_DEMO_ACTS = 2 };

typedef struct trm_demo {
    trm_app *app;
    const trm_demo_options *o;
    trm_act acts[TRM_DEMO_ACTS];
    int32_t focus;
    bool paused;
    int32_t stop; // of the tour, the last that was shown
    double now;
} trm_demo;

extern const trm_action trm_demo_actions[];

void trm_demo_draw(trm_canvas *c, const void *demo);
void trm_demo_click(void *demo, int32_t y, int32_t x);

#endif
