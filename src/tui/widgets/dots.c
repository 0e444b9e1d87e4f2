// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/dots.h"

#include <stdlib.h>
#include <string.h>

trm_dots trm_dots_begin(trm_canvas *c, trm_rect r) {
    const trm_glyphs g = c->look.glyphs;
    r.h = r.y + r.h > c->rows ? c->rows - r.y : r.h;
    r.w = r.x + r.w > c->cols ? c->cols - r.x : r.w;
    trm_dots d = {.r = r,
                  .dx = g == TRM_GLYPHS_FULL ? 2 : 1,
                  .dy = g == TRM_GLYPHS_FULL    ? 4
                        : g == TRM_GLYPHS_ASCII ? 1
                                                : 2,
                  .bits = c->scratch};
    trm_dots_clear(&d);
    return d;
}

void trm_dots_clear(trm_dots *d) {
    if (d->r.h > 0 && d->r.w > 0)
        memset(d->bits, 0, (size_t)d->r.h * (size_t)d->r.w);
}

// Braille numbers its dots by columns of three, then the last row.
void trm_dots_put(trm_dots *d, int32_t x, int32_t y) {
    static const uint8_t braille[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    if (x < 0 || y < 0 || x >= d->r.w * d->dx || y >= d->r.h * d->dy)
        return;
    d->bits[y / d->dy * d->r.w + x / d->dx] |=
        d->dx == 2 ? braille[y % d->dy][x % d->dx] : (uint8_t)(1u << y % d->dy);
}

void trm_dots_line(trm_dots *d, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    const int32_t across = abs(x1 - x0), down = abs(y1 - y0);
    const int32_t n = across > down ? across : down;
    for (int32_t i = 0; i <= n; i++)
        trm_dots_put(d, n > 0 ? x0 + (x1 - x0) * i / n : x0, n > 0 ? y0 + (y1 - y0) * i / n : y0);
}

// A character with dots, those of another one that is there already kept.
static uint32_t character(const trm_dots *d, uint32_t there, uint8_t bits, uint32_t plain) {
    if (d->dx == 2)
        return there > 0x2800 && there < 0x2900 ? there | bits : 0x2800u + bits;
    if (d->dy == 1)
        return plain;
    bits |= there == 0x2580 ? 1 : there == 0x2584 ? 2 : there == 0x2588 ? 3 : 0;
    return bits == 3 ? 0x2588 : bits == 1 ? 0x2580 : 0x2584;
}

void trm_dots_show_ink(trm_canvas *c, const trm_dots *d, trm_paint ink, uint32_t plain) {
    for (int32_t y = 0; y < d->r.h; y++)
        for (int32_t x = 0; x < d->r.w; x++) {
            const uint8_t bits = d->bits[y * d->r.w + x];
            const size_t at = (size_t)(d->r.y + y) * (size_t)c->cols + (size_t)(d->r.x + x);
            if (bits != 0)
                trm_canvas_put_ink(c, d->r.y + y, d->r.x + x,
                                   character(d, c->cells[at].ch, bits, plain), ink.ink,
                                   TRM_INK_DEFAULT, ink.attr);
        }
}

void trm_dots_show(trm_canvas *c, const trm_dots *d, trm_style style, uint32_t plain) {
    trm_dots_show_ink(c, d, trm_style_paint(&c->look, style), plain);
}
