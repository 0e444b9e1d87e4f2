// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/runs/state.h"
#include "tui/widgets/table.h"
#include "tui/widgets/title.h"

enum { DETAIL = 3 };

typedef enum runs_column {
    NAME,
    PRESET,
    STATE,
    PROGRESS,
    BAR,
    BEST,
    LAST,
    AGE,
    SIZE,
    COLUMNS
} runs_column;

// Where there is no room the bar goes first, then the preset, the size, the best.
static const trm_column columns[COLUMNS] = {
    [NAME] = {"  run", TRM_ALIGN_LEFT, {.least = 16, .most = 60, .share = 1000}},
    [PRESET] = {"preset", TRM_ALIGN_LEFT, {.least = 14, .most = 24, .share = 200, .drop = 4}},
    [STATE] = {"state", TRM_ALIGN_LEFT, {.least = 8}},
    [PROGRESS] = {"progress", TRM_ALIGN_RIGHT, {.least = 11}},
    [BAR] = {NULL, TRM_ALIGN_BAR, {.least = 8, .most = 16, .share = 1, .drop = 5}},
    [BEST] = {"best", TRM_ALIGN_RIGHT, {.least = 7, .drop = 2}},
    [LAST] = {"last", TRM_ALIGN_RIGHT, {.least = 6}},
    [AGE] = {"age", TRM_ALIGN_RIGHT, {.least = 7}},
    [SIZE] = {"size", TRM_ALIGN_RIGHT, {.least = 7, .drop = 3}},
};

static void count_words(int64_t n, char out[16]) {
    if (n < 100000)
        trm_text_format(out, 16, "%lld", (long long)n);
    else
        trm_text_format(out, 16, n < 100000000 ? "%lldk" : "%lldM",
                        (long long)(n < 100000000 ? n / 1000 : n / 1000000));
}

static void age_words(double seconds, char *out, size_t size) {
    static const double MINUTE = 60, HOUR = 3600, DAY = 86400;
    const double s = fmax(0.0, seconds);
    if (s < MINUTE)
        trm_text_format(out, size, "%.0fs", s);
    else if (s < HOUR)
        trm_text_format(out, size, "%.0fm", floor(s / MINUTE));
    else if (s < 2 * DAY)
        trm_text_format(out, size, "%.0fh", floor(s / HOUR));
    else
        trm_text_format(out, size, "%.0fd", floor(s / DAY));
}

static void size_words(int64_t bytes, char *out, size_t size) {
    static const char *const units[] = {"K", "M", "G", "T"};
    double x = (double)bytes / 1024;
    int i = 0;
    for (; x >= 1000 && i < 3; i++)
        x /= 1024;
    if (bytes >= 0)
        trm_text_format(out, size, x < 10 ? "%.1f%s" : "%.0f%s", x, units[i]);
}

static void put_share(bool share, double value, char *out, size_t size) {
    if (!isnan(value))
        trm_text_format(out, size, share ? "%.0f%%" : "%+.1f", share ? 100.0 * value : value);
    else
        trm_text_copy(out, size, "-");
}

static trm_style style_of(const trm_run_entry *x, int32_t column) {
    static const trm_style states[TRM_RUN_STATES] = {[TRM_RUN_RUNNING] = TRM_STYLE_ACCENT,
                                                     [TRM_RUN_FINISHED] = TRM_STYLE_GOOD,
                                                     [TRM_RUN_STOPPED] = TRM_STYLE_NORMAL,
                                                     [TRM_RUN_FAILED] = TRM_STYLE_BAD,
                                                     [TRM_RUN_BROKEN] = TRM_STYLE_BAD};
    return column == STATE ? states[x->state] : column == PRESET ? TRM_STYLE_DIM : TRM_STYLE_NORMAL;
}

static const char *name_of(const trm_runs_screen *w, const trm_run_entry *x) {
    const char *slash = strrchr(x->path, '/');
    return w->o->count == 1 && slash != NULL ? slash + 1 : x->path;
}

