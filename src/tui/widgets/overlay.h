// SPDX-License-Identifier: Apache-2.0
// What lies over a screen: its keys, a question, a line to type.
#ifndef TUI_WIDGETS_OVERLAY_H
#define TUI_WIDGETS_OVERLAY_H

#include "tui/action.h"
#include "tui/canvas/canvas.h"

// The keys of a screen and of the application in whose row `filter` stands ("": all), from line
// `scroll` on, without those of the screen `self` that mean nothing on what it shows (NULL: all).
// Returns the scroll that was possible.
int32_t trm_overlay_help(trm_canvas *c, const char *name, const trm_action *screen,
                         const void *self, const trm_action *app, const char *filter,
                         int32_t scroll);

void trm_overlay_question(trm_canvas *c, const char *question);

// "label: typed_" in row y; the end of what is typed stays in sight.
void trm_overlay_prompt(trm_canvas *c, int32_t y, const char *label, const char *typed);

#endif
