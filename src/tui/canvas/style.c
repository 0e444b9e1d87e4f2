// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/style.h"

#include <math.h>
#include <stddef.h>

typedef struct style_entry {
    uint8_t ink;
    uint8_t attr;  // with 256 colours and more
    uint8_t plain; // with fewer: what carries the meaning there
} style_entry;

static const style_entry styles[TRM_STYLE_COUNT] = {
    [TRM_STYLE_NORMAL] = {TRM_INK_DEFAULT, 0, 0},
    [TRM_STYLE_DIM] = {TRM_INK_GREY, 0, 0},
    [TRM_STYLE_STRONG] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_TITLE] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_HEADING] = {TRM_INK_DEFAULT, 0, 0},
    [TRM_STYLE_FOCUS] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_RULE] = {TRM_INK_FAINT, 0, 0},
    [TRM_STYLE_SELECTED] = {TRM_INK_DEFAULT, TRM_ATTR_REVERSE, TRM_ATTR_REVERSE},
    [TRM_STYLE_GOOD] = {TRM_INK_BLUE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_BAD] = {TRM_INK_ORANGE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_ACCENT] = {TRM_INK_BLUE, 0, 0},
    [TRM_STYLE_AGENT] = {TRM_INK_ORANGE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_GOAL] = {TRM_INK_GREEN, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_TRAIL] = {TRM_INK_ORANGE, 0, 0},
    [TRM_STYLE_FLOOR] = {TRM_INK_FAINT, 0, 0},
    [TRM_STYLE_WALL] = {TRM_INK_GREY, 0, 0},
    [TRM_STYLE_BAR] = {TRM_INK_GREY, 0, 0},
    [TRM_STYLE_BAR_BEST] = {TRM_INK_BLUE, 0, TRM_ATTR_BOLD},
    [TRM_STYLE_CURVE_RAW] = {TRM_INK_GREY, 0, 0},
    [TRM_STYLE_CURVE] = {TRM_INK_BLUE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_CURVE_MARK] = {TRM_INK_GREEN, 0, 0},
    [TRM_STYLE_KEY] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_STATUS] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 0] = {TRM_INK_BLUE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 1] = {TRM_INK_ORANGE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 2] = {TRM_INK_GREEN, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 3] = {TRM_INK_PURPLE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 4] = {TRM_INK_GOLD, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 5] = {TRM_INK_SKY, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 6] = {TRM_INK_ROSE, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 7] = {TRM_INK_DEFAULT, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
    [TRM_STYLE_SERIES + 8] = {TRM_INK_GREY, TRM_ATTR_BOLD, TRM_ATTR_BOLD},
};

// Text colours are of middle lightness, so that they are read on black and on white. The palette of
// activations runs from blue over grey to orange, hues that colour-blind people tell apart; it is
// darkest in the middle and fills whole cells, so that the background does not matter.
static const int32_t inks[TRM_INK_COUNT][TRM_DEPTH_RGB] = {
    // of 8 colours, of 16, of 256, RGB
    [TRM_INK_DEFAULT] = {-1, -1, -1, -1},         [TRM_INK_GREY] = {-1, -1, 244, 0x808080},
    [TRM_INK_FAINT] = {-1, -1, 242, 0x6c6c6c},    [TRM_INK_BLUE] = {4, 12, 32, 0x0087d7},
    [TRM_INK_ORANGE] = {1, 1, 166, 0xd75f00},     [TRM_INK_GREEN] = {2, 2, 29, 0x00875f},
    [TRM_INK_PURPLE] = {5, 5, 97, 0x875faf},      [TRM_INK_GOLD] = {3, 3, 136, 0xaf8700},
    [TRM_INK_SKY] = {6, 6, 37, 0x00afaf},         [TRM_INK_ROSE] = {5, 13, 168, 0xd75f87},
    [TRM_INK_HEAT + 0] = {4, 12, 81, 0x5fd7ff},   [TRM_INK_HEAT + 1] = {4, 12, 39, 0x38b8ff},
    [TRM_INK_HEAT + 2] = {4, 12, 33, 0x1f9ff0},   [TRM_INK_HEAT + 3] = {4, 12, 32, 0x0f82d8},
    [TRM_INK_HEAT + 4] = {4, 12, 26, 0x0d6cba},   [TRM_INK_HEAT + 5] = {4, 12, 25, 0x10589a},
    [TRM_INK_HEAT + 6] = {4, 12, 24, 0x18477a},   [TRM_INK_HEAT + 7] = {4, 12, 237, 0x22395a},
    [TRM_INK_HEAT + 8] = {-1, -1, 236, 0x333333}, [TRM_INK_HEAT + 9] = {1, 1, 238, 0x54402c},
    [TRM_INK_HEAT + 10] = {1, 1, 94, 0x754a22},   [TRM_INK_HEAT + 11] = {1, 1, 130, 0x96561a},
    [TRM_INK_HEAT + 12] = {1, 1, 166, 0xb66414},  [TRM_INK_HEAT + 13] = {1, 1, 172, 0xd27612},
    [TRM_INK_HEAT + 14] = {1, 1, 208, 0xe88f1c},  [TRM_INK_HEAT + 15] = {1, 1, 214, 0xf7ad3c},
    [TRM_INK_HEAT + 16] = {1, 1, 221, 0xffcf6e},
};

