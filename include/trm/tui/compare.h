// SPDX-License-Identifier: Apache-2.0
// The live view of a comparison: rewards and success of all configurations overlaid, and a table.
// Only the calling thread draws.
#ifndef TRM_TUI_COMPARE_H
#define TRM_TUI_COMPARE_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/compare.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef struct trm_compare_view_options {
    trm_compare *compare; // not yet started; started, stopped and joined by trm_compare_view_run
    trm_screen_options screen;
} trm_compare_view_options;

// Opens the view, runs the comparison, and returns when the user leaves or a signal (INT, TERM,
// HUP) asks for it; what is known then stays in the comparison. False: the view could not be
// opened, or a signal ended it (TRM_E_STOPPED).
bool trm_compare_view_run(const trm_compare_view_options *o, trm_error *e);

TRM_END_DECLS

#endif
