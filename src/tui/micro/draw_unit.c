// SPDX-License-Identifier: Apache-2.0
// One unit: its value over the cycles and over the steps, and what it weighs for each action.
#include <math.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/micro/draw.h"
#include "tui/widgets/bars.h"

enum { NUMBER = 8, NAME = 8 };

// A bar to the left or to the right of the middle, and its number.
static void draw_signed(trm_canvas *c, int32_t y, int32_t x, int32_t w, float value, float scale,
                        bool strong) {
    const int32_t half = (w - NUMBER - 1) / 2, middle = x + half;
    const trm_style style = strong ? TRM_STYLE_BAR_BEST : TRM_STYLE_BAR;
    const uint32_t block = c->look.glyphs == TRM_GLYPHS_ASCII ? (value < 0 ? '-' : '+') : 0x2588;
    if (half >= 2) {
        const float part = scale > 0.0f ? fminf(1.0f, fabsf(value) / scale) : 0.0f;
        const int32_t n = (int32_t)lrintf(part * (float)half);
        trm_canvas_put(c, y, middle, 0x2502, TRM_STYLE_RULE);
        trm_canvas_repeat(c, y, value < 0 ? middle - n : middle + 1, n, block, style);
    }
    trm_canvas_print_right(c, y, x + w - NUMBER, NUMBER,
                           strong ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL, "%+.3f", (double)value);
}

static float scale_of(const trm_micro_view *v) {
    return v->level == TRM_LEVEL_L ? v->l_scale : v->h_scale;
}

static int32_t draw_over_cycles(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t n = s->cycles < r.h ? s->cycles : r.h;
    int32_t first = v->cycle - n / 2;
    first = first > s->cycles - n ? s->cycles - n : first;
    first = first < 0 ? 0 : first;
    for (int32_t i = 0; i < n; i++) {
        const int32_t k = first + i;
        const float value = trm_level_of(s, v->trace, v->level, k)[v->unit];
        trm_canvas_print(c, r.y + i, r.x + 1, r.w, k == v->cycle ? TRM_STYLE_STRONG : TRM_STYLE_DIM,
                         "%s %d", trm_words_of_trace(s)->cycle, k + 1);
        draw_signed(c, r.y + i, r.x + 10, r.w - 10, value, scale_of(v), k == v->cycle);
    }
    return n;
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
static void draw_over_steps(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_scope *s = v->scope;
    const int32_t half = (r.h - 1) / 2, line = r.y + half;
    const int32_t each = r.w >= 2 * s->moments ? 2 : 1, n = r.w / each;
    int32_t first = v->at - n / 2;
    first = first > s->moments - n ? s->moments - n : first;
    first = first < 0 ? 0 : first;
    if (half < 1)
        return;
    trm_canvas_repeat(c, line, r.x, n * each < r.w ? n * each : r.w, 0x2500, TRM_STYLE_RULE);
    for (int32_t i = 0; i < n && first + i < s->moments; i++) {
        float *trace = trm_scope_trace(s, first + i);
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

static void draw_weights(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_scope *s = v->scope;
    if (r.h < 1)
        return;
    if (!v->reads_unit) {
        trm_canvas_text(c, r.y, r.x + 1, r.w - 1, TRM_STYLE_DIM,
                        "none: the head does not read this level");
        return;
    }
    float most = 0.0f;
    for (int32_t a = 0; a < s->actions; a++)
        most = fmaxf(most, fabsf(v->unit_weights[a]));
    int32_t first = s->actions <= r.h ? 0 : v->action - r.h / 2;
    first = first > s->actions - r.h ? s->actions - r.h : first;
    first = first < 0 ? 0 : first;
    for (int32_t i = 0; i < r.h && first + i < s->actions; i++) {
        const int32_t a = first + i;
        const char *glyph = trm_scope_glyph(s, a, &c->look);
        trm_canvas_print(c, r.y + i, r.x + 1, NAME,
                         a == v->action ? TRM_STYLE_STRONG : TRM_STYLE_DIM, "%s%s%s", glyph,
                         glyph[0] != 0 ? " " : "", s->names[a]);
        draw_signed(c, r.y + i, r.x + 10, r.w - 10, v->unit_weights[a], most, a == v->action);
    }
}

static int32_t rank_of(const trm_micro_view *v, const float *values, int32_t n) {
    int32_t rank = 1;
    for (int32_t i = 0; i < n; i++)
        rank += fabsf(values[i]) > fabsf(values[v->unit]);
    return rank;
}

// The weight is that of the last cycle's h: the gradient of the logit through the head.
static void label(trm_canvas *c, int32_t y, trm_rect r, const char *text) {
    trm_canvas_text(c, y, r.x, r.w, TRM_STYLE_HEADING, text);
}

void trm_micro_draw_unit(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t n = trm_level_size(s, v->level);
    const char *level = trm_level_name(s, v->level);
    char text[96];
    trm_text_format(text, sizeof text, "unit %s#%d of %d", level, v->unit, n);
    const int32_t left = trm_canvas_heading(c, r.y, r.x, r.w, text, v->focus == TRM_MICRO_UNIT);
    if (v->trace == NULL || n < 1)
        return;
    const float *values = trm_level_of(s, v->trace, v->level, v->cycle);
    trm_text_format(text, sizeof text, " %+.2f, rank %d ", (double)values[v->unit],
                    rank_of(v, values, n));
    const int32_t w = trm_text_columns(text);
    if (left + w + 1 <= r.x + r.w)
        trm_canvas_text(c, r.y, r.x + r.w - w - 1, w, TRM_STYLE_STRONG, text);
    const int32_t room = r.h - 1;
    const int32_t weights = v->scope->actions < room / 3 ? v->scope->actions : room / 3;
    const int32_t cycles = room - weights - 2 - 5 < s->cycles ? room - weights - 2 - 5 : s->cycles;
    int32_t y = r.y + 1;
    y += draw_over_cycles(c, (trm_rect){y, r.x, cycles > 1 ? cycles : 1, r.w}, v);
    const int32_t steps = r.y + r.h - weights - 2 - y;
    if (steps >= 3) {
        trm_text_format(text, sizeof text, "over the steps, %s %d", trm_words_of_trace(s)->cycle,
                        v->cycle + 1);
        label(c, y, r, text);
        draw_over_steps(c, (trm_rect){y + 1, r.x + 1, steps, r.w - 2}, v);
    }
    y = r.y + r.h - weights;
    label(c, y - 1, r, "d logit / d unit, last cycle, through the head");
    draw_weights(c, (trm_rect){y, r.x, weights, r.w}, v);
}
