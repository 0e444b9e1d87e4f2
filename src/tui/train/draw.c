// SPDX-License-Identifier: Apache-2.0
#include "tui/train/draw.h"

#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/train/panel.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/title.h"

static void state_words(const trm_train_view *v, char *out, int32_t size) {
    if (v->snap.state == TRM_TRAINER_FAILED)
        trm_text_copy(out, (size_t)size, "failed");
    else if (v->paused)
        trm_text_copy(out, (size_t)size, trm_train_view_pausing(v) ? "pausing" : "paused");
    else
        v->panel->state(v, out, size);
}

static void speed_words(const trm_train_view *v, char *out, int32_t size) {
    static const char *const paces[] = {"auto", "paced", "free"};
    const bool steps = v->done && v->panel == &trm_train_samples; // what is shown are cycles then
    char rate[24];
    trm_text_format(rate, sizeof rate, "%ss", v->words->cycle);
    if (v->speed > 0.0)
        trm_text_format(out, (size_t)size, v->speed < 10.0 ? "%s  %.3g %s/s" : "%s  %.0f %s/s",
                        paces[v->pace], v->speed, steps ? rate : v->panel->rate);
    else
        trm_text_format(out, (size_t)size, "%s  full speed", paces[v->pace]);
}

static void draw_title(trm_canvas *c, const trm_train_view *v) {
    const trm_config *k = v->config;
    const bool stands = v->paused || v->snap.state == TRM_TRAINER_FAILED;
    char state[48], speed[48], cycles[24] = "", size[48] = "", seed[32], count[32];
    state_words(v, state, sizeof state);
    speed_words(v, speed, sizeof speed);
    trm_text_format(seed, sizeof seed, "seed %lld", (long long)k->seed);
    if (v->parameters > 0)
        trm_text_format(size, sizeof size, "%s parameters",
                        trm_text_thousands(count, v->parameters));
    else if (v->shape.l > 0)
        trm_text_format(cycles, sizeof cycles, "K=%d", v->shape.cycles);
    const char *kind = trm_config_supervised(k) ? k->data.type : k->env.type;
    trm_title_draw(c,
                   &(trm_title){.name = "trm",
                                .about = {{k->preset[0] != 0 ? k->preset : kind, TRM_STYLE_STRONG},
                                          {k->model.type, TRM_STYLE_DIM},
                                          {cycles, TRM_STYLE_DIM},
                                          {seed, TRM_STYLE_DIM},
                                          {size, TRM_STYLE_DIM}},
                                .state = {{state, stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG},
                                          {speed, TRM_STYLE_NORMAL}}});
}

// ---- thinking -----------------------------------------------------------------------------------

static void draw_heading(trm_canvas *c, trm_rect r, const trm_train_view *v,
                         const trm_train_columns *k) {
    char name[48], scale[80];
    if (k->count < v->shape.cycles)
        trm_text_format(name, sizeof name, "%ss %d-%d of %d", v->words->cycle, k->first + 1,
                        k->first + k->count, v->shape.cycles);
    else
        trm_text_format(name, sizeof name, "%ss", v->words->cycle);
    const int32_t left = trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_FOCUS_THINKING);
    v->panel->draw->scale(v, k, scale, sizeof scale);
    if (trm_train_view_trace(v) != NULL)
        trm_heatmap_legend(c, r, left, scale);
}

static void draw_header(trm_canvas *c, trm_rect r, const trm_train_view *v, int32_t cycle) {
    const trm_style style = cycle == v->selected ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL;
    trm_train_reading reading = {0};
    char name[40];
    trm_text_format(name, sizeof name, "%s %d", v->words->cycle, cycle + 1);
    trm_canvas_repeat(c, r.y, r.x, r.w, ' ', style);
    trm_canvas_text(c, r.y, r.x + 1, r.w - 1, style, name);
    v->panel->draw->reading(v, r.w, cycle, &reading);
    for (int32_t i = 0; i < 3; i++)
        if (trm_text_columns(name) + 2 + trm_text_columns(reading.words[i]) <= r.w) {
            trm_canvas_print_right(c, r.y, r.x, r.w, style, "%s", reading.words[i]);
            break;
        }
}

void trm_train_draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                        float scale) {
    if (n < 1 || r.h < 1)
        return;
    trm_canvas_text(c, r.y, r.x, 1, TRM_STYLE_DIM, name);
    trm_heatmap_draw(c, (trm_rect){r.y, r.x + 2, r.h, r.w - 2}, values, n, scale);
}

// Why training stopped and what to try; on the line above too if one is not enough.
static void draw_failure(trm_canvas *c, int32_t y, const char *message) {
    char text[600];
    trm_text_format(text, sizeof text, " training stopped: %s", message);
    size_t end = strlen(text);
    if ((int32_t)end > c->cols && y > 0) {
        for (end = (size_t)c->cols; end > 1 && text[end] != ' ';)
            end--;
        trm_canvas_clear_rect(c, (trm_rect){y - 1, 0, 1, c->cols});
        trm_canvas_print(c, y - 1, 0, c->cols, TRM_STYLE_BAD, "%.*s", (int)end, text);
    } else {
        end = 0;
    }
    trm_canvas_text(c, y, 0, c->cols, TRM_STYLE_BAD, text + end);
}

