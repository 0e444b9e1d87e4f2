// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/what_if/draw.h"

#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/heatmap.h"

enum { GAP = 2, LABEL = 2, MOST_BARS = 8 };

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

// A map of n units in at most `room` rows below *y; moves *y below it.
static trm_rect place_map(int32_t n, int32_t x, int32_t w, int32_t room, bool fills, int32_t *y) {
    const trm_heat_fit fit = trm_heatmap_fit(n, w - LABEL, room, fills);
    const trm_rect r = {*y, x + LABEL, n > 0 ? trm_heatmap_height(&fit) : 0, w - LABEL};
    *y += r.h;
    return r;
}

trm_what_if_layout trm_what_if_layout_of(const trm_what_if_view *v, int32_t rows, int32_t cols,
                                         bool fills) {
    trm_what_if_layout l = {0};
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t top = 1, height = rows - top - 2;
    const int32_t board = clamp(cols * 28 / 100, 22, 66), x = board + GAP, w = cols - x;
    const int32_t lower = clamp(height * 2 / 5, 5, 24), each = (w - GAP) / 2;
    l.board = (trm_rect){top, 0, height, board};
    for (int32_t i = 0; i < TRM_SIDES; i++)
        l.sides[i] = (trm_rect){top, x + i * (each + GAP), height - lower, each};
    l.sentence = (trm_rect){rows - 2, 1, 1, cols - 2};
    int32_t y = top + height - lower + 1;
    const int32_t units = 2 * s->h + s->l, room = lower - 2;
    const int32_t h = units > 0 ? clamp(room * s->h / units, 1, room) : 0;
    l.numbers = y - 1;
    l.difference = place_map(s->h, x, w, h, fills, &y);
    l.maps[TRM_WHAT_IF_H] = place_map(s->h, x, w, h, fills, &y);
    const int32_t left = top + height - y;
    if (left > 0)
        l.maps[TRM_WHAT_IF_L] = place_map(s->l, x, w, left, fills, &y);
    return l;
}

trm_rect trm_what_if_board_rect(trm_rect panel) {
    return (trm_rect){panel.y + 1, panel.x, panel.h - 3, panel.w};
}

static void draw_title(trm_canvas *c, const trm_what_if_view *v) {
    char text[96];
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "what if");
    trm_text_format(text, sizeof text, "step %d of %d", v->at + 1, v->scope->moments);
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG, text);
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_NORMAL, v->scope->title);
    trm_version_words(v->change, trm_change_now(v->change), text, sizeof text);
    const int32_t w = trm_text_columns(text);
    if (w > 0 && x + 2 + w + 3 <= c->cols)
        trm_canvas_print(c, 0, c->cols - w - 3, w + 2, TRM_STYLE_SELECTED, " %s ", text);
}

static void draw_switch(trm_canvas *c, trm_rect r, int32_t row, const char *name, const char *text,
                        bool changed) {
    if (row >= r.h)
        return;
    trm_canvas_text(c, r.y + row, r.x, r.w, TRM_STYLE_DIM, name);
    trm_canvas_text(c, r.y + row, r.x + 10, r.w - 10,
                    changed ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL, text);
}

// How the model is run; what differs from the original stands out.
static void draw_switches(trm_canvas *c, trm_rect r, const trm_what_if_view *v) {
    const trm_change *k = v->change;
    const trm_version *now = trm_change_now(k);
    const int32_t held = trm_version_held(k, now), cycles = now->otherwise.model.cycles;
    const int32_t prev = trm_version_before(now, trm_scope_prev_action(v->scope, v->at));
    char text[64];
    int32_t row = 0;
    if (k->can.cycles) {
        trm_text_format(text, sizeof text, "%d", cycles);
        draw_switch(c, r, row++, "K", text, cycles != k->own_cycles);
    }
    if (k->can.feedback)
        draw_switch(c, r, row++, "feedback", now->otherwise.model.no_feedback ? "off" : "on",
                    now->otherwise.model.no_feedback);
    if (k->can.carry)
        draw_switch(c, r, row++, "carry", now->otherwise.model.no_carry ? "off" : "on",
                    now->otherwise.model.no_carry);
    if (k->can.h + k->can.l > 0) {
        trm_version_units(k, now, text, sizeof text);
        draw_switch(c, r, row++, "held", held > 0 ? text : "none", held > 0);
    }
    draw_switch(c, r, row, "previous", prev >= 0 ? v->scope->names[prev] : "none",
                now->otherwise.replaces_before);
}

