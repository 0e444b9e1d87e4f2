// SPDX-License-Identifier: Apache-2.0
// Is what was drawn legible on dark and on light backgrounds? By the contrast ratio of WCAG 2.
#ifndef TRM_TESTS_LEGIBLE_H
#define TRM_TESTS_LEGIBLE_H

#include "tui/canvas/canvas.h"

// The contrast ratio of two inks at a depth, 1 to 21. Ink TRM_INK_DEFAULT is not allowed.
double legible_contrast(trm_depth depth, int32_t a, int32_t b);

// The same of an ink with a background of the terminal's own, black or white, the worse of the two.
double legible_contrast_with_ground(trm_depth depth, int32_t ink);

// Fails on a cell of the canvas whose character can be read on neither, or cannot be shown by the
// look: ASCII only where that is asked for. Signs within a heat map may be fainter than text.
void assert_legible(const trm_canvas *c);

#endif
