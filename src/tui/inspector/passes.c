// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/passes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/explain/explain.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/title.h"

enum { GAP = 2, LIST = 30, MEAN = -1 };

// What is kept of a pass: a value for every token, prefix first.
typedef struct pass {
    int32_t h_cycle, l_cycle;
    bool writes_h;
    float change;      // norm of what it wrote less what stood there
    float halt;        // probability; NaN where z_H is as it was
    int32_t right;     // cells that the heads would have right; -1: not known
    float *low, *high; // [tokens]
} pass;

typedef struct passes {
    trm_app *app;
    trm_inspection *scope;
    trm_board board;
    int32_t at, step, cell, channel, width; // width: channels of a token
    int32_t prefix, cells, tokens;
    int32_t count, selected;
    bool known;               // what is in sight is computed
    pass *all;                // [count]
    float *values;            // of all
    float *before;            // [2, tokens, width] z_L and z_H before a pass
    trm_workspace *workspace; // of one step
    float scale;
} passes;

static float value_of(const passes *v, const trm_mat *z, int32_t token) {
    const float *row = z->data + (int64_t)token * z->stride;
    float sum = 0.0f;
    if (v->channel != MEAN)
        return row[v->channel];
    for (int32_t d = 0; d < v->width; d++)
        sum += row[d];
    return sum / (float)v->width;
}

static float take_change(const passes *v, float *before, const trm_mat *z) {
    double sum = 0.0;
    for (int32_t t = 0; t < v->tokens; t++)
        for (int32_t d = 0; d < v->width; d++) {
            float *old = before + (int64_t)t * v->width + d;
            const double by = (double)z->data[(int64_t)t * z->stride + d] - (double)*old;
            sum += by * by;
            *old = z->data[(int64_t)t * z->stride + d];
        }
    return (float)sqrt(sum);
}

static int32_t count_right(const passes *v, const float *logits) {
    const trm_subject s = trm_inspection_subject(v->scope, v->at);
    const int32_t classes = s.set->classes;
    int32_t right = 0;
    if (!s.target)
        return -1;
    for (int32_t i = 0; i < v->cells; i++) {
        const float *row = logits + (int64_t)i * classes;
        int32_t best = 0;
        for (int32_t k = 1; k < classes; k++)
            best = row[k] > row[best] ? k : best;
        right += best == s.target[i];
    }
    return right;
}

static void see(void *ctx, const trm_pass *p) {
    passes *v = ctx;
    pass *k = &v->all[p->index];
    k->h_cycle = p->h_cycle;
    k->l_cycle = p->l_cycle;
    k->writes_h = p->writes_h;
    k->change = take_change(v, v->before + (p->writes_h ? (int64_t)v->tokens * v->width : 0),
                            p->writes_h ? &p->h : &p->l);
    if (v->step == 0 && (p->index == 0 || (p->writes_h && p->h_cycle == 0)))
        k->change = NAN; // against the state that every sample begins with
    k->halt = p->writes_h ? 1.0f / (1.0f + expf(-p->halt)) : NAN;
    k->right = p->writes_h ? count_right(v, p->logits) : -1;
    for (int32_t t = 0; t < v->tokens; t++) {
        k->low[t] = value_of(v, &p->l, t);
        k->high[t] = value_of(v, &p->h, t);
        v->scale = fmaxf(v->scale, fmaxf(fabsf(k->low[t]), fabsf(k->high[t])));
    }
}

// Runs the step once more, pass by pass, from where the sample's trace has it begin. False: a key
// came before it was done.
static bool compute(passes *v) {
    const trm_subject s = trm_inspection_subject(v->scope, v->at);
    trm_agent *a = &v->scope->agent;
    float *trace = trm_inspection_compute(v->scope, v->at);
    if (trace == NULL)
        return false;
    v->scale = 0.0f;
    const size_t state = (size_t)v->tokens * (size_t)v->width;
    memset(v->before, 0, 2 * state * sizeof *v->before);
    if (v->step > 0) {
        memcpy(v->before, trm_trace_h(&a->shape, trace, v->step - 1), state * sizeof(float));
        memcpy(v->before + state, trm_trace_l(&a->shape, trace, v->step - 1),
               state * sizeof(float));
    }
    trm_agent_visit_passes(a, v->workspace, s.input, trace, v->step, see, v);
    v->scale = trm_heat_scale(0.0f, v->scale);
    v->known = !trm_workspace_stopped(v->workspace);
    return v->known;
}

// ---- drawing ------------------------------------------------------------------------------------

