// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/compare/view.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/table.h"
#include "tui/widgets/title.h"

enum { LEAST_CURVE = 7, GAP = 2, WIDE = 120, HEADS = 2 };

// ---- where things are ---------------------------------------------------------------------------

typedef struct layout {
    trm_rect curves[2]; // value, success; h 0: dropped
    trm_rect table;
} layout;

static layout layout_of(const trm_compare_view *v, trm_rect area) {
    layout l = {0};
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

// ---- the title and the curves -------------------------------------------------------------------

static void draw_title(trm_canvas *c, const trm_compare_view *v) {
    char runs[128], about[128], time[32];
    const bool stands = v->paused && !v->over;
    const int32_t threads = trm_compare_threads(v->compare);
    trm_text_format(runs, sizeof runs, "%d of %d run%s  %s", v->ended, v->runs,
                    v->runs == 1 ? "" : "s",
                    trm_text_duration(time, v->elapsed < 1.0 ? v->elapsed : floor(v->elapsed)));
    trm_text_format(about, sizeof about, "%d preset%s  %d seed%s  %d thread%s", v->configs,
                    v->configs == 1 ? "" : "s", v->seeds, v->seeds == 1 ? "" : "s", threads,
                    threads == 1 ? "" : "s");
    trm_title_draw(c, &(trm_title){.name = "trm compare",
                                   .about = {{about, TRM_STYLE_DIM}},
                                   .state = {{v->over                           ? "done"
                                              : stands                          ? "paused"
                                              : trm_compare_follows(v->compare) ? "following"
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
    static const char *const names[TRM_COMPARE_AXES] = {
        [TRM_COMPARE_BY_SECOND] = "seconds", [TRM_COMPARE_BY_STEP] = "steps"};
    trm_curve curve = *axes;
    curve.x1 = v->x1;
    curve.mark = NAN;
    curve.x_name = names[v->axis] ? names[v->axis] : v->supervised ? "epochs" : "episodes";
    curve.series = series;
    curve.series_count = n;
    trm_curve_draw(c, r, &curve);
}

static void draw_value(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    char name[48];
    const int32_t window = trm_compare_view_window(v);
    const trm_curve axes = {.y0 = v->y0, .y1 = v->y1, .unit = v->supervised ? "%" : ""};
    trm_text_copy(name, sizeof name,
                  v->supervised ? "validation cells right" : "reward of each episode");
    if (window > 1)
        trm_text_format(name, sizeof name,
                        v->supervised ? "validation cells right, mean of %d" : "reward, mean of %d",
                        window);
    const char *spread = v->seeds < 2 ? ""
                         : v->band    ? "mean over seeds, dotted: ± one deviation"
                                      : "mean over seeds";
    r = trm_panel(c, r, name, v->focus == TRM_COMPARE_FOCUS_VALUE, TRM_WORDS(spread));
    draw_curves(c, r, v, v->value, &axes);
}

static void draw_success(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    const trm_curve axes = {.y0 = 0.0f, .y1 = 100.0f, .unit = "%"};
    r = trm_panel(c, r,
                  v->supervised ? "validation answers right, whole" : "success of the last 50",
                  v->focus == TRM_COMPARE_FOCUS_SUCCESS, NULL);
    draw_curves(c, r, v, v->success, &axes);
}

// ---- the table ----------------------------------------------------------------------------------

enum { LEAST_NAME = 12, MOST_NAME = 32, MARK = 4, CELL = sizeof((trm_field){0}.text) };

// "97.3±1.2%"; without the spread where there is none.
static void mean_words(char *out, const char *sign, int32_t digits, double mean, double sd,
                       const char *unit) {
    char value[CELL / 2], spread[CELL / 2] = "";
    if (isnan(mean)) {
        trm_text_copy(out, CELL, "-");
        return;
    }
    trm_text_format(value, sizeof value, sign[0] != 0 ? "%+.*f" : "%.*f", digits, mean);
    if (!isnan(sd))
        trm_text_format(spread, sizeof spread, "±%.*f", digits, sd);
    trm_text_format(out, CELL, "%s%s%s", value, spread, unit);
}

static void put_parameters(const trm_compare_view *v, int32_t i, char *out) {
    const int64_t n = trm_compare_parameters(v->compare, i);
    if (n < 1000000)
        trm_text_thousands(out, n);
    else
        trm_text_format(out, CELL, "%.2fM", (double)n / 1e6);
}

static void put_success(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    mean_words(out, "", 0, 100.0 * s->success, 100.0 * s->success_sd, "%");
}

static void put_reward(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    mean_words(out, "+", s->runs > 1 ? 1 : 2, s->reward, s->reward_sd, "");
}

static void put_exact(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    mean_words(out, "", 0, 100.0 * s->validation_exact, 100.0 * s->validation_exact_sd, "%");
}

static void put_cells(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    mean_words(out, "", 1, 100.0 * s->validation_cells, 100.0 * s->validation_cells_sd, "%");
}

static void put_test(const trm_compare_view *v, int32_t i, char *out) {
    mean_words(out, "", 1, 100.0 * v->summary[i].exact, (double)NAN, "%");
}

static void put_speed(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    trm_text_copy(out, CELL, "-");
    if (s->begun > 0)
        trm_text_thousands(out, (int64_t)llrint(s->steps_per_second));
}

static void put_reached(const trm_compare_view *v, int32_t i, char *out) {
    trm_text_format(out, CELL, "%d/%d", v->summary[i].reached, v->summary[i].runs);
}

static void put_seconds(const trm_compare_view *v, int32_t i, char *out) {
    const double seconds = v->summary[i].reached_seconds;
    trm_text_copy(out, CELL, "-");
    if (seconds < 1.0)
        trm_text_format(out, CELL, "%.2fs", seconds);
    else if (!isnan(seconds))
        trm_text_duration(out, seconds);
}

static void put_state(const trm_compare_view *v, int32_t i, char *out) {
    const trm_compare_summary *s = &v->summary[i];
    const double share = (double)s->episodes / (double)s->episodes_total;
    trm_text_format(out, CELL, "%.0f%%", floor(100.0 * fmin(1.0, share)));
    if (s->done + s->failed == s->runs)
        trm_text_copy(out, CELL, s->failed > 0 ? "failed" : "done");
}

enum { NAME, BAR = 8, COLUMNS };

// Those of episodes, and of supervised runs.
static void (*const texts[2][COLUMNS])(const trm_compare_view *v, int32_t i, char *out) = {
    {NULL, put_parameters, put_success, put_reward, put_speed, put_reached, put_seconds, put_state,
     NULL},
    {NULL, put_parameters, put_exact, put_cells, put_test, put_reached, put_seconds, put_state,
     NULL}};

static const char *const heads[2][COLUMNS] = {
    {"   preset", "params", "success", "reward", "steps/s", "98 %", "to 98 %", "state", NULL},
    {"   preset", "params", "exact", "cells", "test", "98 %", "to 98 %", "state", NULL}};

// Where there is no room the bar goes first, then how many runs reached 98 %, and so on.
static const trm_column columns[COLUMNS] = {
    {NULL, TRM_ALIGN_LEFT, {.least = MARK - 1 + LEAST_NAME, .share = 1000}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 7, .drop = 3}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 7}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 10}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 7, .drop = 1}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 6, .drop = 4}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 7, .drop = 2}},
    {NULL, TRM_ALIGN_RIGHT, {.least = 6}},
    {NULL, TRM_ALIGN_BAR, {.least = 6, .most = 24, .share = 1, .drop = 5}},
};
enum { REACHED = 5 };

