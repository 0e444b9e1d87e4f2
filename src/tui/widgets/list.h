// SPDX-License-Identifier: Apache-2.0
// Rows one below the other, as many as there is room for: those around the selected one, or from a
// first one on.
#ifndef TUI_WIDGETS_LIST_H
#define TUI_WIDGETS_LIST_H

#include "tui/canvas.h"

typedef struct trm_list {
    int32_t count;
    int32_t selected; // in sight always; -1: none
    int32_t first;    // without a selected one: the first in sight, as far as that is possible
    void (*row)(trm_canvas *c, trm_rect r, const void *ctx, int32_t i); // draws one
    const void *ctx;
} trm_list;

// The first row in sight of `room`.
int32_t trm_list_first(const trm_list *l, int32_t room);

void trm_list_draw(trm_canvas *c, trm_rect r, const trm_list *l);

// The row at a place of the canvas, for a list drawn into r; -1: none.
int32_t trm_list_at(trm_rect r, const trm_list *l, int32_t y, int32_t x);

// "6-9 of 9": what is in sight; "" where all are.
void trm_list_words(const trm_list *l, int32_t room, char out[32]);

#endif
