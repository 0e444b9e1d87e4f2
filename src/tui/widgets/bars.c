// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/bars.h"

#include <math.h>

#include "trm/base/text.h"

enum { NUMBER = 3, LEAST_BAR = 3 };

void trm_bar_fill(trm_canvas *c, int32_t y, int32_t x, int32_t w, float value, trm_style style) {
    const int32_t eighths = (int32_t)lrintf(fmaxf(0.0f, fminf(1.0f, value)) * 8.0f * (float)w);
    for (int32_t i = 0; i < w; i++) {
        const int32_t rest = eighths - 8 * i;
        if (rest >= 8)
            trm_canvas_put(c, y, x + i, c->look.glyphs == TRM_GLYPHS_ASCII ? '=' : 0x2588, style);
        else if (rest > 0)
            trm_canvas_put(c, y, x + i, 0x2590u - (uint32_t)rest, style);
    }
}

void trm_probability_text(float p, char out[8]) {
    if (isnan(p))
        trm_text_copy(out, 8, "-");
    else if (p <= -0.95f || p >= 9.95f)
        trm_text_format(out, 8, "%.0f", (double)fmaxf(-99, fminf(999, p)));
    else if (p < 0)
        trm_text_format(out, 8, "-.%d", (int)lrintf(p * -10.0f));
    else if (p >= 0.995f)
        trm_text_format(out, 8, "%.1f", (double)p);
    else
        trm_text_format(out, 8, ".%02d", (int)lrintf(p * 100.0f));
}

void trm_bar_draw(trm_canvas *c, int32_t y, int32_t x, int32_t w, int32_t name_width,
                  const trm_bar *bar) {
    const trm_style text = bar->best || bar->chosen ? TRM_STYLE_STRONG
                           : bar->refused           ? TRM_STYLE_DIM
                                                    : TRM_STYLE_NORMAL;
    int32_t left = x + 1, right = x + w - 1 - NUMBER;
    char number[8];
    if (right - left < LEAST_BAR)
        return;
    trm_canvas_put(c, y, x,
                   bar->best      ? 0x25B8
                   : bar->refused ? 0x00D7
                                  : ' ',
                   bar->refused ? TRM_STYLE_DIM : TRM_STYLE_ACCENT);
    if (bar->glyph[0] != 0)
        left += trm_canvas_text(c, y, left, 2, text, bar->glyph) + 1;
    if (right - left - name_width - 2 >= LEAST_BAR || bar->glyph[0] == 0) {
        const int32_t room = right - left - 1 - LEAST_BAR;
        const int32_t n = name_width < room ? name_width : room;
        trm_canvas_text(c, y, left, n, text, bar->name);
        left += n + 1;
    }
    if (!isnan(bar->value))
        trm_bar_fill(c, y, left, right - left - 1, bar->share,
                     bar->best      ? TRM_STYLE_BAR_BEST
                     : bar->refused ? TRM_STYLE_DIM
                                    : TRM_STYLE_BAR);
    trm_probability_text(bar->value, number);
    trm_canvas_print_right(c, y, right, NUMBER, text, "%s", number);
    trm_canvas_put(c, y, x + w - 1, bar->chosen ? '*' : ' ', TRM_STYLE_AGENT);
}
