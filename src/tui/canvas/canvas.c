// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

void trm_canvas_init(trm_canvas *c, const trm_look *look) {
    *c = (trm_canvas){.look = *look};
}

void trm_canvas_done(trm_canvas *c) {
    free(c->cells);
    free(c->scratch);
    c->cells = NULL;
    c->scratch = NULL;
}

void trm_canvas_resize(trm_canvas *c, int32_t rows, int32_t cols) {
    if (c->cells == NULL || rows != c->rows || cols != c->cols) {
        trm_canvas_done(c);
        const size_t n = (size_t)rows * (size_t)cols;
        c->cells = trm_alloc(n, sizeof *c->cells);
        c->scratch = trm_alloc(n, 1);
        c->rows = rows;
        c->cols = cols;
    }
    trm_canvas_clear(c);
}

void trm_canvas_clear(trm_canvas *c) {
    trm_canvas_clear_rect(c, (trm_rect){0, 0, c->rows, c->cols});
}

void trm_canvas_clear_rect(trm_canvas *c, trm_rect r) {
    for (int32_t y = r.y; y < r.y + r.h; y++)
        for (int32_t x = r.x; x < r.x + r.w; x++)
            trm_canvas_put_ink(c, y, x, ' ', TRM_INK_DEFAULT, TRM_INK_DEFAULT, 0);
}

void trm_canvas_put_ink(trm_canvas *c, int32_t y, int32_t x, uint32_t ch, int32_t fg, int32_t bg,
                        uint8_t attr) {
    if (y < 0 || x < 0 || y >= c->rows || x >= c->cols)
        return;
    c->cells[(size_t)y * (size_t)c->cols + (size_t)x] = (trm_canvas_cell){
        .ch = trm_glyph(&c->look, ch), .fg = (uint8_t)fg, .bg = (uint8_t)bg, .attr = attr};
}

void trm_canvas_put(trm_canvas *c, int32_t y, int32_t x, uint32_t ch, trm_style style) {
    const trm_paint p = trm_style_paint(&c->look, style);
    trm_canvas_put_ink(c, y, x, ch, p.ink, TRM_INK_DEFAULT, p.attr);
}

static int32_t columns(uint32_t ch) {
    if (ch < 0x300)
        return 1;
    const int w = wcwidth((wchar_t)ch);
    return w < 0 ? 1 : w;
}

int32_t trm_text_columns(const char *text) {
    int32_t n = 0;
    for (uint32_t ch; (ch = trm_utf8_next(&text)) != 0;)
        n += columns(ch);
    return n;
}

int32_t trm_canvas_text(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                        const char *text) {
    int32_t used = 0;
    for (uint32_t ch; (ch = trm_utf8_next(&text)) != 0;) {
        const int32_t w = columns(ch);
        if (w == 0)
            continue;
        if (used + w > width || x + used + w > c->cols)
            break;
        trm_canvas_put(c, y, x + used, ch, style);
        if (w == 2)
            trm_canvas_put(c, y, x + used + 1, ' ', style);
        if (w == 2 && trm_glyph(&c->look, ch) == ch && y >= 0 && y < c->rows && x + used + 1 >= 0)
            c->cells[(size_t)y * (size_t)c->cols + (size_t)(x + used) + 1].ch = 0;
        used += w;
    }
    return used;
}

// Bytes of the longest run of clauses that fits.
static size_t clauses_of(const char *text, int32_t width) {
    size_t best = 0, at = 0;
    char part[512];
    for (at += strcspn(text, ";,"); text[at] != 0; at += strcspn(text + at, ";,")) {
        trm_text_format(part, sizeof part, "%.*s", (int)at, text);
        if (trm_text_columns(part) > width)
            break;
        at++;
        best = text[at] == ' ' ? at - 1 : best;
    }
    return best;
}

int32_t trm_canvas_sentence(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                            const char *text) {
    if (trm_text_columns(text) <= width)
        return trm_canvas_text(c, y, x, width, style, text);
    const size_t n = clauses_of(text, width);
    if (n > 0)
        return trm_canvas_print(c, y, x, width, style, "%.*s", (int)n, text);
    const int32_t used = trm_canvas_text(c, y, x, width - 1, style, text);
    trm_canvas_put(c, y, x + used, 0x2026, style);
    return used + 1;
}

int32_t trm_canvas_print(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                         const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return trm_canvas_text(c, y, x, width, style, text);
}

void trm_canvas_print_right(trm_canvas *c, int32_t y, int32_t x, int32_t width, trm_style style,
                            const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const int32_t n = trm_text_columns(text);
    const int32_t skip = n < width ? width - n : 0;
    trm_canvas_text(c, y, x + skip, width - skip, style, text);
}

void trm_canvas_repeat(trm_canvas *c, int32_t y, int32_t x, int32_t n, uint32_t ch,
                       trm_style style) {
    for (int32_t i = 0; i < n; i++)
        trm_canvas_put(c, y, x + i, ch, style);
}

void trm_canvas_frame(trm_canvas *c, trm_rect r, trm_style style) {
    if (r.h < 2 || r.w < 2)
        return;
    const int32_t bottom = r.y + r.h - 1, right = r.x + r.w - 1;
    trm_canvas_repeat(c, r.y, r.x + 1, r.w - 2, 0x2500, style);
    trm_canvas_repeat(c, bottom, r.x + 1, r.w - 2, 0x2500, style);
    for (int32_t y = r.y + 1; y < bottom; y++) {
        trm_canvas_put(c, y, r.x, 0x2502, style);
        trm_canvas_put(c, y, right, 0x2502, style);
    }
    trm_canvas_put(c, r.y, r.x, 0x250C, style);
    trm_canvas_put(c, r.y, right, 0x2510, style);
    trm_canvas_put(c, bottom, r.x, 0x2514, style);
    trm_canvas_put(c, bottom, right, 0x2518, style);
}

int32_t trm_canvas_heading(trm_canvas *c, int32_t y, int32_t x, int32_t width, const char *name,
                           bool focus) {
    trm_canvas_repeat(c, y, x, width, 0x2500, TRM_STYLE_RULE);
    if (width < 4)
        return x;
    trm_canvas_put(c, y, x, focus ? 0x25B8 : 0x2500, focus ? TRM_STYLE_FOCUS : TRM_STYLE_RULE);
    trm_canvas_put(c, y, x + 1, ' ', TRM_STYLE_RULE);
    const int32_t n =
        trm_canvas_text(c, y, x + 2, width - 3, focus ? TRM_STYLE_FOCUS : TRM_STYLE_HEADING, name);
    trm_canvas_put(c, y, x + 2 + n, ' ', TRM_STYLE_RULE);
    return x + 3 + n;
}
