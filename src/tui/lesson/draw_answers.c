// SPDX-License-Identifier: Apache-2.0
// The answers: one column a step of the model, each with the answer read off it and the latents of
// the cell under the cursor.
#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/lesson/draw.h"
#include "tui/lesson/sentence.h"
#include "tui/widgets/heatmap.h"

enum { LEAST_COLUMN = 14, MOST_COLUMN = 66, LEAST_MAP = 2 };

// Which steps are in sight: all, or a window around the selected one.
static void choose(const trm_lesson_view *v, trm_rect r, trm_answer_columns *k) {
    const int32_t all = v->shape.cycles;
    const trm_answer_marks marks = trm_lesson_view_answers(v, 0);
    const trm_board_view board = trm_lesson_view_board(v, &marks);
    const int32_t least = trm_clamp(trm_board_width(&board), LEAST_COLUMN, r.w);
    k->count = trm_clamp((r.w + 1) / (least + 1), 1, all);
    k->width = trm_clamp((r.w + 1) / k->count - 1, 1, MOST_COLUMN);
    k->first = trm_clamp(v->selected - k->count / 2, 0, all - k->count);
}

// The z map gets what the grid leaves, the y map a part of it as large as y is.
static void share_maps(const trm_lesson_view *v, trm_answer_columns *k, int32_t rows, bool fills) {
    int32_t z, y;
    trm_lesson_view_z(v, 0, &z);
    trm_lesson_view_y(v, 0, &y);
    const int32_t w = k->width - 2;
    if (z < 1 || rows < 1)
        return;
    if (z == 1) { // a value a cell: a map of the grid, as large as its cells' answers
        k->z_rows = rows < k->grid_rows ? 0 : k->grid_rows;
        return;
    }
    int32_t y_room = y > 0 && rows > LEAST_MAP ? trm_clamp(rows * y / (z + y), 1, rows - 1) : 0;
    const trm_heat_fit top = trm_heatmap_fit(z, w, rows - y_room, fills);
    k->z_rows = trm_heatmap_height(&top);
    y_room = y_room > 0 ? rows - k->z_rows : 0;
    if (y_room < 1)
        return;
    // Cells of the size of the upper map's, if they can be.
    if (top.cols > 0 && top.pool == 1)
        y_room = trm_clamp(((y + top.cols - 1) / top.cols * top.sy + 1) / 2, 1, y_room);
    const trm_heat_fit low = trm_heatmap_fit(y, w, y_room, fills);
    k->y_rows = trm_heatmap_height(&low);
}

trm_answer_columns trm_lesson_columns_of(const trm_lesson_view *v, trm_rect r, bool fills) {
    trm_answer_columns k = {0};
    choose(v, r, &k);
    const int32_t rows = r.h - 2; // less heading and header
    const trm_answer_marks marks = trm_lesson_view_answers(v, 0);
    const trm_board_view board = trm_lesson_view_board(v, &marks);
    const int32_t most = trm_clamp(rows * 2 / 3, trm_clamp(v->rows, 1, rows), rows);
    k.grid_rows = trm_board_height(&board, k.width, most);
    const int32_t rest = rows - k.grid_rows;
    k.gap = rest >= 2 * LEAST_MAP + 2 ? 1 : 0;
    share_maps(v, &k, rest - 2 * k.gap, fills);
    return k;
}

// What the shading says, and the latents' scales, as far as there is room.
static void draw_heading(trm_canvas *c, trm_rect r, const trm_lesson_view *v,
                         const trm_answer_columns *k) {
    char name[48], scale[80];
    if (k->count < v->shape.cycles)
        trm_text_format(name, sizeof name, "%ss %d-%d of %d", trm_words_of_trace(&v->shape)->cycle,
                        k->first + 1, k->first + k->count, v->shape.cycles);
    else
        trm_text_format(name, sizeof name, "%ss", trm_words_of_trace(&v->shape)->cycle);
    const int32_t left =
        trm_canvas_heading(c, r.y, r.x, r.w, name, v->focus == TRM_LESSON_FOCUS_ANSWERS);
    const char *within = v->ascii ? "+-" : "±";
    const char *sure = v->path ? "path" : "sure";
    if (k->z_rows > 0)
        trm_text_format(scale, sizeof scale, "× wrong  %s 0..1  %s %s%g ", sure,
                        trm_words_of_trace(&v->shape)->h, within, (double)v->z_scale);
    else
        trm_text_format(scale, sizeof scale, "× wrong  %s 0..1 ", sure);
    if (v->peek.id != 0)
        trm_heatmap_legend(c, r, left, scale);
}