static void draw_list(trm_canvas *c, trm_rect r, const passes *v) {
    trm_pen pen = trm_pen_on(c, trm_panel(c, r, "passes", false, NULL));
    for (int32_t i = trm_window(v->count, pen.r.h, v->selected); i < v->count && pen.r.h > 0; i++) {
        const pass *k = &v->all[i];
        const bool here = i == v->selected;
        const trm_style style = here          ? TRM_STYLE_SELECTED
                                : k->writes_h ? TRM_STYLE_STRONG
                                              : TRM_STYLE_NORMAL;
        if (k->writes_h)
            trm_pen_print(&pen, style, " H%d     ", k->h_cycle + 1);
        else
            trm_pen_print(&pen, style, "  H%d L%-2d", k->h_cycle + 1, k->l_cycle + 1);
        if (isnan(k->change))
            trm_pen_text(&pen, TRM_STYLE_DIM, " first  ");
        else
            trm_pen_print(&pen, TRM_STYLE_NORMAL, " \u0394%-6.2f", (double)k->change);
        if (k->right >= 0)
            trm_pen_print(&pen, k->right == v->cells ? TRM_STYLE_GOOD : TRM_STYLE_NORMAL, " %d/%d",
                          k->right, v->cells);
        if (!isnan(k->halt))
            trm_pen_print(&pen, TRM_STYLE_DIM, " q %.2f", (double)k->halt);
        trm_pen_end(&pen);
    }
}

// z of the cells on the board, and of the prefix tokens in a strip above it.
static void draw_state(trm_canvas *c, trm_rect r, const passes *v, const char *name,
                       const float *values, bool written) {
    const trm_dataset *set = &v->scope->set;
    const trm_answer_marks marks = {
        .set = set, .board = NULL, .heat = values + v->prefix, .scale = v->scale};
    trm_board_view board = trm_board_view_of(&v->board, trm_answer_mark, &marks);
    board.cursor = v->cell;
    board.count = v->cells;
    r = trm_panel(c, r, name, written, NULL);
    if (v->prefix > 0) {
        trm_rect strip = trm_rect_top(&r, 1, 0);
        trm_canvas_text(c, strip.y, strip.x, 7, TRM_STYLE_DIM, "prefix ");
        trm_rect_left(&strip, 7, 0);
        trm_heatmap_draw(c, strip, values, v->prefix, v->scale);
    }
    trm_board_draw(c, r, &board);
}

static void draw(trm_canvas *c, const void *self) {
    const passes *v = self;
    const pass *k = &v->all[v->selected];
    trm_rect area = trm_canvas_area(c);
    char step[64], what[48], scale[48], name[48], text[160];
    trm_text_format(step, sizeof step, "sample %d, step %d of %d",
                    trm_inspection_number(v->scope, v->at), v->step + 1, v->scope->shape.cycles);
    if (v->channel == MEAN)
        trm_text_copy(what, sizeof what, "mean of the channels");
    else
        trm_text_format(what, sizeof what, "channel %d of %d", v->channel + 1, v->width);
    trm_text_format(scale, sizeof scale, "%s%g",
                    c->look.glyphs == TRM_GLYPHS_ASCII ? "+-" : "\u00B1", (double)v->scale);
    trm_title_draw(c, &(trm_title){.name = "passes",
                                   .about = {{step, TRM_STYLE_STRONG}, {what, TRM_STYLE_NORMAL}},
                                   .state = {{scale, TRM_STYLE_DIM}}});
    trm_rect_top(&area, 1, 0);
    const trm_rect line = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    if (!v->known) {
        trm_canvas_text(c, line.y, line.x, line.w, TRM_STYLE_DIM,
                        v->step > 0 ? "running this step and those before it \u2026"
                                    : "running this step \u2026");
        return;
    }
    draw_list(c, trm_rect_left(&area, trm_clamp(area.w * 3 / 10, 24, LIST), GAP), v);
    const trm_rect left = trm_rect_left(&area, (area.w - GAP) / 2, GAP);
    draw_state(c, left, v, "z_L, the latent", k->low, !k->writes_h);
    draw_state(c, area, v, "z_H, the answer", k->high, k->writes_h);
    const trm_subject s = trm_inspection_subject(v->scope, v->at);
    trm_subject_cell_name(&s, v->cell, name);
    trm_text_format(text, sizeof text, "pass %d of %d writes %s; %s: z_L %+.2f, z_H %+.2f%s",
                    v->selected + 1, v->count, k->writes_h ? "z_H" : "z_L", name,
                    (double)k->low[v->prefix + v->cell], (double)k->high[v->prefix + v->cell],
                    v->prefix > 0 ? "; q is read at prefix token 1" : "");
    trm_canvas_text(c, line.y, line.x, line.w, TRM_STYLE_STRONG, text);
}

