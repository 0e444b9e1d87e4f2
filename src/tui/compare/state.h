// SPDX-License-Identifier: Apache-2.0
// The Compare screen's state, shared by its looking and its keys.
#ifndef TUI_COMPARE_STATE_H
#define TUI_COMPARE_STATE_H

#include "trm/tui/compare.h"
#include "tui/app.h"
#include "tui/compare/view.h"

typedef struct trm_compare_screen {
    trm_compare *compare;
    trm_app *app;
    trm_compare_view view;
    trm_compare_room *room;
    trm_error error; // of the start
    bool started;
    bool renew;       // at the next look, whatever has happened
    int64_t seen;     // updates in all at the last renewal
    double looked;    // at the last tick
    double renewed;   // when that was done last
    double last_cost; // seconds that it took
} trm_compare_screen;

extern const trm_action trm_compare_actions[];

// A click into a panel gives it the focus, one on a row of the table selects that.
void trm_compare_click(void *self, int32_t y, int32_t x);

#endif
