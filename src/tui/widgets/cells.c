// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/cells.h"

#include <math.h>
#include <stddef.h>

enum { LEAST_WIDTH = 2 }; // of a cell

enum { WRONG = 0x00D7, ON_PATH = 0x2022, OFF_PATH = 0x00B7 };

// Where the grid's cells are on the canvas: cell (row0, col0) at (y, x), each h x w characters.
typedef struct place {
    int32_t y, x, h, w;
    int32_t row0, col0, rows, cols; // cells in sight
    int32_t bands, stacks;          // lines between boxes, across and down; 0: no room for them
} place;

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static int32_t bands_of(const trm_cells_view *v) {
    return v->board && v->board->box_rows > 0 ? v->rows / v->board->box_rows - 1 : 0;
}

static int32_t stacks_of(const trm_cells_view *v) {
    return v->board && v->board->box_cols > 0 ? v->cols / v->board->box_cols - 1 : 0;
}

int32_t trm_cells_width(const trm_cells_view *v) {
    return LEAST_WIDTH * v->cols + stacks_of(v);
}

// A cell's size; two columns at least: one for the answer, one for what is wrong with it.
static void measure(const trm_cells_view *v, int32_t width, int32_t rows, place *p) {
    const bool lines = width >= trm_cells_width(v) && rows >= v->rows + bands_of(v);
    p->bands = lines ? bands_of(v) : 0;
    p->stacks = lines ? stacks_of(v) : 0;
    p->w = larger(LEAST_WIDTH, (width - p->stacks) / v->cols);
    p->h = larger(1, (rows - p->bands) / v->rows);
    p->w = smaller(p->w, 2 * p->h + 1);
    p->h = smaller(p->h, (p->w + 1) / 2);
}

// The first of `shown` out of n so that `focus` is in the middle where possible.
static int32_t window(int32_t n, int32_t shown, int32_t focus) {
    return larger(0, smaller(focus - shown / 2, n - shown));
}

int32_t trm_cells_height(const trm_cells_view *v, int32_t width, int32_t rows) {
    place p;
    const int32_t edge = v->frame ? 2 : 0;
    measure(v, width - edge, rows - edge, &p);
    return smaller(rows, p.h * v->rows + p.bands + edge);
}

static place place_of(const trm_cells_view *v, trm_rect r) {
    place p = {0};
    const int32_t edge = v->frame ? 1 : 0;
    const int32_t width = r.w - 2 * edge, height = r.h - 2 * edge;
    measure(v, width, height, &p);
    p.rows = smaller(v->rows, (height - p.bands) / p.h);
    p.cols = smaller(v->cols, (width - p.stacks) / p.w);
    p.row0 = window(v->rows, p.rows, v->cursor / v->cols);
    p.col0 = window(v->cols, p.cols, v->cursor % v->cols);
    p.y = r.y + edge;
    p.x = r.x + edge + (width - p.cols * p.w - p.stacks) / 2;
    return p;
}

// Lines are only there where the whole grid is in sight.
static int32_t row_y(const place *p, const trm_cells_view *v, int32_t row) {
    return p->y + row * p->h + (p->bands > 0 ? row / v->board->box_rows : 0);
}

static int32_t col_x(const place *p, const trm_cells_view *v, int32_t col) {
    return p->x + col * p->w + (p->stacks > 0 ? col / v->board->box_cols : 0);
}

// Where a line meets the frame.
static void join(trm_canvas *c, const trm_cells_view *v, int32_t y, int32_t x, uint32_t ch) {
    if (v->frame)
        trm_canvas_put(c, y, x, ch, TRM_STYLE_WALL);
}

