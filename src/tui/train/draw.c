// SPDX-License-Identifier: Apache-2.0
#include "tui/train/draw.h"

#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/title.h"

enum { BOARD_ROWS = 5, TEXT_ROWS = 4, WORD_ROWS = 3, LEAST_STRIP = 3 };

static const trm_episode_step *step_of(const trm_train_view *v) {
    return &v->step.episode_trace->steps[v->step.cursor];
}

// ---- the board or the sample --------------------------------------------------------------------

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

// The heading with what is in sight, up to the very end: the panel is narrow. Returns the rest of
// r.
static trm_rect draw_name(trm_canvas *c, trm_rect r, const trm_train_view *v, const char *what) {
    const char *name = v->step.planned                     ? "plan"
                       : !v->samples                       ? "board"
                       : v->sample.side == TRM_SPLIT_TRAIN ? "training"
                                                           : "held-out";
    const trm_rect head = trm_rect_top(&r, 1, 0);
    const int32_t end = head.x + head.w, w = trm_text_columns(what) + 2;
    const int32_t x =
        trm_canvas_heading(c, head.y, head.x, head.w, name, v->focus == TRM_FOCUS_SUBJECT);
    if (w > 2 && x + w <= end)
        trm_canvas_print(c, head.y, end - w, w, TRM_STYLE_NORMAL, " %s ", what);
    return r;
}

// The gap beside the panel may be used: the longest reasons need it at 80 columns. One that is cut
// leaves it.
static void draw_reward(trm_canvas *c, trm_rect r, const trm_step_sight *k,
                        const trm_episode_step *s) {
    const trm_episode_trace *e = k->episode_trace;
    const bool cut = k->cursor == e->length - 1 && trm_episode_trace_full(e);
    const int32_t x =
        trm_canvas_print(c, r.y, r.x, r.w, s->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f",
                         (double)s->reward);
    const char *reason = cut ? "the rest is not kept" : trm_reason_text(s->reason);
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
    draw_reward(c, trm_pen_take(&pen, 1), k, s);
    trm_pen_print(&pen, TRM_STYLE_DIM, "%s ", v->words->move);
    trm_pen_print(&pen, TRM_STYLE_NORMAL, "%-2d ", k->cursor + 1);
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

// Below a strip of tokens: the vector of the one under the cursor.
static void draw_vector(trm_canvas *c, trm_rect r, const trm_sample_sight *s) {
    const int32_t n = s->state_dim / s->positions;
    const float *x = s->sample->input + (int64_t)s->cell * n;
    float peak = 0.0f;
    for (int32_t i = 0; i < n; i++)
        peak = fmaxf(peak, fabsf(x[i]));
    trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "x of token %d", s->cell + 1);
    trm_heatmap_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, x, n, trm_heat_scale(0.0f, peak));
}

// Rows in order of importance.
static void draw_answer(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_sample_sight *s = &v->sample;
    const trm_step_answer *a = &s->answers[v->selected];
    trm_pen pen = trm_pen_on(c, trm_rect_top(&r, WORD_ROWS, 1));
    char name[40];
    const trm_reading reading = trm_train_view_reading(v);
    trm_words_cycle(&reading, v->selected, r.w - 10, name, sizeof name);
    trm_pen_print(&pen, TRM_STYLE_DIM, "%s ", name);
    if (!a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "is not read");
    else if (a->right == s->positions)
        trm_pen_line(&pen, TRM_STYLE_GOOD, "all right");
    else
        trm_pen_line(&pen, TRM_STYLE_STRONG, "%d of %d right", a->right, s->positions);
    if (s->path && a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "missed %d  too many %d", a->missed, a->too_many);
    else if (a->read && s->blanks > 0)
        trm_pen_line(&pen, TRM_STYLE_DIM,
                     a->changed > 0 ? "blanks %d/%d  givens %d" : "blanks %d/%d right", a->filled,
                     s->blanks, a->changed);
    else if (a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "wrong %d", s->positions - a->right);
    else
        trm_pen_end(&pen);
    if (v->shape.halts)
        trm_pen_line(&pen, TRM_STYLE_DIM, "p(halt) %.2f",
                     (double)*trm_trace_halt(&v->shape, trm_train_view_trace(v), v->selected));
    if (!s->sample)
        return;
    if (!v->bare && v->snap.batches > 0)
        trm_pen_line(&pen, TRM_STYLE_DIM, "epochs %lld+%d/%d", (long long)s->sample->epochs,
                     s->sample->batch, v->snap.batches);
    else if (!v->bare)
        trm_pen_line(&pen, TRM_STYLE_DIM, "%s %lld", v->units->one, (long long)s->sample->epochs);
    if (!s->grid && r.h >= LEAST_STRIP)
        draw_vector(c, r, s);
}

