// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/train/draw.h"
#include "tui/train/panel.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/decisions.h"

enum { TEXT_ROWS = 4, LEAST_BOARD = 7, LEAST_COLUMN = 12, LEAST_BARS = 4, ROOMY = 9 };

static const trm_episode_step *step_of(const trm_train_view *v) {
    return &v->step.episode_trace->steps[v->step.cursor];
}

// ---- the board ----------------------------------------------------------------------------------

static void episode_words(const trm_train_view *v, char *out, int32_t size) {
    const trm_episode_trace *r = v->step.episode_trace;
    const bool again = v->mode == TRM_PLAYBACK_REPLAY || v->mode == TRM_PLAYBACK_LINGER;
    if (r->episode < 0)
        trm_text_copy(out, (size_t)size, "greedy play");
    else if (again && r->first_success)
        trm_text_copy(out, (size_t)size, "the first success");
    else if (again && r->best)
        trm_text_copy(out, (size_t)size, "the best so far");
    else
        trm_text_format(out, (size_t)size, "episode %lld", (long long)r->episode + 1);
}

// The gap beside the panel may be used: the longest reasons need it at 80 columns. One that is cut
// leaves it.
static void draw_reward(trm_canvas *c, trm_rect r, const trm_episode_step *s) {
    const int32_t x =
        trm_canvas_print(c, r.y, r.x, r.w, s->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f",
                         (double)s->reward);
    const char *reason = trm_reason_text(s->reason);
    const int32_t room = r.w - x + 1;
    trm_canvas_text(c, r.y, r.x + x + 1, trm_text_columns(reason) > room ? room - 2 : room,
                    TRM_STYLE_NORMAL, reason);
}

// The words below the board, rows in order of importance.
static void draw_step(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_step_sight *k = &v->step;
    const trm_episode_step *s = step_of(v);
    const char *glyph = k->glyphs[s->action];
    trm_pen pen = trm_pen_on(c, r);
    draw_reward(c, trm_pen_take(&pen, 1), s);
    trm_pen_text(&pen, TRM_STYLE_DIM, "step ");
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%-3d", k->cursor + 1);
    trm_pen_print(&pen, TRM_STYLE_STRONG, "%s%s%s", glyph, glyph[0] != 0 ? " " : "",
                  k->names[s->action]);
    trm_pen_end(&pen);
    trm_pen_text(&pen, TRM_STYLE_DIM, "total ");
    trm_pen_print(&pen, TRM_STYLE_STRONG, "%+.2f", (double)s->total_reward);
    if (s->done)
        trm_pen_right(&pen, s->solved ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%s",
                      s->solved ? "solved" : "time is up");
    trm_pen_end(&pen);
    if (!k->has_optimum)
        return;
    trm_pen_text(&pen, TRM_STYLE_DIM, "optimum ");
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%+.2f in %d", (double)k->optimum_reward,
                  k->optimum_length);
}

static void draw_board(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_step_sight *k = &v->step;
    char words[40] = "";
    if (k->cursor >= 0)
        episode_words(v, words, sizeof words);
    r = trm_train_draw_name(c, r, v, "board", words);
    if (k->cursor < 0) {
        trm_canvas_text(c, r.y + 1, r.x + 1, r.w - 1, TRM_STYLE_DIM, "the first step …");
        return;
    }
    const int32_t least = k->board.rows + 2 < LEAST_BOARD ? k->board.rows + 2 : LEAST_BOARD;
    const int32_t text = trm_clamp(r.h - least, 1, TEXT_ROWS);
    const trm_board_marks marks = {.board = &k->board, .visits = k->visits};
    trm_board_view b = trm_board_marks_view(&marks);
    b.focus = k->agent;
    const trm_rect used = trm_board_draw(c, (trm_rect){r.y, r.x, r.h - text, r.w}, &b);
    trm_rect_top(&r, used.y + used.h - r.y, 0);
    trm_rect_top(&r, r.h > text ? 1 : 0, 0);
    draw_step(c, r, v);
}

// ---- the cycles ---------------------------------------------------------------------------------

static int32_t least_column(const trm_train_view *v) {
    (void)v;
    return LEAST_COLUMN;
}

static void fit(const trm_train_view *v, trm_train_columns *k, int32_t rows, bool fills) {
    const int32_t share = rows / 3 > LEAST_BARS ? rows / 3 : LEAST_BARS;
    k->bars = trm_clamp(v->step.actions, 0, trm_clamp(share, 0, rows - 2));
    const int32_t maps = rows - k->bars;
    trm_train_fit_maps(k, v->shape.h, v->shape.l, maps >= ROOMY ? maps - 2 : maps, fills);
    k->gap = k->h_rows + k->l_rows + 2 <= maps ? 1 : 0;
}

