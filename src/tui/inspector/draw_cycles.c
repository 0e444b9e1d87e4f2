// SPDX-License-Identifier: Apache-2.0
// The cycles side by side: each level, what changed, the numbers, and what the head reads.
#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/pen.h"
#include "tui/inspector/draw.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/title.h"

static const char *const orders[TRM_ORDERS] = {"", "by activity", "by weight"};

static void draw_heading(trm_canvas *c, trm_rect r, const trm_inspector_view *v,
                         const trm_inspector_columns *k) {
    const trm_trace_shape *s = &v->scope->shape;
    const trm_trace_words *words = trm_words_of_trace(s);
    char name[64], scale[80];
    trm_columns_words(words->cycle, k->first, k->count, s->cycles, name);
    if (v->order != TRM_ORDER_NUMBER) {
        const size_t used = strlen(name);
        const bool weight = v->order == TRM_ORDER_WEIGHT;
        trm_text_format(name + used, sizeof name - used, " %s%s%s", orders[v->order],
                        weight ? " to " : "", weight ? v->scope->names[v->action] : "");
    }
    const int32_t left =
        trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_INSPECTOR_CYCLES);
    const char *within = c->look.glyphs == TRM_GLYPHS_ASCII ? "+-" : "±";
    if (s->l > 0)
        trm_text_format(scale, sizeof scale, "%s %s%g  %s %s%g  \u0394 %s%g", words->h, within,
                        (double)v->h_scale, words->l, within, (double)v->l_scale, within,
                        (double)v->d_scale);
    else
        trm_text_format(scale, sizeof scale, "%s%g  \u0394 %s%g", within, (double)v->h_scale,
                        within, (double)v->d_scale);
    if (s->stablemax)
        trm_text_add(scale, sizeof scale, "  p stablemax");
    trm_heatmap_legend(c, r, left, scale);
}

static void draw_header(trm_canvas *c, trm_rect r, const trm_inspector_view *v, int32_t cycle) {
    const trm_inspection *s = v->scope;
    const trm_style style = cycle == v->cycle ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL;
    const int32_t best = v->cycles[cycle].best;
    char name[40], text[40];
    trm_words_cycle(&v->reading, cycle, r.w - 2, name, sizeof name);
    trm_canvas_repeat(c, r.y, r.x, r.w, ' ', style);
    trm_canvas_text(c, r.y, r.x + 1, r.w - 1, style, name);
    if (best < 0)
        return;
    const bool turned = trm_reading_turns(&v->reading, cycle);
    const char *glyph = trm_inspection_glyph(s, best, &c->look);
    const char *what = glyph[0] != 0 && r.w < 24 ? glyph : s->names[best];
    trm_text_format(text, sizeof text, "%s%s ", turned ? "turns " : "", what);
    if (trm_text_columns(text) + trm_text_columns(name) + 2 > r.w)
        trm_text_format(text, sizeof text, "%s%s ", turned ? "!" : "", what);
    if (trm_reading_restarts(&v->reading, cycle) &&
        trm_text_columns(text) + trm_text_columns(name) + 2 > r.w)
        return;
    trm_canvas_print_right(c, r.y, r.x, r.w, style, "%s", text);
}

static trm_rect moved(trm_rect r, int32_t shift) {
    r.x += shift;
    return r;
}

static void draw_maps(trm_canvas *c, const trm_inspector_view *v, const trm_inspector_columns *k,
                      int32_t cycle, int32_t shift) {
    const trm_trace_shape *s = &v->scope->shape;
    for (int32_t i = 0; i < TRM_INSPECTOR_MAPS; i++) {
        const trm_rect r = moved(k->maps[i], shift);
        if (r.h < 1)
            continue;
        const bool difference = i == TRM_INSPECTOR_DIFFERENCE;
        const trm_level level = difference ? TRM_LEVEL_H : (trm_level)i;
        const char *name = difference ? "\u0394" : trm_level_name(s, level);
        trm_canvas_text(c, r.y, r.x - 2, 1,
                        !difference && level == v->level ? TRM_STYLE_STRONG : TRM_STYLE_DIM, name);
        if (difference && !v->cycles[cycle].compared) {
            trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "the first");
            continue;
        }
        const float *values = difference ? v->difference + (int64_t)cycle * s->h
                                         : trm_level_of(s, v->trace, level, cycle);
        const int32_t n = trm_level_size(s, level);
        trm_heatmap_draw(c, r, trm_inspector_view_sorted(v, level, values), n,
                         difference             ? v->d_scale
                         : level == TRM_LEVEL_L ? v->l_scale
                                                : v->h_scale);
        if (level == v->level && (!difference || v->level == TRM_LEVEL_H))
            trm_heatmap_mark(c, r, n, trm_inspector_view_place(v));
    }
}

