// SPDX-License-Identifier: Apache-2.0
// Draws the screen of a supervised training: a function of its view, at any size from 60x16. When
// there is little room the second curve goes, then the words of the selected cell, columns of
// numbers, latents, steps that are not near the selected one.
#ifndef TUI_LESSON_DRAW_H
#define TUI_LESSON_DRAW_H

#include "tui/lesson/view.h"
#include "tui/watch/layout.h"

// Columns of answers: steps `first` .. first + count - 1 are in sight, each `width` wide.
typedef struct trm_answer_columns {
    int32_t first, count, width;
    int32_t grid_rows;      // of the answer
    int32_t z_rows, y_rows; // of the selected cell's latents; 0: dropped
    int32_t gap;            // 1: there is room for empty rows between the parts
} trm_answer_columns;

trm_answer_columns trm_lesson_columns_of(const trm_lesson_view *v, trm_rect r, bool fills);

void trm_lesson_draw(trm_canvas *c, const trm_lesson_view *v);

void trm_lesson_draw_answers(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v);
void trm_lesson_draw_curves(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v);
void trm_lesson_draw_numbers(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v);

#endif
