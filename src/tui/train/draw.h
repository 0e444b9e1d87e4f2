// SPDX-License-Identifier: Apache-2.0
// Draws the training screen: a function of its view, at any size from 60x16.
#ifndef TUI_TRAIN_DRAW_H
#define TUI_TRAIN_DRAW_H

#include "tui/train/layout.h"
#include "tui/train/view.h"

void trm_train_draw(trm_canvas *c, const trm_train_view *v);

// The board or the sample; and what the model thinks of it: the columns, the line below them and
// the sentence.
void trm_train_draw_subject(trm_canvas *c, trm_rect r, const trm_train_view *v);
void trm_train_draw_thinking(trm_canvas *c, const trm_train_layout *l, const trm_train_view *v);

// The heading of the left panel with what stands in it, up to the very end: it is narrow. Returns
// the rest of r.
trm_rect trm_train_draw_name(trm_canvas *c, trm_rect r, const trm_train_view *v, const char *name,
                             const char *what);

// A map of values with the name of their level.
void trm_train_draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                        float scale);

#endif
