// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/board.h"

#include "trm/base/text.h"
#include "tui/canvas/layout.h"

enum { LEAST_WIDTH = 2 }; // of a cell: one column for the sign, one for what is beside it

// Where the cells are: (row0, col0) at (y, x), each h x w characters.
typedef struct place {
    trm_rect edge; // with the frame
    int32_t y, x, h, w;
    int32_t row0, col0, rows, cols; // in sight
    int32_t box_rows, box_cols;     // 0: no lines
    int32_t bands, stacks;          // lines, across and down
} place;

static int32_t lines_of(int32_t cells, int32_t box) {
    return box > 0 ? cells / box - 1 : 0;
}

int32_t trm_board_width(const trm_board_view *v) {
    return LEAST_WIDTH * v->cols + lines_of(v->cols, v->box_cols);
}

static int32_t widest(const trm_board_view *v, int32_t h) {
    return 2 * h + (v->wide ? 3 : 1);
}

static int32_t highest(const trm_board_view *v, int32_t h) {
    return trm_clamp(h, 1, v->most > 0 ? v->most : h);
}

int32_t trm_board_most_width(const trm_board_view *v, int32_t rows) {
    const int32_t edge = v->frame ? 2 : 0;
    const int32_t h = highest(v, (rows - edge - lines_of(v->rows, v->box_rows)) / v->rows);
    return widest(v, h) * v->cols + lines_of(v->cols, v->box_cols) + edge;
}

// A cell's size. Boxes have lines if all of them are in sight.
static void measure(const trm_board_view *v, int32_t width, int32_t height, place *p) {
    const int32_t bands = lines_of(v->rows, v->box_rows);
    if (width >= trm_board_width(v) && height >= v->rows + bands) {
        p->box_rows = v->box_rows;
        p->box_cols = v->box_cols;
        p->bands = bands;
        p->stacks = lines_of(v->cols, v->box_cols);
    }
    p->h = highest(v, (height - p->bands) / v->rows);
    p->w = trm_clamp((width - p->stacks) / v->cols, LEAST_WIDTH, widest(v, p->h));
    p->h = trm_clamp(p->h, 1, (p->w + 1) / 2);
}

int32_t trm_board_height(const trm_board_view *v, int32_t width, int32_t rows) {
    place p = {0};
    const int32_t edge = v->frame ? 2 : 0;
    measure(v, width - edge, rows - edge, &p);
    return trm_clamp(p.h * v->rows + p.bands + edge, 0, rows);
}

static bool place_of(trm_rect r, const trm_board_view *v, place *p) {
    const int32_t edge = v->frame ? 1 : 0, height = r.h - 2 * edge, width = r.w - 2 * edge;
    const int32_t focus = v->cursor >= 0 ? v->cursor : v->focus;
    *p = (place){0};
    if (height < 1 || width < LEAST_WIDTH || v->rows < 1 || v->cols < 1)
        return false;
    measure(v, width, height, p);
    p->rows = trm_clamp((height - p->bands) / p->h, 1, v->rows);
    p->cols = trm_clamp((width - p->stacks) / p->w, 1, v->cols);
    p->row0 = trm_window(v->rows, p->rows, focus / v->cols);
    p->col0 = trm_window(v->cols, p->cols, focus % v->cols);
    const int32_t w = p->cols * p->w + p->stacks;
    p->y = r.y + edge;
    p->x = r.x + edge + (width - w) / 2;
    p->edge = (trm_rect){r.y, p->x - edge, p->rows * p->h + p->bands + 2 * edge, w + 2 * edge};
    return true;
}

static int32_t row_y(const place *p, int32_t row) {
    return p->y + (row - p->row0) * p->h + (p->box_rows > 0 ? row / p->box_rows : 0);
}

static int32_t col_x(const place *p, int32_t col) {
    return p->x + (col - p->col0) * p->w + (p->box_cols > 0 ? col / p->box_cols : 0);
}

// Lines between boxes, and where they meet one another and the frame.
static void draw_lines(trm_canvas *c, const place *p, const trm_board_view *v) {
    const trm_style style = TRM_STYLE_WALL;
    const trm_rect e = p->edge;
    const int32_t h = p->rows * p->h + p->bands, w = p->cols * p->w + p->stacks;
    if (v->frame)
        trm_canvas_frame(c, e, style);
    for (int32_t k = 1; k <= p->stacks; k++) {
        const int32_t x = col_x(p, k * p->box_cols) - 1;
        for (int32_t y = p->y; y < p->y + h; y++)
            trm_canvas_put(c, y, x, 0x2502, style);
        if (v->frame) {
            trm_canvas_put(c, e.y, x, 0x252C, style);
            trm_canvas_put(c, e.y + e.h - 1, x, 0x2534, style);
        }
    }
    for (int32_t i = 1; i <= p->bands; i++) {
        const int32_t y = row_y(p, i * p->box_rows) - 1;
        trm_canvas_repeat(c, y, p->x, w, 0x2500, style);
        if (v->frame) {
            trm_canvas_put(c, y, e.x, 0x251C, style);
            trm_canvas_put(c, y, e.x + e.w - 1, 0x2524, style);
        }
        for (int32_t k = 1; k <= p->stacks; k++)
            trm_canvas_put(c, y, col_x(p, k * p->box_cols) - 1, 0x253C, style);
    }
}

