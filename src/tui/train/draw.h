// SPDX-License-Identifier: Apache-2.0
// Draws the training screen: a function of its view, at any size from 60x16. What goes first where
// there is little room stands in the tables of layout.c.
#ifndef TUI_TRAIN_DRAW_H
#define TUI_TRAIN_DRAW_H

#include "tui/train/view.h"
#include "tui/widgets/curve.h"

enum { TRM_TRAIN_NUMBERS = 14, TRM_TRAIN_HEADING = 3 };
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

void trm_train_draw(trm_canvas *c, const trm_train_view *v);

// The board or the sample; and what the model thinks of it: the columns, the line below them and
// the sentence.
void trm_train_draw_subject(trm_canvas *c, trm_rect r, const trm_train_view *v);
void trm_train_draw_thinking(trm_canvas *c, const trm_train_layout *l, const trm_train_view *v);

// A curve with its heading.
typedef struct trm_train_curve {
    char name[32];
    char words[TRM_TRAIN_HEADING][48]; // at the end of the heading; the first empty one ends them
    trm_curve curve;                   // its range is that of the values, not yet widened
    trm_curve_series series[2];
    int32_t series_count;
} trm_train_curve;

// One of the two curves. *out must stay where it is: its curve points to its series.
void trm_train_curve_of(const trm_train_view *v, int32_t which, trm_train_curve *out);

#endif
