// SPDX-License-Identifier: Apache-2.0
// Where the panels of the Watch screen are. When there is little room they go in this order: the
// second curve, the details of the selected cycle, columns of numbers, rows of the curve, cycles
// that are not near the selected one.
#ifndef TUI_WATCH_LAYOUT_H
#define TUI_WATCH_LAYOUT_H

#include "tui/watch/view.h"

typedef struct trm_watch_layout {
    trm_rect board, cycles;
    trm_rect detail;   // h 0: dropped
    trm_rect sentence; // one row
    trm_rect curves[2];
    int32_t curve_count;
    trm_rect numbers;
    int32_t number_width; // of one column of numbers
} trm_watch_layout;

// Columns of cycles: `first` .. first + count - 1 are in sight, each `width` wide.
typedef struct trm_cycle_columns {
    int32_t first, count, width;
    int32_t h_rows, l_rows; // of the maps
    int32_t gap;            // 1: there is room for empty rows between the parts
    int32_t bars;           // actions listed
} trm_cycle_columns;

// rows >= 16, cols >= 60. bare: without curves and numbers (h 0), where there is no training to
// tell of.
trm_watch_layout trm_watch_layout_of(int32_t rows, int32_t cols, bool bare);

trm_cycle_columns trm_watch_columns_of(const trm_watch_view *v, trm_rect r, bool fills);

#endif
