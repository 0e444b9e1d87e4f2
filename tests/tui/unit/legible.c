// SPDX-License-Identifier: Apache-2.0
#include "legible.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const double TEXT = 2.4;  // what middle lightness has with black and with white alike
static const double SIGNS = 1.3; // of a heat map's + and -, which repeat what colour says

// The colour of a palette index of xterm's 256.
static int32_t rgb_of(int32_t index) {
    static const int32_t first[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                      0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                      0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const int32_t levels[6] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    if (index < 16)
        return first[index];
    if (index >= 232) {
        const int32_t grey = 8 + 10 * (index - 232);
        return grey << 16 | grey << 8 | grey;
    }
    const int32_t cube = index - 16;
    return levels[cube / 36] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6];
}

static double luminance(int32_t rgb) {
    static const double weights[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int32_t i = 0; i < 3; i++) {
        const double v = (double)(rgb >> (16 - 8 * i) & 0xFF) / 255;
        sum += weights[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double ratio(double a, double b) {
    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static double luminance_of(trm_depth depth, int32_t ink) {
    const int32_t color = trm_ink_color((trm_colors){depth, TRM_THEME_DARK}, ink);
    assert_true(color >= 0);
    return luminance(depth == TRM_DEPTH_RGB ? color : rgb_of(color));
}

double legible_contrast(trm_depth depth, int32_t a, int32_t b) {
    return ratio(luminance_of(depth, a), luminance_of(depth, b));
}

double legible_contrast_with_ground(trm_depth depth, int32_t ink) {
    const double l = luminance_of(depth, ink);
    return fmin(ratio(l, 0), ratio(l, 1));
}

// A fill and not a character to be read.
static bool is_fill(uint32_t ch) {
    return ch == ' ' || ch == 0 || (ch >= 0x2580 && ch <= 0x259F);
}

void assert_legible(const trm_canvas *c) {
    const trm_depth depth = c->look.depth;
    for (int32_t i = 0; i < c->rows * c->cols; i++) {
        const trm_canvas_cell *cell = &c->cells[i];
        if (c->look.glyphs == TRM_GLYPHS_ASCII && (cell->ch < 0x20 || cell->ch > 0x7E))
            fail_msg("U+%04X at row %d column %d is not ASCII", cell->ch, i / c->cols, i % c->cols);
        if (is_fill(cell->ch) || depth < TRM_DEPTH_256)
            continue;
        const bool sign = cell->ch == '+' || cell->ch == '-';
        double contrast = 21;
        if (cell->bg >= TRM_INK_HEAT)
            contrast =
                cell->fg == TRM_INK_DEFAULT ? 1 : legible_contrast(depth, cell->fg, cell->bg);
        else if (cell->fg != TRM_INK_DEFAULT)
            contrast = legible_contrast_with_ground(depth, cell->fg);
        if (contrast < (sign && cell->bg >= TRM_INK_HEAT ? SIGNS : TEXT))
            fail_msg("U+%04X at row %d column %d: contrast %.2f of ink %d on %d", cell->ch,
                     i / c->cols, i % c->cols, contrast, cell->fg, cell->bg);
    }
}
