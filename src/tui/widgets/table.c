// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/table.h"

#include <math.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/widgets/bars.h"

enum { MOST_COLUMNS = 16 };

int32_t trm_list_first(const trm_list *l, int32_t room) {
    if (l->selected >= 0)
        return trm_window(l->count, room, l->selected);
    return trm_clamp(l->first, 0, l->count > room ? l->count - room : 0);
}

void trm_list_draw(trm_canvas *c, trm_rect r, const trm_list *l) {
    const int32_t first = trm_list_first(l, r.h);
    for (int32_t i = first; i < l->count && r.h > 0; i++)
        l->row(c, trm_rect_top(&r, 1, 0), l->ctx, i);
}

int32_t trm_list_at(trm_rect r, const trm_list *l, int32_t y, int32_t x) {
    const int32_t i = trm_list_first(l, r.h) + y - r.y;
    return trm_rect_has(r, y, x) && i < l->count ? i : -1;
}

void trm_list_words(const trm_list *l, int32_t room, char out[32]) {
    const int32_t first = trm_list_first(l, room);
    out[0] = 0;
    if (l->count > room && room > 0)
        trm_text_format(out, 32, "%d-%d of %d", first + 1, first + room, l->count);
}

// ---- tables

static int32_t mark_of(const trm_table *t) {
    return t->selected >= 0 ? 1 : 0;
}

static void fit(const trm_table *t, int32_t w, int32_t sizes[MOST_COLUMNS]) {
    trm_part parts[MOST_COLUMNS];
    for (int32_t k = 0; k < t->column_count; k++)
        parts[k] = t->columns[k].width;
    trm_parts_fit(parts, t->column_count, w, t->gap, sizes);
}

static void draw_field(trm_canvas *c, trm_rect r, trm_align align, const trm_field *f) {
    if (align == TRM_ALIGN_BAR)
        trm_bar_fill(c, r.y, r.x, r.w, f->value, f->style);
    else if (align == TRM_ALIGN_RIGHT)
        trm_canvas_print_right(c, r.y, r.x, r.w, f->style, "%s", f->text);
    else
        trm_canvas_text(c, r.y, r.x, r.w, f->style, f->text);
}

// Row -1 is the header.
static void draw_fields(trm_canvas *c, trm_rect r, const trm_table *t, int32_t row) {
    int32_t sizes[MOST_COLUMNS];
    trm_rect_left(&r, mark_of(t), 0);
    fit(t, r.w, sizes);
    for (int32_t k = 0; k < t->column_count; k++) {
        trm_field f = {.style = row < 0 ? TRM_STYLE_DIM : TRM_STYLE_NORMAL};
        const trm_rect cell = trm_rect_left(&r, sizes[k], sizes[k] > 0 ? t->gap : 0);
        if (cell.w == 0)
            continue;
        if (row >= 0)
            t->field(t->ctx, row, k, &f);
        else if (t->columns[k].head != NULL)
            trm_text_copy(f.text, sizeof f.text, t->columns[k].head);
        draw_field(c, cell, row < 0 && f.text[0] == 0 ? TRM_ALIGN_LEFT : t->columns[k].align, &f);
    }
}

static void draw_row(trm_canvas *c, trm_rect r, const void *ctx, int32_t i) {
    const trm_table *t = ctx;
    if (i == t->selected && t->focus)
        trm_canvas_put(c, r.y, r.x, 0x25B8, TRM_STYLE_FOCUS);
    draw_fields(c, r, t, i);
}

static trm_list list_of(const trm_table *t) {
    return (trm_list){.count = t->rows, .selected = t->selected, .row = draw_row, .ctx = t};
}

void trm_table_draw(trm_canvas *c, trm_rect r, const trm_table *t) {
    const trm_list l = list_of(t);
    const trm_rect head = trm_rect_top(&r, 1, 0);
    if (head.h > 0)
        draw_fields(c, head, t, -1);
    trm_list_draw(c, r, &l);
}

int32_t trm_table_at(trm_rect r, const trm_table *t, int32_t y, int32_t x) {
    const trm_list l = list_of(t);
    trm_rect_top(&r, 1, 0);
    return trm_list_at(r, &l, y, x);
}

void trm_table_words(const trm_table *t, int32_t rows, char out[32]) {
    const trm_list l = list_of(t);
    trm_list_words(&l, rows - 1, out);
}

// ---- numbers

trm_row trm_row_number(const char *label, double value, int32_t digits, const char *unit) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%.*f%s", digits, value, unit);
    return r;
}

trm_row trm_row_rate(const char *label, double value) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%.3g", value);
    return r;
}

trm_row trm_row_count(const char *label, int64_t value) {
    trm_row r = {.label = label};
    char text[32];
    trm_text_copy(r.value, sizeof r.value, trm_text_thousands(text, value));
    return r;
}

trm_row trm_row_duration(const char *label, double seconds) {
    trm_row r = {.label = label, .value = "-"};
    char text[32];
    if (isfinite(seconds))
        trm_text_copy(r.value, sizeof r.value,
                      trm_text_duration(text, seconds < 1.0 ? seconds : floor(seconds)));
    return r;
}

void trm_numbers_draw(trm_canvas *c, trm_rect r, const trm_row *rows, int32_t n, int32_t width,
                      int32_t gap) {
    const int32_t columns = (r.w + gap) / (width + gap);
    if (r.h < 1 || columns < 1)
        return;
    const int32_t even = (n + columns - 1) / columns;
    const int32_t rows_each = even < r.h ? even : r.h;
    for (int32_t i = 0; i < n && i < columns * rows_each; i++) {
        const int32_t x = i / rows_each * (width + gap);
        const int32_t y = r.y + i % rows_each;
        const int32_t used = trm_canvas_text(c, y, r.x + x, width, TRM_STYLE_DIM, rows[i].label);
        trm_canvas_print_right(c, y, r.x + x + used + 1, width - used - 1, rows[i].style, "%s",
                               rows[i].value);
    }
}
