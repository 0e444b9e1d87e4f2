// SPDX-License-Identifier: Apache-2.0
// Canvases as files. An SVG has the colours of the look; its text is text that can be found and
// copied, its bars, lines and dots are shapes, so that they meet whatever the font.
#ifndef TUI_PICTURE_H
#define TUI_PICTURE_H

#include <stdbool.h>

#include "run/json.h"
#include "trm/base/error.h"
#include "tui/canvas/canvas.h"

// Saves the canvas: .svg, or .txt as plain UTF-8 lines. Other endings, and what cannot be written,
// fail with one line.
bool trm_picture_save(const trm_canvas *c, const char *path, trm_error *e);

// Appends its lines.
void trm_picture_text(trm_json_buffer *out, const trm_canvas *c);

// Parts of an SVG of rows x cols cells: its beginning, one row from the top of where it is put, and
// its end.
enum { TRM_PICTURE_CELL_W = 8, TRM_PICTURE_CELL_H = 16 };
void trm_picture_begin(trm_json_buffer *out, trm_colors colors, int32_t rows, int32_t cols);
void trm_picture_row(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *cells,
                     int32_t cols);
void trm_picture_end(trm_json_buffer *out);

#endif
