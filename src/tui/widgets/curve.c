// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/text.h"

enum { LABELS = 6 };

// Dots of a plot: dx across and dy down in each character; two layers of bits.
typedef struct plot {
    trm_rect r;
    int32_t dx, dy;
    uint8_t *raw, *line; // [r.h * r.w]
} plot;

void trm_curve_range(float *y0, float *y1) {
    if (!(*y1 > *y0))
        *y1 = *y0 + 1.0f;
    const float span = *y1 - *y0;
    float step = powf(10.0f, floorf(log10f(span)));
    if (span / step < 3.0f)
        step *= 0.5f;
    *y0 = floorf(*y0 / step + 0.001f) * step;
    *y1 = ceilf(*y1 / step - 0.001f) * step;
}

// Bit of a dot within its character: braille numbers its dots by columns of three, then the last
// row; the others are numbered top to bottom.
static uint8_t bit(const plot *p, int32_t x, int32_t y) {
    static const uint8_t braille[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    return p->dx == 2 ? braille[y][x] : (uint8_t)(1u << y);
}

static void dot(const plot *p, uint8_t *layer, int32_t x, int32_t y) {
    if (x < 0 || y < 0 || x >= p->r.w * p->dx || y >= p->r.h * p->dy)
        return;
    layer[y / p->dy * p->r.w + x / p->dx] |= bit(p, x % p->dx, y % p->dy);
}

static int32_t dot_x(const plot *p, const trm_curve *v, float x) {
    return v->x1 > 0.0f ? (int32_t)(x / v->x1 * (float)(p->r.w * p->dx - 1) + 0.5f) : 0;
}

static int32_t dot_y(const plot *p, const trm_curve *v, float y) {
    const float t = (v->y1 - fmaxf(v->y0, fminf(v->y1, y))) / (v->y1 - v->y0);
    return (int32_t)(t * (float)(p->r.h * p->dy - 1) + 0.5f);
}

static void segment(const plot *p, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    const int32_t dx = abs(x1 - x0), dy = abs(y1 - y0);
    const int32_t n = dx > dy ? dx : dy;
    for (int32_t i = 0; i <= n; i++)
        dot(p, p->line, n > 0 ? x0 + (x1 - x0) * i / n : x0, n > 0 ? y0 + (y1 - y0) * i / n : y0);
}

static void draw_layers(const plot *p, const trm_curve *v) {
    bool joined = false;
    int32_t px = 0, py = 0;
    for (int32_t i = 0; i < v->n; i++) {
        const int32_t x = dot_x(p, v, v->x[i]);
        if (v->raw != NULL)
            dot(p, p->raw, x, dot_y(p, v, v->raw[i]));
        if (v->low != NULL) {
            dot(p, p->raw, x, dot_y(p, v, v->low[i]));
            dot(p, p->raw, x, dot_y(p, v, v->high[i]));
        }
        if (isnan(v->line[i])) {
            joined = false;
            continue;
        }
        const int32_t y = dot_y(p, v, v->line[i]);
        segment(p, joined ? px : x, joined ? py : y, x, y);
        joined = true;
        px = x;
        py = y;
    }
}

static uint32_t character(const plot *p, uint8_t bits, bool line) {
    if (p->dx == 2)
        return 0x2800u + bits;
    if (p->dy == 2)
        return bits == 3 ? 0x2588 : bits == 1 ? 0x2580 : 0x2584;
    return line ? '*' : '.';
}

static void show_layers(trm_canvas *c, const plot *p, const trm_curve *v) {
    const int32_t mark = isnan(v->mark) ? -1 : dot_y(p, v, v->mark) / p->dy;
    for (int32_t y = 0; y < p->r.h; y++)
        for (int32_t x = 0; x < p->r.w; x++) {
            const uint8_t raw = p->raw[y * p->r.w + x], line = p->line[y * p->r.w + x];
            if (line != 0)
                trm_canvas_put(c, p->r.y + y, p->r.x + x,
                               character(p, p->dx == 2 ? raw | line : line, true), TRM_STYLE_CURVE);
            else if (raw != 0)
                trm_canvas_put(c, p->r.y + y, p->r.x + x, character(p, raw, false),
                               TRM_STYLE_CURVE_RAW);
            else if (y == mark && x % 2 == 0)
                trm_canvas_put(c, p->r.y + y, p->r.x + x, '-', TRM_STYLE_CURVE_MARK);
        }
    if (mark >= 0 && v->mark_name != NULL) {
        const int32_t w = trm_text_columns(v->mark_name);
        const int32_t y = mark + 1 < p->r.h ? mark + 1 : mark - 1;
        bool room = y >= 0 && w + 2 < p->r.w;
        for (int32_t x = p->r.w - w - 1; room && x < p->r.w; x++)
            room = p->raw[y * p->r.w + x] == 0 && p->line[y * p->r.w + x] == 0;
        if (room)
            trm_canvas_text(c, p->r.y + y, p->r.x + p->r.w - w, w, TRM_STYLE_CURVE_MARK,
                            v->mark_name);
    }
}

// Two curves in one character both keep their dots, in the colour of the later one.
static uint32_t merged(const trm_canvas *c, const plot *p, int32_t y, int32_t x, uint8_t bits,
                       uint32_t plain) {
    const uint32_t there = c->cells[(size_t)y * (size_t)c->cols + (size_t)x].ch;
    if (p->dx == 2 && there > 0x2800 && there < 0x2900)
        return there | bits;
    if (p->dy == 2 && (there == 0x2580 || there == 0x2584 || there == 0x2588))
        bits |= there == 0x2580 ? 1 : there == 0x2584 ? 2 : 3;
    return p->dy == 1 ? plain : character(p, bits, true);
}

// plain: what stands for any dot where a character has only one.
static void show_layer(trm_canvas *c, const plot *p, const uint8_t *layer, trm_paint ink,
                       uint32_t plain) {
    for (int32_t y = 0; y < p->r.h; y++)
        for (int32_t x = 0; x < p->r.w; x++) {
            const uint8_t bits = layer[y * p->r.w + x];
            if (bits != 0)
                trm_canvas_put_ink(c, p->r.y + y, p->r.x + x,
                                   merged(c, p, p->r.y + y, p->r.x + x, bits, plain), ink.ink,
                                   TRM_INK_DEFAULT, ink.attr);
        }
}

// The edges of the band, dotted, and fainter than the line.
static void draw_band(trm_canvas *c, const plot *p, const trm_curve *v, const trm_curve_series *s) {
    memset(p->raw, 0, (size_t)p->r.h * (size_t)p->r.w);
    for (int32_t i = 0; i < s->n; i++) {
        const int32_t x = dot_x(p, v, s->x[i]);
        if (isnan(s->low[i]) || isnan(s->high[i]) || x % 3 != 0)
            continue;
        dot(p, p->raw, x, dot_y(p, v, s->low[i]));
        dot(p, p->raw, x, dot_y(p, v, s->high[i]));
    }
    trm_paint ink = trm_style_paint(&c->look, s->style);
    ink.attr = c->look.depth >= TRM_DEPTH_256 ? 0 : TRM_ATTR_DIM;
    show_layer(c, p, p->raw, ink, '.');
}

static void draw_line(trm_canvas *c, const plot *p, const trm_curve *v, const trm_curve_series *s) {
    memset(p->line, 0, (size_t)p->r.h * (size_t)p->r.w);
    trm_curve own = *v;
    own.n = s->n;
    own.x = s->x;
    own.line = s->line;
    own.raw = own.low = own.high = NULL;
    draw_layers(p, &own);
    show_layer(c, p, p->line, trm_style_paint(&c->look, s->style), s->mark);
}

// Marks at the end of the line and along it, at other places for each of the series.
static void draw_marks(trm_canvas *c, const plot *p, const trm_curve *v, int32_t k) {
    enum { SPACING = 24 };
    const trm_curve_series *s = &v->series[k];
    const int32_t shift = (2 * k + 1) * SPACING / (2 * v->series_count);
    int32_t last = -1, last_y = 0, done = -1;
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->line[i]))
            continue;
        last = dot_x(p, v, s->x[i]) / p->dx;
        last_y = dot_y(p, v, s->line[i]) / p->dy;
        if (last % SPACING == shift && last != done)
            trm_canvas_put(c, p->r.y + last_y, p->r.x + last, s->mark, s->style);
        done = last % SPACING == shift ? last : done;
    }
    if (last >= 0)
        trm_canvas_put(c, p->r.y + last_y, p->r.x + last, s->mark, s->style);
}

