// SPDX-License-Identifier: Apache-2.0
// What things look like, by meaning and not by colour. Drawing code names styles; this table says
// which ink and attributes they are at the depth of colour that the terminal has.
#ifndef TUI_STYLE_H
#define TUI_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/tui/screens.h"

// Which characters may be used. BLOCKS: line drawing and half blocks, no braille and no fine
// fractions (the Linux console).
typedef enum trm_glyphs { TRM_GLYPHS_ASCII, TRM_GLYPHS_BLOCKS, TRM_GLYPHS_FULL } trm_glyphs;

typedef enum trm_depth {
    TRM_DEPTH_MONO,
    TRM_DEPTH_8,
    TRM_DEPTH_16,
    TRM_DEPTH_256,
    TRM_DEPTH_RGB
} trm_depth;

typedef struct trm_look {
    trm_glyphs glyphs;
    trm_depth depth;
} trm_look;

// Which colours inks are; the theme says something from 256 colours on.
typedef struct trm_colors {
    trm_depth depth;
    trm_theme theme;
} trm_colors;

// Steps of the diverging palette on each side of zero.
enum { TRM_HEAT_STEPS = 8, TRM_HEAT_LEVELS = 2 * TRM_HEAT_STEPS + 1 };

// Colours, by what they are for. HEAT + level, level 0 (most negative) .. TRM_HEAT_LEVELS - 1.
typedef enum trm_ink {
    TRM_INK_DEFAULT,
    TRM_INK_GREY,  // things one may overlook
    TRM_INK_FAINT, // grids
    TRM_INK_BLUE,
    TRM_INK_ORANGE,
    TRM_INK_GREEN,
    TRM_INK_PURPLE,
    TRM_INK_GOLD,
    TRM_INK_SKY,
    TRM_INK_ROSE,
    TRM_INK_HEAT,
    TRM_INK_COUNT = TRM_INK_HEAT + TRM_HEAT_LEVELS
} trm_ink;

enum { TRM_ATTR_BOLD = 1, TRM_ATTR_DIM = 2, TRM_ATTR_REVERSE = 4, TRM_ATTR_UNDERLINE = 8 };

enum { TRM_SERIES = 9 };

typedef enum trm_style {
    TRM_STYLE_NORMAL,
    TRM_STYLE_DIM,
    TRM_STYLE_STRONG,
    TRM_STYLE_TITLE,
    TRM_STYLE_HEADING,
    TRM_STYLE_FOCUS, // heading of the panel that has the focus
    TRM_STYLE_RULE,
    TRM_STYLE_SELECTED,
    TRM_STYLE_GOOD,
    TRM_STYLE_BAD,
    TRM_STYLE_ACCENT,
    TRM_STYLE_AGENT,
    TRM_STYLE_GOAL,
    TRM_STYLE_TRAIL,
    TRM_STYLE_FLOOR,
    TRM_STYLE_WALL,
    TRM_STYLE_BAR,
    TRM_STYLE_BAR_BEST,
    TRM_STYLE_CURVE_RAW,
    TRM_STYLE_CURVE,
    TRM_STYLE_CURVE_MARK,
    TRM_STYLE_KEY,
    TRM_STYLE_STATUS,
    TRM_STYLE_SERIES, // the first of TRM_SERIES that tell curves apart
    TRM_STYLE_COUNT = TRM_STYLE_SERIES + TRM_SERIES
} trm_style;

typedef struct trm_paint {
    uint8_t ink;
    uint8_t attr;
} trm_paint;

trm_paint trm_style_paint(const trm_look *look, trm_style style);

// The terminal's number of an ink: a palette index, 0xRRGGBB at TRM_DEPTH_RGB, -1 for the
// terminal's own.
int32_t trm_ink_color(trm_colors colors, int32_t ink);

// Where a value stands on a scale that is symmetric around 0: 0 .. TRM_HEAT_LEVELS - 1, the middle
// being 0. NaN is the middle.
int32_t trm_heat_level(float value, float scale);

// The same as a character, for terminals of few colours: sign and magnitude both show.
uint32_t trm_heat_char(int32_t level);

// The smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below |value|; a scale that
// seldom changes. `now` is the scale so far (0: none): it is kept while the value fills more than
// 40 % of it.
float trm_heat_scale(float now, float value);

// True where cells can be filled with colour, so that two of them fit into one character.
bool trm_look_fills(const trm_look *look);

// The character for `ch` that this terminal can show.
uint32_t trm_glyph(const trm_look *look, uint32_t ch);

#endif
