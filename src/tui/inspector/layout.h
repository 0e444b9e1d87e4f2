// SPDX-License-Identifier: Apache-2.0
// Where the panels of the microscope are. Where there is not room for all, the board stands beside
// one of the others: the one that had the focus last.
#ifndef TUI_INSPECTOR_LAYOUT_H
#define TUI_INSPECTOR_LAYOUT_H

#include "tui/inspector/view.h"

typedef struct trm_inspector_layout {
    trm_rect steps;                        // one row: the episode
    trm_rect panels[TRM_INSPECTOR_PANELS]; // h 0: not in sight
    trm_rect sentence;                     // one row
    bool wide;                             // all panels are in sight
} trm_inspector_layout;

trm_inspector_layout trm_inspector_layout_of(trm_rect area, trm_inspector_panel side);

// Maps of a cycle: the levels, and the difference.
enum { TRM_INSPECTOR_DIFFERENCE = TRM_LEVELS, TRM_INSPECTOR_MAPS };

// Columns of the cycles' panel: `first` .. first + count - 1 are in sight.
typedef struct trm_inspector_columns {
    int32_t first, count, width;
    // Of the first column; the others are width + 1 further to the right.
    trm_rect header, numbers, bars;
    trm_rect maps[TRM_INSPECTOR_MAPS]; // without labels; h 0: none
} trm_inspector_columns;

trm_inspector_columns trm_inspector_columns_of(const trm_inspector_view *v, trm_rect panel,
                                               bool fills);

// Where the episode's steps stand in their row: moment `first` at column x, each `width` wide.
typedef struct trm_inspector_steps {
    int32_t x, first, count, width;
} trm_inspector_steps;

trm_inspector_steps trm_inspector_steps_of(const trm_inspector_view *v, trm_rect row);

#endif
