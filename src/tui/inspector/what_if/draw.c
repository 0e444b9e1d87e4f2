// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/what_if/draw.h"

#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/title.h"

enum { GAP = 2, LABEL = 2, MOST_BARS = 8 };

// A map of n units in at most `room` rows at the top of *r.
static trm_rect place_map(int32_t n, int32_t room, bool fills, trm_rect *r) {
    if (n < 1 || r->h < 1)
        return (trm_rect){r->y, r->x + LABEL, 0, r->w - LABEL};
    const trm_heat_fit fit = trm_heatmap_fit(n, r->w - LABEL, room < r->h ? room : r->h, fills);
    trm_rect map = trm_rect_top(r, trm_heatmap_height(&fit), 0);
    trm_rect_left(&map, LABEL, 0);
    return map;
}

trm_what_if_layout trm_what_if_layout_of(const trm_what_if_view *v, trm_rect area, bool fills) {
    trm_what_if_layout l = {0};
    const trm_trace_shape *s = &v->scope->shape;
    trm_rect_top(&area, 1, 0); // the title
    l.sentence = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    l.board = trm_rect_left(&area, trm_clamp(area.w * 28 / 100, 22, 66), GAP);
    trm_rect lower = trm_rect_bottom(&area, trm_clamp(area.h * 2 / 5, 5, 24), 0);
    const int32_t each = (area.w - GAP) / 2;
    for (int32_t i = 0; i < TRM_SIDES; i++)
        l.sides[i] = trm_rect_left(&area, each, GAP);
    l.numbers = trm_rect_top(&lower, 1, 0);
    const int32_t units = 2 * s->h + s->l, room = lower.h - 1;
    const int32_t h = units > 0 ? trm_clamp(room * s->h / units, 1, room) : 0;
    l.difference = place_map(s->h, h, fills, &lower);
    l.maps[TRM_WHAT_IF_H] = place_map(s->h, h, fills, &lower);
    l.maps[TRM_WHAT_IF_L] = place_map(s->l, lower.h, fills, &lower);
    return l;
}

trm_rect trm_what_if_board_rect(trm_rect panel) {
    trm_rect_top(&panel, 1, 0);
    trm_rect_bottom(&panel, 2, 0);
    return panel;
}

static void draw_title(trm_canvas *c, const trm_what_if_view *v) {
    char step[96], change[96];
    trm_text_format(step, sizeof step, "%s %d of %d", trm_inspection_word(v->scope),
                    trm_inspection_number(v->scope, v->at), trm_inspection_total(v->scope));
    trm_version_words(v->change, trm_change_now(v->change), change, sizeof change);
    trm_title_draw(
        c, &(trm_title){.name = "what if",
                        .about = {{step, TRM_STYLE_STRONG}, {v->scope->title, TRM_STYLE_NORMAL}},
                        .state = {{change, TRM_STYLE_SELECTED}}});
}

static void show_switch(trm_pen *pen, const char *name, const char *text, bool changed) {
    trm_pen_print(pen, TRM_STYLE_DIM, "%-10s", name);
    trm_pen_line(pen, changed ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL, "%s", text);
}

// How the model is run; what differs from the original stands out.
static void show_switches(trm_pen *pen, const trm_what_if_view *v) {
    const trm_change *k = v->change;
    const trm_version *now = trm_change_now(k);
    const int32_t held = trm_version_held(k, now), cycles = now->otherwise.model.cycles;
    const int32_t prev = trm_version_before(now, trm_inspection_prev_action(v->scope, v->at));
    char text[64];
    trm_text_format(text, sizeof text, "%d", cycles);
    if (k->can.cycles)
        show_switch(pen, "K", text, cycles != k->own_cycles);
    if (k->can.passes) {
        const trm_model_config *own = trm_model_get_config(v->scope->agent.model);
        const trm_intervention *run = &now->otherwise.model;
        trm_text_format(text, sizeof text, "%d x %d", run->h_cycles, run->l_cycles);
        show_switch(pen, "H x L", text,
                    run->h_cycles != own->k_cycles || run->l_cycles != own->inner_steps);
    }
    if (k->can.prefix)
        show_switch(pen, "prefix", now->otherwise.model.no_prefix ? "off" : "on",
                    now->otherwise.model.no_prefix);
    if (k->can.feedback)
        show_switch(pen, "feedback", now->otherwise.model.no_feedback ? "off" : "on",
                    now->otherwise.model.no_feedback);
    if (k->can.carry)
        show_switch(pen, "carry", now->otherwise.model.no_carry ? "off" : "on",
                    now->otherwise.model.no_carry);
    trm_version_units(k, now, text, sizeof text);
    if (k->can.h + k->can.l > 0)
        show_switch(pen, "held", held > 0 ? text : "none", held > 0);
    if (!trm_inspection_samples(v->scope))
        show_switch(pen, "previous", prev >= 0 ? v->scope->names[prev] : "none",
                    now->otherwise.replaces_before);
}