static void scale_words(const trm_train_view *v, const trm_train_columns *k, char *out,
                        int32_t size) {
    const char *within = v->ascii ? "+-" : "±";
    (void)k;
    if (v->shape.l > 0)
        trm_text_format(out, (size_t)size, "%s %s%g  %s %s%g ", v->words->h, within,
                        (double)v->h_scale, v->words->l, within, (double)v->l_scale);
    else
        trm_text_format(out, (size_t)size, "%s%g ", within, (double)v->h_scale);
}

// The likeliest action; where it differs from that of the cycle before, it is marked.
static void reading(const trm_train_view *v, int32_t width, int32_t cycle, trm_train_reading *out) {
    const trm_reading r = trm_train_view_reading(v);
    const int32_t best = trm_reading_best(&r, cycle);
    if (best < 0)
        return;
    const bool turned = trm_reading_turns(&r, cycle);
    const char *glyph = v->step.glyphs[best];
    const char *what = glyph[0] != 0 && width < 24 ? glyph : v->step.names[best];
    trm_text_format(out->words[0], sizeof out->words[0], "%s%s ", turned ? "turns " : "", what);
    trm_text_format(out->words[1], sizeof out->words[1], "%s%s ", turned ? "!" : "", what);
}

static void draw_bars(trm_canvas *c, trm_rect to, const trm_train_view *v, int32_t cycle) {
    const trm_step_sight *k = &v->step;
    if (cycle < v->shape.first_logits) {
        trm_canvas_text(c, to.y, to.x + 1, to.w - 1, TRM_STYLE_DIM, "no reading yet");
        return;
    }
    const trm_reading r = trm_train_view_reading(v);
    const int32_t best = trm_reading_best(&r, cycle);
    const bool all = k->actions <= to.h;
    const int32_t n = all ? k->actions : to.h;
    for (int32_t i = 0; i < n; i++) {
        const int32_t a = all ? i : k->order[i];
        const trm_bar bar = {.glyph = k->glyphs[a],
                             .name = k->names[a],
                             .value = trm_reading_shown(&r, cycle, a),
                             .best = a == best,
                             .chosen = a == step_of(v)->action,
                             .refused = !trm_reading_legal(&r, a)};
        trm_bar_draw(c, to.y + i, to.x, to.w, k->name_width, &bar);
    }
}

static void draw_column(trm_canvas *c, trm_rect r, const trm_train_view *v,
                        const trm_train_columns *k, int32_t cycle) {
    const trm_trace_shape *s = &v->shape;
    float *trace = trm_train_view_trace(v);
    trm_train_draw_map(c, trm_rect_top(&r, k->h_rows, s->l > 0 ? k->gap : 0), v->words->h,
                       trm_trace_h(s, trace, cycle), s->h, v->h_scale);
    trm_train_draw_map(c, trm_rect_top(&r, k->l_rows, k->gap), v->words->l,
                       trm_trace_l(s, trace, cycle), s->l, v->l_scale);
    draw_bars(c, trm_rect_top(&r, k->bars, 0), v, cycle);
}

// "cycle 2  H -1.31..1.87  norm 7.31  17:+1.87 3:-1.31 …": the selected cycle in numbers.
static void draw_detail(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_cycle_detail *d = &v->step.detail;
    float *trace = trm_train_view_trace(v);
    trm_pen pen = trm_pen_on(c, r);
    if (d->count == 0)
        return;
    trm_pen_print(&pen, TRM_STYLE_DIM, "%s %d ", v->words->cycle, v->selected + 1);
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%+.2f..%+.2f  norm %.2f ", (double)d->low,
                  (double)d->high, (double)d->norm);
    if (v->shape.halts)
        trm_pen_print(&pen, TRM_STYLE_NORMAL, " p(halt) %.2f ",
                      (double)*trm_trace_halt(&v->shape, trace, v->selected));
    const float *h = trm_trace_h(&v->shape, trace, v->selected);
    for (int32_t i = 0; i < d->count; i++) {
        char text[32];
        trm_text_format(text, sizeof text, " #%d %+.2f", d->units[i], (double)h[d->units[i]]);
        if (trm_text_columns(text) > trm_pen_room(&pen))
            break;
        trm_pen_text(&pen, TRM_STYLE_DIM, text);
    }
}

// ---- curves and numbers -------------------------------------------------------------------------

