// SPDX-License-Identifier: Apache-2.0
// What happened across the cycles of one decision, in a sentence.
#ifndef TUI_WATCH_SENTENCE_H
#define TUI_WATCH_SENTENCE_H

#include "tui/watch/view.h"

// "cycle 2 turned from right to down, 0.31 to 0.88"; "decided at cycle 1: right, 0.61 to 0.88". For
// the step in sight of the view.
void trm_watch_sentence(const trm_watch_view *v, char *out, int32_t size);

#endif
