// SPDX-License-Identifier: Apache-2.0
// Where the panels of the training screen are. What goes first where there is little room stands in
// the tables of layout.c.
#ifndef TUI_TRAIN_LAYOUT_H
#define TUI_TRAIN_LAYOUT_H

#include "tui/train/view.h"

enum { TRM_NUMBER_WIDTH = 17, TRM_NUMBER_GAP = 2 };

typedef struct trm_train_layout {
    trm_rect subject, thinking;
    trm_rect detail;                   // h 0: dropped
    trm_rect sentence;                 // one row
    trm_rect curves[TRM_TRAIN_CURVES]; // w 0: dropped
    trm_rect numbers;
} trm_train_layout;

// Columns of cycles: `first` .. first + count - 1 are in sight, each `width` wide.
typedef struct trm_train_columns {
    int32_t first, count, width;
    int32_t h_rows, l_rows; // of the maps; 0: dropped
    int32_t gap;            // 1: there is room for empty rows between the parts
    int32_t bars;           // steps: actions listed
    int32_t grid_rows;      // samples: of the answer
} trm_train_columns;

// area: all but the bottom row; rows >= 15, cols >= 60. bare: without curves and numbers (h 0),
// where there is no training to tell of.
trm_train_layout trm_train_layout_of(trm_rect area, bool bare);

trm_train_columns trm_train_columns_of(const trm_train_view *v, trm_rect r, bool fills);

// Shares `rows` out between the maps of h and of l values.
void trm_train_fit_maps(trm_train_columns *k, int32_t h, int32_t l, int32_t rows, bool fills);

#endif