static void draw_board(trm_canvas *c, trm_rect r, const trm_what_if_view *v) {
    const trm_side *side = &v->sides[TRM_WHAT_IF];
    const trm_policy_view policy = {.name = trm_inspection_sign,
                                    .names = v->scope,
                                    .board = &side->board,
                                    .before = &v->sides[TRM_AS_IS].board,
                                    .subject = trm_what_if_subject(v, TRM_WHAT_IF),
                                    .map = &side->map,
                                    .reading = {.shape = &side->shape,
                                                .trace = side->known ? side->trace : NULL,
                                                .legal = side->masks ? side->legal : NULL},
                                    .cycle = side->shape.cycles - 1,
                                    .cell = v->cell,
                                    .marks = v->marks};
    const trm_rect edge = trm_policy_draw(c, trm_what_if_board_rect(r), &policy);
    trm_pen pen = trm_pen_on(c, trm_panel(c, r, "board", v->focus == TRM_WHAT_IF_BOARD, NULL));
    trm_pen_skip(&pen, edge.h);
    trm_policy_draw_cell(c, trm_pen_take(&pen, 1), &policy);
    trm_pen_skip(&pen, 1);
    show_switches(&pen, v);
}

// The likeliest actions of both sides together, so that they stand in the same rows.
static int32_t listed(const trm_what_if_view *v, int32_t n, int32_t *out) {
    const trm_reading one = trm_what_if_reading(v, TRM_AS_IS),
                      two = trm_what_if_reading(v, TRM_WHAT_IF);
    const trm_subject subject = trm_what_if_subject(v, TRM_AS_IS);
    int32_t count;
    const int32_t first = trm_subject_choices(&subject, v->cell, &count);
    if (n < count)
        return trm_reading_list_both(&one, &two, n, out);
    for (int32_t i = 0; i < count; i++)
        out[i] = first + i;
    return count;
}

// What each cycle would do if it were the last.
static void show_cycles(trm_pen *pen, const trm_what_if_view *v, int32_t side) {
    const trm_reading r = trm_what_if_reading(v, side);
    const trm_trace_shape *s = r.shape;
    const int32_t first = s->cycles > pen->r.h ? s->cycles - pen->r.h : 0;
    for (int32_t k = first; k < s->cycles; k++) {
        const int32_t best = trm_reading_best(&r, k);
        trm_pen_print(pen, TRM_STYLE_DIM, " %s %-2d ", trm_words_of_trace(s)->cycle, k + 1);
        if (best < 0) {
            trm_pen_line(pen, TRM_STYLE_DIM, "no reading");
            continue;
        }
        const float p = trm_reading_masked(&r, k, best);
        const char *glyph = trm_inspection_glyph(v->scope, best, &pen->c->look);
        char number[8];
        trm_probability_text(p, number);
        trm_pen_put(pen, TRM_STYLE_ACCENT, trm_reading_turns(&r, k) ? '!' : ' ');
        trm_pen_print(pen, TRM_STYLE_NORMAL, "%s %s ",
                      glyph[0] != 0 ? glyph : v->scope->names[best], number);
        trm_pen_bar(pen, trm_pen_room(pen), trm_reading_share(&r, k, best),
                    k == s->cycles - 1 ? TRM_STYLE_BAR_BEST : TRM_STYLE_BAR);
        trm_pen_end(pen);
    }
}

