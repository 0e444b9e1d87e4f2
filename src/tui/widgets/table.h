// SPDX-License-Identifier: Apache-2.0
// Numbers with labels, in columns that stay where they are.
#ifndef TUI_WIDGETS_TABLE_H
#define TUI_WIDGETS_TABLE_H

#include "tui/canvas.h"

typedef struct trm_row {
    const char *label;
    char value[24];
    trm_style style; // of the value
} trm_row;

// What is not finite is a dash.
trm_row trm_row_number(const char *label, double value, int32_t digits, const char *unit);
trm_row trm_row_rate(const char *label, double value); // three significant digits
trm_row trm_row_count(const char *label, int64_t value);
trm_row trm_row_duration(const char *label, double seconds);

// Rows go down the first column, then the next; each column is `width` wide with `gap` between. As
// many columns as fit, evenly filled; if not all rows fit, the first, which matter most.
void trm_table_draw(trm_canvas *c, trm_rect r, const trm_row *rows, int32_t n, int32_t width,
                    int32_t gap);

#endif
