// SPDX-License-Identifier: Apache-2.0
// The way of H through its two widest directions, over the cycles of each step.
#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/inspector/draw.h"
#include "tui/widgets/dots.h"
#include "tui/widgets/title.h"

typedef struct plane {
    trm_rect r;
    const trm_inspector_view *v;
    trm_dots dots;
} plane;

static float part(const trm_inspector_view *v, int32_t d, float x) {
    const float span = v->path_high[d] - v->path_low[d];
    return span > 0.0f ? (x - v->path_low[d]) / span : 0.5f;
}

static void place(const plane *p, const float at[2], int32_t *x, int32_t *y) {
    *x = (int32_t)lrintf(part(p->v, 0, at[0]) * (float)(p->r.w * p->dots.dx - 1));
    *y = (int32_t)lrintf((1.0f - part(p->v, 1, at[1])) * (float)(p->r.h * p->dots.dy - 1));
}

static const float *point(const trm_inspector_view *v, int32_t moment, int32_t cycle) {
    return v->path[(int64_t)moment * v->scope->shape.cycles + cycle];
}

// The cycles of one step, joined.
static void add_step(plane *p, int32_t moment) {
    int32_t x0 = 0, y0 = 0;
    if (trm_inspection_trace(p->v->scope, moment) == NULL)
        return;
    for (int32_t c = 0; c < p->v->scope->shape.cycles; c++) {
        int32_t x, y;
        place(p, point(p->v, moment, c), &x, &y);
        trm_dots_line(&p->dots, c > 0 ? x0 : x, c > 0 ? y0 : y, x, y);
        x0 = x;
        y0 = y;
    }
}

static void mark(trm_canvas *c, const plane *p, int32_t moment, int32_t cycle, uint32_t ch,
                 trm_style style) {
    int32_t x, y;
    place(p, point(p->v, moment, cycle), &x, &y);
    trm_canvas_put(c, p->r.y + y / p->dots.dy, p->r.x + x / p->dots.dx, ch, style);
}

static void draw_plane(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    plane p = {.r = r, .v = v};
    p.dots = trm_dots_begin(c, r);
    for (int32_t t = 0; t < v->scope->moments; t++)
        if (t != v->at && t != v->pinned)
            add_step(&p, t);
    trm_dots_show(c, &p.dots, TRM_STYLE_CURVE_RAW, '.');
    if (v->pinned >= 0 && v->pinned != v->at) {
        trm_dots_clear(&p.dots);
        add_step(&p, v->pinned);
        trm_dots_show(c, &p.dots, TRM_STYLE_CURVE_MARK, 'o');
    }
    if (v->trace == NULL)
        return;
    trm_dots_clear(&p.dots);
    add_step(&p, v->at);
    trm_dots_show(c, &p.dots, TRM_STYLE_CURVE, '*');
    for (int32_t k = 0; k < v->scope->shape.cycles && k < 9; k++)
        mark(c, &p, v->at, k, (uint32_t)'1' + (uint32_t)k, TRM_STYLE_NORMAL);
    mark(c, &p, v->at, v->cycle, v->cycle < 9 ? (uint32_t)'1' + (uint32_t)v->cycle : 0x25CF,
         TRM_STYLE_SELECTED);
}

void trm_inspector_draw_path(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    char name[48], spread[64] = "";
    trm_text_format(name, sizeof name, "path of %s", trm_words_of_trace(s)->h);
    if (v->path_known)
        trm_text_format(spread, sizeof spread, "%.0f%% + %.0f%% of the spread",
                        100.0 * trm_pca_share(v->pca, 0), 100.0 * trm_pca_share(v->pca, 1));
    r = trm_rect_inset(trm_panel(c, r, name, v->focus == TRM_INSPECTOR_PATH, TRM_WORDS(spread)), 0,
                       1);
    trm_pen pen = trm_pen_on(c, r);
    if (!v->path_known) {
        const trm_inspection *k = v->scope;
        trm_pen_skip(&pen, 1);
        if (k->known < k->slots)
            trm_pen_line(&pen, TRM_STYLE_DIM, " looking: %s %d of %d …", trm_inspection_word(k),
                         k->known, k->slots);
        else
            trm_pen_line(&pen, TRM_STYLE_DIM, " finding the widest directions …");
        return;
    }
    if (r.h < 3 || r.w < 6)
        return;
    draw_plane(c, trm_pen_take(&pen, r.h - 1), v);
    if (v->trace == NULL)
        return;
    const float *at = point(v, v->at, v->cycle);
    trm_pen_print(&pen, TRM_STYLE_DIM, "%s %d, %s %d at %+.2f, %+.2f",
                  trm_inspection_word(v->scope), trm_inspection_number(v->scope, v->at),
                  trm_words_of_trace(s)->cycle, v->cycle + 1, (double)at[0], (double)at[1]);
}