// The pencil marks: each digit at its place in the box's picture where there is room for that, else
// one after the other, '+' standing for what is left.
static void draw_notes(trm_canvas *c, trm_rect r, const trm_board_view *v, uint16_t notes,
                       trm_style style) {
    const bool picture = v->box_cols > 0 && r.h >= v->box_rows && r.w >= 2 * v->box_cols;
    const int32_t row = r.w - 1, room = r.h * row;
    for (int32_t d = 1, used = 0; d <= 16 && used < room; d++) {
        const uint32_t ch = (uint32_t)(d < 10 ? '0' + d : 'A' + d - 10);
        if (!(notes >> (d - 1) & 1))
            continue;
        if (picture)
            trm_canvas_put(c, r.y + (d - 1) / v->box_cols, r.x + (d - 1) % v->box_cols * 2, ch,
                           style);
        else
            trm_canvas_put(c, r.y + used / row, r.x + used % row,
                           used == room - 1 && notes >> d != 0 ? '+' : ch, style);
        used++;
    }
}

// On a fill the ink must stand out from it, whatever the terminal's own colours: light on dark and
// dark on light; what is wrong is of the opposite hue.
static int32_t ink_on(int32_t level, bool wrong) {
    const bool light = level > TRM_HEAT_STEPS + 4 || level < TRM_HEAT_STEPS - 5;
    if (wrong)
        return TRM_INK_HEAT + (level >= TRM_HEAT_STEPS + 4 ? TRM_HEAT_STEPS - 1 : 0);
    return TRM_INK_HEAT + (light ? TRM_HEAT_STEPS : TRM_HEAT_LEVELS - 1);
}

static bool has_room_below(trm_rect r, const trm_cell_mark *m) {
    return m->below[0] != 0 && r.h >= 2 && r.w >= 4;
}

static int32_t below_x(trm_rect r, const trm_cell_mark *m) {
    return r.x + (r.w - trm_text_columns(m->below)) / 2;
}

// A cell that the palette fills; one without a sign shows that of its value.
static void draw_heat(trm_canvas *c, trm_rect r, const trm_cell_mark *m, bool here) {
    const int32_t level = m->heat - 1, bg = TRM_INK_HEAT + level;
    const bool wrong = m->after != 0 && m->after_style == TRM_STYLE_BAD;
    const bool none = m->ch == 0 || m->ch == ' ';
    const int32_t ink = ink_on(level, wrong);
    const int32_t y = r.y + (r.h - 1) / 2, x = r.x + (r.w - 1) / 2;
    const bool given = m->style == TRM_STYLE_STRONG;
    const uint8_t attr = (uint8_t)((wrong ? TRM_ATTR_BOLD : 0) | (given ? TRM_ATTR_UNDERLINE : 0));
    for (int32_t k = 0; k < r.h; k++)
        for (int32_t i = 0; i < r.w; i++)
            trm_canvas_put_ink(c, r.y + k, r.x + i, ' ', TRM_INK_DEFAULT, bg, 0);
    const uint32_t ch = !none                     ? m->ch
                        : level == TRM_HEAT_STEPS ? ' '
                        : level < TRM_HEAT_STEPS  ? '-'
                                                  : '+';
    // Under the cursor the sign alone stands out: the fill goes on saying what it says.
    if (here)
        trm_canvas_put(c, y, x, ch, TRM_STYLE_SELECTED);
    else
        trm_canvas_put_ink(c, y, x, ch, ink, bg, attr);
    if (m->before != 0 && x > r.x)
        trm_canvas_put_ink(c, y, x - 1, m->before, ink, bg, TRM_ATTR_BOLD);
    if (m->after != 0 && x + 1 < r.x + r.w)
        trm_canvas_put_ink(c, y, x + 1, m->after, ink, bg, attr);
    for (int32_t k = 0; has_room_below(r, m) && m->below[k] != 0; k++)
        trm_canvas_put_ink(c, y + 1, below_x(r, m) + k, (uint32_t)m->below[k], ink, bg, 0);
}

static void fill(trm_canvas *c, trm_rect r, uint32_t ch, trm_style style) {
    for (int32_t k = 0; k < r.h; k++)
        trm_canvas_repeat(c, r.y + k, r.x, r.w, ch, style);
}