trm_paint trm_style_paint(const trm_look *look, trm_style style) {
    const style_entry *s = &styles[style];
    trm_paint p = {s->ink, look->depth >= TRM_DEPTH_256 ? s->attr : s->plain};
    if (look->depth >= TRM_DEPTH_256)
        return p;
    if (s->ink == TRM_INK_GREY || s->ink == TRM_INK_FAINT)
        p.attr |= TRM_ATTR_DIM;
    if (s->ink == TRM_INK_BLUE && look->depth == TRM_DEPTH_8)
        p.attr |= TRM_ATTR_BOLD; // plain blue on black is hard to read
    return p;
}

// What a theme has instead, of 256 colours and as RGB; an index of 0: nothing. The colours of the
// last one are of Okabe and Ito, "Color Universal Design", 2008.
static const int32_t theme_inks[TRM_THEMES][TRM_INK_HEAT][2] = {
    [TRM_THEME_LIGHT] = {[TRM_INK_GREY] = {240, 0x585858},
                         [TRM_INK_FAINT] = {245, 0x8a8a8a},
                         [TRM_INK_BLUE] = {25, 0x005faf},
                         [TRM_INK_ORANGE] = {130, 0xaf5f00},
                         [TRM_INK_GREEN] = {22, 0x005f00},
                         [TRM_INK_PURPLE] = {54, 0x5f0087},
                         [TRM_INK_GOLD] = {94, 0x875f00},
                         [TRM_INK_SKY] = {30, 0x008787},
                         [TRM_INK_ROSE] = {125, 0xaf005f}},
    [TRM_THEME_CONTRAST] = {[TRM_INK_GREY] = {-1, -1}, [TRM_INK_FAINT] = {-1, -1}},
    [TRM_THEME_BLIND] = {[TRM_INK_BLUE] = {25, 0x0072b2},
                         [TRM_INK_ORANGE] = {166, 0xd55e00},
                         [TRM_INK_GREEN] = {36, 0x009e73},
                         [TRM_INK_PURPLE] = {175, 0xcc79a7},
                         [TRM_INK_GOLD] = {178, 0xe69f00},
                         [TRM_INK_SKY] = {74, 0x56b4e9},
                         [TRM_INK_ROSE] = {185, 0xd7d75f}},
};

int32_t trm_ink_color(trm_colors colors, int32_t ink) {
    if (colors.depth == TRM_DEPTH_MONO)
        return -1;
    if (colors.depth >= TRM_DEPTH_256 && ink < TRM_INK_HEAT) {
        const int32_t *of_theme = theme_inks[colors.theme][ink];
        if (of_theme[0] != 0)
            return of_theme[colors.depth - TRM_DEPTH_256];
    }
    return inks[ink][colors.depth - TRM_DEPTH_8];
}

