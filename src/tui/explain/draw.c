// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/explain/explain.h"

enum { PICTURE_ROWS = 4, PICTURE_COLS = 64, BOX = TRM_EXPLAIN_WIDTH + 4 };

// The picture: what is always the same, and over it the parts, of which one may stand out.
static const char *const lines[PICTURE_ROWS] = {
    "           ┌───────────── carry ─────────────┐",
    " board ──> └> L  z_L ──────────> H  z_H ─────┴──> head ──> answer",
    "                 ^── feedback ──┘        └──> halt ──> stop here?",
    "              one cycle; K cycles             loss, when training",
};
static const struct {
    int32_t y, x;
    const char *text;
} parts[TRM_PARTS] = {
    [TRM_PART_BOARD] = {1, 1, "board"},  [TRM_PART_L] = {1, 14, "L  z_L"},
    [TRM_PART_H] = {1, 33, "H  z_H"},    [TRM_PART_FEEDBACK] = {2, 21, "feedback"},
    [TRM_PART_CARRY] = {0, 26, "carry"}, [TRM_PART_HEAD] = {1, 50, "head"},
    [TRM_PART_HALT] = {2, 46, "halt"},   [TRM_PART_LOSS] = {3, 46, "loss, when training"},
};

static void draw_picture(trm_canvas *c, trm_rect r, trm_part_id lit) {
    for (int32_t i = 0; i < r.h && i < PICTURE_ROWS; i++)
        trm_canvas_text(c, r.y + i, r.x, r.w, TRM_STYLE_DIM, lines[i]);
    for (int32_t i = 0; i < TRM_PARTS; i++)
        if (parts[i].y < r.h)
            trm_canvas_text(c, r.y + parts[i].y, r.x + parts[i].x, r.w - parts[i].x,
                            (trm_part_id)i == lit ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL,
                            parts[i].text);
}

// Rows that a text takes, found by writing it where nothing is seen.
static int32_t rows_of(trm_canvas *c, const char *text, int32_t width) {
    enum { MOST = 64 };
    trm_pen pen = trm_pen_on(c, (trm_rect){c->rows, c->cols, MOST, width});
    trm_pen_wrap(&pen, TRM_STYLE_NORMAL, text);
    return MOST - pen.r.h;
}

void trm_explain_draw(trm_canvas *c, const trm_explanation *e, const char *foot) {
    trm_rect area = trm_canvas_area(c);
    const int32_t w = trm_clamp(c->cols, 1, BOX), rows = rows_of(c, e->text, w - 4);
    const bool picture = area.h >= rows + 2 + PICTURE_ROWS && w >= PICTURE_COLS + 4;
    const int32_t h = rows + 2 + (picture ? PICTURE_ROWS : 0);
    trm_rect r = trm_rect_centre(trm_rect_bottom(&area, h, 0), h, w);
    trm_canvas_clear_rect(c, r);
    trm_canvas_frame(c, r, TRM_STYLE_NORMAL);
    trm_canvas_print(c, r.y, r.x + 2, r.w - 4, TRM_STYLE_TITLE, " %s ", e->title);
    trm_canvas_print(c, r.y + r.h - 1, r.x + 2, r.w - 4, TRM_STYLE_DIM, " %s ", foot);
    r = trm_rect_inset(r, 1, 2);
    if (picture)
        draw_picture(c, trm_rect_top(&r, PICTURE_ROWS, 0), e->part);
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_wrap(&pen, TRM_STYLE_NORMAL, e->text);
}