// ---- keys ---------------------------------------------------------------------------------------

static void turn(void *self, int32_t by) {
    passes *v = self;
    v->selected = trm_clamp(v->selected + by, 0, v->count - 1);
}

static void go(void *self, int32_t to) {
    passes *v = self;
    v->selected = trm_clamp(to, 0, v->count - 1);
}

static void turn_step(void *self, int32_t by) {
    passes *v = self;
    v->step = trm_clamp(v->step + by, 0, v->scope->shape.cycles - 1);
    v->known = false;
}

static void turn_channel(void *self, int32_t by) {
    passes *v = self;
    v->channel = (v->channel + 1 + by + v->width + 1) % (v->width + 1) - 1;
    v->known = false;
}

static void move(void *self, int32_t way) {
    passes *v = self;
    v->cell = trm_way_cell(way, v->cell, v->board.rows, v->board.cols);
}

const trm_action trm_passes_actions[] = {
    {TRM_KEYS('['), "pass", "the pass before", 1, .arg = -1, .run = turn},
    {TRM_KEYS(']'), "", "the next pass", .pair = true, .arg = 1, .run = turn},
    {TRM_KEYS('g', TRM_KEY_HOME), "first", "the first pass of the step", .run = go},
    {TRM_KEYS('G', TRM_KEY_END), "last", "the last pass of the step", .arg = INT32_MAX, .run = go},
    {TRM_KEYS(','), "step", "the supervision step before", 2, .arg = -1, .run = turn_step},
    {TRM_KEYS('.'), "", "the next supervision step", .pair = true, .arg = 1, .run = turn_step},
    {TRM_KEYS('v'), "channel", "the next channel; past the last their mean", 3, .arg = 1,
     .run = turn_channel},
    {TRM_KEYS('V'), "", "the channel before", .pair = true, .arg = -1, .run = turn_channel},
    {TRM_KEYS_MOVE, "", "from cell to cell", .step = 1, .run = move},
    {TRM_KEYS('q', TRM_CTRL('C')), "leave", "go back", 4, .leaves = true},
    {.keys = {0}},
};

// ---- lifetime -----------------------------------------------------------------------------------

static bool tick(void *self, double now) {
    passes *v = self;
    (void)now;
    return !v->known && compute(v);
}

static double wait_time(const void *self, double now) {
    const passes *v = self;
    (void)now;
    return v->known ? 1.0 : 0.0;
}

static void close_screen(void *self) {
    passes *v = self;
    free(v->all);
    free(v->values);
    free(v->before);
    trm_workspace_free(v->workspace);
    free(v);
}

static int32_t panel_of(const void *self) {
    (void)self;
    return TRM_PANEL_PASSES;
}

static const trm_screen_ops ops = {
    .name = "passes",
    .meanwhile = "what goes on below goes on",
    .actions = trm_passes_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .panel = panel_of,
    .close = close_screen,
    .wheel = {'[', ']'},
};

bool trm_passes_push(trm_app *app, trm_inspection *scope, int32_t at, int32_t step, int32_t cell,
                     trm_error *e) {
    const trm_trace_shape *s = &scope->shape;
    const int32_t count = trm_model_passes(scope->agent.model);
    if (count == 0 || !trm_inspection_samples(scope))
        return trm_error_set(e, TRM_E_INPUT,
                             "this model has no passes to open: what it computes is all here");
    const trm_subject subject = trm_inspection_subject(scope, at);
    passes *v = trm_alloc(1, sizeof *v);
    v->app = app;
    v->scope = scope;
    v->at = at;
    v->step = step;
    v->cell = cell;
    v->channel = MEAN;
    v->prefix = s->prefix;
    v->cells = s->positions;
    v->tokens = s->prefix + s->positions;
    v->width = s->h / v->tokens;
    v->count = count;
    v->all = trm_alloc((size_t)count, sizeof *v->all);
    v->values = trm_alloc((size_t)count * 2 * (size_t)v->tokens, sizeof *v->values);
    v->before = trm_alloc((size_t)2 * (size_t)v->tokens * (size_t)v->width, sizeof *v->before);
    v->workspace = trm_workspace_new_carried(scope->agent.model, 1);
    trm_workspace_set_stop(v->workspace, trm_app_pending, app);
    for (int32_t i = 0; i < count; i++) {
        v->all[i].low = v->values + (int64_t)2 * i * v->tokens;
        v->all[i].high = v->all[i].low + v->tokens;
    }
    trm_subject_board(&subject, &v->board);
    if (trm_inspection_quick(scope))
        compute(v);
    return trm_app_push(app, &ops, v, e);
}
