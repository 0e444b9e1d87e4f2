// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/text.h"
#include "tui/compare/draw.h"
#include "tui/widgets/bars.h"

enum {
    CELL = 40,
    LEAST_NAME = 12,
    MOST_NAME = 32,
    MARK = 4,
    MOST_BAR = 24,
    LEAST_BAR = 6,
    FIRST_DROP = 4
};

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

typedef struct column {
    const char *head;
    int32_t width;
    int32_t drop; // the largest goes first where there is no room; 0: never
    void (*put)(const trm_compare_view *v, int32_t i, char *out);
} column;

static const column columns[] = {
    {"params", 7, 3, put_parameters},     {"success", 7, 0, put_success},
    {"reward", 10, 0, put_reward},        {"steps/s", 7, 1, put_speed},
    {"98 %", 6, FIRST_DROP, put_reached}, {"to 98 %", 7, 2, put_seconds},
    {"state", 6, 0, put_state},
};
enum { TABLE_COLUMNS = sizeof columns / sizeof *columns };

typedef struct fit {
    bool shown[TABLE_COLUMNS];
    int32_t gap, name, bar;
} fit;

static int32_t width_of(const fit *f) {
    int32_t w = MARK;
    for (int32_t k = 0; k < TABLE_COLUMNS; k++)
        w += f->shown[k] ? columns[k].width + f->gap : 0;
    return w;
}

static int32_t next_to_drop(const fit *f) {
    int32_t worst = -1;
    for (int32_t k = 0; k < TABLE_COLUMNS; k++)
        if (f->shown[k] && columns[k].drop > 0 &&
            (worst < 0 || columns[k].drop > columns[worst].drop))
            worst = k;
    return worst;
}

static fit fit_columns(const trm_compare_view *v, int32_t width) {
    fit f = {.gap = 1};
    int32_t names = LEAST_NAME;
    for (int32_t i = 0; i < v->configs; i++) {
        const int32_t w = trm_text_columns(trm_compare_label(v->compare, i));
        names = w > names ? w : names;
    }
    names = names < MOST_NAME ? names : MOST_NAME;
    for (int32_t k = 0; k < TABLE_COLUMNS; k++)
        f.shown[k] = true;
    // For whole names the first column to go is given up; for the rest they are cut.
    for (int32_t k; (k = next_to_drop(&f)) >= 0; f.shown[k] = false) {
        const bool first = columns[k].drop == FIRST_DROP;
        if (width_of(&f) + (first ? names : LEAST_NAME) <= width)
            break;
    }
    f.gap = width_of(&f) + TABLE_COLUMNS + names <= width ? 2 : 1;
    const int32_t rest = width - width_of(&f);
    f.name = rest < names ? rest : names;
    f.bar = rest - f.name - f.gap;
    f.bar = f.bar < LEAST_BAR ? 0 : f.bar > MOST_BAR ? MOST_BAR : f.bar;
    return f;
}

static void draw_row(trm_canvas *c, int32_t y, const fit *f, const trm_compare_view *v, int32_t i) {
    const trm_compare_summary *s = &v->summary[i];
    const trm_style series = (trm_style)(TRM_STYLE_SERIES + i % TRM_SERIES);
    const bool hidden = v->hidden[i];
    const bool chosen = v->focus == TRM_COMPARE_FOCUS_TABLE && v->selected == i;
    const trm_style style = hidden ? TRM_STYLE_DIM : TRM_STYLE_NORMAL;
    if (chosen)
        trm_canvas_put(c, y, 0, 0x25B8, TRM_STYLE_FOCUS);
    trm_canvas_put(c, y, 1, (uint32_t)('1' + i), hidden ? TRM_STYLE_DIM : series);
    trm_canvas_put(c, y, 2, hidden ? ' ' : 0x2500, series);
    trm_canvas_text(c, y, MARK, f->name, hidden ? TRM_STYLE_DIM : series,
                    trm_compare_label(v->compare, i));
    int32_t x = MARK + f->name;
    char text[CELL];
    for (int32_t k = 0; k < TABLE_COLUMNS; k++) {
        if (!f->shown[k])
            continue;
        columns[k].put(v, i, text);
        trm_canvas_print_right(c, y, x + f->gap, columns[k].width, style, "%s", text);
        x += f->gap + columns[k].width;
    }
    if (f->bar > 0)
        trm_bar_fill(c, y, x + f->gap, f->bar, (float)s->episodes / (float)s->episodes_total,
                     hidden ? TRM_STYLE_BAR : series);
}

void trm_compare_draw_table(trm_canvas *c, const trm_compare_layout *l, const trm_compare_view *v) {
    const trm_rect r = l->table;
    const fit f = fit_columns(v, r.w - 1);
    trm_canvas_heading(c, r.y, r.x, r.w, "presets", v->focus == TRM_COMPARE_FOCUS_TABLE);
    if (v->configs > r.h - 2)
        trm_canvas_print(c, r.y, r.x + r.w - 14, 12, TRM_STYLE_NORMAL, " %d-%d of %d ",
                         l->first + 1, l->first + r.h - 2, v->configs);
    int32_t x = MARK + f.name;
    trm_canvas_text(c, r.y + 1, MARK, f.name, TRM_STYLE_DIM, "preset");
    for (int32_t k = 0; k < TABLE_COLUMNS; k++)
        if (f.shown[k]) {
            trm_canvas_print_right(c, r.y + 1, x + f.gap, columns[k].width, TRM_STYLE_DIM, "%s",
                                   columns[k].head);
            x += f.gap + columns[k].width;
        }
    for (int32_t i = 0; i + 2 < r.h && l->first + i < v->configs; i++)
        draw_row(c, r.y + 2 + i, &f, v, l->first + i);
}
