// SPDX-License-Identifier: Apache-2.0
// One unit: its value over the cycles and over the steps, and what it weighs for each action.
#include <math.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/inspector/draw.h"
#include "tui/widgets/title.h"

enum { NUMBER = 8, NAME = 8 };

// A bar to the left or to the right of the middle of what the row has left, and its number.
static void show_signed(trm_pen *pen, float value, float scale, bool strong) {
    const int32_t half = (trm_pen_room(pen) - NUMBER - 1) / 2;
    const int32_t y = pen->r.y, middle = pen->r.x + pen->x + half;
    const trm_style style = strong ? TRM_STYLE_BAR_BEST : TRM_STYLE_BAR;
    const bool ascii = pen->c->look.glyphs == TRM_GLYPHS_ASCII;
    const uint32_t block = ascii ? (value < 0 ? '-' : '+') : 0x2588;
    if (half >= 2) {
        const float part = scale > 0.0f ? fminf(1.0f, fabsf(value) / scale) : 0.0f;
        const int32_t n = (int32_t)lrintf(part * (float)half);
        trm_canvas_put(pen->c, y, middle, 0x2502, TRM_STYLE_RULE);
        trm_canvas_repeat(pen->c, y, value < 0 ? middle - n : middle + 1, n, block, style);
    }
    trm_pen_right(pen, strong ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL, "%+.3f", (double)value);
    trm_pen_end(pen);
}

// A label in a column of its own.
static void show_label(trm_pen *pen, bool strong, const char *text) {
    trm_canvas_text(pen->c, pen->r.y, pen->r.x + 1, NAME, strong ? TRM_STYLE_STRONG : TRM_STYLE_DIM,
                    text);
    pen->x = NAME + 2;
}

static float scale_of(const trm_inspector_view *v) {
    return v->level == TRM_LEVEL_L ? v->l_scale : v->h_scale;
}

static void draw_over_cycles(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    trm_pen pen = trm_pen_on(c, r);
    for (int32_t k = trm_window(s->cycles, r.h, v->cycle); trm_pen_has(&pen, 1) && k < s->cycles;
         k++) {
        char name[24];
        trm_text_format(name, sizeof name, "%s %d", trm_words_of_trace(s)->cycle, k + 1);
        show_label(&pen, k == v->cycle, name);
        show_signed(&pen, trm_level_of(s, v->trace, v->level, k)[v->unit], scale_of(v),
                    k == v->cycle);
    }
}

// Where a value stands between two rows of dots: a column a step, an eighth of a character fine.
static void draw_column(trm_canvas *c, int32_t y, int32_t x, int32_t h, float part, bool here) {
    const trm_style style = here ? TRM_STYLE_BAR_BEST : TRM_STYLE_BAR;
    const int32_t eighths = (int32_t)lrintf(fminf(1.0f, fabsf(part)) * 8.0f * (float)h);
    for (int32_t k = 0; k < h; k++) {
        const int32_t rest = eighths - 8 * k;
        const int32_t row = part < 0 ? y + k : y + h - 1 - k;
        if (rest >= 8)
            trm_canvas_put(c, row, x, c->look.glyphs == TRM_GLYPHS_ASCII ? '#' : 0x2588, style);
        else if (rest >= 4)
            trm_canvas_put(c, row, x, part < 0 ? 0x2580 : 0x2584, style);
    }
}

// Positive values stand on the line, negative ones hang from it.
static void draw_over_steps(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    const int32_t half = (r.h - 1) / 2, line = r.y + half;
    const int32_t each = r.w >= 2 * s->moments ? 2 : 1, n = r.w / each;
    const int32_t first = trm_window(s->moments, n, v->at);
    if (half < 1)
        return;
    trm_canvas_repeat(c, line, r.x, n * each < r.w ? n * each : r.w, 0x2500, TRM_STYLE_RULE);
    for (int32_t i = 0; i < n && first + i < s->moments; i++) {
        float *trace = trm_inspection_trace(s, first + i);
        const bool here = first + i == v->at;
        const int32_t x = r.x + i * each;
        if (here)
            trm_canvas_put(c, line, x, 0x25B8, TRM_STYLE_STRONG);
        if (trace == NULL)
            continue;
        const float value = trm_level_of(&s->shape, trace, v->level, v->cycle)[v->unit];
        const float part = scale_of(v) > 0.0f ? value / scale_of(v) : 0.0f;
        draw_column(c, part < 0 ? line + 1 : line - half, x, half, part, here);
    }
}

