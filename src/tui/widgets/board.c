// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/board.h"

#include <stddef.h>

// Where the board's cells are on the canvas: cell (row0, col0) at (y, x), each h x w characters.
typedef struct frame {
    int32_t y, x, h, w;
    int32_t row0, col0, rows, cols; // cells in sight
} frame;

// The first of `shown` out of n so that `focus` is in the middle where possible.
static int32_t window(int32_t n, int32_t shown, int32_t focus) {
    int32_t first = focus - shown / 2;
    if (first > n - shown)
        first = n - shown;
    return first > 0 ? first : 0;
}

static frame place(trm_rect r, const trm_board_view *v) {
    const int32_t rows = v->board->rows, cols = v->board->cols;
    frame f = {.h = (r.h - 2) / rows, .w = (r.w - 2) / cols};
    if (f.w > 2 * f.h + 1)
        f.w = 2 * f.h + 1;
    if (f.h > (f.w + 1) / 2)
        f.h = (f.w + 1) / 2;
    f.h = f.h > 0 ? f.h : 1;
    f.w = f.w > 1 ? f.w : 2;
    f.rows = f.h * rows <= r.h - 2 ? rows : (r.h - 2) / f.h;
    f.cols = f.w * cols <= r.w - 2 ? cols : (r.w - 2) / f.w;
    f.row0 = window(rows, f.rows, v->focus / cols);
    f.col0 = window(cols, f.cols, v->focus % cols);
    f.y = r.y + 1;
    f.x = r.x + (r.w - f.cols * f.w - 2) / 2 + 1;
    return f;
}

typedef struct mark {
    uint32_t ch;
    trm_style style;
} mark;

static mark mark_of(const trm_board_view *v, int32_t i) {
    const trm_cell *cell = &v->board->cells[i];
    if (cell->digit > 0)
        return (mark){cell->digit < 10 ? (uint32_t)'0' + cell->digit
                                       : (uint32_t)'A' + cell->digit - 10,
                      cell->conflict                 ? TRM_STYLE_BAD
                      : cell->kind == TRM_CELL_GIVEN ? TRM_STYLE_STRONG
                                                     : TRM_STYLE_ACCENT};
    if (cell->kind == TRM_CELL_AGENT)
        return (mark){0x25CF, TRM_STYLE_AGENT};
    if (cell->kind == TRM_CELL_GOAL)
        return (mark){0x25C6, TRM_STYLE_GOAL};
    if (cell->kind == TRM_CELL_WALL)
        return (mark){0x2588, TRM_STYLE_WALL};
    if (v->visits != NULL && v->visits[i] > 0)
        return (mark){0x2022, TRM_STYLE_TRAIL};
    return (mark){0x00B7, TRM_STYLE_FLOOR};
}

// In a large cell the agent and the goal are large too.
static void draw_piece(trm_canvas *c, const frame *f, int32_t y, int32_t x, mark m) {
    const int32_t h = f->h - 2 * (f->h / 3), w = f->w - 2 * (f->w / 3);
    for (int32_t k = 0; k < h; k++)
        trm_canvas_repeat(c, y + (f->h - h) / 2 + k, x + (f->w - w) / 2, w,
                          c->look.glyphs == TRM_GLYPHS_ASCII ? m.ch : 0x2588, m.style);
}

static void draw_cell(trm_canvas *c, const frame *f, const trm_board_view *v, int32_t row,
                      int32_t col) {
    const int32_t i = (f->row0 + row) * v->board->cols + f->col0 + col;
    const mark m = mark_of(v, i);
    const int32_t y = f->y + row * f->h, x = f->x + col * f->w;
    if (v->board->cells[i].kind == TRM_CELL_WALL) {
        for (int32_t k = 0; k < f->h; k++)
            trm_canvas_repeat(c, y + k, x, f->w, m.ch, m.style);
        return;
    }
    const int32_t my = y + (f->h - 1) / 2, mx = x + (f->w - 1) / 2;
    const uint8_t kind = v->board->cells[i].kind;
    if (f->h >= 3 && (kind == TRM_CELL_AGENT || kind == TRM_CELL_GOAL))
        draw_piece(c, f, y, x, m);
    else
        trm_canvas_put(c, my, mx, m.ch, m.style);
    if (v->board->cells[i].conflict && f->w > 2)
        trm_canvas_put(c, my, mx + 1, '!', TRM_STYLE_BAD);
}

int32_t trm_board_agent(const trm_board *b) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].kind == TRM_CELL_AGENT)
            return i;
    return -1;
}

static bool has_room(trm_rect r, const trm_board_view *v) {
    return r.h >= 3 && r.w >= 4 && v->board->rows >= 1 && v->board->cols >= 1;
}

trm_rect trm_board_draw(trm_canvas *c, trm_rect r, const trm_board_view *v) {
    if (!has_room(r, v))
        return (trm_rect){r.y, r.x, 0, 0};
    const frame f = place(r, v);
    const trm_rect edge = {f.y - 1, f.x - 1, f.rows * f.h + 2, f.cols * f.w + 2};
    trm_canvas_frame(c, edge, TRM_STYLE_WALL);
    for (int32_t row = 0; row < f.rows; row++)
        for (int32_t col = 0; col < f.cols; col++)
            draw_cell(c, &f, v, row, col);
    if (f.rows < v->board->rows || f.cols < v->board->cols)
        trm_canvas_print(c, edge.y + edge.h - 1, edge.x + 2, edge.w - 3, TRM_STYLE_DIM,
                         " %d,%d of %dx%d ", f.row0 + 1, f.col0 + 1, v->board->rows,
                         v->board->cols);
    return edge;
}

int32_t trm_board_cell_at(trm_rect r, const trm_board_view *v, int32_t y, int32_t x) {
    if (!has_room(r, v))
        return -1;
    const frame f = place(r, v);
    if (y < f.y || x < f.x || y >= f.y + f.rows * f.h || x >= f.x + f.cols * f.w)
        return -1;
    return (f.row0 + (y - f.y) / f.h) * v->board->cols + f.col0 + (x - f.x) / f.w;
}