static const char *action_sign(const void *sight, int32_t action, bool ascii) {
    const trm_step_sight *s = sight;
    (void)ascii; // the signs are those of the screen already
    return s->glyphs[action][0] != 0 ? s->glyphs[action] : s->names[action];
}

static trm_rect draw_plan(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_step_sight *s = &v->step;
    static const trm_policy_map none = {0};
    const trm_policy_view plan = {
        .name = action_sign,
        .names = s,
        .board = &s->decided,
        .subject = trm_subject_of_state(
            s->env, trm_episode_trace_state(s->episode_trace, s->cursor), step_of(v)->prev_action),
        .map = s->map ? s->map : &none,
        .reading = trm_train_view_reading(v),
        .cycle = v->selected,
        .cell = -1,
        .marks = s->marks};
    return trm_policy_draw(c, r, &plan);
}

static trm_rect draw_board(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    if (v->samples) {
        const trm_answer_marks marks = trm_train_view_answers(v, -1);
        trm_board_view grid = trm_train_view_grid(v, &marks);
        grid.frame = true;
        return trm_board_draw(c, r, &grid);
    }
    if (v->step.planned)
        return draw_plan(c, r, v);
    const trm_board_marks marks = {.board = &v->step.board, .visits = v->step.visits};
    trm_board_view board = trm_board_marks_view(&marks);
    board.focus = v->step.agent;
    return trm_board_draw(c, r, &board);
}

void trm_train_draw_subject(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_sample *s = v->sample.sample;
    char what[40] = "";
    if (v->samples && s != NULL)
        trm_text_format(what, sizeof what, "%d/%d", s->sample + 1, s->count);
    else if (!v->samples && v->step.cursor >= 0)
        episode_words(v, what, sizeof what);
    r = draw_name(c, r, v, what);
    if (what[0] == 0) {
        trm_canvas_text(c, r.y + 1, r.x + 1, r.w - 1, TRM_STYLE_DIM,
                        v->samples ? "the first sample …" : "the first step …");
        return;
    }
    const int32_t rows = v->samples ? v->sample.rows : trm_clamp(v->step.board.rows, 0, BOARD_ROWS);
    const int32_t text = trm_clamp(r.h - rows - 2, 1, TEXT_ROWS);
    const trm_rect used = draw_board(c, (trm_rect){r.y, r.x, r.h - text, r.w}, v);
    trm_rect_top(&r, used.y + used.h - r.y, 0);
    trm_rect_top(&r, r.h > text ? 1 : 0, 0);
    (v->samples ? draw_answer : draw_step)(c, r, v);
}

// ---- a cycle ------------------------------------------------------------------------------------

// A map of values with the name of their level.
static void draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                     float scale) {
    if (n < 1 || r.h < 1)
        return;
    trm_canvas_text(c, r.y, r.x, 1, TRM_STYLE_DIM, name);
    trm_heatmap_draw(c, (trm_rect){r.y, r.x + 2, r.h, r.w - 2}, values, n, scale);
}

// The likeliest action; where it differs from that of the cycle before, it is marked.
static void step_words(const trm_train_view *v, int32_t width, int32_t cycle, char out[2][40]) {
    const trm_reading r = trm_train_view_reading(v);
    const int32_t best = trm_reading_best(&r, cycle);
    if (best < 0)
        return;
    const bool turned = trm_reading_turns(&r, cycle);
    const char *glyph = v->step.glyphs[best];
    const char *what = glyph[0] != 0 && width < 24 ? glyph : v->step.names[best];
    trm_text_format(out[0], sizeof out[0], "%s%s ", turned ? "turns " : "", what);
    trm_text_format(out[1], sizeof out[1], "%s%s ", turned ? "!" : "", what);
}

static void answer_words(const trm_train_view *v, int32_t cycle, char out[2][40]) {
    const trm_step_answer *a = &v->sample.answers[cycle];
    const int32_t wrong = v->sample.positions - a->right;
    if (cycle >= trm_train_view_known(v)) {
        trm_text_copy(out[0], sizeof out[0], cycle > trm_train_view_known(v) ? "" : "thinking … ");
        return;
    }
    if (!a->read) {
        trm_text_copy(out[0], sizeof out[0], "not read ");
        return;
    }
    if (wrong == 0) {
        trm_text_copy(out[0], sizeof out[0], "all right ");
        trm_text_copy(out[1], sizeof out[1], "right ");
        return;
    }
    trm_text_format(out[0], sizeof out[0], "%d wrong ", wrong);
    trm_text_format(out[1], sizeof out[1], "%d×", wrong);
}

