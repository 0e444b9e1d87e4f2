// SPDX-License-Identifier: Apache-2.0
// The picture of learning curves: charts side by side, a table of what the curves came to below.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "plot/chart.h"
#include "plot/runs.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/train/history.h"

typedef struct panel {
    const char *title;
    trm_metric metric;
    trm_metric second; // drawn dashed; TRM_METRIC_COUNT: none
    bool percent, whole;
    int decimals;
} panel;

enum { PANELS = 3, MARGIN = 26, GAP = 26, CHART_HEIGHT = 236, ROW = 20, VALUE = 48 };

static const panel reinforced[] = {
    {"reward", TRM_METRIC_REWARD, TRM_METRIC_COUNT, false, false, 2},
    {"success", TRM_METRIC_SUCCESS, TRM_METRIC_COUNT, true, true, 1},
};

static const panel supervised[] = {
    {"loss", TRM_METRIC_VALIDATION_LOSS, TRM_METRIC_TRAIN_LOSS, false, false, 3},
    {"cells right", TRM_METRIC_CELL_ACCURACY, TRM_METRIC_COUNT, true, false, 1},
    {"whole answers right", TRM_METRIC_EXACT_ACCURACY, TRM_METRIC_COUNT, true, false, 1},
};

typedef struct figure {
    const trm_curves_request *request;
    trm_plot_runs runs;
    const panel *panels;
    int32_t panel_count, window;
    trm_plot_course *courses[PANELS],
        *seconds[PANELS]; // [group]; seconds NULL where there are none
    trm_chart charts[PANELS];
    double width, height;
    char title[256];
    bool seen[EVENTS]; // in the charts
    trm_page page;
} figure;

static void compute(figure *f) {
    const trm_curves_request *q = f->request;
    for (int32_t k = 0; k < f->panel_count; k++) {
        const panel *n = &f->panels[k];
        f->courses[k] = trm_alloc((size_t)f->runs.group_count, sizeof(trm_plot_course));
        if (n->second != TRM_METRIC_COUNT)
            f->seconds[k] = trm_alloc((size_t)f->runs.group_count, sizeof(trm_plot_course));
        for (int32_t g = 0; g < f->runs.group_count; g++) {
            const trm_plot_group *group = &f->runs.groups[g];
            trm_plot_course_of(&f->courses[k][g], group, n->metric, q->axis, f->window);
            if (f->seconds[k])
                trm_plot_course_of(&f->seconds[k][g], group, n->second, q->axis, f->window);
        }
    }
}

static void free_figure(figure *f) {
    for (int32_t k = 0; k < PANELS; k++) {
        free(f->courses[k]);
        free(f->seconds[k]);
    }
    trm_plot_runs_free(&f->runs);
}

// ---- ranges and places --------------------------------------------------------------------------

typedef struct range {
    double low, high;
    double first; // the lowest above 0
} range;

static void widen(range *r, double value) {
    if (isnan(value))
        return;
    r->low = fmin(r->low, value);
    r->high = fmax(r->high, value);
}

static void widen_by(range *x, range *y, const trm_plot_course *c, bool percent) {
    for (int32_t i = 0; i < c->count; i++) {
        const double sd = c->seeds > 1 ? c->sd[i] : 0;
        widen(x, c->x[i]);
        if (c->x[i] > 0)
            x->first = fmin(x->first, c->x[i]);
        widen(y, percent ? fmax(0, c->mean[i] - sd) : c->mean[i] - sd);
        widen(y, percent ? fmin(1, c->mean[i] + sd) : c->mean[i] + sd);
    }
    widen(y, c->raw_low);
    widen(y, c->raw_high);
}

static const char *axis_name(const figure *f) {
    static const char *const names[TRM_PLOT_AXES] = {"episodes", "steps", "seconds of training"};
    return f->runs.supervised && f->request->axis == TRM_PLOT_BY_EPISODE ? "epochs"
                                                                         : names[f->request->axis];
}

