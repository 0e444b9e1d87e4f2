// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/train/draw.h"
#include "tui/train/panel.h"
#include "tui/widgets/heatmap.h"

enum { TEXT_ROWS = 4, WORD_ROWS = 3, LEAST_STRIP = 3, LEAST_COLUMN = 14, LEAST_MAP = 2 };

// ---- the sample ---------------------------------------------------------------------------------

// Rows in order of importance.
static void draw_words(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_sample_sight *s = &v->sample;
    const trm_step_answer *a = &s->answers[v->selected];
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_print(&pen, TRM_STYLE_DIM, "%s %d ", v->words->cycle, v->selected + 1);
    if (!a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "is not read");
    else if (a->right == s->positions)
        trm_pen_line(&pen, TRM_STYLE_GOOD, "all right");
    else
        trm_pen_line(&pen, TRM_STYLE_STRONG, "%d of %d right", a->right, s->positions);
    if (s->path && a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "missed %d  too many %d", a->missed, a->too_many);
    else if (a->read)
        trm_pen_line(&pen, TRM_STYLE_DIM, "wrong %d", s->positions - a->right);
    else
        trm_pen_end(&pen);
    if (!v->bare)
        trm_pen_line(&pen, TRM_STYLE_DIM, "epochs %lld+%d/%d", (long long)s->sample->epochs,
                     s->sample->batch, v->snap.batches);
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

static void draw_sample(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const trm_sample_sight *s = &v->sample;
    char words[40] = "";
    if (s->sample != NULL)
        trm_text_format(words, sizeof words, "%d/%d", s->sample->sample + 1, s->sample->count);
    r = trm_train_draw_name(c, r, v, s->side == TRM_SPLIT_TRAIN ? "training" : "held-out", words);
    if (s->sample == NULL) {
        trm_canvas_text(c, r.y + 1, r.x + 1, r.w - 1, TRM_STYLE_DIM, "the first sample …");
        return;
    }
    const trm_answer_marks marks = trm_train_view_answers(v, -1);
    trm_board_view board = trm_train_view_grid(v, &marks);
    board.frame = true;
    const int32_t text = trm_clamp(r.h - s->rows - 2, 1, TEXT_ROWS);
    const trm_rect used = trm_board_draw(c, (trm_rect){r.y, r.x, r.h - text, r.w}, &board);
    trm_rect_top(&r, used.y + used.h - r.y, 0);
    trm_rect_top(&r, r.h > text ? 1 : 0, 0);
    draw_words(c, trm_rect_top(&r, WORD_ROWS, 1), v);
    if (!s->grid && r.h >= LEAST_STRIP)
        draw_vector(c, r, s);
}

// ---- the answers --------------------------------------------------------------------------------

static int32_t least_column(const trm_train_view *v) {
    const trm_answer_marks marks = trm_train_view_answers(v, 0);
    const trm_board_view board = trm_train_view_grid(v, &marks);
    const int32_t width = trm_board_width(&board);
    return width > LEAST_COLUMN ? width : LEAST_COLUMN;
}

// The maps get what the grid leaves. Where a cell has one value, they are a map of the grid.
static void fit(const trm_train_view *v, trm_train_columns *k, int32_t rows, bool fills) {
    const trm_answer_marks marks = trm_train_view_answers(v, 0);
    const trm_board_view board = trm_train_view_grid(v, &marks);
    const int32_t P = v->sample.positions;
    const int32_t z = v->shape.h % P == 0 ? v->shape.h / P : 0;
    const int32_t y = v->shape.l % P == 0 ? v->shape.l / P : 0;
    const int32_t most = trm_clamp(rows * 2 / 3, trm_clamp(v->sample.rows, 1, rows), rows);
    k->grid_rows = trm_board_height(&board, k->width, most);
    int32_t rest = rows - k->grid_rows;
    k->gap = rest >= 2 * LEAST_MAP + 2 ? 1 : 0;
    rest -= 2 * k->gap;
    if (z == 1)
        k->h_rows = rest < k->grid_rows ? 0 : k->grid_rows;
    else
        trm_train_fit_maps(k, z, rest > LEAST_MAP ? y : 0, rest, fills);
}

// What the shading says, and the latents' scale.
static void scale_words(const trm_train_view *v, const trm_train_columns *k, char *out,
                        int32_t size) {
    const char *sure = v->sample.path ? "path" : "sure";
    if (k->h_rows > 0)
        trm_text_format(out, (size_t)size, "× wrong  %s 0..1  %s %s%g ", sure, v->words->h,
                        v->ascii ? "+-" : "±", (double)v->h_scale);
    else
        trm_text_format(out, (size_t)size, "× wrong  %s 0..1 ", sure);
}

static void reading(const trm_train_view *v, int32_t width, int32_t cycle, trm_train_reading *out) {
    const trm_step_answer *a = &v->sample.answers[cycle];
    const int32_t wrong = v->sample.positions - a->right;
    (void)width;
    if (!a->read) {
        trm_text_copy(out->words[0], sizeof out->words[0], "not read ");
        return;
    }
    if (wrong == 0) {
        trm_text_copy(out->words[0], sizeof out->words[0], "all right ");
        trm_text_copy(out->words[1], sizeof out->words[1], "right ");
        return;
    }
    trm_text_format(out->words[0], sizeof out->words[0], "%d wrong ", wrong);
    trm_text_format(out->words[1], sizeof out->words[1], "%d×", wrong);
}

static void draw_column(trm_canvas *c, trm_rect r, const trm_train_view *v,
                        const trm_train_columns *k, int32_t step) {
    int32_t n;
    const trm_answer_marks marks = trm_train_view_answers(v, step);
    const trm_board_view board = trm_train_view_grid(v, &marks);
    trm_board_draw(c, trm_rect_top(&r, k->grid_rows, k->gap), &board);
    const trm_rect map = trm_rect_top(&r, k->h_rows, k->gap);
    const float *z = trm_train_view_latent(v, step, false, &n);
    if (n == 1 && k->h_rows > 0 && v->sample.answers[step].read) {
        const trm_answer_marks means = trm_train_view_means(v, step);
        const trm_board_view grid = trm_train_view_grid(v, &means);
        trm_board_draw(c, map, &grid);
    } else if (n > 1) {
        trm_train_draw_map(c, map, v->words->h, z, n, v->h_scale);
    }
    const float *y = trm_train_view_latent(v, step, true, &n);
    trm_train_draw_map(c, trm_rect_top(&r, k->l_rows, 0), v->words->l, y, n, v->l_scale);
}

static void draw_cell(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    char words[200];
    trm_train_view_cell(v, words, sizeof words);
    trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, words);
}

