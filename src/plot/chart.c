// SPDX-License-Identifier: Apache-2.0
#include "plot/chart.h"

#include <math.h>
#include <string.h>

#include "plot/ticks.h"
#include "trm/base/text.h"

enum { X_TICKS = 5, Y_TICKS = 5, MARKERS = 5 };

static const double BAND = 0.16, RAW = 0.28; // how much of the ink is laid on
static const double LINE = 2, THIN = 0.8, MARKER = 3.4;

// Where a value stands between two others, 0 .. 1. By powers of ten what is not above the lower one
// is at it.
static double share(bool log, double x, double low, double high) {
    if (log)
        return log10(fmax(x, low) / low) / log10(high / low);
    return (x - low) / (high - low);
}

static double to_x(const trm_chart *c, double x) {
    return c->left + share(c->log_x, x, c->x0, c->x1) * c->width;
}

static double to_y(const trm_chart *c, double y) {
    return c->top + (1 - share(c->log_y, y, c->y0, c->y1)) * c->height;
}

static void ticks_of(trm_ticks *t, bool log, double low, double high, int32_t about) {
    if (log)
        trm_ticks_decades(t, low, high);
    else
        trm_ticks_between(t, low, high, about);
}

void trm_chart_fit(trm_chart *c, double low, double high, bool whole) {
    if (whole || !(low <= high)) {
        c->y0 = 0;
        c->y1 = 1;
        return;
    }
    if (c->log_y && low > 0) {
        trm_ticks_widen_decades(&low, &high);
        c->y0 = low;
        c->y1 = high;
        return;
    }
    c->log_y = false;
    trm_ticks_widen(&low, &high, Y_TICKS);
    c->y0 = c->percent ? fmax(0, low) : low;
    c->y1 = c->percent ? fmin(1, high) : high;
}

// ---- axes ---------------------------------------------------------------------------------------

// The axis at the pixel's middle, so that a thin line is one pixel of a picture without scaling.
static double crisp(double at) {
    return floor(at) + 0.5;
}

static void draw_y_ticks(trm_page *p, const trm_chart *c) {
    const trm_plot_type label = {.size = 10, .ink = INK_QUIET, .align = ALIGN_RIGHT};
    const double scale = c->percent ? 100 : 1;
    trm_ticks t;
    ticks_of(&t, c->log_y, c->y0 * scale, c->y1 * scale, Y_TICKS);
    for (int32_t i = 0; i < t.count; i++) {
        char text[TICK_TEXT + 4];
        const double y = crisp(to_y(c, t.at[i] / scale));
        trm_ticks_text(&t, i, text);
        if (c->percent)
            trm_text_format(text + strlen(text), 4, " %%");
        trm_page_ink(p, INK_GRID, 1);
        p->cairo.set_line_width(p->cr, 1);
        trm_page_line(p, c->left, y, c->left + c->width, y);
        trm_page_text(p, c->left - 7, y + 3.5, &label, text);
    }
}

static void draw_x_ticks(trm_page *p, const trm_chart *c) {
    const trm_plot_type label = {.size = 10, .ink = INK_QUIET, .align = ALIGN_CENTRE};
    const double base = crisp(c->top + c->height);
    trm_ticks t;
    ticks_of(&t, c->log_x, c->x0, c->x1, X_TICKS);
    trm_page_ink(p, INK_AXIS, 1);
    p->cairo.set_line_width(p->cr, 1);
    trm_page_line(p, c->left, base, c->left + c->width, base);
    for (int32_t i = 0; i < t.count; i++) {
        char text[TICK_TEXT];
        const double x = crisp(to_x(c, t.at[i]));
        trm_ticks_text(&t, i, text);
        trm_page_ink(p, INK_AXIS, 1);
        trm_page_line(p, x, base, x, base + 4);
        trm_page_text(p, x, base + 16, &label, text);
    }
}

void trm_chart_frame(trm_page *p, const trm_chart *c) {
    const trm_plot_type title = {.size = 12, .bold = true, .ink = INK_TEXT, .most = c->width};
    const trm_plot_type name = {.size = 10, .ink = INK_QUIET, .align = ALIGN_RIGHT};
    trm_page_text(p, c->left, c->top - 11, &title, c->title);
    draw_y_ticks(p, c);
    draw_x_ticks(p, c);
    trm_page_text(p, c->left + c->width, c->top + c->height + 31, &name, c->x_name);
}

// ---- curves -------------------------------------------------------------------------------------

static void begin_clip(trm_page *p, const trm_chart *c) {
    const double spare = LINE; // a line along the edge is seen whole
    p->cairo.save(p->cr);
    p->cairo.rectangle(p->cr, c->left, c->top - spare, c->width + spare, c->height + 2 * spare);
    p->cairo.clip(p->cr);
    p->cairo.new_path(p->cr);
}