static void draw_header(trm_canvas *c, trm_rect r, const trm_lesson_view *v, int32_t step) {
    const trm_step_answer *a = &v->answers[step];
    const bool selected = step == v->selected;
    const trm_style style = selected ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL;
    char name[40], text[40];
    trm_text_format(name, sizeof name, "%s %d", trm_words_of_trace(&v->shape)->cycle, step + 1);
    trm_canvas_repeat(c, r.y, r.x, r.w, ' ', style);
    trm_canvas_text(c, r.y, r.x + 1, r.w - 1, style, name);
    if (!a->read)
        trm_text_copy(text, sizeof text, "not read ");
    else if (a->right == v->positions)
        trm_text_copy(text, sizeof text, "all right ");
    else
        trm_text_format(text, sizeof text, "%d wrong ", v->positions - a->right);
    const int32_t used = trm_text_columns(name) + 2;
    if (used + trm_text_columns(text) > r.w && a->right == v->positions)
        trm_text_copy(text, sizeof text, "right ");
    else if (used + trm_text_columns(text) > r.w)
        trm_text_format(text, sizeof text, "%d×", v->positions - a->right);
    if (used + trm_text_columns(text) <= r.w && (a->read || text[0] == 'n'))
        trm_canvas_print_right(c, r.y, r.x, r.w, style, "%s", text);
}

static void draw_map(trm_canvas *c, trm_rect r, const char *name, const float *values, int32_t n,
                     float scale) {
    if (n < 1 || r.h < 1)
        return;
    trm_canvas_text(c, r.y, r.x, 1, TRM_STYLE_DIM, name);
    trm_heatmap_draw(c, (trm_rect){r.y, r.x + 2, r.h, r.w - 2}, values, n, scale);
}

static void draw_column(trm_canvas *c, trm_rect r, const trm_lesson_view *v,
                        const trm_answer_columns *k, int32_t step) {
    int32_t n;
    draw_header(c, (trm_rect){r.y, r.x, 1, r.w}, v, step);
    const trm_answer_marks marks = trm_lesson_view_answers(v, step);
    const trm_board_view board = trm_lesson_view_board(v, &marks);
    trm_board_draw(c, (trm_rect){r.y + 1, r.x, k->grid_rows, r.w}, &board);
    int32_t y = r.y + 1 + k->grid_rows + k->gap;
    const float *z = trm_lesson_view_z(v, step, &n);
    if (n == 1 && k->z_rows > 0 && v->answers[step].read) {
        const trm_answer_marks means = trm_lesson_view_means(v, step);
        const trm_board_view map = trm_lesson_view_board(v, &means);
        trm_board_draw(c, (trm_rect){y, r.x, k->z_rows, r.w}, &map);
    } else if (n > 1) {
        draw_map(c, (trm_rect){y, r.x, k->z_rows, r.w}, trm_words_of_trace(&v->shape)->h, z, n,
                 v->z_scale);
    }
    y += k->z_rows + k->gap;
    const float *low = trm_lesson_view_y(v, step, &n);
    draw_map(c, (trm_rect){y, r.x, k->y_rows, r.w}, trm_words_of_trace(&v->shape)->l, low, n,
             v->y_scale);
}

static void draw_sentence(trm_canvas *c, trm_rect r, const trm_lesson_view *v) {
    if (v->snap.state == TRM_TRAINER_FAILED)
        trm_canvas_print(c, r.y, 0, c->cols, TRM_STYLE_BAD, " training stopped: %s",
                         v->snap.error.message);
    else
        trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_STRONG, v->sentence);
}

void trm_lesson_draw_answers(trm_canvas *c, const trm_watch_layout *l, const trm_lesson_view *v) {
    const trm_rect r = l->cycles;
    const trm_answer_columns k = trm_lesson_columns_of(v, r, trm_look_fills(&c->look));
    draw_heading(c, r, v, &k);
    if (v->peek.id > 0) {
        for (int32_t i = 0; i < k.count; i++)
            draw_column(c, (trm_rect){r.y + 1, r.x + i * (k.width + 1), r.h - 1, k.width}, v, &k,
                        k.first + i);
        char words[200];
        trm_lesson_cell_words(v, words, sizeof words);
        if (l->detail.h > 0)
            trm_canvas_text(c, l->detail.y, l->detail.x, l->detail.w, TRM_STYLE_DIM, words);
    }
    draw_sentence(c, l->sentence, v);
}