// What the halting head says of the cycle stands at the right, as long as there is room.
static void draw_numbers(trm_canvas *c, trm_rect r, const trm_inspector_view *v, int32_t cycle) {
    const trm_trace_shape *s = &v->scope->shape;
    const trm_cycle_numbers *k = &v->cycles[cycle];
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_text(&pen, TRM_STYLE_DIM, "  norm ");
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%.2f", (double)k->norm);
    if (s->halts)
        trm_pen_right(&pen, TRM_STYLE_DIM, " stop %.2f",
                      (double)*trm_trace_halt(s, v->trace, cycle));
    trm_pen_end(&pen);
    if (!k->compared)
        return;
    trm_pen_text(&pen, TRM_STYLE_DIM, "\u0394 ");
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%.2f", (double)k->difference);
    trm_pen_text(&pen, TRM_STYLE_DIM, " cos ");
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%.3f", (double)k->cosine);
}

// The likeliest actions of the last cycle, in the order of the actions where all fit.
static int32_t listed(const trm_inspector_view *v, int32_t n, int32_t *out) {
    if (n < v->choices)
        return trm_reading_list(&v->reading, v->scope->shape.cycles - 1, n, out);
    for (int32_t i = 0; i < v->choices; i++)
        out[i] = v->choice + i;
    return v->choices;
}

// What was done there, or what is right.
static int32_t marked(const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    const trm_subject subject = trm_inspection_subject(s, v->at);
    const int32_t target = trm_subject_target(&subject, v->cell);
    return v->at < s->length ? s->steps[v->at].action : target >= 0 ? v->choice + target : -1;
}

static void draw_bars(trm_canvas *c, trm_rect r, const trm_inspector_view *v, int32_t cycle) {
    enum { MOST = 16 };
    const trm_inspection *s = v->scope;
    int32_t order[MOST];
    if (cycle < s->shape.first_logits) {
        trm_canvas_text(c, r.y, r.x + 1, r.w - 1, TRM_STYLE_DIM, "no reading yet");
        return;
    }
    const int32_t n = listed(v, r.h < MOST ? r.h : MOST, order);
    const int32_t chosen = marked(v);
    for (int32_t i = 0; i < n; i++) {
        const int32_t a = order[i];
        const trm_bar bar = {.glyph = trm_inspection_glyph(s, a, &c->look),
                             .name = s->names[a],
                             .value = trm_reading_shown(&v->reading, cycle, a),
                             .share = trm_reading_share(&v->reading, cycle, a),
                             .best = a == v->cycles[cycle].best,
                             .chosen = a == chosen,
                             .refused = !trm_reading_legal(&v->reading, a)};
        trm_bar_draw(c, r.y + i, r.x, r.w, s->name_width, &bar);
    }
}

void trm_inspector_draw_cycles(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_inspector_columns k = trm_inspector_columns_of(v, r, trm_look_fills(&c->look));
    draw_heading(c, r, v, &k);
    if (v->trace == NULL) {
        trm_canvas_text(c, r.y + 2, r.x + 2, r.w - 2, TRM_STYLE_DIM, "looking …");
        return;
    }
    for (int32_t i = 0; i < k.count; i++) {
        const int32_t shift = i * (k.width + 1), cycle = k.first + i;
        draw_header(c, moved(k.header, shift), v, cycle);
        draw_maps(c, v, &k, cycle, shift);
        draw_numbers(c, moved(k.numbers, shift), v, cycle);
        draw_bars(c, moved(k.bars, shift), v, cycle);
    }
}
