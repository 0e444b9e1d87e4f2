// SPDX-License-Identifier: Apache-2.0
#include "tui/lesson/draw.h"

#include <math.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/widgets/heatmap.h"

enum { TEXT_ROWS = 4, LEAST_STRIP = 3 };

static const char *state_words(const trm_lesson_view *v, char *room, int32_t size) {
    if (v->snap.state == TRM_TRAINER_FAILED)
        return "failed";
    if (v->paused)
        return "paused";
    if (!v->done)
        return v->snap.state == TRM_TRAINER_READY ? "starting" : "training";
    if (v->snap.tested)
        trm_text_format(room, (size_t)size, "%s: %.0f%% exact", v->bare ? "held out" : "done, test",
                        floor(100.0 * v->snap.test.exact_accuracy));
    return v->snap.tested ? room : "scoring";
}

static void speed_words(const trm_lesson_view *v, char *out, int32_t size) {
    static const char *const paces[] = {"auto", "paced", "free"};
    if (v->done)
        trm_text_format(out, (size_t)size, "%.3g %ss/s", v->speed,
                        trm_words_of_trace(&v->shape)->cycle);
    else if (v->speed > 0.0)
        trm_text_format(out, (size_t)size, "%s  %.*f batches/s", paces[v->pace],
                        v->speed < 10.0 && v->speed != rint(v->speed) ? 1 : 0, v->speed);
    else
        trm_text_format(out, (size_t)size, "%s  full speed", paces[v->pace]);
}

static void draw_title(trm_canvas *c, const trm_lesson_view *v) {
    const trm_config *k = v->config;
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "trm");
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG,
                             k->preset[0] != 0 ? k->preset : k->data.type);
    char text[128], room[48];
    speed_words(v, text, sizeof text);
    const char *state = state_words(v, room, sizeof room);
    const bool stands = v->paused || v->snap.state == TRM_TRAINER_FAILED;
    const int32_t right = c->cols - 1 - trm_text_columns(text);
    const int32_t left = right - trm_text_columns(state) - 5;
    trm_canvas_text(c, 0, right, c->cols, TRM_STYLE_NORMAL, text);
    trm_canvas_print(c, 0, left, right - left, stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG,
                     " %s ", state);
    char count[32];
    trm_text_format(text, sizeof text, "%s  %s parameters  seed %lld", k->model.type,
                    trm_text_thousands(count, v->parameters), (long long)k->seed);
    if (x + 2 + trm_text_columns(text) >= left)
        trm_text_format(text, sizeof text, "%s  seed %lld", k->model.type, (long long)k->seed);
    if (x + 2 + trm_text_columns(text) < left)
        trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_DIM, text);
}

static void draw_share(trm_canvas *c, trm_rect r, const trm_lesson_view *v) {
    const trm_step_answer *a = &v->answers[v->selected];
    int32_t x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "%s %d ",
                                 trm_words_of_trace(&v->shape)->cycle, v->selected + 1);
    if (!a->read)
        trm_canvas_text(c, r.y, r.x + x, r.w - x, TRM_STYLE_DIM, "is not read");
    else if (a->right == v->positions)
        trm_canvas_text(c, r.y, r.x + x, r.w - x, TRM_STYLE_GOOD, "all right");
    else
        trm_canvas_print(c, r.y, r.x + x, r.w - x, TRM_STYLE_STRONG, "%d of %d right", a->right,
                         v->positions);
}

// Rows in order of importance.
static void draw_words(trm_canvas *c, trm_rect r, const trm_lesson_view *v) {
    const trm_step_answer *a = &v->answers[v->selected];
    if (r.h > 0)
        draw_share(c, r, v);
    if (r.h > 1 && v->path && a->read)
        trm_canvas_print(c, r.y + 1, r.x, r.w, TRM_STYLE_DIM, "missed %d  too many %d", a->missed,
                         a->too_many);
    else if (r.h > 1 && a->read)
        trm_canvas_print(c, r.y + 1, r.x, r.w, TRM_STYLE_DIM, "wrong %d", v->positions - a->right);
    if (r.h > 2 && !v->bare)
        trm_canvas_print(c, r.y + 2, r.x, r.w, TRM_STYLE_DIM, "learned %lld+%d/%d epochs",
                         (long long)v->peek.epochs, v->peek.batch, v->snap.batches);
}

// Below a strip of tokens: the vector of the one under the cursor.
static void draw_vector(trm_canvas *c, trm_rect r, const trm_lesson_view *v) {
    const int32_t n = v->state_dim / v->positions;
    const float *x = v->peek.input + (int64_t)v->cell * n;
    float peak = 0.0f;
    for (int32_t i = 0; i < n; i++)
        peak = fmaxf(peak, fabsf(x[i]));
    trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "x of token %d", v->cell + 1);
    trm_heatmap_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1, r.w}, x, n, trm_heat_scale(0.0f, peak));
}

static void draw_sample(trm_canvas *c, trm_rect r, const trm_lesson_view *v) {
    const bool focus = v->focus == TRM_LESSON_FOCUS_SAMPLE;
    const char *side = v->side == TRM_SPLIT_TRAIN ? "training" : "held-out";
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, side, focus);
    if (v->peek.id == 0) {
        trm_canvas_text(c, r.y + 2, r.x + 1, r.w - 1, TRM_STYLE_DIM, "the first sample …");
        return;
    }
    char words[40];
    trm_text_format(words, sizeof words, " %d/%d ", v->peek.sample + 1, v->peek.count);
    const int32_t w = trm_text_columns(words);
    if (x + w <= r.x + r.w)
        trm_canvas_text(c, r.y, r.x + r.w - w, w, TRM_STYLE_NORMAL, words);
    const trm_answer_marks marks = trm_lesson_view_answers(v, -1);
    trm_board_view board = trm_lesson_view_board(v, &marks);
    board.frame = true;
    int32_t text = TEXT_ROWS;
    while (text > 1 && r.h - 1 - text < v->rows + 2)
        text--;
    const trm_rect room = {r.y + 1, r.x, r.h - 1 - text, r.w};
    const trm_rect used = trm_board_draw(c, room, &board);
    int32_t y = used.y + used.h, rest = r.y + r.h - y;
    const int32_t air = rest > text ? 1 : 0;
    draw_words(c, (trm_rect){y + air, r.x, rest - air < 3 ? rest - air : 3, r.w}, v);
    y += air + 4;
    rest = r.y + r.h - y;
    if (!v->grid && rest >= LEAST_STRIP)
        draw_vector(c, (trm_rect){y, r.x, rest, r.w}, v);
}

void trm_lesson_draw(trm_canvas *c, const trm_lesson_view *v) {
    const trm_watch_layout l = trm_watch_layout_of(c->rows, c->cols, v->bare);
    draw_title(c, v);
    draw_sample(c, l.board, v);
    trm_lesson_draw_answers(c, &l, v);
    if (v->bare)
        return;
    trm_lesson_draw_curves(c, &l, v);
    trm_lesson_draw_numbers(c, &l, v);
}
