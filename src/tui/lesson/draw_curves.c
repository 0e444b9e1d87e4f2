// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/text.h"
#include "tui/lesson/draw.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/table.h"

static float end_of_axis(const trm_lesson_view *v) {
    return (float)(v->snap.total > 0 ? v->snap.total : 1);
}

// Shares in per cent.
typedef struct percents {
    float cells[TRM_HISTORY_CURVE], exact[TRM_HISTORY_CURVE];
} percents;

static void draw_accuracy(trm_canvas *c, trm_rect r, const trm_lesson_view *v, bool focus) {
    const trm_history_epochs *k = &v->history.epochs;
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, "accuracy", focus);
    percents p;
    for (int32_t i = 0; i < k->count; i++) {
        p.cells[i] = 100.0f * k->cells[i];
        p.exact[i] = 100.0f * k->exact[i];
    }
    if (k->count > 0) {
        char cells[32], exact[32], best[40] = "";
        trm_text_format(cells, sizeof cells, "c cells %.1f%%", (double)p.cells[k->count - 1]);
        trm_text_format(exact, sizeof exact, "e exact %.1f%%", (double)p.exact[k->count - 1]);
        if (v->snap.best_epoch >= 0)
            trm_text_format(best, sizeof best, "best %.1f%%", 100.0 * v->snap.best_exact);
        const char *const words[] = {cells, exact, best};
        trm_canvas_heading_words(c, r, x, words, 3);
    }
    const trm_curve_series series[] = {
        {.n = k->count, .x = k->x, .line = p.cells, .style = TRM_STYLE_SERIES, .mark = 'c'},
        {.n = k->count, .x = k->x, .line = p.exact, .style = TRM_STYLE_SERIES + 1, .mark = 'e'}};
    const trm_curve curve = {.y0 = 0.0f,
                             .y1 = 100.0f,
                             .x1 = end_of_axis(v),
                             .mark = NAN,
                             .unit = "%",
                             .x_name = "epochs",
                             .series = series,
                             .series_count = 2};
    trm_curve_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, &curve);
}

static float highest(float y, const float *values, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            y = fmaxf(y, values[i]);
    return y;
}

static void draw_loss(trm_canvas *c, trm_rect r, const trm_lesson_view *v, bool focus) {
    const trm_history_batches *b = &v->history.batches;
    const trm_history_epochs *k = &v->history.epochs;
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, "loss", focus);
    if (b->count > 0) {
        char train[32], held[40] = "";
        trm_text_format(train, sizeof train, "· batches %.3f", (double)v->snap.loss);
        if (k->count > 0)
            trm_text_format(held, sizeof held, "h held-out %.3f",
                            (double)k->validation_loss[k->count - 1]);
        const char *const words[] = {train, held};
        trm_canvas_heading_words(c, r, x, words, 2);
    }
    float y0 = 0.0f;
    float y1 = highest(highest(0.0f, b->loss, b->count), k->validation_loss, k->count);
    trm_curve_range(&y0, &y1);
    const trm_curve_series series[] = {{.n = k->count,
                                        .x = k->x,
                                        .line = k->validation_loss,
                                        .style = TRM_STYLE_SERIES + 1,
                                        .mark = 'h'}};
    const trm_curve curve = {.n = b->count,
                             .x = b->x,
                             .line = b->loss,
                             .y0 = y0,
                             .y1 = y1,
                             .x1 = end_of_axis(v),
                             .mark = NAN,
                             .unit = "",
                             .x_name = "epochs",
                             .series = series,
                             .series_count = 1};
    trm_curve_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, &curve);
}

void trm_lesson_draw_curves(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v) {
    const bool focus = v->focus == TRM_LESSON_FOCUS_CURVES;
    if (l->curve_count > 1) {
        draw_accuracy(c, l->curves[0], v, focus);
        draw_loss(c, l->curves[1], v, false);
    } else if (v->curve == 0) {
        draw_accuracy(c, l->curves[0], v, focus);
    } else {
        draw_loss(c, l->curves[0], v, focus);
    }
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

void trm_lesson_draw_numbers(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v) {
    const trm_snapshot *s = &v->snap;
    const bool scored = s->tested || s->epoch.epoch >= 0;
    const trm_score *score = s->tested ? &s->test : &s->epoch.score;
    const double none = (double)NAN;
    const trm_row rows[] = {
        of_all("epoch", s->done, s->total, l->number_width),
        of_all("batch", s->batch, s->batches, l->number_width),
        share(s->tested ? "test cells" : "cells", scored ? score->cell_accuracy : none),
        share(s->tested ? "test exact" : "exact", scored ? score->exact_accuracy : none),
        trm_row_number("loss", (double)s->loss, 4, ""),
        trm_row_number("held-out", scored ? score->loss : none, 4, ""),
        trm_row_number("grad norm", (double)s->grad_norm, 3, ""),
        trm_row_rate("lr", (double)s->lr),
        trm_row_number("samples/s", s->samples_per_second, s->samples_per_second < 100.0 ? 1 : 0,
                       ""),
        trm_row_number("path", 100.0 * (scored ? score->path_recall : none), 1, "%"),
        trm_row_number("best exact", 100.0 * s->best_exact, 1, "%"),
        trm_row_duration("computing", s->seconds),
        trm_row_duration("elapsed", v->elapsed),
        trm_row_duration("left", v->left),
    };
    const trm_rect r = l->numbers;
    trm_canvas_heading(c, r.y, r.x, r.w, "numbers", v->focus == TRM_LESSON_FOCUS_NUMBERS);
    trm_numbers_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, rows,
                     (int32_t)(sizeof rows / sizeof *rows), l->number_width, 2);
}
