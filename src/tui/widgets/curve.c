// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/curve.h"

#include <math.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/widgets/dots.h"

enum { LABELS = 6 };

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

static int32_t dot_x(const trm_dots *d, const trm_curve *v, float x) {
    return v->x1 > 0.0f ? (int32_t)(x / v->x1 * (float)(d->r.w * d->dx - 1) + 0.5f) : 0;
}

static int32_t dot_y(const trm_dots *d, const trm_curve *v, float y) {
    const float t = (v->y1 - fmaxf(v->y0, fminf(v->y1, y))) / (v->y1 - v->y0);
    return (int32_t)(t * (float)(d->r.h * d->dy - 1) + 0.5f);
}

static void put_dot(trm_dots *d, const trm_curve *v, float x, float y) {
    trm_dots_put(d, dot_x(d, v, x), dot_y(d, v, y));
}

static void draw_points(trm_canvas *c, trm_dots *d, const trm_curve *v) {
    trm_dots_clear(d);
    for (int32_t i = 0; i < v->n; i++) {
        if (v->raw != NULL)
            put_dot(d, v, v->x[i], v->raw[i]);
        if (v->low != NULL) {
            put_dot(d, v, v->x[i], v->low[i]);
            put_dot(d, v, v->x[i], v->high[i]);
        }
    }
    trm_dots_show(c, d, TRM_STYLE_CURVE_RAW, '.');
}

// Joined, but for gaps. plain: what stands for a dot where a character has only one.
static void draw_line(trm_canvas *c, trm_dots *d, const trm_curve *v, const trm_curve_series *s,
                      uint32_t plain) {
    bool joined = false;
    int32_t px = 0, py = 0;
    trm_dots_clear(d);
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->line[i])) {
            joined = false;
            continue;
        }
        const int32_t x = dot_x(d, v, s->x[i]), y = dot_y(d, v, s->line[i]);
        trm_dots_line(d, joined ? px : x, joined ? py : y, x, y);
        joined = true;
        px = x;
        py = y;
    }
    trm_dots_show(c, d, s->style, plain);
}

static uint32_t there(const trm_canvas *c, int32_t y, int32_t x) {
    return c->cells[(size_t)y * (size_t)c->cols + (size_t)x].ch;
}

// The mark's line, where nothing else is, and its name beside it if the curve leaves room for that.
static void draw_mark(trm_canvas *c, const trm_dots *d, const trm_curve *v) {
    const trm_rect r = d->r;
    if (isnan(v->mark))
        return;
    const int32_t row = dot_y(d, v, v->mark) / d->dy;
    for (int32_t x = r.x; x < r.x + r.w; x += 2)
        if (there(c, r.y + row, x) == ' ')
            trm_canvas_put(c, r.y + row, x, '-', TRM_STYLE_CURVE_MARK);
    const int32_t w = v->mark_name != NULL ? trm_text_columns(v->mark_name) : 0;
    const int32_t y = r.y + (row + 1 < r.h ? row + 1 : row - 1);
    bool room = w > 0 && y >= r.y && w + 2 < r.w;
    for (int32_t x = r.x + r.w - w - 1; room && x < r.x + r.w; x++)
        room = there(c, y, x) == ' ';
    if (room)
        trm_canvas_text(c, y, r.x + r.w - w, w, TRM_STYLE_CURVE_MARK, v->mark_name);
}

// The edges of the band, dotted, and fainter than the line.
static void draw_band(trm_canvas *c, trm_dots *d, const trm_curve *v, const trm_curve_series *s) {
    trm_dots_clear(d);
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->low[i]) || isnan(s->high[i]) || dot_x(d, v, s->x[i]) % 3 != 0)
            continue;
        put_dot(d, v, s->x[i], s->low[i]);
        put_dot(d, v, s->x[i], s->high[i]);
    }
    trm_paint ink = trm_style_paint(&c->look, s->style);
    ink.attr = c->look.depth >= TRM_DEPTH_256 ? 0 : TRM_ATTR_DIM;
    trm_dots_show_ink(c, d, ink, '.');
}