// In a large cell a piece is large too; without colour it is told by its sign.
static void draw_piece(trm_canvas *c, trm_rect r, const trm_cell_mark *m, trm_style style) {
    const bool sign = c->look.glyphs == TRM_GLYPHS_ASCII || c->look.depth == TRM_DEPTH_MONO;
    fill(c, trm_rect_centre(r, r.h - 2 * (r.h / 3), r.w - 2 * (r.w / 3)), sign ? m->ch : m->piece,
         style);
}

// The sign with what stands beside and below it. over: a style for all of it, or NULL.
static void draw_sign(trm_canvas *c, trm_rect r, const trm_cell_mark *m, const trm_style *over) {
    const uint32_t after = m->after != 0 ? m->after : m->shade;
    const trm_style after_style = m->after != 0 ? m->after_style : m->style;
    const bool low = has_room_below(r, m);
    const bool beside = m->below[0] != 0 && r.h == 1 && r.w >= 6;
    const int32_t y = r.y + (r.h - 1) / 2; // as in every cell, whatever stands below
    int32_t x = beside ? r.x + 1 : r.x + (r.w - 1) / 2;
    x += x == r.x && m->before != 0 ? 1 : 0;
    trm_canvas_put(c, y, x, m->ch != 0 ? m->ch : ' ', over != NULL ? *over : m->style);
    if (m->before != 0)
        trm_canvas_put(c, y, x - 1, m->before, over != NULL ? *over : m->before_style);
    // A shade that was inverted would say the opposite.
    if (after != 0 && x + 1 < r.x + r.w)
        trm_canvas_put(c, y, x + 1, after, over != NULL && after != m->shade ? *over : after_style);
    const trm_style below = over != NULL ? *over : m->below_style;
    if (low)
        trm_canvas_text(c, y + 1, below_x(r, m), r.w, below, m->below);
    else if (beside)
        trm_canvas_text(c, y, x + 2, r.x + r.w - x - 2, below, m->below);
}

static void draw_cell(trm_canvas *c, trm_rect r, const trm_board_view *v, int32_t i) {
    static const trm_style selected = TRM_STYLE_SELECTED;
    const trm_cell_mark m = v->mark(v->ctx, i);
    const bool here = i == v->cursor;
    const trm_style style = here ? selected : m.style;
    if (m.heat > 0 && !m.fill && trm_look_fills(&c->look)) {
        draw_heat(c, r, &m, here);
        return;
    }
    if (here || m.fill)
        fill(c, r, m.fill ? m.ch : ' ', style);
    if (m.fill)
        return;
    if (m.notes != 0)
        draw_notes(c, r, v, m.notes, here ? selected : TRM_STYLE_DIM);
    else if (m.piece != 0 && r.h >= 3 && m.before == 0 && m.below[0] == 0)
        draw_piece(c, r, &m, style);
    else
        draw_sign(c, r, &m, here ? &selected : NULL);
    if (m.notes != 0 && m.after != 0 && r.w > 2)
        trm_canvas_put(c, r.y + (r.h - 1) / 2, r.x + (r.w - 1) / 2 + 1, m.after,
                       here ? selected : m.after_style);
}

static int32_t count_of(const trm_board_view *v) {
    return v->count > 0 ? v->count : v->rows * v->cols;
}

trm_rect trm_board_draw(trm_canvas *c, trm_rect r, const trm_board_view *v) {
    place p;
    if (!place_of(r, v, &p))
        return (trm_rect){r.y, r.x, 0, 0};
    draw_lines(c, &p, v);
    for (int32_t row = p.row0; row < p.row0 + p.rows; row++)
        for (int32_t col = p.col0; col < p.col0 + p.cols; col++)
            if (row * v->cols + col < count_of(v))
                draw_cell(c, (trm_rect){row_y(&p, row), col_x(&p, col), p.h, p.w}, v,
                          row * v->cols + col);
    if (v->frame && (p.rows < v->rows || p.cols < v->cols))
        trm_canvas_print(c, p.edge.y + p.edge.h - 1, p.edge.x + 2, p.edge.w - 3, TRM_STYLE_DIM,
                         " %d,%d of %dx%d ", p.row0 + 1, p.col0 + 1, v->rows, v->cols);
    return p.edge;
}

int32_t trm_board_at(trm_rect r, const trm_board_view *v, int32_t y, int32_t x) {
    place p;
    if (!place_of(r, v, &p))
        return -1;
    for (int32_t row = p.row0; row < p.row0 + p.rows; row++)
        for (int32_t col = p.col0; col < p.col0 + p.cols; col++)
            if (trm_rect_has((trm_rect){row_y(&p, row), col_x(&p, col), p.h, p.w}, y, x))
                return row * v->cols + col < count_of(v) ? row * v->cols + col : -1;
    return -1;
}
