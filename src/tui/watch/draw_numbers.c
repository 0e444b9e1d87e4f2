// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/text.h"
#include "tui/watch/draw.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/table.h"

static void draw_reward(trm_canvas *c, trm_rect r, const trm_watch_view *v) {
    const trm_watch_curves *k = &v->curves;
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, "reward", v->focus == TRM_FOCUS_CURVES);
    if (k->n > 0) {
        char last[32], mean[32], best[32];
        trm_text_format(last, sizeof last, "last %+.2f", (double)v->snap.reward);
        trm_text_format(mean, sizeof mean, "mean %+.2f", (double)k->mean50[k->n - 1]);
        trm_text_format(best, sizeof best, "best %+.2f", (double)v->snap.best_reward);
        const char *const words[] = {last, best, mean};
        trm_canvas_heading_words(c, r, x, words, 3);
    }
    float y0 = k->n > 0 ? k->low_y : -1.0f, y1 = k->n > 0 ? k->high_y : 1.0f;
    if (!isnan(v->optimum_mean)) {
        y0 = fminf(y0, v->optimum_mean);
        y1 = fmaxf(y1, v->optimum_mean);
    }
    trm_curve_range(&y0, &y1);
    const trm_curve curve = {.n = k->n,
                             .x = k->x,
                             .raw = k->reward,
                             .low = k->low,
                             .high = k->high,
                             .line = k->mean50,
                             .y0 = y0,
                             .y1 = y1,
                             .x1 = k->x1,
                             .mark = v->optimum_mean,
                             .mark_name = "optimum",
                             .unit = "",
                             .x_name = k->by_steps ? "steps" : "episodes"};
    trm_curve_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, &curve);
}

// Episodes that success and mean are taken over: fewer at the start.
static int32_t window_of(const trm_watch_view *v) {
    return v->snap.window > 0 ? v->snap.window : TRM_HISTORY_WINDOW;
}

static void draw_success(trm_canvas *c, trm_rect r, const trm_watch_view *v, bool focus) {
    const trm_watch_curves *k = &v->curves;
    char heading[32];
    trm_text_format(heading, sizeof heading, "success of the last %d", window_of(v));
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, heading, focus);
    if (k->n > 0) {
        char last[32], first[48] = "";
        trm_text_format(last, sizeof last, "%.0f%%", 100.0 * (double)v->snap.success50);
        if (v->snap.first_success >= 0)
            trm_text_format(first, sizeof first, "first: episode %lld",
                            (long long)v->snap.first_success + 1);
        const char *const words[] = {last, first};
        trm_canvas_heading_words(c, r, x, words, 2);
    }
    const trm_curve curve = {.n = k->n,
                             .x = k->x,
                             .line = k->success50,
                             .y0 = 0.0f,
                             .y1 = 100.0f,
                             .x1 = k->x1,
                             .mark = NAN,
                             .unit = "%",
                             .x_name = k->by_steps ? "steps" : "episodes"};
    trm_curve_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, &curve);
}

void trm_watch_draw_curves(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v) {
    if (l->curve_count > 1 || v->curve == 0)
        draw_reward(c, l->curves[0], v);
    if (l->curve_count > 1)
        draw_success(c, l->curves[1], v, false);
    else if (v->curve == 1)
        draw_success(c, l->curves[0], v, v->focus == TRM_FOCUS_CURVES);
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

void trm_watch_draw_numbers(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v) {
    const trm_snapshot *s = &v->snap;
    char mean[16];
    trm_text_format(mean, sizeof mean, "mean of %d", window_of(v));
    trm_row rows[] = {
        episode_row(s, l->number_width),
        trm_row_number("success", 100.0 * (double)s->success50, 0, "%"),
        reward(mean, (double)s->mean50),
        reward("best", s->best_episode < 0 ? (double)NAN : (double)s->best_reward),
        trm_row_number("loss", (double)s->loss, 4, ""),
        trm_row_number("entropy", (double)s->entropy, 3, ""),
        trm_row_number("grad norm", (double)s->grad_norm, 3, ""),
        trm_row_rate("lr", (double)s->lr),
        trm_row_count("update", s->updates),
        trm_row_count("steps", s->steps),
        trm_row_number("steps/s", s->steps_per_second, s->steps_per_second < 100.0 ? 1 : 0, ""),
        trm_row_duration("computing", s->seconds),
        trm_row_duration("elapsed", v->elapsed),
        trm_row_duration("left", v->left),
    };
    rows[1].style = TRM_STYLE_STRONG;
    const trm_rect r = l->numbers;
    trm_canvas_heading(c, r.y, r.x, r.w, "numbers", v->focus == TRM_FOCUS_NUMBERS);
    trm_numbers_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, rows,
                     (int32_t)(sizeof rows / sizeof *rows), l->number_width, 2);
}
