// SPDX-License-Identifier: Apache-2.0
#include "plot/board.h"

#include "trm/base/text.h"
#include "trm/plot/plot.h"

typedef struct place {
    double x, y, side;
} place;

static void fill_square(trm_page *p, const place *at, trm_page_ink_kind ink, double alpha) {
    p->cairo.rectangle(p->cr, at->x, at->y, at->side, at->side);
    trm_page_ink(p, ink, alpha);
    p->cairo.fill(p->cr);
}

void trm_page_board_sign(trm_page *p, double x, double y, double side, trm_cell_sign sign) {
    const double inset = side * (sign == TRM_SIGN_MISSED ? 0.2 : 0.1);
    const bool wrong = sign == TRM_SIGN_WRONG;
    p->cairo.rectangle(p->cr, x + inset, y + inset, side - 2 * inset, side - 2 * inset);
    trm_page_ink(p, (trm_page_ink_kind)(INK_SERIES + wrong), wrong ? 0.25 : 0.85);
    p->cairo.set_line_width(p->cr, side * 0.09);
    if (sign == TRM_SIGN_MISSED)
        p->cairo.stroke(p->cr);
    else
        p->cairo.fill(p->cr);
    if (wrong) {
        const double far = side * 0.26;
        trm_page_ink(p, (trm_page_ink_kind)(INK_SERIES + wrong), 1);
        trm_page_line(p, x + far, y + far, x + side - far, y + side - far);
        trm_page_line(p, x + far, y + side - far, x + side - far, y + far);
    }
}

static void draw_letter(trm_page *p, const place *at, const char *letter, bool bold,
                        trm_page_ink_kind ink) {
    const trm_plot_type t = {
        .size = at->side * 0.62, .bold = bold, .ink = ink, .align = ALIGN_CENTRE};
    trm_page_text(p, at->x + at->side / 2, at->y + at->side * 0.73, &t, letter);
}

// A frame in the cell, so that the digit in it can be read.
static void draw_frame(trm_page *p, const place *at) {
    const double inset = at->side * 0.1;
    p->cairo.rectangle(p->cr, at->x + inset, at->y + inset, at->side - 2 * inset,
                       at->side - 2 * inset);
    trm_page_ink(p, INK_SERIES + 1, 1);
    p->cairo.set_line_width(p->cr, at->side * 0.09);
    p->cairo.stroke(p->cr);
}

// A given digit is bold on grey, an answer blue on white; a wrong one has a frame.
static void draw_digit(trm_page *p, const place *at, const trm_cell *cell, bool wrong) {
    const bool given = cell->kind == TRM_CELL_GIVEN;
    char text[8];
    trm_text_format(text, sizeof text, "%c",
                    cell->digit < 10 ? '0' + cell->digit : 'A' + cell->digit - 10);
    if (wrong) {
        fill_square(p, at, INK_SERIES + 1, 0.25);
        draw_frame(p, at);
    }
    draw_letter(p, at, text, given, given ? INK_TEXT : INK_SERIES);
}

static void draw_agent(trm_page *p, const place *at) {
    trm_page_marker(p, 0, at->x + at->side / 2, at->y + at->side / 2, at->side * 0.32);
}

static void draw_cell(trm_page *p, const place *at, const trm_cell *cell, const uint8_t *sign) {
    const trm_cell_sign s = sign ? (trm_cell_sign)*sign : TRM_SIGN_NONE;
    p->cairo.rectangle(p->cr, at->x, at->y, at->side, at->side);
    trm_page_ink(p,
                 cell->kind == TRM_CELL_WALL    ? INK_SERIES + 6
                 : cell->kind == TRM_CELL_GIVEN ? INK_GRID
                                                : INK_PAPER,
                 1);
    p->cairo.fill_preserve(p->cr);
    trm_page_ink(p, cell->kind == TRM_CELL_GIVEN ? INK_AXIS : INK_GRID, 1);
    p->cairo.set_line_width(p->cr, 0.7);
    p->cairo.stroke(p->cr);
    if (cell->digit > 0) {
        draw_digit(p, at, cell, s == TRM_SIGN_WRONG || cell->conflict);
        return;
    }
    if (s != TRM_SIGN_NONE)
        trm_page_board_sign(p, at->x, at->y, at->side, s);
    if (cell->kind == TRM_CELL_AGENT && sign == NULL)
        draw_agent(p, at);
    else if (cell->kind == TRM_CELL_AGENT || cell->kind == TRM_CELL_GOAL)
        draw_letter(p, at, cell->kind == TRM_CELL_AGENT ? "S" : "G", true,
                    s == TRM_SIGN_PATH ? INK_PAPER : INK_TEXT);
}

static void draw_boxes(trm_page *p, const trm_board *b, double left, double top, double cell) {
    trm_page_ink(p, INK_TEXT, 1);
    p->cairo.set_line_width(p->cr, 1.4);
    for (int32_t r = b->box_rows; b->box_rows > 0 && r < b->rows; r += b->box_rows)
        trm_page_line(p, left, top + r * cell, left + b->cols * cell, top + r * cell);
    for (int32_t c = b->box_cols; b->box_cols > 0 && c < b->cols; c += b->box_cols)
        trm_page_line(p, left + c * cell, top, left + c * cell, top + b->rows * cell);
}

void trm_page_board(trm_page *p, const trm_board *board, const uint8_t *signs, double left,
                    double top, double side) {
    const double cell = side / (board->rows > board->cols ? board->rows : board->cols);
    for (int32_t i = 0; i < board->rows * board->cols; i++) {
        const place at = {left + trm_geometry_col(&board->geometry, i) * cell,
                          top + trm_geometry_row(&board->geometry, i) * cell, cell};
        draw_cell(p, &at, &board->cells[i], signs ? &signs[i] : NULL);
    }
    draw_boxes(p, board, left, top, cell);
    p->cairo.rectangle(p->cr, left, top, board->cols * cell, board->rows * cell);
    trm_page_ink(p, INK_AXIS, 1);
    p->cairo.set_line_width(p->cr, 1);
    p->cairo.stroke(p->cr);
}

// Cells are whole pixels wide.
bool trm_plot_board(const trm_board *board, const uint8_t *signs, trm_plot_png *out, trm_error *e) {
    enum { SIDE = 320, MOST = 40, LEAST = 8, MARGIN = 8 };
    trm_page page;
    const int32_t cells = board->rows > board->cols ? board->rows : board->cols;
    const int32_t fits = SIDE / cells;
    const int32_t cell = fits > MOST ? MOST : fits < LEAST ? LEAST : fits;
    *out = (trm_plot_png){.width = board->cols * cell + 2 * MARGIN,
                          .height = board->rows * cell + 2 * MARGIN};
    if (!trm_page_begin(&page, "the board", false, out->width / PAGE_SCALE,
                        out->height / PAGE_SCALE, e))
        return false;
    trm_page_board(&page, board, signs, MARGIN / PAGE_SCALE, MARGIN / PAGE_SCALE,
                   cells * cell / PAGE_SCALE);
    return trm_page_take(&page, &out->bytes, &out->size, e);
}