static void draw_board(trm_canvas *c, trm_rect r, const trm_what_if_view *v) {
    const trm_side *side = &v->sides[TRM_WHAT_IF];
    const trm_policy_view policy = {.scope = v->scope,
                                    .board = &side->board,
                                    .before = &v->sides[TRM_AS_IS].board,
                                    .state = trm_change_now(v->change)->state,
                                    .map = &side->map,
                                    .reading = {.shape = &side->shape,
                                                .trace = side->known ? side->trace : NULL,
                                                .legal = side->masks ? side->legal : NULL},
                                    .cycle = side->shape.cycles - 1,
                                    .cell = v->cell,
                                    .marks = v->marks};
    trm_canvas_heading(c, r.y, r.x, r.w, "board", v->focus == TRM_WHAT_IF_BOARD);
    const trm_rect edge = trm_policy_draw(c, trm_what_if_board_rect(r), &policy);
    const int32_t y = edge.y + edge.h, rest = r.y + r.h - y;
    if (rest > 0)
        trm_policy_draw_cell(c, (trm_rect){y, r.x, 1, r.w}, &policy);
    if (rest > 2)
        draw_switches(c, (trm_rect){y + 2, r.x, rest - 2, r.w}, v);
}

// The likeliest actions of both sides together, so that they stand in the same rows.
static int32_t listed(const trm_what_if_view *v, int32_t n, int32_t *out) {
    const trm_reading one = trm_what_if_reading(v, TRM_AS_IS),
                      two = trm_what_if_reading(v, TRM_WHAT_IF);
    if (n < v->scope->actions)
        return trm_reading_list_both(&one, &two, n, out);
    for (int32_t a = 0; a < v->scope->actions; a++)
        out[a] = a;
    return v->scope->actions;
}

// What each cycle would do if it were the last.
static void draw_cycles(trm_canvas *c, trm_rect r, const trm_what_if_view *v, int32_t side) {
    const trm_reading k = trm_what_if_reading(v, side);
    const trm_trace_shape *s = k.shape;
    const int32_t first = s->cycles > r.h ? s->cycles - r.h : 0;
    for (int32_t i = 0; i < r.h && first + i < s->cycles; i++) {
        const int32_t cycle = first + i, best = trm_reading_best(&k, cycle);
        int32_t x = trm_canvas_print(c, r.y + i, r.x, r.w, TRM_STYLE_DIM, "%s %-2d ",
                                     trm_words_of_trace(s)->cycle, cycle + 1);
        if (best < 0) {
            trm_canvas_text(c, r.y + i, r.x + x, r.w - x, TRM_STYLE_DIM, "no reading");
            continue;
        }
        const float p = trm_reading_masked(&k, cycle, best);
        const char *glyph = trm_scope_glyph(v->scope, best, &c->look);
        char number[8];
        trm_probability_text(p, number);
        trm_canvas_put(c, r.y + i, r.x + x, trm_reading_turns(&k, cycle) ? '!' : ' ',
                       TRM_STYLE_ACCENT);
        x += 1 + trm_canvas_print(c, r.y + i, r.x + x + 1, r.w - x - 1, TRM_STYLE_NORMAL, "%s %s ",
                                  glyph[0] != 0 ? glyph : v->scope->names[best], number);
        trm_bar_fill(c, r.y + i, r.x + x, r.w - x, p,
                     cycle == s->cycles - 1 ? TRM_STYLE_BAR_BEST : TRM_STYLE_BAR);
    }
}

static void draw_side(trm_canvas *c, trm_rect r, const trm_what_if_view *v, int32_t i) {
    static const char *const names[TRM_SIDES] = {"as it is", "what if"};
    const trm_side *side = &v->sides[i];
    const int32_t last = side->shape.cycles - 1;
    const int32_t other = v->sides[TRM_AS_IS].best;
    char text[48];
    trm_text_format(text, sizeof text, "%s", names[i]);
    const int32_t left = trm_canvas_heading(c, r.y, r.x, r.w, text, 0);
    trm_text_format(text, sizeof text, " %d %s%s ", side->shape.cycles,
                    trm_words_of_trace(&side->shape)->cycle, side->shape.cycles > 1 ? "s" : "");
    const int32_t w = trm_text_columns(text);
    if (left + w + 1 <= r.x + r.w)
        trm_canvas_text(c, r.y, r.x + r.w - w - 1, w, TRM_STYLE_NORMAL, text);
    if (!trm_what_if_view_known(v)) {
        trm_canvas_text(c, r.y + 2, r.x + 2, r.w - 2, TRM_STYLE_DIM, "looking …");
        return;
    }
    int32_t order[MOST_BARS];
    const int32_t bars = clamp((r.h - 1) / 2, 1, MOST_BARS), n = listed(v, bars, order);
    const trm_reading reading = trm_what_if_reading(v, i);
    for (int32_t k = 0; k < n; k++) {
        const trm_bar bar = {.glyph = trm_scope_glyph(v->scope, order[k], &c->look),
                             .name = v->scope->names[order[k]],
                             .value = trm_reading_shown(&reading, last, order[k]),
                             .best = order[k] == side->best,
                             .chosen = order[k] == other,
                             .refused = !trm_reading_legal(&reading, order[k])};
        trm_bar_draw(c, r.y + 1 + k, r.x, r.w, v->scope->name_width, &bar);
    }
    const int32_t y = r.y + 1 + n + (r.h - 1 - n > side->shape.cycles ? 1 : 0);
    draw_cycles(c, (trm_rect){y, r.x + 1, r.y + r.h - y, r.w - 1}, v, i);
}