static void draw_lines(trm_canvas *c, const place *p, const trm_cells_view *v) {
    const int32_t h = p->rows * p->h + p->bands, w = p->cols * p->w + p->stacks;
    for (int32_t i = 1; i <= p->bands; i++) {
        const int32_t y = row_y(p, v, i * v->board->box_rows) - 1;
        trm_canvas_repeat(c, y, p->x, w, 0x2500, TRM_STYLE_RULE);
        join(c, v, y, p->x - 1, 0x251C);
        join(c, v, y, p->x + w, 0x2524);
    }
    for (int32_t k = 1; k <= p->stacks; k++) {
        const int32_t x = col_x(p, v, k * v->board->box_cols) - 1;
        join(c, v, p->y - 1, x, 0x252C);
        join(c, v, p->y + h, x, 0x2534);
        for (int32_t y = p->y; y < p->y + h; y++)
            trm_canvas_put(c, y, x, 0x2502, TRM_STYLE_RULE);
        for (int32_t i = 1; i <= p->bands; i++)
            trm_canvas_put(c, row_y(p, v, i * v->board->box_rows) - 1, x, 0x253C, TRM_STYLE_RULE);
    }
}

uint32_t trm_cells_symbol(const trm_cells_view *v, int32_t class_of) {
    if (v->path)
        return class_of == 1 ? ON_PATH : OFF_PATH;
    const int32_t digit = class_of + v->first;
    return digit < 10 ? (uint32_t)('0' + digit) : (uint32_t)('A' + digit - 10);
}

// What stands in a cell.
typedef struct mark {
    uint32_t ch;
    trm_style style;
    bool wrong;
} mark;

static mark answer_of(const trm_cells_view *v, int32_t i) {
    const int32_t class_of = v->classes[i];
    mark m = {.ch = trm_cells_symbol(v, class_of), .style = TRM_STYLE_ACCENT};
    m.wrong = v->truth != NULL && class_of != v->truth[i];
    if (v->path)
        m.style = class_of == 1 ? TRM_STYLE_TRAIL : TRM_STYLE_FLOOR;
    if (m.wrong)
        m.style = TRM_STYLE_BAD;
    return m;
}

static mark mark_of(const trm_cells_view *v, int32_t i) {
    mark m = {' ', TRM_STYLE_NORMAL, false};
    if (v->classes != NULL)
        m = answer_of(v, i);
    if (v->board == NULL)
        return m;
    const trm_cell *cell = &v->board->cells[i];
    if (cell->digit > 0 && !m.wrong)
        return (mark){trm_cells_symbol(v, cell->digit - v->first), TRM_STYLE_STRONG, false};
    if (cell->kind == TRM_CELL_AGENT)
        return (mark){0x25CF, TRM_STYLE_AGENT, m.wrong};
    if (cell->kind == TRM_CELL_GOAL)
        return (mark){0x25C6, TRM_STYLE_GOAL, m.wrong};
    if (cell->kind == TRM_CELL_WALL)
        return (mark){0x2588, TRM_STYLE_WALL, m.wrong};
    return m;
}

// Level of the palette that fills a cell, or -1.
static int32_t level_of(const trm_cells_view *v, int32_t i) {
    if (v->heat != NULL)
        return trm_heat_level(v->heat[i], v->scale);
    if (v->shade == NULL || isnan(v->shade[i]))
        return -1;
    return trm_heat_level(v->shade[i], 1.0f);
}

