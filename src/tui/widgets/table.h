// SPDX-License-Identifier: Apache-2.0
// Lists: rows one below the other. Tables: rows of fields under a header. Numbers with labels.
#ifndef TUI_WIDGETS_TABLE_H
#define TUI_WIDGETS_TABLE_H

#include <stdbool.h>

#include "tui/canvas/layout.h"

// As many rows as there is room for: those around the selected one, or from a first one on.
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

// ---- tables

typedef enum trm_align { TRM_ALIGN_LEFT, TRM_ALIGN_RIGHT, TRM_ALIGN_BAR } trm_align;

typedef struct trm_column {
    const char *head; // NULL: none
    trm_align align;
    trm_part width; // which columns go first stands in the parts
} trm_column;

typedef struct trm_field {
    char text[48];
    trm_style style;
    float value; // of a bar, 0..1
} trm_field;

// Where a row may be selected, the first column of characters is for its mark.
typedef struct trm_table {
    const trm_column *columns; // [column_count] at most 16
    int32_t column_count;
    int32_t gap; // between columns
    int32_t rows;
    int32_t selected; // kept in sight; -1: none ever is
    bool focus;       // … and marked
    void (*field)(const void *ctx, int32_t row, int32_t column, trm_field *out); // zeroed, normal
    const void *ctx;
} trm_table;

// The header in the first row of r, then the rows around the selected one.
void trm_table_draw(trm_canvas *c, trm_rect r, const trm_table *t);

// The row at a place of the canvas, for a table drawn into r; -1: none.
int32_t trm_table_at(trm_rect r, const trm_table *t, int32_t y, int32_t x);

// "6-9 of 9": the rows in sight of a table `rows` high; "" where all are.
void trm_table_words(const trm_table *t, int32_t rows, char out[32]);

// ---- numbers

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
void trm_numbers_draw(trm_canvas *c, trm_rect r, const trm_row *rows, int32_t n, int32_t width,
                      int32_t gap);

#endif
