// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/heatmap.h"

#include <math.h>
#include <stdlib.h>

#include "tui/canvas/layout.h"

static int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

// How good a grid is: the area it covers, better if cells are square, rows are whole, and cells
// keep to rows of characters.
static float quality(int32_t n, int32_t cols, int32_t rows, int32_t sx, int32_t sy) {
    const float area = (float)n * (float)sx * (float)sy;
    const float square = (float)least(sx, sy) / (float)(sx > sy ? sx : sy);
    const float full = (float)n / (float)(cols * rows);
    return area * sqrtf(square) * full * full * (cols % 8 == 0 ? 1.4f : 1.0f) *
           (sy % 2 == 0 ? 1.1f : 1.0f);
}

static bool fit_all(int32_t n, int32_t w, int32_t h, bool fills, trm_heat_fit *best) {
    float found = 0.0f;
    const int32_t step = fills ? 1 : 2; // half rows that a cell's height is a multiple of
    for (int32_t cols = 1; cols <= least(n, w); cols++) {
        const int32_t rows = (n + cols - 1) / cols;
        int32_t sx = w / cols, sy = 2 * h / rows / step * step;
        if (sy < step)
            continue;
        sx = least(sx, 2 * sy);
        sy = least(sy, 2 * sx) / step * step;
        if (sy < step)
            continue;
        const float q = quality(n, cols, rows, sx, sy);
        if (q > found) {
            found = q;
            *best = (trm_heat_fit){cols, rows, sx, sy, 1};
        }
    }
    return found > 0.0f;
}

trm_heat_fit trm_heatmap_fit(int32_t n, int32_t w, int32_t h, bool fills) {
    trm_heat_fit f = {0};
    if (n < 1 || w < 1 || h < 1)
        return f;
    for (int32_t pool = 1;; pool *= 2)
        if (fit_all((n + pool - 1) / pool, w, h, fills, &f)) {
            f.pool = pool;
            return f;
        }
}

int32_t trm_heatmap_height(const trm_heat_fit *f) {
    return (f->rows * f->sy + 1) / 2;
}

static float pooled(const float *values, int32_t n, int32_t cell, int32_t pool) {
    float v = values[cell * pool];
    for (int32_t i = cell * pool + 1; i < least(n, (cell + 1) * pool); i++)
        if (fabsf(values[i]) > fabsf(v))
            v = values[i];
    return v;
}

// The level at a place in half rows, or -1 where there is no cell.
static int32_t level_at(const trm_heat_fit *f, const float *values, int32_t n, float scale,
                        int32_t half, int32_t x) {
    const int32_t row = half / f->sy, col = x / f->sx;
    const int32_t cell = row * f->cols + col;
    if (row >= f->rows || col >= f->cols || cell * f->pool >= n)
        return -1;
    return trm_heat_level(pooled(values, n, cell, f->pool), scale);
}

// Colour is never the only sign: a cell that is a whole character high carries the sign of its
// value too, in its middle, in a shade near its own.
static bool sign_here(const trm_heat_fit *f, int32_t y, int32_t x) {
    const int32_t row = 2 * y / f->sy, top = (row * f->sy + 1) / 2;
    const int32_t whole = ((row + 1) * f->sy) / 2 - top; // rows of characters within the cell
    return whole > 0 && y == top + (whole - 1) / 2 && x % f->sx == (f->sx - 1) / 2;
}

static void put_fill(trm_canvas *c, int32_t y, int32_t x, int32_t upper, int32_t lower, bool sign) {
    const int32_t top = TRM_INK_HEAT + upper, bottom = TRM_INK_HEAT + lower;
    if (upper < 0 && lower < 0)
        return;
    if (upper < 0)
        trm_canvas_put_ink(c, y, x, 0x2584, bottom, TRM_INK_DEFAULT, 0);
    else if (lower < 0)
        trm_canvas_put_ink(c, y, x, 0x2580, top, TRM_INK_DEFAULT, 0);
    else if (upper != lower)
        trm_canvas_put_ink(c, y, x, 0x2580, top, bottom, 0);
    else if (!sign || upper == TRM_HEAT_STEPS)
        trm_canvas_put_ink(c, y, x, ' ', TRM_INK_DEFAULT, top, 0);
    else if (upper < TRM_HEAT_STEPS)
        trm_canvas_put_ink(c, y, x, '-', TRM_INK_HEAT + (upper < 5 ? upper + 3 : upper - 3), top,
                           0);
    else
        trm_canvas_put_ink(c, y, x, '+', TRM_INK_HEAT + (upper > 11 ? upper - 3 : upper + 3), top,
                           0);
}

