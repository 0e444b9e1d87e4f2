// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/watch/draw.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/thought.h"

static void draw_heading(trm_canvas *c, trm_rect r, const trm_watch_view *v,
                         const trm_cycle_columns *k) {
    const trm_trace_words *words = trm_words_of_trace(&v->shape);
    char name[48];
    if (k->count < v->shape.cycles)
        trm_text_format(name, sizeof name, "%ss %d-%d of %d", words->cycle, k->first + 1,
                        k->first + k->count, v->shape.cycles);
    else
        trm_text_format(name, sizeof name, "%ss", words->cycle);
    const int32_t left = trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_FOCUS_CYCLES);
    char scale[64];
    const char *within = v->ascii ? "+-" : "±";
    if (v->shape.l > 0)
        trm_text_format(scale, sizeof scale, "%s %s%g  %s %s%g ", words->h, within,
                        (double)v->h_scale, words->l, within, (double)v->l_scale);
    else
        trm_text_format(scale, sizeof scale, "%s%g ", within, (double)v->h_scale);
    if (v->cursor >= 0)
        trm_heatmap_legend(c, r, left, scale);
}

static void draw_header(trm_canvas *c, trm_rect r, const trm_watch_view *v, int32_t cycle) {
    const bool selected = cycle == v->selected;
    const trm_style style = selected ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL;
    char name[40];
    trm_text_format(name, sizeof name, "%s %d", trm_words_of_trace(&v->shape)->cycle, cycle + 1);
    trm_canvas_repeat(c, r.y, r.x, r.w, ' ', style);
    trm_canvas_text(c, r.y, r.x + 1, r.w - 1, style, name);
    const int32_t best = trm_watch_view_best(v, cycle);
    if (best < 0)
        return;
    // Where this reading differs from the one before, its name is marked.
    const trm_reading reading = trm_watch_view_reading(v);
    const bool turned = trm_reading_turns(&reading, cycle);
    const char *what = v->glyphs[best][0] != 0 && r.w < 24 ? v->glyphs[best] : v->names[best];
    char text[40];
    trm_text_format(text, sizeof text, "%s%s ", turned ? "turns " : "", what);
    if (trm_text_columns(text) + trm_text_columns(name) + 2 > r.w)
        trm_text_format(text, sizeof text, "%s%s ", turned ? "!" : "", what);
    trm_canvas_print_right(c, r.y, r.x, r.w, style, "%s", text);
}

static void draw_bars(trm_canvas *c, trm_rect r, const trm_watch_view *v, int32_t cycle) {
    if (cycle < v->shape.first_logits) {
        trm_canvas_text(c, r.y, r.x + 1, r.w - 1, TRM_STYLE_DIM, "no reading yet");
        return;
    }
    const trm_reading reading = trm_watch_view_reading(v);
    const int32_t best = trm_reading_best(&reading, cycle);
    const int32_t chosen = v->reel->steps[v->cursor].action;
    const bool all = v->actions <= r.h;
    const int32_t n = all ? v->actions : r.h;
    for (int32_t i = 0; i < n; i++) {
        const int32_t a = all ? i : v->order[i];
        const trm_bar bar = {.glyph = v->glyphs[a],
                             .name = v->names[a],
                             .value = trm_reading_shown(&reading, cycle, a),
                             .best = a == best,
                             .chosen = a == chosen,
                             .refused = !trm_reading_legal(&reading, a)};
        trm_bar_draw(c, r.y + i, r.x, r.w, v->name_width, &bar);
    }
}

static void draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                     float scale) {
    if (n < 1 || r.h < 1)
        return;
    trm_canvas_text(c, r.y, r.x, 1, TRM_STYLE_DIM, name);
    trm_heatmap_draw(c, (trm_rect){r.y, r.x + 2, r.h, r.w - 2}, values, n, scale);
}