// Where cells cannot be filled, brightness is a character.
static uint32_t shade_char(const trm_canvas *c, const trm_cells_view *v, int32_t i) {
    static const char ascii[] = " .:=#";
    static const uint16_t blocks[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
    if (v->heat != NULL)
        return trm_heat_char(level_of(v, i));
    if (v->shade == NULL || isnan(v->shade[i]))
        return ' ';
    const int32_t k = (int32_t)lrintf(4.0f * fmaxf(0.0f, fminf(1.0f, v->shade[i])));
    return c->look.glyphs == TRM_GLYPHS_ASCII ? (uint32_t)ascii[k] : blocks[k];
}

// On a fill the ink must stand out from it, whatever the terminal's own colours: light on dark and
// dark on light; what is wrong is of the opposite hue.
static int32_t ink_on(int32_t level, bool wrong) {
    const bool light = level > TRM_HEAT_STEPS + 4 || level < TRM_HEAT_STEPS - 5;
    if (wrong)
        return TRM_INK_HEAT + (level >= TRM_HEAT_STEPS + 4 ? TRM_HEAT_STEPS - 1 : 0);
    return TRM_INK_HEAT + (light ? TRM_HEAT_STEPS : TRM_HEAT_LEVELS - 1);
}

static void draw_filled(trm_canvas *c, trm_rect r, const trm_cells_view *v, int32_t i, mark m) {
    const int32_t level = level_of(v, i), ink = ink_on(level, m.wrong);
    for (int32_t y = r.y; y < r.y + r.h; y++)
        for (int32_t x = r.x; x < r.x + r.w; x++)
            trm_canvas_put_ink(c, y, x, ' ', TRM_INK_DEFAULT, TRM_INK_HEAT + level, 0);
    const uint8_t attr =
        (uint8_t)((m.wrong ? TRM_ATTR_BOLD : 0) | (i == v->cursor ? TRM_ATTR_REVERSE : 0));
    const int32_t y = r.y + (r.h - 1) / 2, x = r.x + (r.w - 2) / 2;
    if (v->heat != NULL && m.ch == ' ' && level != TRM_HEAT_STEPS)
        m.ch = level < TRM_HEAT_STEPS ? '-' : '+';
    trm_canvas_put_ink(c, y, x, m.ch, ink, TRM_INK_HEAT + level, attr);
    if (m.wrong || i == v->cursor)
        trm_canvas_put_ink(c, y, x + 1, m.wrong ? (uint32_t)WRONG : ' ', ink, TRM_INK_HEAT + level,
                           attr);
}

static void draw_plain(trm_canvas *c, trm_rect r, const trm_cells_view *v, int32_t i, mark m) {
    const int32_t y = r.y + (r.h - 1) / 2, x = r.x + (r.w - 2) / 2;
    const bool here = i == v->cursor;
    trm_canvas_put(c, y, x, m.ch, here ? TRM_STYLE_SELECTED : m.style);
    if (m.wrong)
        trm_canvas_put(c, y, x + 1, WRONG, here ? TRM_STYLE_SELECTED : TRM_STYLE_BAD);
    else if (v->shade != NULL || v->heat != NULL || here)
        trm_canvas_put(c, y, x + 1, shade_char(c, v, i), here ? TRM_STYLE_SELECTED : m.style);
}

static void draw_cell(trm_canvas *c, trm_rect r, const trm_cells_view *v, int32_t i) {
    mark m = mark_of(v, i);
    if (m.ch == ON_PATH && c->look.glyphs == TRM_GLYPHS_BLOCKS)
        m.ch = 'o'; // the trail's dot looks like the floor's there
    const bool wall = m.ch == 0x2588 && !m.wrong;
    if (wall)
        for (int32_t y = r.y; y < r.y + r.h; y++)
            trm_canvas_repeat(c, y, r.x, r.w, m.ch, i == v->cursor ? TRM_STYLE_SELECTED : m.style);
    else if (trm_look_fills(&c->look) && level_of(v, i) >= 0)
        draw_filled(c, r, v, i, m);
    else
        draw_plain(c, r, v, i, m);
}

trm_rect trm_cells_draw(trm_canvas *c, trm_rect r, const trm_cells_view *v) {
    const int32_t edge = v->frame ? 1 : 0;
    if (r.h < 1 + 2 * edge || r.w < 2 + 2 * edge || v->rows < 1 || v->cols < 1)
        return (trm_rect){r.y, r.x, 0, 0};
    const place p = place_of(v, r);
    const trm_rect used = {p.y - edge, p.x - edge, p.rows * p.h + p.bands + 2 * edge,
                           p.cols * p.w + p.stacks + 2 * edge};
    if (v->frame)
        trm_canvas_frame(c, used, TRM_STYLE_WALL);
    draw_lines(c, &p, v);
    for (int32_t row = 0; row < p.rows; row++)
        for (int32_t col = 0; col < p.cols; col++) {
            const int32_t i = (p.row0 + row) * v->cols + p.col0 + col;
            if (i < v->count)
                draw_cell(c, (trm_rect){row_y(&p, v, row), col_x(&p, v, col), p.h, p.w}, v, i);
        }
    return used;
}
