// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/draw.h"

#include <math.h>

#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/marks.h"

// What is going on, in a few words.
static const char *state_words(const trm_watch_view *v, char *room, int32_t size) {
    if (v->snap.state == TRM_TRAINER_FAILED)
        return "failed";
    if (v->paused)
        return trm_watch_view_pausing(v) ? "pausing" : "paused";
    if (v->bare)
        return "playing, not trained on";
    if (v->done) {
        trm_text_format(room, (size_t)size, "done at %.0f%%, playing",
                        100.0 * (double)v->snap.success50);
        return room;
    }
    if (v->mode == TRM_SHOW_REPLAY || v->mode == TRM_SHOW_LINGER)
        return v->pace == TRM_PACE_FREE ? "free, sampling" : "a notable episode";
    return v->snap.state == TRM_TRAINER_READY ? "starting" : "training";
}

static void speed_words(const trm_watch_view *v, char *out, int32_t size) {
    static const char *const paces[] = {"auto", "paced", "free"};
    if (v->speed > 0.0)
        trm_text_format(out, (size_t)size, "%s  %.*f steps/s", paces[v->pace],
                        v->speed < 10.0 && v->speed != rint(v->speed) ? 1 : 0, v->speed);
    else
        trm_text_format(out, (size_t)size, "%s  full speed", paces[v->pace]);
}

static void draw_title(trm_canvas *c, const trm_watch_view *v) {
    const trm_config *k = v->config;
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "trm");
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG,
                             k->preset[0] != 0 ? k->preset : k->env.type);
    char text[128], room[48];
    speed_words(v, text, sizeof text);
    const char *state = state_words(v, room, sizeof room);
    const bool stands = v->paused || v->snap.state == TRM_TRAINER_FAILED;
    const int32_t right = c->cols - 1 - trm_text_columns(text);
    trm_canvas_text(c, 0, right, c->cols, TRM_STYLE_NORMAL, text);
    const int32_t w = trm_text_columns(state);
    trm_canvas_put(c, 0, right - w - 5, ' ', stands ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL);
    trm_canvas_text(c, 0, right - w - 4, w, stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG, state);
    trm_canvas_put(c, 0, right - 4, ' ', stands ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL);
    if (v->shape.l > 0)
        trm_text_format(text, sizeof text, "%s K=%d  seed %lld", k->model.type, v->shape.cycles,
                        (long long)k->seed);
    else
        trm_text_format(text, sizeof text, "%s  seed %lld", k->model.type, (long long)k->seed);
    if (x + 2 + trm_text_columns(text) < right - w - 6)
        trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_DIM, text);
}

static void show_words(const trm_watch_view *v, char *out, int32_t size) {
    const bool again = v->mode == TRM_SHOW_REPLAY || v->mode == TRM_SHOW_LINGER;
    if (v->reel->episode < 0)
        trm_text_format(out, (size_t)size, "greedy play");
    else if (again && v->reel->first_success)
        trm_text_format(out, (size_t)size, "the first success");
    else if (again && v->reel->best)
        trm_text_format(out, (size_t)size, "the best so far");
    else
        trm_text_format(out, (size_t)size, "episode %lld", (long long)v->reel->episode + 1);
}

// The words below the board, rows in order of importance.
static void draw_step(trm_canvas *c, trm_rect r, const trm_watch_view *v) {
    const trm_reel_step *s = &v->reel->steps[v->cursor];
    const int32_t y = r.y;
    int32_t x = trm_canvas_print(c, y, r.x, r.w, s->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD,
                                 "%+.2f", (double)s->reward);
    // The gap beside the panel may be used: the longest reasons need it at 80 columns. One that is
    // cut leaves it.
    const char *reason = trm_reason_text(s->reason);
    const int32_t room = r.w - x + 1;
    trm_canvas_text(c, y, r.x + x + 1, trm_text_columns(reason) > room ? room - 2 : room,
                    TRM_STYLE_NORMAL, reason);
    if (r.h < 2)
        return;
    x = trm_canvas_text(c, y + 1, r.x, r.w, TRM_STYLE_DIM, "step ");
    x += trm_canvas_print(c, y + 1, r.x + x, r.w - x, TRM_STYLE_NORMAL, "%-3d", v->cursor + 1);
    trm_canvas_print(c, y + 1, r.x + x, r.w - x, TRM_STYLE_STRONG, "%s%s%s", v->glyphs[s->action],
                     v->glyphs[s->action][0] != 0 ? " " : "", v->names[s->action]);
    if (r.h < 3)
        return;
    x = trm_canvas_text(c, y + 2, r.x, r.w, TRM_STYLE_DIM, "total ");
    trm_canvas_print(c, y + 2, r.x + x, r.w - x, TRM_STYLE_STRONG, "%+.2f",
                     (double)s->total_reward);
    if (s->done)
        trm_canvas_print_right(c, y + 2, r.x, r.w, s->solved ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%s",
                               s->solved ? "solved" : "time is up");
    if (r.h < 4 || !v->has_optimum)
        return;
    x = trm_canvas_text(c, y + 3, r.x, r.w, TRM_STYLE_DIM, "optimum ");
    trm_canvas_print(c, y + 3, r.x + x, r.w - x, TRM_STYLE_NORMAL, "%+.2f in %d",
                     (double)v->optimum_reward, v->optimum_length);
}

void trm_watch_draw_board(trm_canvas *c, trm_rect r, const trm_watch_view *v) {
    const int32_t x = trm_canvas_heading(c, r.y, r.x, r.w, "board", v->focus == TRM_FOCUS_BOARD);
    if (v->cursor < 0) {
        trm_canvas_text(c, r.y + 2, r.x + 1, r.w - 1, TRM_STYLE_DIM, "the first step …");
        return;
    }
    char words[40];
    show_words(v, words, sizeof words);
    const int32_t w = trm_text_columns(words);
    if (x + w + 2 <= r.x + r.w)
        trm_canvas_print(c, r.y, r.x + r.w - w - 2, w + 2, TRM_STYLE_NORMAL, " %s ", words);
    int32_t text = 4;
    const int32_t least = v->board.rows + 2 < 7 ? v->board.rows + 2 : 7;
    while (text > 1 && r.h - 1 - text < least)
        text--;
    const trm_board_marks marks = {.board = &v->board, .visits = v->visits};
    trm_board_view b = trm_board_marks_view(&marks);
    b.focus = v->agent;
    const trm_rect used = trm_board_draw(c, (trm_rect){r.y + 1, r.x, r.h - 1 - text, r.w}, &b);
    const int32_t y = used.y + used.h, rest = r.y + r.h - y;
    const int32_t air = rest > text ? 1 : 0;
    draw_step(c, (trm_rect){y + air, r.x, rest - air, r.w}, v);
}

void trm_watch_draw(trm_canvas *c, const trm_watch_view *v) {
    const trm_watch_layout l = trm_watch_layout_of(c->rows, c->cols, v->bare);
    draw_title(c, v);
    trm_watch_draw_board(c, l.board, v);
    trm_watch_draw_cycles(c, &l, v);
    if (v->bare)
        return;
    trm_watch_draw_curves(c, &l, v);
    trm_watch_draw_numbers(c, &l, v);
}