static void draw_column(trm_canvas *c, trm_rect r, const trm_watch_view *v,
                        const trm_cycle_columns *k, int32_t cycle) {
    const trm_trace_shape *s = &v->shape;
    float *trace = trm_watch_view_trace(v);
    const trm_trace_words *words = trm_words_of_trace(s);
    draw_header(c, (trm_rect){r.y, r.x, 1, r.w}, v, cycle);
    int32_t y = r.y + 1;
    draw_map(c, (trm_rect){y, r.x, k->h_rows, r.w}, words->h, trm_trace_h(s, trace, cycle), s->h,
             v->h_scale);
    y += k->h_rows + (s->l > 0 ? k->gap : 0);
    draw_map(c, (trm_rect){y, r.x, k->l_rows, r.w}, words->l, trm_trace_l(s, trace, cycle), s->l,
             v->l_scale);
    y += k->l_rows + k->gap;
    draw_bars(c, (trm_rect){y, r.x, k->bars, r.w}, v, cycle);
}

// "cycle 2  H -1.31..1.87  norm 7.31  17:+1.87 3:-1.31 …": the selected cycle in numbers.
static void draw_detail(trm_canvas *c, trm_rect r, const trm_watch_view *v) {
    const trm_cycle_detail *d = &v->detail;
    if (r.h < 1 || d->count == 0)
        return;
    int32_t x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "%s %d ",
                                 trm_words_of_trace(&v->shape)->cycle, v->selected + 1);
    x += trm_canvas_print(c, r.y, r.x + x, r.w - x, TRM_STYLE_NORMAL, "%+.2f..%+.2f  norm %.2f ",
                          (double)d->low, (double)d->high, (double)d->norm);
    if (v->shape.halts)
        x += trm_canvas_print(
            c, r.y, r.x + x, r.w - x, TRM_STYLE_NORMAL, " may stop %.2f ",
            (double)*trm_trace_halt(&v->shape, trm_watch_view_trace(v), v->selected));
    const float *h = trm_trace_h(&v->shape, trm_watch_view_trace(v), v->selected);
    for (int32_t i = 0; i < d->count; i++) {
        char text[32];
        trm_text_format(text, sizeof text, " #%d %+.2f", d->units[i], (double)h[d->units[i]]);
        const int32_t w = trm_text_columns(text);
        if (x + w > r.w)
            break;
        x += trm_canvas_text(c, r.y, r.x + x, w, TRM_STYLE_DIM, text);
    }
}

// Why training stopped and what to try; on the line above too if one is not enough.
static void draw_failure(trm_canvas *c, int32_t y, const char *message) {
    char text[600];
    trm_text_format(text, sizeof text, " training stopped: %s", message);
    size_t end = strlen(text);
    if ((int32_t)end > c->cols && y > 0) {
        for (end = (size_t)c->cols; end > 1 && text[end] != ' ';)
            end--;
        trm_canvas_clear_rect(c, (trm_rect){y - 1, 0, 1, c->cols});
        trm_canvas_print(c, y - 1, 0, c->cols, TRM_STYLE_BAD, "%.*s", (int)end, text);
    } else {
        end = 0;
    }
    trm_canvas_text(c, y, 0, c->cols, TRM_STYLE_BAD, text + end);
}

static void draw_sentence(trm_canvas *c, trm_rect r, const trm_watch_view *v) {
    if (v->snap.state == TRM_TRAINER_FAILED) {
        draw_failure(c, r.y, v->snap.error.message);
        return;
    }
    const int32_t used = trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_STRONG, v->sentence);
    const trm_reading reading = trm_watch_view_reading(v);
    if (reading.trace != NULL)
        trm_thought_draw_refused(c, r, r.x + used, v->env, trm_reel_state(v->reel, v->cursor),
                                 &reading, v->selected);
}

void trm_watch_draw_cycles(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v) {
    const trm_rect r = l->cycles;
    const trm_cycle_columns k = trm_watch_columns_of(v, r, trm_look_fills(&c->look));
    draw_heading(c, r, v, &k);
    if (trm_watch_view_trace(v) != NULL) {
        for (int32_t i = 0; i < k.count; i++)
            draw_column(c, (trm_rect){r.y + 1, r.x + i * (k.width + 1), r.h - 1, k.width}, v, &k,
                        k.first + i);
        draw_detail(c, l->detail, v);
    }
    draw_sentence(c, l->sentence, v);
}