static void draw_header(trm_canvas *c, trm_rect r, const trm_train_view *v, int32_t cycle) {
    const trm_style style = cycle == v->selected ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL;
    char words[2][40] = {"", ""}; // the longer ones where there is room
    char name[40];
    const trm_reading reading = trm_train_view_reading(v);
    const int32_t room = cycle < trm_train_view_known(v) ? r.w - 5 : 0;
    trm_words_cycle(&reading, cycle, room, name, sizeof name);
    trm_canvas_repeat(c, r.y, r.x, r.w, ' ', style);
    trm_canvas_text(c, r.y, r.x + 1, r.w - 1, style, name);
    if (v->samples)
        answer_words(v, cycle, words);
    else
        step_words(v, r.w, cycle, words);
    for (int32_t i = 0; i < 2; i++)
        if (trm_text_columns(name) + 2 + trm_text_columns(words[i]) <= r.w) {
            trm_canvas_print_right(c, r.y, r.x, r.w, style, "%s", words[i]);
            break;
        }
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
                             .share = trm_reading_share(&r, cycle, a),
                             .best = a == best,
                             .chosen = a == step_of(v)->action,
                             .refused = !trm_reading_legal(&r, a)};
        trm_bar_draw(c, to.y + i, to.x, to.w, k->name_width, &bar);
    }
}

// How far each cell of a level has moved since the cycle before.
static void draw_changes(trm_canvas *c, trm_rect r, const trm_train_view *v, bool low,
                         int32_t cycle) {
    const trm_reading reading = trm_train_view_reading(v);
    float change[TRM_BOARD_MAX * TRM_BOARD_MAX];
    if (r.h < 1)
        return;
    for (int32_t i = 0; i < v->shape.cells; i++)
        change[i] = trm_reading_cell_change(&reading, low, cycle, i);
    const trm_answer_marks marks = {.board = &v->step.board,
                                    .heat = cycle > 0 ? change : NULL,
                                    .scale = low ? v->l_scale : v->h_scale};
    trm_board_view board = trm_board_view_of(&v->step.board, trm_answer_mark, &marks);
    board.frame = false;
    board.focus = v->step.agent;
    // The name is there where it makes the board no smaller: z stands above y anyway.
    const bool named =
        trm_board_height(&board, r.w - 2, r.h) == trm_board_height(&board, r.w, r.h) &&
        trm_board_width(&board) + 2 <= r.w;
    const int32_t name = named ? 2 : 0;
    trm_canvas_text(c, r.y, r.x, name, TRM_STYLE_DIM, low ? v->words->l : v->words->h);
    trm_board_draw(c, (trm_rect){r.y, r.x + name, r.h, r.w - name}, &board);
}

static void draw_step_column(trm_canvas *c, trm_rect r, const trm_train_view *v,
                             const trm_train_columns *k, int32_t cycle) {
    const trm_trace_shape *s = &v->shape;
    float *trace = trm_train_view_trace(v);
    const trm_rect h = trm_rect_top(&r, k->h_rows, s->l > 0 ? k->gap : 0);
    const trm_rect l = trm_rect_top(&r, k->l_rows, k->gap);
    if (v->on_board) {
        draw_changes(c, h, v, false, cycle);
        draw_changes(c, l, v, true, cycle);
    } else {
        draw_map(c, h, v->words->h, trm_trace_h(s, trace, cycle), s->h, v->h_scale);
        draw_map(c, l, v->words->l, trm_trace_l(s, trace, cycle), s->l, v->l_scale);
    }
    draw_bars(c, trm_rect_top(&r, k->bars, 0), v, cycle);
}

