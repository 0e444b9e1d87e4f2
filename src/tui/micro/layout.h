// SPDX-License-Identifier: Apache-2.0
// Where the panels of the microscope are. Where there is not room for all, the board stands beside
// one of the others: the one that had the focus last.
#ifndef TUI_MICRO_LAYOUT_H
#define TUI_MICRO_LAYOUT_H

#include "tui/micro/view.h"

typedef struct trm_micro_layout {
    trm_rect steps;                    // one row: the episode
    trm_rect panels[TRM_MICRO_PANELS]; // h 0: not in sight
    trm_rect sentence;                 // one row
    bool wide;                         // all panels are in sight
} trm_micro_layout;

trm_micro_layout trm_micro_layout_of(trm_rect area, trm_micro_panel side);

// Maps of a cycle: the levels, and the difference.
enum { TRM_MICRO_DIFFERENCE = TRM_LEVELS, TRM_MICRO_MAPS };

// Columns of the cycles' panel: `first` .. first + count - 1 are in sight.
typedef struct trm_micro_columns {
    int32_t first, count, width;
    // Of the first column; the others are width + 1 further to the right.
    trm_rect header, numbers, bars;
    trm_rect maps[TRM_MICRO_MAPS]; // without labels; h 0: none
} trm_micro_columns;

trm_micro_columns trm_micro_columns_of(const trm_micro_view *v, trm_rect panel, bool fills);

// Where the episode's steps stand in their row: moment `first` at column x, each `width` wide.
typedef struct trm_micro_steps {
    int32_t x, first, count, width;
} trm_micro_steps;

trm_micro_steps trm_micro_steps_of(const trm_micro_view *v, trm_rect row);

#endif