static void lay_out(figure *f) {
    const double width = f->panel_count == 2 ? 400 : 270;
    const double top = MARGIN + (f->title[0] != '\0' ? 30 : 0);
    for (int32_t k = 0; k < f->panel_count; k++) {
        const panel *n = &f->panels[k];
        range x = {0, 0, INFINITY}, y = {INFINITY, -INFINITY, INFINITY};
        for (int32_t g = 0; g < f->runs.group_count; g++) {
            widen_by(&x, &y, &f->courses[k][g], n->percent);
            if (f->seconds[k])
                widen_by(&x, &y, &f->seconds[k][g], n->percent);
        }
        f->charts[k] = (trm_chart){.title = n->title,
                                   .x_name = axis_name(f),
                                   .percent = n->percent,
                                   .left = MARGIN + CHART_LEFT + k * (width + GAP + CHART_LEFT),
                                   .top = top + CHART_TOP,
                                   .width = width,
                                   .height = CHART_HEIGHT,
                                   .x1 = x.high > 0 ? x.high : 1,
                                   .log_x = f->request->log_x && x.first < x.high,
                                   .log_y = f->request->log_y && !n->percent};
        if (f->charts[k].log_x)
            f->charts[k].x0 = x.first;
        trm_chart_fit(&f->charts[k], y.low, y.high, n->whole);
    }
    f->width = 2 * MARGIN + f->panel_count * (width + CHART_LEFT) + (f->panel_count - 1) * GAP;
    f->height =
        top + CHART_TOP + CHART_HEIGHT + CHART_BOTTOM + ROW * (f->runs.group_count + 1) + 66;
}

// ---- charts -------------------------------------------------------------------------------------

// The course's value at x.
static double mean_at(const trm_plot_course *c, double x) {
    int32_t i = 0;
    while (i + 1 < c->count && c->x[i + 1] <= x)
        i++;
    if (c->count == 0 || i + 1 >= c->count || x <= c->x[i])
        return c->count > 0 ? c->mean[i] : (double)NAN;
    return c->mean[i] + (c->mean[i + 1] - c->mean[i]) * (x - c->x[i]) / (c->x[i + 1] - c->x[i]);
}

// The mean place over the group's runs; NaN unless every one of them came to it.
static void mark_events(figure *f, const trm_chart *c, int32_t k, int32_t g) {
    const trm_plot_group *group = &f->runs.groups[g];
    double first = 0, reached = 0;
    for (int32_t i = 0; i < group->count; i++) {
        trm_plot_mark a, b;
        trm_plot_marks_of(group->runs[i], f->request->axis, f->window, &a, &b);
        first += a.x / group->count;
        reached += b.x / group->count;
    }
    const trm_plot_course *course = &f->courses[k][g];
    f->seen[EVENT_FIRST] |=
        trm_chart_mark(&f->page, c, first, mean_at(course, first), g, EVENT_FIRST);
    f->seen[EVENT_REACHED] |=
        trm_chart_mark(&f->page, c, reached, mean_at(course, reached), g, EVENT_REACHED);
}

static void mark_best(figure *f, const trm_chart *c, int32_t k, int32_t g) {
    const trm_plot_group *group = &f->runs.groups[g];
    if (group->count > 1)
        return;
    const trm_plot_mark best = trm_plot_best_of(group->runs[0], f->panels[k].metric,
                                                f->request->axis, !f->panels[k].percent);
    f->seen[EVENT_BEST] |= trm_chart_mark(&f->page, c, best.x, best.y, g, EVENT_BEST);
}

static void draw_chart(figure *f, int32_t k) {
    const trm_chart *c = &f->charts[k];
    trm_page *p = &f->page;
    const int32_t n = f->runs.group_count;
    trm_chart_frame(p, c);
    for (int32_t g = n - 1; g >= 0; g--) {
        trm_chart_band(p, c, &f->courses[k][g], g);
        // single successes are 0 or 1: nothing to be seen in them
        if (f->panels[k].metric != TRM_METRIC_SUCCESS)
            trm_chart_raw(p, c, &f->courses[k][g], g);
    }
    for (int32_t g = n - 1; g >= 0; g--) {
        if (f->seconds[k])
            trm_chart_line(p, c, &f->seconds[k][g], g, true);
        trm_chart_line(p, c, &f->courses[k][g], g, false);
    }
    for (int32_t g = n - 1; g >= 0; g--)
        if (f->panels[k].metric == TRM_METRIC_SUCCESS)
            mark_events(f, c, k, g);
        else if (f->runs.supervised)
            mark_best(f, c, k, g);
}

