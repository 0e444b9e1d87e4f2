// SPDX-License-Identifier: Apache-2.0
// The picture of predictions: a row a maze; its input, its true path, and each model's answer.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plot/board.h"
#include "plot/page.h"
#include "plot/runs.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/course.h"

enum { MARGIN = 26, SIDE = 152, GAP = 22, HEAD = 46, CAPTION = 24, FOOT = 34, INPUTS = 2 };

typedef struct column {
    trm_config config;
    trm_course *course;
    char label[PLOT_LABEL];
    trm_score score;  // on the run's own test samples
    int32_t *answers; // [samples, P]
} column;

typedef struct figure {
    const trm_mazes_request *request;
    column columns[TRM_PLOT_MODELS];
    int32_t loaded;          // of them
    const trm_dataset *test; // borrowed: the first run's
    int32_t rows;
    double width, height, top;
    char title[256];
    trm_page page;
} figure;

// ---- reading ------------------------------------------------------------------------------------

static bool same_mazes(const figure *f, const column *c, const char *path, trm_error *e) {
    const trm_dataset *a = trm_course_data(f->columns[0].course, TRM_SET_TEST);
    const trm_dataset *b = trm_course_data(c->course, TRM_SET_TEST);
    if (b->geometry.rows == 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: its data set %s has no mazes to draw", path,
                             c->config.data.type);
    if (a->encoding != b->encoding)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s and %s do not read the same: one has tokens, the other planes; "
                             "plot them apart",
                             f->request->runs[0], path);
    if (strcmp(f->columns[0].config.data.type, c->config.data.type) == 0 &&
        a->geometry.rows == b->geometry.rows)
        return true;
    return trm_error_set(
        e, TRM_E_INPUT,
        "%s and %s learned different mazes (%s of side %d, %s of %d): draw them apart",
        f->request->runs[0], path, f->columns[0].config.data.type, a->geometry.rows,
        c->config.data.type, b->geometry.rows);
}

static bool read_column(figure *f, column *c, const char *path, trm_error *e) {
    c->course = trm_run_read(path, &c->config, e);
    if (!c->course)
        return false;
    f->loaded++;
    trm_plot_label(c->label, &c->config, path);
    if (!same_mazes(f, c, path, e))
        return false;
    return trm_course_score(c->course, NULL, NULL, &c->score);
}

// Every model answers the first run's mazes.
static void answer(figure *f) {
    const trm_dataset *d = f->test = trm_course_data(f->columns[0].course, TRM_SET_TEST);
    f->rows = f->request->samples < d->count ? f->request->samples : d->count;
    for (int32_t k = 0; k < f->loaded; k++) {
        column *c = &f->columns[k];
        c->answers = trm_alloc((size_t)f->rows * (size_t)d->positions, sizeof *c->answers);
        for (int32_t i = 0; i < f->rows; i++)
            trm_course_answer(c->course, d->inputs + (int64_t)i * d->state_dim,
                              c->answers + (int64_t)i * d->positions);
    }
}

static void free_figure(figure *f) {
    for (int32_t k = 0; k < f->loaded; k++) {
        free(f->columns[k].answers);
        trm_course_free(f->columns[k].course);
    }
}

// ---- a maze -------------------------------------------------------------------------------------

// `path` and `truth`: classes, those on the path are shown; NULL: none are.
static void draw_maze(trm_page *p, const trm_dataset *d, const trm_board *board, double left,
                      double top, const int32_t *path, const int32_t *truth) {
    uint8_t signs[TRM_BOARD_MAX * TRM_BOARD_MAX] = {TRM_SIGN_NONE};
    for (int32_t i = 0; path && i < board->rows * board->cols; i++)
        signs[i] = (uint8_t)trm_dataset_path_sign(d, path[i], truth[i]);
    trm_page_board(p, board, signs, left, top, SIDE);
}

// ---- the page -----------------------------------------------------------------------------------

static double column_left(int32_t k) {
    return MARGIN + k * (SIDE + GAP);
}

static void draw_heads(figure *f) {
    const trm_plot_type head = {.size = 12, .bold = true, .ink = INK_TEXT, .most = SIDE};
    const trm_plot_type quiet = {.size = 10, .ink = INK_QUIET, .most = SIDE};
    trm_page *p = &f->page;
    char text[96], number[32];
    trm_page_text(p, column_left(0), f->top + 12, &head, "input");
    trm_page_text(p, column_left(1), f->top + 12, &head, "true path");
    for (int32_t k = 0; k < f->loaded; k++) {
        const column *c = &f->columns[k];
        const double x = column_left(INPUTS + k);
        trm_page_text(p, x, f->top + 12, &head, c->label);
        trm_text_format(
            text, sizeof text, "%s parameters",
            trm_text_thousands(number,
                               trm_model_params_const(trm_course_model_const(c->course))->total));
        trm_page_text(p, x, f->top + 25, &quiet, text);
        trm_text_format(text, sizeof text, "cells %.1f %%  exact %.1f %%",
                        100 * c->score.cell_accuracy, 100 * c->score.exact_accuracy);
        trm_page_text(p, x, f->top + 38, &quiet, text);
    }
}

