// SPDX-License-Identifier: Apache-2.0
// What became of a sample's answer from step to step, in words.
#ifndef TUI_TRAIN_SENTENCE_H
#define TUI_TRAIN_SENTENCE_H

#include "tui/train/view.h"

// "step 1 has 50 of 64 right, step 3 has 61, the most; in the end 60 of 64 are right".
void trm_train_sample_sentence(const trm_train_view *v, char *out, int32_t size);

// The cell under the cursor at the selected step: "row 3 column 5 is path: path .97, floor .03".
void trm_train_cell_words(const trm_train_view *v, char *out, int32_t size);

#endif