static void put_field(const void *ctx, int32_t row, int32_t column, trm_field *out) {
    const trm_runs_screen *w = ctx;
    const trm_run_entry *x = trm_runs_row(w, row);
    const size_t size = sizeof out->text;
    char done[16], total[16];
    out->style = style_of(x, column);
    out->value = x->total > 0 ? fminf(1.0f, (float)x->done / (float)x->total) : 0.0f;
    if (column == NAME)
        trm_text_format(out->text, size, "%s %s",
                        !trm_runs_is_marked(w, x->path) ? " "
                        : w->ascii                      ? "*"
                                                        : "●",
                        name_of(w, x));
    if (column == STATE)
        trm_text_copy(out->text, size, trm_run_state_name(x->state));
    if (x->state == TRM_RUN_BROKEN)
        return;
    count_words(x->done, done);
    count_words(x->total, total);
    switch ((runs_column)column) {
    case PRESET:
        trm_text_copy(out->text, size, x->preset);
        break;
    case PROGRESS:
        trm_text_format(out->text, size, "%s/%s", done, total);
        break;
    case BEST:
        put_share(x->supervised, x->best, out->text, size);
        break;
    case LAST:
        put_share(true, x->last, out->text, size);
        break;
    case AGE:
        age_words((double)(w->now - x->changed), out->text, size);
        break;
    case SIZE:
        size_words(x->bytes, out->text, size);
        break;
    case NAME:
    case STATE:
    case BAR:
    case COLUMNS:
        break;
    }
}

static trm_table table_of(const trm_runs_screen *w) {
    return (trm_table){.columns = columns,
                       .column_count = COLUMNS,
                       .gap = 1,
                       .rows = w->count,
                       .selected = w->selected,
                       .focus = true,
                       .field = put_field,
                       .ctx = w};
}

static trm_rect table_rect(trm_rect area) {
    trm_rect_top(&area, 1, 0);
    trm_rect_bottom(&area, DETAIL, 0);
    return area;
}

int32_t trm_runs_page(trm_rect area) {
    return trm_clamp(table_rect(area).h - 1, 1, INT32_MAX);
}

int32_t trm_runs_row_at(const trm_runs_screen *w, trm_rect area, int32_t y, int32_t x) {
    const trm_table t = table_of(w);
    return trm_table_at(table_rect(area), &t, y, x);
}

static void draw_title(trm_canvas *c, const trm_runs_screen *w) {
    char runs[64], order[48], filter[64] = "", rows[32];
    const trm_table t = table_of(w);
    trm_table_words(&t, table_rect(trm_canvas_area(c)).h, rows);
    if (w->choice->filter[0] != 0)
        trm_text_format(filter, sizeof filter, "/%s", w->choice->filter);
    const char *s = w->list.count == 1 ? "" : "s";
    trm_text_format(runs, sizeof runs, "%d run%s  %s", w->list.count, s, rows);
    if (w->count < w->list.count)
        trm_text_format(runs, sizeof runs, "%d of %d run%s  %s", w->count, w->list.count, s, rows);
    trm_text_format(order, sizeof order, "by %s%s", trm_runs_order_name(w->choice->order),
                    w->choice->reverse ? ", reversed" : "");
    trm_title_draw(
        c, &(trm_title){.name = "trm runs",
                        .about = {{w->o->folders[0], TRM_STYLE_DIM}, {filter, TRM_STYLE_SELECTED}},
                        .state = {{order, TRM_STYLE_NORMAL}, {runs, TRM_STYLE_STRONG}}});
}

// What the row has no room for.
static void draw_detail(trm_canvas *c, trm_rect r, const trm_runs_screen *w) {
    char time[32];
    trm_pen pen = trm_pen_on(c, r);
    if (w->selected < 0) {
        trm_pen_line(&pen, TRM_STYLE_DIM,
                     w->list.count == 0 ? "no run is here yet: `trm train` makes one"
                                        : "no run is as the filter says: / changes it");
        return;
    }
    const trm_run_entry *x = trm_runs_row(w, w->selected);
    trm_pen_line(&pen, TRM_STYLE_STRONG, "%s", x->path);
    if (x->state == TRM_RUN_BROKEN) {
        trm_pen_line(&pen, TRM_STYLE_BAD, "%s", x->trouble);
        return;
    }
    trm_pen_line(&pen, TRM_STYLE_DIM, "%s  %s  seed %lld  %s  trained for %s%s", x->preset,
                 x->model, (long long)x->seed,
                 x->supervised ? "last: held-out exact" : "last: success of 50",
                 trm_text_duration(time, x->seconds), x->resumable ? "  resumable" : "");
}

void trm_runs_draw(trm_canvas *c, const void *self) {
    const trm_runs_screen *w = self;
    trm_rect area = trm_canvas_area(c);
    const trm_table t = table_of(w);
    draw_title(c, w);
    trm_table_draw(c, table_rect(area), &t);
    trm_rect detail = trm_rect_bottom(&area, DETAIL, 0);
    trm_rect_top(&detail, 1, 0);
    draw_detail(c, trm_rect_inset(detail, 0, 1), w);
}