// ---- the table ----------------------------------------------------------------------------------

static void write_last(const figure *f, int32_t k, int32_t g, char out[VALUE]) {
    const trm_plot_course *c = &f->courses[k][g];
    const panel *n = &f->panels[k];
    if (c->count == 0) {
        trm_text_copy(out, VALUE, "–");
        return;
    }
    const double scale = n->percent ? 100 : 1;
    const double mean = scale * c->mean[c->count - 1], sd = scale * c->sd[c->count - 1];
    size_t used = trm_text_format(out, VALUE, n->metric == TRM_METRIC_REWARD ? "%+.*f" : "%.*f",
                                  n->decimals, mean);
    if (c->seeds > 1)
        used += trm_text_format(out + used, VALUE - used, " ± %.*f", n->decimals, sd);
    if (n->percent)
        trm_text_format(out + used, VALUE - used, " %%");
}

static void draw_row(figure *f, int32_t g, double y) {
    trm_page *p = &f->page;
    const double left = MARGIN + CHART_LEFT, seeds = f->charts[0].left + f->charts[0].width * 0.62;
    const trm_plot_type name = {.size = 11, .ink = INK_TEXT, .most = seeds - left - 60};
    const trm_plot_type number = {.size = 11, .ink = INK_TEXT, .align = ALIGN_RIGHT};
    char text[VALUE];
    trm_page_ink(p, (trm_page_ink_kind)(INK_SERIES + g), 1);
    p->cairo.set_line_width(p->cr, 2);
    trm_page_line(p, left - 34, y - 4, left - 8, y - 4);
    trm_page_marker(p, g, left - 21, y - 4, 3.4);
    trm_page_text(p, left, y, &name, f->runs.groups[g].label);
    trm_text_format(text, sizeof text, "%d", f->runs.groups[g].count);
    trm_page_text(p, seeds, y, &number, text);
    for (int32_t k = 0; k < f->panel_count; k++) {
        write_last(f, k, g, text);
        trm_page_text(p, f->charts[k].left + f->charts[k].width, y, &number, text);
    }
}

static void draw_table(figure *f, double y) {
    trm_page *p = &f->page;
    const trm_plot_type head = {.size = 10, .ink = INK_QUIET, .align = ALIGN_RIGHT};
    trm_page_text(p, f->charts[0].left + f->charts[0].width * 0.62, y, &head, "seeds");
    for (int32_t k = 0; k < f->panel_count; k++)
        trm_page_text(p, f->charts[k].left + f->charts[k].width, y, &head, f->panels[k].title);
    trm_page_ink(p, INK_GRID, 1);
    p->cairo.set_line_width(p->cr, 1);
    trm_page_line(p, MARGIN, floor(y) + 6.5, f->width - MARGIN, floor(y) + 6.5);
    for (int32_t g = 0; g < f->runs.group_count; g++)
        draw_row(f, g, y + ROW * (g + 1) + 2);
}

// ---- words --------------------------------------------------------------------------------------

static void explain(const figure *f, char *out, size_t size) {
    int32_t most = 0, least = TRM_PLOT_RUNS;
    for (int32_t g = 0; g < f->runs.group_count; g++) {
        const int32_t n = f->runs.groups[g].count;
        most = n > most ? n : most;
        least = n < least ? n : least;
    }
    size_t used = 0;
    out[0] = '\0';
    if (f->window > 1)
        used = trm_text_format(out, size, "Curves and figures: mean of the last %d %s. ", f->window,
                               f->runs.supervised ? "epochs" : "episodes");
    else
        used = trm_text_format(out, size, "Figures: of the last %s. ",
                               f->runs.supervised ? "epoch" : "episode");
    if (least == 1 && f->window > 1)
        used += trm_text_format(out + used, size - used, "Faint: single %s. ",
                                f->runs.supervised ? "epochs" : "episodes");
    if (most > 1)
        used += trm_text_format(out + used, size - used,
                                "Band: ± 1 standard deviation over the seeds. ");
    if (f->runs.supervised)
        trm_text_format(out + used, size - used, "Dashed: training loss.");
}

