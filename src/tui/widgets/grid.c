// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/grid.h"

// Cell (0, 0) is at (y, x); each is h x w characters, with a line between boxes.
typedef struct frame {
    int32_t y, x, h, w;
    int32_t bands, stacks; // boxes down and across
} frame;

static int32_t at_most(int32_t x, int32_t most) {
    return x < most ? x : most;
}

static frame place(trm_rect r, const trm_board *b) {
    frame f = {.bands = b->rows / b->box_rows, .stacks = b->cols / b->box_cols};
    f.h = at_most((r.h - 1 - f.bands) / b->rows, 3);
    f.w = at_most((r.w - 1 - f.stacks) / b->cols, 2 * f.h + 3);
    const int32_t width = f.w * b->cols + f.stacks + 1;
    f.y = r.y + 1;
    f.x = r.x + (r.w - width) / 2 + 1;
    return f;
}

static int32_t row_at(const frame *f, const trm_board *b, int32_t row) {
    return f->y + row * f->h + row / b->box_rows;
}

static int32_t col_at(const frame *f, const trm_board *b, int32_t col) {
    return f->x + col * f->w + col / b->box_cols;
}

static void draw_lines(trm_canvas *c, const frame *f, const trm_board *b, trm_rect edge) {
    const int32_t bottom = edge.y + edge.h - 1, right = edge.x + edge.w - 1;
    trm_canvas_frame(c, edge, TRM_STYLE_WALL);
    for (int32_t s = 1; s < f->stacks; s++) {
        const int32_t x = col_at(f, b, s * b->box_cols) - 1;
        for (int32_t y = edge.y + 1; y < bottom; y++)
            trm_canvas_put(c, y, x, 0x2502, TRM_STYLE_WALL);
        trm_canvas_put(c, edge.y, x, 0x252C, TRM_STYLE_WALL);
        trm_canvas_put(c, bottom, x, 0x2534, TRM_STYLE_WALL);
    }
    for (int32_t k = 1; k < f->bands; k++) {
        const int32_t y = row_at(f, b, k * b->box_rows) - 1;
        trm_canvas_repeat(c, y, edge.x + 1, edge.w - 2, 0x2500, TRM_STYLE_WALL);
        trm_canvas_put(c, y, edge.x, 0x251C, TRM_STYLE_WALL);
        trm_canvas_put(c, y, right, 0x2524, TRM_STYLE_WALL);
        for (int32_t s = 1; s < f->stacks; s++)
            trm_canvas_put(c, y, col_at(f, b, s * b->box_cols) - 1, 0x253C, TRM_STYLE_WALL);
    }
}

static uint32_t digit_char(int32_t digit) {
    return (uint32_t)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}

// The pencil marks: each digit at its place in the box's picture where there is room for that, else
// one after the other, '+' standing for what is left.
static void draw_notes(trm_canvas *c, const frame *f, const trm_board *b, int32_t y, int32_t x,
                       uint16_t notes, trm_style style) {
    const int32_t digits = b->box_rows * b->box_cols;
    const bool picture = f->h >= b->box_rows && f->w >= 2 * b->box_cols;
    const int32_t row = f->w - 1, room = f->h * row;
    int32_t used = 0;
    for (int32_t d = 1; d <= digits; d++) {
        if (!(notes >> (d - 1) & 1))
            continue;
        if (picture) {
            trm_canvas_put(c, y + (d - 1) / b->box_cols, x + (d - 1) % b->box_cols * 2,
                           digit_char(d), style);
            continue;
        }
        const bool last = used == room - 1 && notes >> d != 0;
        trm_canvas_put(c, y + used / row, x + used % row, last ? '+' : digit_char(d), style);
        if (last)
            return;
        used++;
    }
}

typedef struct mark {
    uint32_t ch; // beside the digit
    trm_style style;
} mark;

static const mark tint_marks[TRM_TINTS] = {
    [TRM_TINT_NONE] = {' ', TRM_STYLE_NORMAL},  [TRM_TINT_SAME] = {'\'', TRM_STYLE_TITLE},
    [TRM_TINT_CONFLICT] = {'!', TRM_STYLE_BAD}, [TRM_TINT_TRIED] = {'!', TRM_STYLE_BAD},
    [TRM_TINT_HINT] = {'<', TRM_STYLE_GOAL},    [TRM_TINT_MODEL] = {'*', TRM_STYLE_AGENT},
};

static trm_style digit_style(const trm_cell *cell, trm_tint tint) {
    if (cell->conflict || tint == TRM_TINT_CONFLICT || tint == TRM_TINT_TRIED)
        return TRM_STYLE_BAD;
    return cell->kind == TRM_CELL_GIVEN ? TRM_STYLE_STRONG : TRM_STYLE_ACCENT;
}

static void draw_cell(trm_canvas *c, const frame *f, const trm_grid_view *v, int32_t i) {
    const trm_board *b = v->board;
    const trm_cell *cell = &b->cells[i];
    const trm_tint tint = v->tints != NULL ? (trm_tint)v->tints[i] : TRM_TINT_NONE;
    const bool here = i == v->cursor;
    const int32_t y = row_at(f, b, i / b->cols), x = col_at(f, b, i % b->cols);
    const int32_t my = y + (f->h - 1) / 2, mx = x + (f->w - 1) / 2;
    const trm_style style = here ? TRM_STYLE_SELECTED : digit_style(cell, tint);
    if (here)
        for (int32_t k = 0; k < f->h; k++)
            trm_canvas_repeat(c, y + k, x, f->w, ' ', style);
    const int32_t digit = cell->digit == 0 && tint == TRM_TINT_TRIED ? v->tried : cell->digit;
    if (digit > 0)
        trm_canvas_put(c, my, mx, digit_char(digit), style);
    else if (v->notes != NULL && v->notes[i] != 0)
        draw_notes(c, f, b, y, x, v->notes[i], here ? style : TRM_STYLE_DIM);
    else
        trm_canvas_put(c, my, mx, 0x00B7, here ? style : TRM_STYLE_FLOOR);
    if (tint != TRM_TINT_NONE && f->w > 2)
        trm_canvas_put(c, my, mx + 1, tint_marks[tint].ch, here ? style : tint_marks[tint].style);
}

trm_rect trm_grid_draw(trm_canvas *c, trm_rect r, const trm_grid_view *v) {
    const frame f = place(r, v->board);
    if (f.h < 1 || f.w < 2)
        return (trm_rect){r.y, r.x, 0, 0};
    const trm_rect edge = {f.y - 1, f.x - 1, f.h * v->board->rows + f.bands + 1,
                           f.w * v->board->cols + f.stacks + 1};
    draw_lines(c, &f, v->board, edge);
    for (int32_t i = 0; i < v->board->rows * v->board->cols; i++)
        draw_cell(c, &f, v, i);
    return edge;
}

int32_t trm_grid_cell_at(trm_rect r, const trm_board *b, int32_t y, int32_t x) {
    const frame f = place(r, b);
    if (f.h < 1 || f.w < 2)
        return -1;
    for (int32_t i = 0; i < b->rows * b->cols; i++) {
        const int32_t cy = row_at(&f, b, i / b->cols), cx = col_at(&f, b, i % b->cols);
        if (y >= cy && y < cy + f.h && x >= cx && x < cx + f.w)
            return i;
    }
    return -1;
}
