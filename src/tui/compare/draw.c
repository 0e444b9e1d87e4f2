// SPDX-License-Identifier: Apache-2.0
#include "tui/compare/draw.h"

#include <math.h>

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/title.h"

enum { LEAST_CURVE = 7, GAP = 2, WIDE = 120, HEADS = 2 };

trm_compare_layout trm_compare_layout_of(const trm_compare_view *v, trm_rect area) {
    trm_compare_layout l = {0};
    trm_rect_top(&area, 1, 0); // the title
    const int32_t most = area.h - LEAST_CURVE - 1, want = v->configs + HEADS;
    l.table = trm_rect_bottom(&area, want < most ? want : most, 0);
    if (area.w >= WIDE && area.h < 4 * LEAST_CURVE) {
        const int32_t half = (area.w - GAP) / 2;
        l.curves[1] = trm_rect_right(&area, half, 0);
        l.curves[0] = trm_rect_left(&area, half, 0);
    } else if (area.h >= 2 * LEAST_CURVE) {
        l.curves[0] = trm_rect_top(&area, (area.h + 1) / 2, 0);
        l.curves[1] = area;
    } else {
        l.curves[v->curve] = area;
    }
    return l;
}

static void draw_title(trm_canvas *c, const trm_compare_view *v) {
    char runs[128], about[128], time[32];
    const bool stands = v->paused && !v->over;
    const int32_t threads = trm_compare_threads(v->compare);
    trm_text_format(runs, sizeof runs, "%d of %d runs  %s", v->ended, v->runs,
                    trm_text_duration(time, v->elapsed < 1.0 ? v->elapsed : floor(v->elapsed)));
    trm_text_format(about, sizeof about, "%d preset%s  %d seed%s  %d thread%s", v->configs,
                    v->configs == 1 ? "" : "s", v->seeds, v->seeds == 1 ? "" : "s", threads,
                    threads == 1 ? "" : "s");
    trm_title_draw(c, &(trm_title){.name = "trm compare",
                                   .about = {{about, TRM_STYLE_DIM}},
                                   .state = {{v->over  ? "done"
                                              : stands ? "paused"
                                                       : "training",
                                              stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG},
                                             {runs, TRM_STYLE_NORMAL}}});
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
    trm_curve_draw(c, r, &curve);
}

static void draw_reward(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    char name[48] = "reward of each episode";
    const int32_t window = trm_compare_view_window(v);
    const trm_curve axes = {.y0 = v->y0, .y1 = v->y1, .unit = ""};
    if (window > 1)
        trm_text_format(name, sizeof name, "reward, mean of %d", window);
    const char *spread = v->seeds < 2 ? ""
                         : v->band    ? "mean over seeds, dotted: ± one deviation"
                                      : "mean over seeds";
    r = trm_panel(c, r, name, v->focus == TRM_COMPARE_FOCUS_REWARD, TRM_WORDS(spread));
    draw_curves(c, r, v, v->reward, &axes);
}

static void draw_success(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    const trm_curve axes = {.y0 = 0.0f, .y1 = 100.0f, .unit = "%"};
    r = trm_panel(c, r, "success of the last 50", v->focus == TRM_COMPARE_FOCUS_SUCCESS, NULL);
    draw_curves(c, r, v, v->success, &axes);
}

void trm_compare_draw(trm_canvas *c, const trm_compare_view *v) {
    const trm_compare_layout l = trm_compare_layout_of(v, trm_canvas_area(c));
    draw_title(c, v);
    if (l.curves[0].h > 0)
        draw_reward(c, l.curves[0], v);
    if (l.curves[1].h > 0)
        draw_success(c, l.curves[1], v);
    trm_compare_draw_table(c, l.table, v);
}
