// SPDX-License-Identifier: Apache-2.0
// The microscope's state, shared by its looking and its keys.
#ifndef TUI_INSPECTOR_STATE_H
#define TUI_INSPECTOR_STATE_H

#include "tui/inspector/view.h"

typedef struct trm_inspector {
    trm_app *app;
    trm_inspection *scope;
    trm_inspector_view view;
    trm_policy_map map;
    int32_t map_at; // moment that the map is of, -1: none
    trm_pca pca;
    const float **points; // [moments * cycles]
    int64_t path_of;      // looks there had been when the directions were begun; -1: none
    bool answer_first; // a key has been pressed: what it changed is drawn before more is computed
} trm_inspector;

extern const trm_action trm_inspector_actions[];

void trm_inspector_click(void *self, int32_t y, int32_t x);
bool trm_inspector_tell(const void *self, int32_t y, int32_t x, char *out, int32_t size);

// The moment is another one now.
void trm_inspector_go(trm_inspector *m, int32_t at);

// Computes what is still missing, the most urgent first, for some milliseconds. True if there is
// something new to draw.
bool trm_inspector_work(trm_inspector *m);
bool trm_inspector_busy(const trm_inspector *m);

#endif