trm_rect trm_train_draw_name(trm_canvas *c, trm_rect r, const trm_train_view *v, const char *name,
                             const char *what) {
    const trm_rect head = trm_rect_top(&r, 1, 0);
    const int32_t end = head.x + head.w, w = trm_text_columns(what) + 2;
    const int32_t x =
        trm_canvas_heading(c, head.y, head.x, head.w, name, v->focus == TRM_FOCUS_SUBJECT);
    if (w > 2 && x + w <= end)
        trm_canvas_print(c, head.y, end - w, w, TRM_STYLE_NORMAL, " %s ", what);
    return r;
}

void trm_train_draw_subject(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    v->panel->draw->subject(c, r, v);
}

static void draw_sentence(trm_canvas *c, trm_rect r, const trm_train_view *v) {
    const int32_t used = trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_STRONG, v->sentence);
    if (v->panel->draw->beside != NULL && trm_train_view_trace(v) != NULL)
        v->panel->draw->beside(c, r, r.x + used, v);
}

void trm_train_draw_thinking(trm_canvas *c, const trm_train_layout *l, const trm_train_view *v) {
    const trm_rect r = l->thinking;
    const trm_train_columns k = trm_train_columns_of(v, r, trm_look_fills(&c->look));
    draw_heading(c, r, v, &k);
    for (int32_t i = 0; i < k.count && trm_train_view_trace(v) != NULL; i++) {
        trm_rect column = {r.y + 1, r.x + i * (k.width + 1), r.h - 1, k.width};
        draw_header(c, trm_rect_top(&column, 1, 0), v, k.first + i);
        v->panel->draw->column(c, column, v, &k, k.first + i);
    }
    if (l->detail.h > 0 && trm_train_view_trace(v) != NULL)
        v->panel->draw->detail(c, l->detail, v);
    if (v->snap.state == TRM_TRAINER_FAILED)
        draw_failure(c, l->sentence.y, v->snap.error.message);
    else
        draw_sentence(c, l->sentence, v);
}

// ---- curves and numbers -------------------------------------------------------------------------

void trm_train_curve_of(const trm_train_view *v, int32_t which, trm_train_curve *out) {
    *out = (trm_train_curve){.curve = {.mark = NAN, .unit = "", .x1 = v->curves.x1}};
    v->panel->draw->curve(v, which, out);
    out->curve.series = out->series;
    out->curve.series_count = out->series_count;
    out->curve.x_name = v->curves.by_steps ? v->panel->rate : v->panel->unit;
}

static void draw_curve(trm_canvas *c, trm_rect r, const trm_train_view *v, int32_t which) {
    trm_train_curve k;
    const char *words[TRM_TRAIN_HEADING + 1] = {NULL};
    trm_train_curve_of(v, which, &k);
    for (int32_t i = 0; i < TRM_TRAIN_HEADING && k.words[i][0] != 0; i++)
        words[i] = k.words[i];
    if (which == 0 && !isnan(v->step.optimum_mean)) {
        k.curve.mark = v->step.optimum_mean;
        k.curve.mark_name = "optimum";
        k.curve.y0 = fminf(k.curve.y0, k.curve.mark);
        k.curve.y1 = fmaxf(k.curve.y1, k.curve.mark);
    }
    trm_curve_range(&k.curve.y0, &k.curve.y1);
    r = trm_panel(c, r, k.name, v->focus == TRM_FOCUS_CURVES && which == v->curve, words);
    trm_curve_draw(c, r, &k.curve);
}

void trm_train_draw(trm_canvas *c, const trm_train_view *v) {
    const trm_train_layout l = trm_train_layout_of(trm_canvas_area(c), v->bare);
    draw_title(c, v);
    trm_train_draw_subject(c, l.subject, v);
    trm_train_draw_thinking(c, &l, v);
    if (v->bare)
        return;
    const bool both = l.curves[1].w > 0;
    for (int32_t i = 0; i < (both ? TRM_TRAIN_CURVES : 1); i++)
        draw_curve(c, l.curves[i], v, both ? i : v->curve);
    trm_row rows[TRM_TRAIN_NUMBERS];
    v->panel->draw->numbers(v, TRM_NUMBER_WIDTH, rows);
    const trm_rect r = trm_panel(c, l.numbers, "numbers", v->focus == TRM_FOCUS_NUMBERS, NULL);
    trm_numbers_draw(c, r, rows, TRM_TRAIN_NUMBERS, TRM_NUMBER_WIDTH, TRM_NUMBER_GAP);
}