// Columns of characters that all but the bar take.
static int32_t width_of(const trm_column *k, int32_t gap) {
    int32_t w = 1 - gap;
    for (int32_t i = 0; i < BAR; i++)
        w += k[i].width.least > 0 ? k[i].width.least + gap : 0;
    return w;
}

static void put_field(const void *ctx, int32_t row, int32_t column, trm_field *out) {
    const trm_compare_view *v = ctx;
    const trm_compare_summary *s = &v->summary[row];
    const trm_style series = (trm_style)(TRM_STYLE_SERIES + row % TRM_SERIES);
    const bool hidden = v->hidden[row], drawn = column == NAME || column == BAR;
    out->style = hidden && column == BAR ? TRM_STYLE_BAR
                 : hidden                ? TRM_STYLE_DIM
                 : drawn                 ? series
                                         : TRM_STYLE_NORMAL;
    out->value = (float)s->episodes / (float)s->episodes_total;
    if (column == NAME)
        trm_text_format(out->text, sizeof out->text, "%d%s %s", row + 1, hidden ? " " : "─",
                        trm_compare_label(v->compare, row));
    else if (texts[v->supervised][column] != NULL)
        texts[v->supervised][column](v, row, out->text);
}

// Names are whole where that costs no more than the bar and what reached 98 %.
static trm_table table_of(const trm_compare_view *v, int32_t width, trm_column own[COLUMNS]) {
    int32_t names = LEAST_NAME;
    for (int32_t i = 0; i < v->configs; i++) {
        const int32_t w = trm_text_columns(trm_compare_label(v->compare, i));
        names = trm_clamp(w, names, MOST_NAME);
    }
    memcpy(own, columns, sizeof columns);
    for (int32_t i = 0; i < COLUMNS; i++)
        own[i].head = heads[v->supervised][i];
    if (width_of(own, 1) + names - LEAST_NAME > width)
        own[REACHED].width.least = 0;
    const int32_t more = names - LEAST_NAME, gap = width_of(own, 2) + more <= width ? 2 : 1;
    own[NAME].width.least += trm_clamp(width - width_of(own, gap), 0, more);
    own[NAME].width.most = MARK - 1 + names;
    return (trm_table){.columns = own,
                       .column_count = COLUMNS,
                       .gap = gap,
                       .rows = v->configs,
                       .selected = v->selected,
                       .focus = v->focus == TRM_COMPARE_FOCUS_TABLE,
                       .field = put_field,
                       .ctx = v};
}

