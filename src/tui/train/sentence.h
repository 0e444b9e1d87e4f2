// SPDX-License-Identifier: Apache-2.0
// What the model thought of what is in sight, in a sentence.
#ifndef TUI_TRAIN_SENTENCE_H
#define TUI_TRAIN_SENTENCE_H

#include "tui/train/view.h"

// "cycle 2 turned from right to down, 0.31 to 0.88"; "decided at cycle 1: right, 0.61 to 0.88".
void trm_train_step_sentence(const trm_train_view *v, char *out, int32_t size);

// "step 1 has 50 of 64 right, step 3 has 61, the most; in the end 60 of 64 are right".
void trm_train_sample_sentence(const trm_train_view *v, char *out, int32_t size);

// The cell under the cursor at the selected step: "row 3 column 5 is path: path .97, floor .03".
void trm_train_cell_words(const trm_train_view *v, char *out, int32_t size);

#endif