static trm_page_ink_kind series_ink(int32_t series) {
    return (trm_page_ink_kind)(INK_SERIES + series);
}

void trm_chart_raw(trm_page *p, const trm_chart *c, const trm_plot_course *course, int32_t series) {
    begin_clip(p, c);
    for (int32_t i = 0; i < course->raw_count; i++)
        p->cairo.line_to(p->cr, to_x(c, course->raw[i].x), to_y(c, course->raw[i].y));
    trm_page_ink(p, series_ink(series), RAW);
    p->cairo.set_line_width(p->cr, THIN);
    p->cairo.stroke(p->cr);
    p->cairo.restore(p->cr);
}

void trm_chart_band(trm_page *p, const trm_chart *c, const trm_plot_course *course,
                    int32_t series) {
    if (course->seeds < 2 || course->count < 2)
        return;
    begin_clip(p, c);
    const double least = c->percent ? 0 : -INFINITY, most = c->percent ? 1 : INFINITY;
    for (int32_t i = 0; i < course->count; i++)
        p->cairo.line_to(p->cr, to_x(c, course->x[i]),
                         to_y(c, fmin(most, course->mean[i] + course->sd[i])));
    for (int32_t i = course->count - 1; i >= 0; i--)
        p->cairo.line_to(p->cr, to_x(c, course->x[i]),
                         to_y(c, fmax(least, course->mean[i] - course->sd[i])));
    p->cairo.close_path(p->cr);
    trm_page_ink(p, series_ink(series), BAND);
    p->cairo.fill(p->cr);
    p->cairo.restore(p->cr);
}

// Marks along the curve, those of every series at places of their own, and one at its end.
static void draw_markers(trm_page *p, const trm_chart *c, const trm_plot_course *course,
                         int32_t series) {
    const int32_t every = course->count / MARKERS;
    for (int32_t k = 0; every > 2 && k < MARKERS; k++) {
        const int32_t i = k * every + every / 3 + series * every * 2 / (3 * INK_SERIES_COUNT);
        if (i > course->count - every / 3)
            break;
        trm_page_marker(p, series, to_x(c, course->x[i]), to_y(c, course->mean[i]), MARKER);
    }
    const int32_t end = course->count - 1;
    trm_page_marker(p, series, to_x(c, course->x[end]), to_y(c, course->mean[end]), MARKER);
}

void trm_chart_line(trm_page *p, const trm_chart *c, const trm_plot_course *course, int32_t series,
                    bool dashed) {
    if (course->count == 0)
        return;
    begin_clip(p, c);
    const double dash[] = {4, 3};
    for (int32_t i = 0; i < course->count; i++)
        p->cairo.line_to(p->cr, to_x(c, course->x[i]), to_y(c, course->mean[i]));
    trm_page_ink(p, series_ink(series), 1);
    p->cairo.set_line_width(p->cr, dashed ? LINE / 2 : LINE);
    if (dashed)
        p->cairo.set_dash(p->cr, dash, 2, 0);
    p->cairo.stroke(p->cr);
    p->cairo.restore(p->cr);
    if (!dashed)
        draw_markers(p, c, course, series);
}

// ---- events -------------------------------------------------------------------------------------

void trm_chart_sign(trm_page *p, double x, double y, trm_page_ink_kind colour,
                    trm_chart_event event) {
    static const double radius = 5;
    p->cairo.new_path(p->cr);
    if (event == EVENT_REACHED) {
        for (int i = 0; i < 4; i++)
            p->cairo.line_to(p->cr, x + (i % 2 ? 0 : (1 - i) * radius * 1.2),
                             y + (i % 2 ? (2 - i) * radius * 1.2 : 0));
        p->cairo.close_path(p->cr);
    } else {
        p->cairo.arc(p->cr, x, y, radius, 0, 6.283185307179586);
    }
    trm_page_ink(p, INK_PAPER, 0.85);
    p->cairo.fill_preserve(p->cr);
    trm_page_ink(p, colour, 1);
    p->cairo.set_line_width(p->cr, 1.6);
    p->cairo.stroke(p->cr);
    if (event == EVENT_BEST) {
        p->cairo.arc(p->cr, x, y, 1.6, 0, 6.283185307179586);
        p->cairo.fill(p->cr);
    }
}

bool trm_chart_mark(trm_page *p, const trm_chart *c, double x, double y, int32_t series,
                    trm_chart_event event) {
    if (!(x >= c->x0 && x <= c->x1 && y >= c->y0 && y <= c->y1))
        return false;
    trm_chart_sign(p, to_x(c, x), to_y(c, y), series_ink(series), event);
    return true;
}