static void draw_caption(figure *f, double x, double y, const int32_t *answer,
                         const int32_t *truth) {
    const int32_t cells = f->test->positions;
    int32_t right = 0;
    for (int32_t i = 0; i < cells; i++)
        right += answer[i] == truth[i];
    const trm_plot_type t = {.size = 10, .bold = right == cells, .ink = INK_TEXT, .most = SIDE};
    char text[64];
    if (right == cells)
        trm_text_copy(text, sizeof text, "exact");
    else
        trm_text_format(text, sizeof text, "%d of %d cells right", right, cells);
    trm_page_text(&f->page, x, y + SIDE + 14, &t, text);
}

static void draw_row(figure *f, int32_t i) {
    const trm_dataset *d = f->test;
    const int32_t *truth = d->targets + (int64_t)i * d->positions;
    const double y = f->top + HEAD + i * (SIDE + CAPTION);
    trm_board *board = trm_alloc(1, sizeof *board);
    trm_dataset_board(d, i, board);
    draw_maze(&f->page, d, board, column_left(0), y, NULL, NULL);
    draw_maze(&f->page, d, board, column_left(1), y, truth, truth);
    for (int32_t k = 0; k < f->loaded; k++) {
        const int32_t *answer = f->columns[k].answers + (int64_t)i * d->positions;
        draw_maze(&f->page, d, board, column_left(INPUTS + k), y, answer, truth);
        draw_caption(f, column_left(INPUTS + k), y, answer, truth);
    }
    free(board);
}

static void draw_key(figure *f, double y) {
    static const struct {
        trm_cell_sign sign;
        const char *words;
    } signs[] = {{TRM_SIGN_PATH, "on the path, and found"},
                 {TRM_SIGN_MISSED, "on the path, and missed"},
                 {TRM_SIGN_WRONG, "not on the path"}};
    const trm_plot_type quiet = {.size = 10, .ink = INK_QUIET};
    double x = MARGIN;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        trm_page_board_sign(&f->page, x, y - 11, 14, signs[i].sign);
        trm_page_text(&f->page, x + 19, y, &quiet, signs[i].words);
        x += trm_page_text_width(&f->page, &quiet, signs[i].words) + 42;
    }
    trm_page_text(&f->page, x, y, &quiet, "S start  G goal");
}

static void describe(const figure *f, trm_json_buffer *out) {
    trm_json_append(out, "%d held-out mazes of %s", f->rows, f->columns[0].config.data.type);
    for (int32_t k = 0; k < f->loaded; k++)
        trm_json_append(out, "; %s, test: cells %.1f %%, exact %.1f %%", f->columns[k].label,
                        100 * f->columns[k].score.cell_accuracy,
                        100 * f->columns[k].score.exact_accuracy);
}

static bool draw(figure *f, bool svg, trm_error *e) {
    const int32_t columns = INPUTS + f->loaded;
    f->top = MARGIN + (f->title[0] != '\0' ? 30 : 0);
    f->width = 2 * MARGIN + columns * SIDE + (columns - 1) * GAP;
    f->height = f->top + HEAD + f->rows * (SIDE + CAPTION) + FOOT;
    const trm_plot_type title = {
        .size = 15, .bold = true, .ink = INK_TEXT, .most = f->width - 2 * MARGIN};
    if (!trm_page_begin(&f->page, f->request->out, svg, f->width, f->height, e))
        return false;
    if (f->title[0] != '\0')
        trm_page_text(&f->page, MARGIN, MARGIN + 14, &title, f->title);
    draw_heads(f);
    for (int32_t i = 0; i < f->rows; i++)
        draw_row(f, i);
    draw_key(f, f->height - MARGIN / 2.0 - 4);
    trm_json_buffer words = {0};
    describe(f, &words);
    bool ok =
        trm_page_write(&f->page, f->title[0] != '\0' ? f->title : "predictions", words.data, e);
    free(words.data);
    return ok;
}

bool trm_plot_mazes(const trm_mazes_request *request, trm_error *e) {
    assert(request->count >= 1 && request->count <= TRM_PLOT_MODELS);
    assert(request->samples >= 1 && request->samples <= TRM_PLOT_SAMPLES);
    bool svg;
    if (!trm_page_is_svg(request->out, &svg, e))
        return false;
    figure *f = trm_alloc(1, sizeof *f);
    f->request = request;
    if (request->title)
        trm_plot_text_clean(f->title, sizeof f->title, request->title);
    bool ok = true;
    for (int32_t k = 0; k < request->count && ok; k++)
        ok = read_column(f, &f->columns[k], request->runs[k], e);
    if (ok) {
        answer(f);
        ok = draw(f, svg, e);
    }
    free_figure(f);
    free(f);
    return ok;
}
