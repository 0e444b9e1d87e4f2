// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/board.h"

static int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

// The first of `shown` out of n so that `focus` is in the middle where possible.
static int32_t window(int32_t n, int32_t shown, int32_t focus) {
    const int32_t first = least(focus - shown / 2, n - shown);
    return first > 0 ? first : 0;
}

trm_board_grid trm_board_grid_of(trm_rect r, const trm_board *b, int32_t focus) {
    trm_board_grid g = {.all_rows = b->rows, .all_cols = b->cols};
    const int32_t bands = b->box_rows > 0 ? b->rows / b->box_rows - 1 : 0;
    const int32_t stacks = b->box_cols > 0 ? b->cols / b->box_cols - 1 : 0;
    const int32_t height = r.h - 2, width = r.w - 2;
    if (height < 1 || width < 2 || b->rows < 1 || b->cols < 1)
        return g;
    if (height >= b->rows + bands && width >= 2 * b->cols + stacks) {
        g.box_rows = b->box_rows;
        g.box_cols = b->box_cols;
        g.lines_h = bands;
        g.lines_w = stacks;
    }
    g.h = (height - g.lines_h) / b->rows;
    g.w = (width - g.lines_w) / b->cols;
    g.w = least(g.w, 2 * g.h + 3);
    g.h = least(g.h, (g.w + 1) / 2);
    g.h = g.h > 0 ? g.h : 1;
    g.w = g.w > 1 ? g.w : 2;
    g.rows = least(b->rows, (height - g.lines_h) / g.h);
    g.cols = least(b->cols, (width - g.lines_w) / g.w);
    g.row0 = window(b->rows, g.rows, focus / b->cols);
    g.col0 = window(b->cols, g.cols, focus % b->cols);
    const int32_t w = g.cols * g.w + g.lines_w;
    g.y = r.y + 1;
    g.x = r.x + (r.w - w - 2) / 2 + 1;
    g.edge = (trm_rect){g.y - 1, g.x - 1, g.rows * g.h + g.lines_h + 2, w + 2};
    return g;
}

static int32_t row_y(const trm_board_grid *g, int32_t row) {
    return g->y + (row - g->row0) * g->h + (g->box_rows > 0 ? row / g->box_rows : 0);
}

static int32_t col_x(const trm_board_grid *g, int32_t col) {
    return g->x + (col - g->col0) * g->w + (g->box_cols > 0 ? col / g->box_cols : 0);
}

// Boxes are whole whenever their lines are drawn.
static void draw_lines(trm_canvas *c, const trm_board_grid *g) {
    const trm_rect e = g->edge;
    trm_canvas_frame(c, e, TRM_STYLE_WALL);
    for (int32_t row = g->box_rows; g->box_rows > 0 && row < g->all_rows; row += g->box_rows)
        trm_canvas_repeat(c, row_y(g, row) - 1, e.x + 1, e.w - 2, 0x2500, TRM_STYLE_RULE);
    for (int32_t col = g->box_cols; g->box_cols > 0 && col < g->all_cols; col += g->box_cols)
        for (int32_t y = e.y + 1; y < e.y + e.h - 1; y++)
            trm_canvas_put(c, y, col_x(g, col) - 1, 0x2502, TRM_STYLE_RULE);
}

static void draw_cell(trm_canvas *c, const trm_board_grid *g, const trm_cell_mark *m, int32_t y,
                      int32_t x, bool here) {
    const trm_style over = TRM_STYLE_SELECTED;
    const bool low = m->below[0] != 0 && g->h >= 2 && g->w >= 4;
    const bool beside = m->below[0] != 0 && g->h == 1 && g->w >= 6;
    const int32_t used = low ? 2 : 1, top = y + (g->h - used) / 2;
    const int32_t middle = beside ? x + 1 : x + (g->w - 1) / 2;
    const int32_t mx = middle == x && m->before != 0 && g->w > 1 ? x + 1 : middle;
    for (int32_t k = 0; (here || m->fill) && k < g->h; k++)
        trm_canvas_repeat(c, y + k, x, g->w, m->fill ? m->ch : ' ', here ? over : m->style);
    if (m->fill)
        return;
    trm_canvas_put(c, top, mx, m->ch, here ? over : m->style);
    if (m->before != 0 && mx > x)
        trm_canvas_put(c, top, mx - 1, m->before, here ? over : m->before_style);
    if (m->after != 0 && mx + 1 < x + g->w)
        trm_canvas_put(c, top, mx + 1, m->after, here ? over : m->after_style);
    if (low)
        trm_canvas_text(c, top + 1, x + (g->w - trm_text_columns(m->below)) / 2, g->w,
                        here ? over : m->below_style, m->below);
    else if (beside)
        trm_canvas_text(c, top, mx + 2, x + g->w - mx - 2, here ? over : m->below_style, m->below);
}

void trm_board_grid_draw(trm_canvas *c, const trm_board_grid *g, const trm_cell_mark *marks,
                         int32_t cursor) {
    if (g->rows < 1 || g->cols < 1)
        return;
    draw_lines(c, g);
    for (int32_t row = g->row0; row < g->row0 + g->rows; row++)
        for (int32_t col = g->col0; col < g->col0 + g->cols; col++) {
            const int32_t i = row * g->all_cols + col;
            draw_cell(c, g, &marks[i], row_y(g, row), col_x(g, col), i == cursor);
        }
    if (g->rows < g->all_rows || g->cols < g->all_cols)
        trm_canvas_print(c, g->edge.y + g->edge.h - 1, g->edge.x + 2, g->edge.w - 3, TRM_STYLE_DIM,
                         " %d,%d of %dx%d ", g->row0 + 1, g->col0 + 1, g->all_rows, g->all_cols);
}

int32_t trm_board_grid_at(const trm_board_grid *g, int32_t y, int32_t x) {
    for (int32_t row = g->row0; row < g->row0 + g->rows; row++)
        for (int32_t col = g->col0; col < g->col0 + g->cols; col++)
            if (y >= row_y(g, row) && y < row_y(g, row) + g->h && x >= col_x(g, col) &&
                x < col_x(g, col) + g->w)
                return row * g->all_cols + col;
    return -1;
}
