// SPDX-License-Identifier: Apache-2.0
// The what-if screen's state, shared by its looking and its keys.
#ifndef TUI_INSPECTOR_WHAT_IF_STATE_H
#define TUI_INSPECTOR_WHAT_IF_STATE_H

#include "tui/inspector/what_if/view.h"

typedef struct trm_what_if {
    trm_app *app;
    trm_inspection *scope;
    trm_change change;
    trm_what_if_view view;
    bool answer_first; // a key has been pressed: what it changed is drawn before more is computed
} trm_what_if;

extern const trm_action trm_what_if_actions[];

void trm_what_if_click(void *self, int32_t y, int32_t x);

#endif
