// SPDX-License-Identifier: Apache-2.0
// What became of an answer from step to step, in a sentence.
#ifndef TUI_LESSON_SENTENCE_H
#define TUI_LESSON_SENTENCE_H

#include "tui/lesson/view.h"

// "step 1 has 50 of 64 right, step 3 has 61, the most; at the end 60: 3 missed, 1 too many".
void trm_lesson_sentence(const trm_lesson_view *v, char *out, int32_t size);

// The cell under the cursor at the selected step: "row 3 column 5 is path: path .97, floor .03".
void trm_lesson_cell_words(const trm_lesson_view *v, char *out, int32_t size);

#endif
