// SPDX-License-Identifier: Apache-2.0
// Where things are on the time line's screen.
#ifndef TUI_REPLAY_LAYOUT_H
#define TUI_REPLAY_LAYOUT_H

#include "tui/train/layout.h"

typedef struct trm_replay_layout {
    trm_train_layout sides[2]; // board, cycles, detail and sentence; the second only in comparison
    trm_rect labels[2];        // in comparison: what each side is
    trm_rect curve;            // its heading in the first row
    trm_rect line;             // of the same width: the track, and the marks below it
} trm_replay_layout;

trm_replay_layout trm_replay_layout_of(trm_rect area, bool compare);

#endif