static void draw_weights(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    trm_pen pen = trm_pen_on(c, r);
    if (!v->reads_unit) {
        trm_pen_text(&pen, TRM_STYLE_DIM, " none: the head does not read this level");
        return;
    }
    float most = 0.0f;
    for (int32_t i = 0; i < v->choices; i++)
        most = fmaxf(most, fabsf(v->unit_weights[i]));
    for (int32_t i = trm_window(v->choices, r.h, v->action - v->choice);
         trm_pen_has(&pen, 1) && i < v->choices; i++) {
        const int32_t a = v->choice + i;
        const char *glyph = trm_inspection_glyph(s, a, &c->look);
        char name[32];
        trm_text_format(name, sizeof name, "%s%s%s", glyph, glyph[0] != 0 ? " " : "", s->names[a]);
        show_label(&pen, a == v->action, name);
        show_signed(&pen, v->unit_weights[i], most, a == v->action);
    }
}

int32_t trm_inspector_rank(const float *values, int32_t n, int32_t unit) {
    int32_t rank = 1;
    for (int32_t i = 0; i < n; i++)
        rank += fabsf(values[i]) > fabsf(values[unit]);
    return rank;
}

// The parts from top to bottom; where there is little room, what it was over the steps goes. The
// weight is that of the last cycle's h: the gradient of the logit through the head.
void trm_inspector_draw_unit(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    enum { OVER_CYCLES, OVER_STEPS, WEIGHTS, PARTS, LEAST_STEPS = 5 };
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t n = trm_level_size(s, v->level);
    const float *values =
        v->trace != NULL && n > 0 ? trm_level_of(s, v->trace, v->level, v->cycle) : NULL;
    char name[96], rank[64] = "";
    trm_text_format(name, sizeof name, "unit %s#%d of %d", trm_level_name(s, v->level), v->unit, n);
    if (values != NULL)
        trm_text_format(rank, sizeof rank, "%+.2f, rank %d", (double)values[v->unit],
                        trm_inspector_rank(values, n, v->unit));
    r = trm_panel(c, r, name, v->focus == TRM_INSPECTOR_UNIT, TRM_WORDS(rank));
    if (values == NULL)
        return;
    const int32_t weights = trm_clamp(v->choices, 0, r.h / 3);
    const trm_part parts[PARTS] = {
        [OVER_CYCLES] = {.least = 1, .most = s->cycles, .share = 1000},
        [OVER_STEPS] = {.least = LEAST_STEPS, .share = 1, .drop = 1},
        [WEIGHTS] = {.least = 1 + weights},
    };
    trm_rect k[PARTS];
    trm_rect_rows(r, parts, PARTS, 0, k);
    draw_over_cycles(c, k[OVER_CYCLES], v);
    trm_pen steps = trm_pen_on(c, k[OVER_STEPS]);
    trm_pen_line(&steps, TRM_STYLE_HEADING, "over the %ss, %s %d", trm_inspection_word(v->scope),
                 trm_words_of_trace(s)->cycle, v->cycle + 1);
    draw_over_steps(c, trm_rect_inset(steps.r, 0, 1), v);
    trm_pen pen = trm_pen_on(c, k[WEIGHTS]);
    trm_pen_line(&pen, TRM_STYLE_HEADING, "d logit / d unit, last %s",
                 trm_words_of_trace(s)->cycle);
    draw_weights(c, pen.r, v);
}