static void draw_series(trm_canvas *c, const plot *p, const trm_curve *v) {
    for (int32_t k = 0; k < v->series_count; k++)
        if (v->series[k].low != NULL)
            draw_band(c, p, v, &v->series[k]);
    for (int32_t k = 0; k < v->series_count; k++)
        draw_line(c, p, v, &v->series[k]);
    for (int32_t k = 0; k < v->series_count; k++)
        draw_marks(c, p, v, k);
}

static void y_label(trm_canvas *c, int32_t y, int32_t x, float value, const char *unit) {
    char text[24];
    const float size = fabsf(value);
    trm_text_format(text, sizeof text, "%.*f%s", size >= 10.0f || size == rintf(size) ? 0 : 1,
                    (double)value, unit);
    trm_canvas_print_right(c, y, x, LABELS - 1, TRM_STYLE_DIM, "%s", text);
}

static void axes(trm_canvas *c, const plot *p, trm_rect r, const trm_curve *v) {
    for (int32_t y = 0; y < p->r.h; y++)
        trm_canvas_put(c, p->r.y + y, p->r.x - 1, 0x2502, TRM_STYLE_RULE);
    y_label(c, p->r.y, r.x, v->y1, v->unit);
    if (p->r.h > 1)
        y_label(c, p->r.y + p->r.h - 1, r.x, v->y0, v->unit);
    if (p->r.h >= 7 && p->r.h % 2 == 1)
        y_label(c, p->r.y + p->r.h / 2, r.x, (v->y0 + v->y1) / 2.0f, v->unit);
    const int32_t y = r.y + r.h - 1;
    char last[32];
    if (v->x1 < 10.0f && v->x1 != rintf(v->x1))
        trm_text_format(last, sizeof last, "%.3g", (double)v->x1);
    else
        trm_text_thousands(last, (int64_t)v->x1);
    trm_canvas_text(c, y, p->r.x, p->r.w, TRM_STYLE_DIM, "0");
    const int32_t w = trm_text_columns(v->x_name);
    if (p->r.w > w + 2 * trm_text_columns(last) + 6)
        trm_canvas_text(c, y, p->r.x + (p->r.w - w) / 2, w, TRM_STYLE_DIM, v->x_name);
    trm_canvas_print_right(c, y, p->r.x, p->r.w, TRM_STYLE_DIM, "%s", last);
}