static void draw_answer_column(trm_canvas *c, trm_rect r, const trm_train_view *v,
                               const trm_train_columns *k, int32_t step) {
    int32_t n;
    const trm_answer_marks marks = trm_train_view_answers(v, step);
    const trm_board_view board = trm_train_view_grid(v, &marks);
    trm_board_draw(c, trm_rect_top(&r, k->grid_rows, k->gap), &board);
    if (step >= trm_train_view_known(v))
        return;
    const trm_rect map = trm_rect_top(&r, k->h_rows, k->gap);
    const float *z = trm_train_view_latent(v, step, false, &n);
    if (n == 1 && k->h_rows > 0 && v->sample.answers[step].read) {
        const trm_answer_marks means = trm_train_view_means(v, step);
        const trm_board_view grid = trm_train_view_grid(v, &means);
        trm_board_draw(c, map, &grid);
    } else if (n > 1) {
        draw_map(c, map, v->words->h, z, n, v->h_scale);
    }
    const float *y = trm_train_view_latent(v, step, true, &n);
    draw_map(c, trm_rect_top(&r, k->l_rows, 0), v->words->l, y, n, v->l_scale);
}

// ---- all cycles, and the selected one -----------------------------------------------------------

// What the colours mean.
static void scale_words(const trm_train_view *v, const trm_train_columns *k, bool fills, char *out,
                        int32_t size) {
    const char *within = v->ascii ? "+-" : "±";
    const char *sure = !fills && !v->sample.path ? ". : ? less sure"
                       : v->shape.stablemax      ? "stablemax 0..1"
                       : v->sample.path          ? "path 0..1"
                                                 : "sure 0..1";
    if (v->samples && k->h_rows > 0)
        trm_text_format(out, (size_t)size, "× wrong  %s  %s %s%g ", sure, v->words->h, within,
                        (double)v->h_scale);
    else if (v->samples)
        trm_text_format(out, (size_t)size, "× wrong  %s ", sure);
    else if (v->on_board)
        trm_text_format(out, (size_t)size, "change of %s 0..%g  %s 0..%g ", v->words->h,
                        (double)v->h_scale, v->words->l, (double)v->l_scale);
    else if (v->shape.l > 0)
        trm_text_format(out, (size_t)size, "%s %s%g  %s %s%g ", v->words->h, within,
                        (double)v->h_scale, v->words->l, within, (double)v->l_scale);
    else
        trm_text_format(out, (size_t)size, "%s%g ", within, (double)v->h_scale);
}

static void draw_heading(trm_canvas *c, trm_rect r, const trm_train_view *v,
                         const trm_train_columns *k) {
    char name[48], scale[80];
    trm_columns_words(v->words->cycle, k->first, k->count, v->shape.cycles, name);
    const int32_t left = trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_FOCUS_THINKING);
    scale_words(v, k, trm_look_fills(&c->look), scale, sizeof scale);
    if (trm_train_view_trace(v) != NULL)
        trm_heatmap_legend(c, r, left, scale);
}

// "cycle 2  H -1.31..1.87  norm 7.31  17:+1.87 3:-1.31 …": the selected cycle in numbers.
static void draw_units(trm_canvas *c, trm_rect r, const trm_train_view *v) {
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

static void draw_detail(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    char words[200];
    if (!v->samples) {
        draw_units(c, r, v);
        return;
    }
    trm_train_view_cell(v, words, sizeof words);
    trm_canvas_sentence(c, r.y, r.x, r.w, TRM_STYLE_DIM, words);
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

// The sentence, and beside it what the head would rather have done, where that was not allowed.
static void draw_sentence(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const int32_t used = trm_canvas_sentence(c, r.y, r.x, r.w, TRM_STYLE_STRONG, v->sentence);
    const trm_reading reading = trm_train_view_reading(v);
    if (!v->samples && reading.trace != NULL)
        trm_decision_table_draw_refused(
            c, r, r.x + used, v->step.env,
            trm_episode_trace_state(v->step.episode_trace, v->step.cursor), &reading, v->selected);
}

void trm_train_draw_thinking(trm_canvas *c, const trm_train_layout *l, const trm_train_view *v) {
    const trm_rect r = l->thinking;
    const trm_train_columns k = trm_train_columns_of(v, r, trm_look_fills(&c->look));
    draw_heading(c, r, v, &k);
    for (int32_t i = 0; i < k.count && trm_train_view_trace(v) != NULL; i++) {
        trm_rect column = {r.y + 1, r.x + i * (k.width + 1), r.h - 1, k.width};
        draw_header(c, trm_rect_top(&column, 1, 0), v, k.first + i);
        (v->samples ? draw_answer_column : draw_step_column)(c, column, v, &k, k.first + i);
    }
    if (l->detail.h > 0 && trm_train_view_trace(v) != NULL)
        draw_detail(c, l->detail, v);
    if (v->snap.state == TRM_TRAINER_FAILED)
        draw_failure(c, l->sentence.y, v->snap.error.message);
    else
        draw_sentence(c, l->sentence, v);
}
