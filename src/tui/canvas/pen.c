// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/pen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/widgets/bars.h"

enum { LINE = 1024 };

trm_pen trm_pen_on(trm_canvas *c, trm_rect r) {
    return (trm_pen){.c = c, .r = r};
}

bool trm_pen_has(const trm_pen *p, int32_t rows) {
    return p->r.h >= rows;
}

int32_t trm_pen_room(const trm_pen *p) {
    return p->r.h > 0 && p->r.w > p->x ? p->r.w - p->x : 0;
}

void trm_pen_text(trm_pen *p, trm_style style, const char *text) {
    if (trm_pen_room(p) > 0)
        p->x += trm_canvas_text(p->c, p->r.y, p->r.x + p->x, trm_pen_room(p), style, text);
}

__attribute__((format(printf, 3, 0))) static void print(trm_pen *p, trm_style style,
                                                        const char *format, va_list args) {
    char text[LINE];
    vsnprintf(text, sizeof text, format, args);
    trm_pen_text(p, style, text);
}

void trm_pen_print(trm_pen *p, trm_style style, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print(p, style, format, args);
    va_end(args);
}

void trm_pen_put(trm_pen *p, trm_style style, uint32_t ch) {
    if (trm_pen_room(p) > 0)
        trm_canvas_put(p->c, p->r.y, p->r.x + p->x++, ch, style);
}

void trm_pen_gap(trm_pen *p, int32_t cols) {
    p->x += cols;
}

void trm_pen_bar(trm_pen *p, int32_t width, float value, trm_style style) {
    const int32_t w = trm_clamp(width, 0, trm_pen_room(p));
    trm_bar_fill(p->c, p->r.y, p->r.x + p->x, w, value, style);
    p->x += w;
}

void trm_pen_right(trm_pen *p, trm_style style, const char *format, ...) {
    char text[LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const int32_t w = trm_text_columns(text);
    if (w <= trm_pen_room(p))
        trm_canvas_text(p->c, p->r.y, p->r.x + p->r.w - w, w, style, text);
}

void trm_pen_end(trm_pen *p) {
    trm_pen_skip(p, 1);
}

void trm_pen_skip(trm_pen *p, int32_t rows) {
    trm_rect_top(&p->r, rows, 0);
    p->x = 0;
}

void trm_pen_line(trm_pen *p, trm_style style, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print(p, style, format, args);
    va_end(args);
    trm_pen_end(p);
}

void trm_pen_field(trm_pen *p, const char *label, trm_style style, const char *format, ...) {
    va_list args;
    trm_pen_text(p, TRM_STYLE_DIM, label);
    va_start(args, format);
    print(p, style, format, args);
    va_end(args);
    trm_pen_end(p);
}

void trm_pen_rule(trm_pen *p) {
    if (p->r.h > 0)
        trm_canvas_repeat(p->c, p->r.y, p->r.x, p->r.w, 0x2500, TRM_STYLE_RULE);
    trm_pen_end(p);
}

void trm_pen_heading(trm_pen *p, const char *name) {
    if (!trm_pen_has(p, 2))
        return;
    trm_canvas_heading(p->c, p->r.y, p->r.x, p->r.w, name, false);
    trm_pen_end(p);
}

// Bytes of the text that make a line of at most `room` columns: whole words, if there is one.
static size_t line_of(const char *text, int32_t room) {
    size_t end = 0, n = 0;
    int32_t used = 0;
    while (text[n] != 0) {
        const char *next = text + n;
        const uint32_t ch = trm_utf8_next(&next);
        char one[5] = {0};
        trm_utf8_put(one, ch);
        used += trm_text_columns(one);
        if (used > room)
            return end > 0 ? end : n;
        n = (size_t)(next - text);
        if (text[n] == ' ' || text[n] == 0)
            end = n;
    }
    return end;
}

void trm_pen_wrap(trm_pen *p, trm_style style, const char *text) {
    while (*text != 0 && trm_pen_has(p, 1) && p->r.w > 0) {
        char line[LINE];
        const size_t n = line_of(text, p->r.w);
        if (n == 0)
            return; // not even one character
        trm_text_format(line, sizeof line, "%.*s", (int)n, text);
        trm_pen_text(p, style, line);
        trm_pen_end(p);
        for (text += n; *text == ' ';)
            text++;
    }
}

trm_rect trm_pen_take(trm_pen *p, int32_t rows) {
    p->x = 0;
    return trm_rect_top(&p->r, rows, 0);
}