static void draw_side(trm_canvas *c, trm_rect r, const trm_what_if_view *v, int32_t i) {
    static const char *const names[TRM_SIDES] = {"as it is", "what if"};
    const trm_side *side = &v->sides[i];
    const int32_t other = v->sides[TRM_AS_IS].best, cycles = side->shape.cycles;
    char count[48];
    trm_text_format(count, sizeof count, "%d %s%s", cycles, trm_words_of_trace(&side->shape)->cycle,
                    cycles > 1 ? "s" : "");
    trm_pen pen = trm_pen_on(c, trm_panel(c, r, names[i], false, TRM_WORDS(count)));
    if (!trm_what_if_view_known(v)) {
        trm_pen_skip(&pen, 1);
        trm_pen_text(&pen, TRM_STYLE_DIM, "  looking …");
        return;
    }
    int32_t order[MOST_BARS];
    const int32_t n = listed(v, trm_clamp(pen.r.h / 2, 1, MOST_BARS), order);
    const trm_reading reading = trm_what_if_reading(v, i);
    for (int32_t k = 0; k < n; k++) {
        const trm_rect row = trm_pen_take(&pen, 1);
        const trm_bar bar = {.glyph = trm_inspection_glyph(v->scope, order[k], &c->look),
                             .name = v->scope->names[order[k]],
                             .value = trm_reading_shown(&reading, cycles - 1, order[k]),
                             .share = trm_reading_share(&reading, cycles - 1, order[k]),
                             .best = order[k] == side->best,
                             .chosen = order[k] == other,
                             .refused = !trm_reading_legal(&reading, order[k])};
        trm_bar_draw(c, row.y, row.x, row.w, v->scope->name_width, &bar);
    }
    trm_pen_skip(&pen, trm_pen_has(&pen, cycles + 1) ? 1 : 0);
    show_cycles(&pen, v, i);
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
    const int32_t last = s->cycles - 1;
    const trm_trace_words *words = trm_words_of_trace(s);
    char name[96], numbers[64] = "";
    trm_text_format(name, sizeof name, "%s of the last %s, and its \u0394", words->h, words->cycle);
    if (trm_what_if_view_known(v))
        trm_text_format(numbers, sizeof numbers, "\u0394 %.2f  cos %.3f", (double)v->norm,
                        (double)v->cosine);
    trm_panel(c, l->numbers, name, v->focus != TRM_WHAT_IF_BOARD, TRM_WORDS(numbers));
    if (!trm_what_if_view_known(v))
        return;
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
    trm_pen pen = trm_pen_on(c, r);
    if (v->focus != TRM_WHAT_IF_BOARD && side->known) {
        const bool h = v->focus == TRM_WHAT_IF_H;
        const trm_trace_words *words = trm_words_of_trace(&side->shape);
        const int32_t unit = v->unit[v->focus], last = side->shape.cycles - 1;
        const float value = (h ? trm_trace_h : trm_trace_l)(&side->shape, side->trace, last)[unit];
        const bool held = (h ? v->change->can.h : v->change->can.l) > 0 &&
                          (h ? now->h_held : now->l_held)[unit] != 0;
        trm_pen_print(&pen, held ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL, "%s#%d %+.2f%s",
                      h ? words->h : words->l, unit, (double)value, held ? " held" : "");
        trm_pen_gap(&pen, 2);
    }
    trm_what_if_sentence(v, text, sizeof text);
    trm_canvas_sentence(c, pen.r.y, pen.r.x + pen.x, trm_pen_room(&pen), TRM_STYLE_STRONG, text);
}

void trm_what_if_draw(trm_canvas *c, const trm_what_if_view *v) {
    const trm_what_if_layout l =
        trm_what_if_layout_of(v, trm_canvas_area(c), trm_look_fills(&c->look));
    draw_title(c, v);
    draw_board(c, l.board, v);
    for (int32_t i = 0; i < TRM_SIDES; i++)
        draw_side(c, l.sides[i], v, i);
    draw_maps(c, &l, v);
    draw_sentence(c, l.sentence, v);
}