static void draw_table(trm_canvas *c, trm_rect r, const trm_compare_view *v) {
    trm_column own[COLUMNS];
    char rows[32];
    const trm_table t = table_of(v, r.w - 1, own);
    trm_table_words(&t, r.h - 1, rows);
    r = trm_panel(c, r, "presets", t.focus, TRM_WORDS(rows));
    trm_table_draw(c, trm_rect_left(&r, r.w - 1, 0), &t);
}

// The configuration in a row of the table; -1: none.
static int32_t config_at(trm_rect r, const trm_compare_view *v, int32_t y, int32_t x) {
    trm_column own[COLUMNS];
    const trm_table t = table_of(v, r.w - 1, own);
    trm_rect_top(&r, 1, 0); // the heading
    return trm_table_at(r, &t, y, x);
}

void trm_compare_draw(trm_canvas *c, const void *view) {
    const trm_compare_view *v = view;
    const layout l = layout_of(v, trm_canvas_area(c));
    draw_title(c, v);
    if (l.curves[0].h > 0)
        draw_value(c, l.curves[0], v);
    if (l.curves[1].h > 0)
        draw_success(c, l.curves[1], v);
    draw_table(c, l.table, v);
}

trm_compare_focus trm_compare_panel_at(const trm_compare_view *v, trm_rect area, int32_t y,
                                       int32_t x, int32_t *config) {
    const layout l = layout_of(v, area);
    const int32_t row = config_at(l.table, v, y, x);
    *config = row >= 0 ? row : *config;
    return trm_rect_has(l.curves[0], y, x)   ? TRM_COMPARE_FOCUS_VALUE
           : trm_rect_has(l.curves[1], y, x) ? TRM_COMPARE_FOCUS_SUCCESS
           : trm_rect_has(l.table, y, x)     ? TRM_COMPARE_FOCUS_TABLE
                                             : TRM_COMPARE_FOCUS_COUNT;
}