static void draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                     float scale, bool focus) {
    if (r.h < 1)
        return;
    trm_canvas_text(c, r.y, r.x - LABEL, 1, focus ? TRM_STYLE_FOCUS : TRM_STYLE_DIM, name);
    trm_heatmap_draw(c, r, values, n, scale);
}

static void draw_maps(trm_canvas *c, const trm_what_if_layout *l, const trm_what_if_view *v) {
    const trm_side *side = &v->sides[TRM_WHAT_IF];
    const trm_trace_shape *s = &side->shape;
    const int32_t x = l->difference.x - LABEL, w = l->difference.w + LABEL, last = s->cycles - 1;
    const trm_trace_words *words = trm_words_of_trace(s);
    char text[96];
    trm_text_format(text, sizeof text, "%s of the last %s, and its \u0394", words->h, words->cycle);
    const int32_t left =
        trm_canvas_heading(c, l->numbers, x, w, text, v->focus != TRM_WHAT_IF_BOARD);
    if (!trm_what_if_view_known(v))
        return;
    trm_text_format(text, sizeof text, " \u0394 %.2f  cos %.3f ", (double)v->norm,
                    (double)v->cosine);
    const int32_t used = trm_text_columns(text);
    if (left + used + 1 <= x + w)
        trm_canvas_text(c, l->numbers, x + w - used - 1, used, TRM_STYLE_NORMAL, text);
    draw_map(c, l->difference, "\u0394", v->difference, s->h, v->scale, false);
    const float *values[TRM_WHAT_IF_FOCUSES] = {NULL, trm_trace_h(s, side->trace, last),
                                                trm_trace_l(s, side->trace, last)};
    const int32_t sizes[TRM_WHAT_IF_FOCUSES] = {0, s->h, s->l};
    const char *const names[TRM_WHAT_IF_FOCUSES] = {"", words->h, words->l};
    for (int32_t i = TRM_WHAT_IF_H; i < TRM_WHAT_IF_FOCUSES; i++) {
        const bool focus = (int32_t)v->focus == i;
        draw_map(c, l->maps[i], names[i], values[i], sizes[i],
                 i == TRM_WHAT_IF_H ? v->h_scale : v->l_scale, focus);
        if (focus && l->maps[i].h > 0)
            trm_heatmap_mark(c, l->maps[i], sizes[i], v->unit[i]);
    }
}

// The unit under the cursor, or what has become of the decision.
static void draw_sentence(trm_canvas *c, trm_rect r, const trm_what_if_view *v) {
    const trm_side *side = &v->sides[TRM_WHAT_IF];
    const trm_version *now = trm_change_now(v->change);
    char text[200];
    int32_t x = 0;
    if (v->focus != TRM_WHAT_IF_BOARD && side->known) {
        const bool h = v->focus == TRM_WHAT_IF_H;
        const trm_trace_words *words = trm_words_of_trace(&side->shape);
        const int32_t unit = v->unit[v->focus], last = side->shape.cycles - 1;
        const float value = (h ? trm_trace_h : trm_trace_l)(&side->shape, side->trace, last)[unit];
        const bool held = (h ? v->change->can.h : v->change->can.l) > 0 &&
                          (h ? now->h_held : now->l_held)[unit] != 0;
        x = 2 + trm_canvas_print(c, r.y, r.x, r.w, held ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL,
                                 "%s#%d %+.2f%s", h ? words->h : words->l, unit, (double)value,
                                 held ? " held" : "");
    }
    trm_what_if_sentence(v, text, sizeof text);
    trm_canvas_text(c, r.y, r.x + x, r.w - x, TRM_STYLE_STRONG, text);
}

void trm_what_if_draw(trm_canvas *c, const trm_what_if_view *v) {
    const trm_what_if_layout l =
        trm_what_if_layout_of(v, c->rows, c->cols, trm_look_fills(&c->look));
    draw_title(c, v);
    draw_board(c, l.board, v);
    for (int32_t i = 0; i < TRM_SIDES; i++)
        draw_side(c, l.sides[i], v, i);
    draw_maps(c, &l, v);
    draw_sentence(c, l.sentence, v);
}