// Marks at the end of the line and along it, at other places for each of the series.
static void draw_marks(trm_canvas *c, const trm_dots *p, const trm_curve *v, int32_t k) {
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

static void draw_series(trm_canvas *c, trm_dots *d, const trm_curve *v) {
    for (int32_t k = 0; k < v->series_count; k++)
        if (v->series[k].low != NULL)
            draw_band(c, d, v, &v->series[k]);
    for (int32_t k = 0; k < v->series_count; k++)
        draw_line(c, d, v, &v->series[k], v->series[k].mark);
    for (int32_t k = 0; k < v->series_count; k++)
        draw_marks(c, d, v, k);
}

// With as many digits as tell it from the other labels.
static void y_label(trm_canvas *c, int32_t y, int32_t x, float value, const trm_curve *v) {
    const int most = fabsf(value) < 10.0f ? 2 : fabsf(value) < 100.0f ? 1 : 0;
    const float slack = 0.02f * (v->y1 - v->y0);
    char text[24];
    static const float units[] = {1.0f, 10.0f, 100.0f};
    int digits = 0;
    while (digits < most && fabsf(value - rintf(value * units[digits]) / units[digits]) > slack)
        digits++;
    trm_text_format(text, sizeof text, "%.*f%s", digits, (double)value, v->unit);
    trm_canvas_print_right(c, y, x, LABELS - 1, TRM_STYLE_DIM, "%s", text);
}

static void axes(trm_canvas *c, const trm_dots *p, trm_rect r, const trm_curve *v) {
    for (int32_t y = 0; y < p->r.h; y++)
        trm_canvas_put(c, p->r.y + y, p->r.x - 1, 0x2502, TRM_STYLE_RULE);
    y_label(c, p->r.y, r.x, v->y1, v);
    if (p->r.h > 1)
        y_label(c, p->r.y + p->r.h - 1, r.x, v->y0, v);
    if (p->r.h >= 7 && p->r.h % 2 == 1)
        y_label(c, p->r.y + p->r.h / 2, r.x, (v->y0 + v->y1) / 2.0f, v);
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

// Without the axes: the last row, the first columns.
static trm_rect plot_of(trm_rect r) {
    trm_rect_bottom(&r, 1, 0);
    trm_rect_left(&r, LABELS, 0);
    return r;
}

int32_t trm_curve_column(trm_rect r, const trm_curve *v, float x) {
    const trm_dots d = {.r = plot_of(r), .dx = 2};
    return d.r.x + dot_x(&d, v, fmaxf(0.0f, fminf(v->x1, x))) / d.dx;
}

// Where nothing is drawn; the curve goes on over it.
static void draw_cursor(trm_canvas *c, const trm_dots *p, trm_rect r, const trm_curve *v) {
    const int32_t x = trm_curve_column(r, v, v->cursor);
    for (int32_t y = p->r.y; y < p->r.y + p->r.h; y++)
        if (there(c, y, x) == ' ')
            trm_canvas_put(c, y, x, 0x2502, TRM_STYLE_CURVE_MARK);
}

void trm_curve_draw(trm_canvas *c, trm_rect r, const trm_curve *v) {
    const trm_rect plot = plot_of(r);
    if (plot.h < 1 || plot.w < 4 || r.y + r.h > c->rows || r.x + r.w > c->cols)
        return;
    trm_dots d = trm_dots_begin(c, plot);
    const trm_curve_series own = {.n = v->n, .x = v->x, .line = v->line, .style = TRM_STYLE_CURVE};
    draw_points(c, &d, v);
    draw_line(c, &d, v, &own, '*');
    draw_mark(c, &d, v);
    draw_series(c, &d, v);
    if (v->has_cursor)
        draw_cursor(c, &d, r, v);
    axes(c, &d, r, v);
}
