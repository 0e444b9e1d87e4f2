// SPDX-License-Identifier: Apache-2.0
#include "tui/compare/draw.h"

#include <math.h>

#include "trm/base/text.h"
#include "tui/widgets/curve.h"

enum { LEAST_CURVE = 7, GAP = 2, WIDE = 120 };

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

trm_compare_layout trm_compare_layout_of(const trm_compare_view *v, int32_t rows, int32_t cols) {
    trm_compare_layout l = {0};
    const int32_t room = rows - 2; // less title and bottom row
    const int32_t table = smaller(v->configs + 2, room - LEAST_CURVE - 1);
    const int32_t curves = room - table;
    const trm_rect all = {1, 0, curves, cols};
    l.table = (trm_rect){1 + curves, 0, table, cols};
    if (cols >= WIDE && curves < 4 * LEAST_CURVE) {
        const int32_t half = (cols - GAP) / 2;
        l.curves[0] = (trm_rect){1, 0, curves, half};
        l.curves[1] = (trm_rect){1, cols - half, curves, half};
    } else if (curves >= 2 * LEAST_CURVE) {
        const int32_t upper = (curves + 1) / 2;
        l.curves[0] = (trm_rect){1, 0, upper, cols};
        l.curves[1] = (trm_rect){1 + upper, 0, curves - upper, cols};
    } else {
        l.curves[v->curve] = all;
    }
    const int32_t shown = table - 2, most = v->configs - shown;
    const int32_t first = v->selected - shown / 2;
    l.first = most <= 0 || first < 0 ? 0 : smaller(first, most);
    return l;
}

static void draw_title(trm_canvas *c, const trm_compare_view *v) {
    char text[128], time[32];
    const bool stands = v->paused && !v->over;
    trm_text_format(text, sizeof text, "%d of %d runs  %s", v->ended, v->runs,
                    trm_text_duration(time, v->elapsed < 1.0 ? v->elapsed : floor(v->elapsed)));
    const char *state = v->over ? "done" : stands ? "paused" : "training";
    const int32_t right = c->cols - 1 - trm_text_columns(text);
    const int32_t left = right - trm_text_columns(state) - 4;
    trm_canvas_text(c, 0, right, c->cols, TRM_STYLE_NORMAL, text);
    trm_canvas_print(c, 0, left, right - left, stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG,
                     " %s ", state);
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "trm");
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG, "compare");
    trm_text_format(text, sizeof text, "%d preset%s  %d seed%s  %d thread%s", v->configs,
                    v->configs == 1 ? "" : "s", v->seeds, v->seeds == 1 ? "" : "s",
                    trm_compare_threads(v->compare),
                    trm_compare_threads(v->compare) == 1 ? "" : "s");
    if (x + 2 + trm_text_columns(text) < left)
        trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_DIM, text);
}

static void draw_curves(trm_canvas *c, trm_rect r, const trm_compare_view *v,
                        const trm_compare_curve *of, const trm_curve *axes) {
    trm_curve_series series[TRM_COMPARE_CONFIGS];
    int32_t n = 0;
    for (int32_t i = 0; i < v->configs; i++) {
        if (v->hidden[i])
            continue;
        series[n++] = (trm_curve_series){.n = TRM_COMPARE_GRID,
                                         .x = v->x,
                                         .line = of[i].mean,
                                         .low = v->band ? of[i].low : NULL,
                                         .high = of[i].high,
                                         .style = (trm_style)(TRM_STYLE_SERIES + i % TRM_SERIES),
                                         .mark = (uint32_t)('1' + i)};
    }
    static const char *const names[TRM_COMPARE_AXES] = {"episodes", "steps", "seconds"};
    trm_curve curve = *axes;
    curve.x1 = v->x1;
    curve.mark = NAN;
    curve.x_name = names[v->axis];
    curve.series = series;
    curve.series_count = n;
    trm_curve_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, &curve);
}

// Words at the right end of a heading whose name ends before column x.
static void heading_words(trm_canvas *c, trm_rect r, int32_t x, const char *words) {
    const int32_t w = trm_text_columns(words);
    if (words[0] != 0 && x + w + 4 <= r.x + r.w)
        trm_canvas_print(c, r.y, r.x + r.w - w - 4, w + 2, TRM_STYLE_NORMAL, " %s ", words);
}

static void draw_reward(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    char name[48];
    const int32_t window = trm_compare_view_window(v);
    if (window > 1)
        trm_text_format(name, sizeof name, "reward, mean of %d", window);
    else
        trm_text_copy(name, sizeof name, "reward of each episode");
    const int32_t x =
        trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_COMPARE_FOCUS_REWARD);
    heading_words(c, r, x,
                  v->seeds < 2 ? ""
                  : v->band    ? "mean over seeds, dotted: ± one deviation"
                               : "mean over seeds");
    const trm_curve axes = {.y0 = v->y0, .y1 = v->y1, .unit = ""};
    draw_curves(c, r, v, v->reward, &axes);
}

static void draw_success(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    trm_canvas_heading(c, r.y, r.x, r.w, "success of the last 50",
                       v->focus == TRM_COMPARE_FOCUS_SUCCESS);
    const trm_curve axes = {.y0 = 0.0f, .y1 = 100.0f, .unit = "%"};
    draw_curves(c, r, v, v->success, &axes);
}

void trm_compare_draw(trm_canvas *c, const trm_compare_view *v) {
    const trm_compare_layout l = trm_compare_layout_of(v, c->rows, c->cols);
    draw_title(c, v);
    if (l.curves[0].h > 0)
        draw_reward(c, l.curves[0], v);
    if (l.curves[1].h > 0)
        draw_success(c, l.curves[1], v);
    trm_compare_draw_table(c, &l, v);
}
