// SPDX-License-Identifier: Apache-2.0
// The first row of a screen, and the first row of a panel.
#ifndef TUI_WIDGETS_TITLE_H
#define TUI_WIDGETS_TITLE_H

#include <stdbool.h>

#include "tui/canvas/canvas.h"

enum { TRM_TITLE_WORDS = 6 };

typedef struct trm_word {
    const char *text; // NULL or "": left out
    trm_style style;  // TRM_STYLE_SELECTED: with a blank on either side
} trm_word;

typedef struct trm_title {
    const char *name;                // of the screen
    trm_word about[TRM_TITLE_WORDS]; // what it is about; left out where there is no room
    trm_word state[TRM_TITLE_WORDS]; // at the right end; the first ones go first
} trm_title;

void trm_title_draw(trm_canvas *c, const trm_title *t);

// Draws the heading of a panel over the first row of r, with those of the `words` (ended by NULL;
// NULL: none) at its right end for which there is room, the first first. Returns the rest of r.
trm_rect trm_panel(trm_canvas *c, trm_rect r, const char *name, bool focus,
                   const char *const *words);

// "cycles", "cycles 2-4 of 8", "cycle 3 of 3": the heading of columns of which `count` are in
// sight.
void trm_columns_words(const char *word, int32_t first, int32_t count, int32_t all, char out[48]);

#define TRM_WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