static void put_char(trm_canvas *c, int32_t y, int32_t x, int32_t level) {
    // Of eight colours, blue is only legible when it is bold.
    const bool bold =
        abs(level - TRM_HEAT_STEPS) > 5 || (level < TRM_HEAT_STEPS && c->look.depth == TRM_DEPTH_8);
    if (level >= 0)
        trm_canvas_put_ink(c, y, x, trm_heat_char(level), TRM_INK_HEAT + level, TRM_INK_DEFAULT,
                           bold ? TRM_ATTR_BOLD : 0);
}

void trm_heatmap_draw(trm_canvas *c, trm_rect r, const float *values, int32_t n, float scale) {
    const bool fills = trm_look_fills(&c->look);
    const trm_heat_fit f = trm_heatmap_fit(n, r.w, r.h, fills);
    if (f.pool == 0)
        return;
    for (int32_t y = 0; y < trm_heatmap_height(&f); y++)
        for (int32_t x = 0; x < f.cols * f.sx; x++) {
            const int32_t upper = level_at(&f, values, n, scale, 2 * y, x);
            if (fills)
                put_fill(c, r.y + y, r.x + x, upper, level_at(&f, values, n, scale, 2 * y + 1, x),
                         sign_here(&f, y, x));
            else
                put_char(c, r.y + y, r.x + x, upper);
        }
}

void trm_heatmap_mark(trm_canvas *c, trm_rect r, int32_t n, int32_t place) {
    const trm_heat_fit f = trm_heatmap_fit(n, r.w, r.h, trm_look_fills(&c->look));
    if (f.pool == 0 || place < 0 || place >= n)
        return;
    const int32_t row = place / f.pool / f.cols, col = place / f.pool % f.cols;
    const int32_t y = (row * f.sy + (f.sy - 1) / 2) / 2, x = col * f.sx + (f.sx - 1) / 2;
    trm_canvas_put(c, r.y + y, r.x + x, 0x00D7, TRM_STYLE_SELECTED);
}

int32_t trm_heatmap_at(trm_rect r, int32_t n, bool fills, int32_t y, int32_t x) {
    const trm_heat_fit f = trm_heatmap_fit(n, r.w, r.h, fills);
    if (f.pool == 0 || y < r.y || x < r.x || x >= r.x + f.cols * f.sx)
        return -1;
    const int32_t cell = 2 * (y - r.y) / f.sy * f.cols + (x - r.x) / f.sx;
    return cell * f.pool < n ? cell * f.pool : -1;
}

static void draw_palette(trm_canvas *c, trm_rect r) {
    for (int32_t i = 0; i < r.w; i++) {
        const int32_t level = i * (TRM_HEAT_LEVELS - 1) / (r.w - 1);
        if (trm_look_fills(&c->look))
            put_fill(c, r.y, r.x + i, level, level, true);
        else
            put_char(c, r.y, r.x + i, level);
    }
}

void trm_heatmap_legend(trm_canvas *c, trm_rect heading, int32_t x, const char *scale) {
    enum { PALETTE = 9 };
    if (heading.x + heading.w - trm_text_columns(scale) - PALETTE - 7 < x)
        return;
    trm_canvas_text(c, heading.y, heading.x + heading.w - 3, 3, TRM_STYLE_NORMAL, " + ");
    trm_rect_right(&heading, 3, 0);
    draw_palette(c, trm_rect_right(&heading, PALETTE, 0));
    trm_canvas_print_right(c, heading.y, heading.x, heading.w, TRM_STYLE_NORMAL, " %s - ", scale);
}