static void draw_words(figure *f, double y) {
    const trm_plot_type quiet = {.size = 10, .ink = INK_QUIET, .most = f->width - 2 * MARGIN};
    trm_page *p = &f->page;
    char text[256];
    explain(f, text, sizeof text);
    trm_page_text(p, MARGIN, y, &quiet, text);
    double x = MARGIN + 6;
    static const char *const events[EVENTS] = {
        [EVENT_FIRST] = "first success",
        [EVENT_REACHED] = "98 % of the last 50 succeeded for the first time",
        [EVENT_BEST] = "best epoch",
    };
    for (int i = 0; i < EVENTS; i++) {
        if (!f->seen[i])
            continue;
        trm_chart_sign(p, x, y + 14, INK_QUIET, (trm_chart_event)i);
        trm_page_text(p, x + 11, y + 17.5, &quiet, events[i]);
        x += trm_page_text_width(p, &quiet, events[i]) + 34;
    }
}

static void describe(const figure *f, trm_json_buffer *out) {
    trm_json_append(out, "%s", "");
    for (int32_t g = 0; g < f->runs.group_count; g++) {
        const trm_plot_group *group = &f->runs.groups[g];
        trm_json_append(out, "%s%s, %d seed%s:", g ? "; " : "", group->label, group->count,
                        group->count == 1 ? "" : "s");
        for (int32_t k = 0; k < f->panel_count; k++) {
            char value[VALUE];
            write_last(f, k, g, value);
            trm_json_append(out, "%s %s %s", k ? "," : "", f->panels[k].title, value);
        }
    }
}

static bool draw(figure *f, bool svg, trm_error *e) {
    const trm_plot_type title = {
        .size = 15, .bold = true, .ink = INK_TEXT, .most = f->width - 2 * MARGIN};
    if (!trm_page_begin(&f->page, f->request->out, svg, f->width, f->height, e))
        return false;
    if (f->title[0] != '\0')
        trm_page_text(&f->page, MARGIN, MARGIN + 14, &title, f->title);
    for (int32_t k = 0; k < f->panel_count; k++)
        draw_chart(f, k);
    const double y = f->charts[0].top + CHART_HEIGHT + CHART_BOTTOM + 18;
    draw_table(f, y);
    draw_words(f, y + ROW * (f->runs.group_count + 1) + 10);
    trm_json_buffer words = {0};
    describe(f, &words);
    bool ok =
        trm_page_write(&f->page, f->title[0] != '\0' ? f->title : "learning curves", words.data, e);
    free(words.data);
    return ok;
}

bool trm_plot_possible(trm_error *e) {
    trm_cairo_functions functions;
    return trm_cairo_functions_load(&functions, e);
}

static bool check(const trm_curves_request *q, const trm_plot_runs *r, trm_error *e) {
    if (q->log_y && !r->supervised)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: rewards may be negative; --log y is for the loss of supervised "
                             "runs, --log x for all",
                             q->runs[0]);
    return !(r->supervised && q->axis == TRM_PLOT_BY_STEP) ||
           trm_error_set(
               e, TRM_E_INPUT,
               "%s is a supervised run and has no steps: --axis is episodes (epochs) or seconds",
               q->runs[0]);
}

bool trm_plot_curves(const trm_curves_request *request, trm_error *e) {
    assert(request->count >= 1 && request->count <= TRM_PLOT_RUNS);
    figure f = {.request = request};
    bool svg, ok;
    if (!trm_page_is_svg(request->out, &svg, e) ||
        !trm_plot_runs_read(&f.runs, request->runs, request->count, e))
        return false;
    f.panels = f.runs.supervised ? supervised : reinforced;
    f.panel_count = f.runs.supervised ? 3 : 2;
    f.window = request->smooth > 0 ? request->smooth : f.runs.supervised ? 1 : TRM_HISTORY_WINDOW;
    if (request->title)
        trm_plot_text_clean(f.title, sizeof f.title, request->title);
    ok = check(request, &f.runs, e);
    if (ok) {
        compute(&f);
        lay_out(&f);
        ok = draw(&f, svg, e);
    }
    free_figure(&f);
    return ok;
}