// Episodes that success and mean are taken over: fewer at the start.
static int32_t window_of(const trm_train_view *v) {
    return v->snap.window > 0 ? v->snap.window : TRM_HISTORY_WINDOW;
}

static void reward_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    trm_curve *q = &out->curve;
    trm_text_copy(out->name, sizeof out->name, "reward");
    if (k->n > 0) {
        trm_text_format(out->words[0], sizeof out->words[0], "last %+.2f", (double)v->snap.reward);
        trm_text_format(out->words[1], sizeof out->words[1], "best %+.2f",
                        (double)v->snap.best_reward);
        trm_text_format(out->words[2], sizeof out->words[2], "mean %+.2f",
                        (double)k->mean50[k->n - 1]);
    }
    q->raw = k->reward;
    q->low = k->low;
    q->high = k->high;
    q->line = k->mean50;
    q->y0 = k->n > 0 ? k->low_y : -1.0f;
    q->y1 = k->n > 0 ? k->high_y : 1.0f;
}

static void success_curve(const trm_train_view *v, trm_train_curve *out) {
    trm_text_format(out->name, sizeof out->name, "success of the last %d", window_of(v));
    if (v->curves.n > 0)
        trm_text_format(out->words[0], sizeof out->words[0], "%.0f%%",
                        100.0 * (double)v->snap.success50);
    if (v->curves.n > 0 && v->snap.first_success >= 0)
        trm_text_format(out->words[1], sizeof out->words[1], "first: episode %lld",
                        (long long)v->snap.first_success + 1);
    out->curve.line = v->curves.success50;
    out->curve.y1 = 100.0f;
    out->curve.unit = "%";
}

static void curve(const trm_train_view *v, int32_t which, trm_train_curve *out) {
    out->curve.n = v->curves.n;
    out->curve.x = v->curves.x;
    (which == 0 ? reward_curve : success_curve)(v, out);
}

// A number that is not there yet is a dash.
static trm_row reward(const char *label, double value) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%+.2f", value);
    return r;
}

static trm_row episode_row(const trm_snapshot *s, int32_t width) {
    trm_row r = {.label = "episode", .style = TRM_STYLE_STRONG};
    trm_text_format(r.value, sizeof r.value, "%lld/%lld", (long long)s->done, (long long)s->total);
    if (trm_text_columns(r.value) > width - 8)
        r.label = "ep";
    if (trm_text_columns(r.value) > width - 3)
        trm_text_format(r.value, sizeof r.value, "%lldk/%lldk", (long long)(s->done / 1000),
                        (long long)(s->total / 1000));
    return r;
}

static void numbers(const trm_train_view *v, int32_t width, trm_row *rows) {
    const trm_snapshot *s = &v->snap;
    *rows++ = episode_row(s, width);
    *rows = trm_row_number("success", 100.0 * (double)s->success50, 0, "%");
    (rows++)->style = TRM_STYLE_STRONG;
    *rows++ =
        reward(window_of(v) < TRM_HISTORY_WINDOW ? "mean so far" : "mean of 50", (double)s->mean50);
    *rows++ = reward("best", s->best_episode < 0 ? (double)NAN : (double)s->best_reward);
    *rows++ = trm_row_number("loss", (double)s->loss, 4, "");
    *rows++ = trm_row_number("entropy", (double)s->entropy, 3, "");
    *rows++ = trm_row_number("grad norm", (double)s->grad_norm, 3, "");
    *rows++ = trm_row_rate("lr", (double)s->lr);
    *rows++ = trm_row_count("update", s->updates);
    *rows++ = trm_row_count("steps", s->steps);
    *rows++ =
        trm_row_number("steps/s", s->steps_per_second, s->steps_per_second < 100.0 ? 1 : 0, "");
    *rows++ = trm_row_duration("computing", s->seconds);
    *rows++ = trm_row_duration("elapsed", v->elapsed);
    *rows = trm_row_duration("left", v->left);
}

// What the head would rather have done, where that was not allowed.
static void draw_refused(trm_canvas *c, trm_rect r, int32_t x, const trm_train_view *v) {
    const trm_reading reading = trm_train_view_reading(v);
    trm_decision_table_draw_refused(c, r, x, v->step.env,
                                    trm_episode_trace_state(v->step.episode_trace, v->step.cursor),
                                    &reading, v->selected);
}

const trm_train_drawing trm_train_draw_episodes = {
    .subject = draw_board,
    .least_column = least_column,
    .fit = fit,
    .scale = scale_words,
    .reading = reading,
    .column = draw_column,
    .detail = draw_detail,
    .beside = draw_refused,
    .curve = curve,
    .numbers = numbers,
};