int32_t trm_heat_level(float value, float scale) {
    if (!(scale > 0.0f) || isnan(value))
        return TRM_HEAT_STEPS;
    const float x = fmaxf(-1.0f, fminf(1.0f, value / scale));
    return TRM_HEAT_STEPS + (int32_t)lrintf(x * TRM_HEAT_STEPS);
}

uint32_t trm_heat_char(int32_t level) {
    static const char ramp[TRM_HEAT_LEVELS + 1] = "===---,, ..+++###";
    return (uint32_t)ramp[level];
}

float trm_heat_scale(float now, float value) {
    const float v = fabsf(value);
    if (!isfinite(v) || v < 1e-6f)
        return now > 0.0f ? now : 1.0f;
    if (now > 0.0f && v <= now && v > 0.4f * now)
        return now;
    static const float steps[] = {1.0f, 1.5f, 2.0f, 3.0f, 5.0f, 7.0f, 10.0f};
    const float unit = powf(10.0f, floorf(log10f(v)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (v <= steps[i] * unit * 1.0001f)
            return steps[i] * unit;
    return 10.0f * unit;
}

bool trm_look_fills(const trm_look *look) {
    return look->depth >= TRM_DEPTH_256 && look->glyphs != TRM_GLYPHS_ASCII;
}

// Every character outside ASCII that drawing code uses, in order, with what stands for it.
typedef struct glyph_entry {
    uint16_t full, blocks;
    char ascii;
} glyph_entry;

static const glyph_entry glyphs[] = {
    {0x00B1, 0x00B1, '~'}, // ±
    {0x00B7, 0x00B7, '.'}, // ·
    {0x00D7, 'x', 'x'},    // ×
    {0x0394, 0x0394, 'D'}, // Δ
    {0x2022, 'o', 'o'},    // • trail
    {0x2026, '.', '.'},    // …
    {0x2190, 0x2190, '<'}, // ←
    {0x2191, 0x2191, '^'}, // ↑
    {0x2192, 0x2192, '>'}, // →
    {0x2193, 0x2193, 'v'}, // ↓
    {0x2500, 0x2500, '-'}, // ─
    {0x2502, 0x2502, '|'}, // │
    {0x250C, 0x250C, '+'}, // ┌
    {0x2510, 0x2510, '+'}, // ┐
    {0x2514, 0x2514, '+'}, // └
    {0x2518, 0x2518, '+'}, // ┘
    {0x251C, 0x251C, '+'}, // ├
    {0x2524, 0x2524, '+'}, // ┤
    {0x252C, 0x252C, '+'}, // ┬
    {0x2534, 0x2534, '+'}, // ┴
    {0x253C, 0x253C, '+'}, // ┼
    {0x2580, 0x2580, '"'}, // ▀
    {0x2584, 0x2584, '_'}, // ▄
    {0x2588, 0x2588, '#'}, // █
    {0x2589, 0x2588, '='}, // ▉ … ▏: fractions of a bar
    {0x258A, 0x2588, '='}, {0x258B, 0x258C, '='}, {0x258C, 0x258C, '='}, {0x258D, 0x258C, '-'},
    {0x258E, 0x258C, '-'}, {0x258F, ' ', ' '},    {0x2591, 0x2591, '.'}, // ░
    {0x2592, 0x2592, ':'},                                               // ▒
    {0x2593, 0x2593, '='},                                               // ▓
    {0x25B2, '^', '^'},                                                  // ▲
    {0x25B8, '>', '>'},                                                  // ▸
    {0x25C6, 0x2666, 'G'},                                               // ◆ goal
    {0x25CF, '@', '@'},                                                  // ● agent
};

uint32_t trm_glyph(const trm_look *look, uint32_t ch) {
    if (ch < 0x80 || look->glyphs == TRM_GLYPHS_FULL)
        return ch;
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (glyphs[i].full == ch)
            return look->glyphs == TRM_GLYPHS_BLOCKS ? glyphs[i].blocks : (uint32_t)glyphs[i].ascii;
    return look->glyphs == TRM_GLYPHS_BLOCKS ? ch : '?';
}