static plot plot_of(const trm_canvas *c, trm_rect r) {
    const trm_glyphs g = c->look.glyphs;
    return (plot){.r = {r.y, r.x + LABELS, r.h - 1, r.w - LABELS},
                  .dx = g == TRM_GLYPHS_FULL ? 2 : 1,
                  .dy = g == TRM_GLYPHS_FULL    ? 4
                        : g == TRM_GLYPHS_ASCII ? 1
                                                : 2};
}

int32_t trm_curve_column(trm_rect r, const trm_curve *v, float x) {
    const plot p = {.r = {r.y, r.x + LABELS, r.h, r.w - LABELS}, .dx = 2};
    return p.r.x + dot_x(&p, v, fmaxf(0.0f, fminf(v->x1, x))) / p.dx;
}

// Where nothing is drawn; the curve goes on over it.
static void draw_cursor(trm_canvas *c, const plot *p, trm_rect r, const trm_curve *v) {
    const int32_t x = trm_curve_column(r, v, v->cursor);
    for (int32_t y = p->r.y; y < p->r.y + p->r.h; y++)
        if (c->cells[(size_t)y * (size_t)c->cols + (size_t)x].ch == ' ')
            trm_canvas_put(c, y, x, 0x2502, TRM_STYLE_CURVE_MARK);
}

void trm_curve_draw(trm_canvas *c, trm_rect r, const trm_curve *v) {
    plot p = plot_of(c, r);
    if (p.r.h < 1 || p.r.w < 4 || r.y + r.h > c->rows || r.x + r.w > c->cols)
        return;
    p.raw = c->scratch;
    p.line = c->scratch + p.r.h * p.r.w;
    memset(p.raw, 0, 2 * (size_t)p.r.h * (size_t)p.r.w);
    draw_layers(&p, v);
    show_layers(c, &p, v);
    draw_series(c, &p, v);
    if (v->has_cursor)
        draw_cursor(c, &p, r, v);
    axes(c, &p, r, v);
}