// ---- curves and numbers -------------------------------------------------------------------------

static trm_curve_series series(const trm_train_curves *k, const float *line, int32_t style,
                               char mark) {
    return (trm_curve_series){.n = k->epochs,
                              .x = k->epoch_x,
                              .line = line,
                              .style = TRM_STYLE_SERIES + style,
                              .mark = (uint32_t)mark};
}

static void accuracy_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    const int32_t last = k->epochs - 1;
    trm_text_copy(out->name, sizeof out->name, "accuracy");
    if (last >= 0) {
        trm_text_format(out->words[0], sizeof out->words[0], "c cells %.1f%%",
                        (double)k->cells[last]);
        trm_text_format(out->words[1], sizeof out->words[1], "e exact %.1f%%",
                        (double)k->exact[last]);
        if (v->snap.best_epoch >= 0)
            trm_text_format(out->words[2], sizeof out->words[2], "best %.1f%%",
                            100.0 * v->snap.best_exact);
    }
    out->series[0] = series(k, k->cells, 0, 'c');
    out->series[1] = series(k, k->exact, 1, 'e');
    out->series_count = 2;
    out->curve.y1 = 100.0f;
    out->curve.unit = "%";
}

static float highest(float y, const float *values, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y = isfinite(values[i]) ? fmaxf(y, values[i]) : y;
    return y;
}

static void loss_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    trm_text_copy(out->name, sizeof out->name, "loss");
    if (k->batches > 0)
        trm_text_format(out->words[0], sizeof out->words[0], "· batches %.3f",
                        (double)v->snap.loss);
    if (k->batches > 0 && k->epochs > 0)
        trm_text_format(out->words[1], sizeof out->words[1], "h held-out %.3f",
                        (double)k->held_out[k->epochs - 1]);
    out->curve.n = k->batches;
    out->curve.x = k->batch_x;
    out->curve.line = k->loss;
    out->curve.y1 = highest(highest(0.0f, k->loss, k->batches), k->held_out, k->epochs);
    out->series[0] = series(k, k->held_out, 1, 'h');
    out->series_count = 1;
}

static void curve(const trm_train_view *v, int32_t which, trm_train_curve *out) {
    (which == 0 ? accuracy_curve : loss_curve)(v, out);
}

static trm_row share(const char *label, double value) {
    trm_row r = trm_row_number(label, 100.0 * value, 1, "%");
    r.style = TRM_STYLE_STRONG;
    return r;
}

static trm_row of_all(const char *label, int64_t value, int64_t all, int32_t width) {
    trm_row r = {.label = label};
    trm_text_format(r.value, sizeof r.value, "%lld/%lld", (long long)value, (long long)all);
    if (trm_text_columns(r.value) + trm_text_columns(label) + 1 > width)
        r.label = "";
    return r;
}

static void numbers(const trm_train_view *v, int32_t width, trm_row *rows) {
    const trm_snapshot *s = &v->snap;
    const double nan = (double)NAN;
    const trm_score none = {nan, nan, nan, nan};
    const trm_score *score = s->tested ? &s->test : s->epoch.epoch >= 0 ? &s->epoch.score : &none;
    *rows++ = of_all("epoch", s->done, s->total, width);
    *rows++ = of_all("batch", s->batch, s->batches, width);
    *rows++ = share(s->tested ? "test cells" : "cells", score->cell_accuracy);
    *rows++ = share(s->tested ? "test exact" : "exact", score->exact_accuracy);
    *rows++ = trm_row_number("loss", (double)s->loss, 4, "");
    *rows++ = trm_row_number("held-out", score->loss, 4, "");
    *rows++ = trm_row_number("grad norm", (double)s->grad_norm, 3, "");
    *rows++ = trm_row_rate("lr", (double)s->lr);
    *rows++ = trm_row_number("samples/s", s->samples_per_second,
                             s->samples_per_second < 100.0 ? 1 : 0, "");
    *rows++ = trm_row_number("path", 100.0 * score->path_recall, 1, "%");
    *rows++ = trm_row_number("best exact", 100.0 * s->best_exact, 1, "%");
    *rows++ = trm_row_duration("computing", s->seconds);
    *rows++ = trm_row_duration("elapsed", v->elapsed);
    *rows = trm_row_duration("left", v->left);
}

const trm_train_drawing trm_train_draw_samples = {
    .subject = draw_sample,
    .least_column = least_column,
    .fit = fit,
    .scale = scale_words,
    .reading = reading,
    .column = draw_column,
    .detail = draw_cell,
    .curve = curve,
    .numbers = numbers,
};
