// SPDX-License-Identifier: Apache-2.0
#include "tui/versus/draw.h"

#include <string.h>

#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/title.h"

enum { GAP = 2, TABLE = 8, TABLE_MOST = 20, STEP_ROWS = 2, LINE_NAME = 7, FRAME = 5 };

// The table of cycles shrinks first, so that the whole board is in sight.
trm_versus_layout trm_versus_layout_of(const trm_versus *v, trm_rect area) {
    const int32_t least = v->sides[0].seen.rows + v->sides[0].seen.rows / 4 + 2;
    const int32_t actions = trm_env_action_dim(v->duel.env);
    const int32_t table = actions + 1 < TABLE ? actions + 1 : (area.h + 1) / 3;
    trm_versus_layout l = {0};
    trm_rect_top(&area, 1, 0); // the title
    l.line = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    l.sentence = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    const int32_t text = STEP_ROWS + trm_clamp(table, 0, TABLE_MOST);
    const int32_t rows = trm_clamp(area.h - 1 - least, STEP_ROWS + 2, text);
    const int32_t half = (area.w - GAP) / 2;
    for (int32_t i = 0; i < 2; i++) {
        l.sides[i] = trm_rect_left(&area, half, GAP);
        l.texts[i] = trm_rect_bottom(&l.sides[i], rows, 0);
    }
    return l;
}

// ---- the time line: a column a step, or a few steps a column

static int32_t line_room(const trm_versus *v, trm_rect line) {
    const int32_t w = line.w - LINE_NAME, n = trm_versus_length(v);
    return n < w ? n : w;
}

// First step of a column.
static int32_t step_of(const trm_versus *v, int32_t column, int32_t columns) {
    return (int32_t)((int64_t)column * trm_versus_length(v) / columns);
}

int32_t trm_versus_time_at(const trm_versus *v, trm_rect line, int32_t y, int32_t x) {
    const int32_t columns = line_room(v, line), column = x - line.x - LINE_NAME;
    if (y != line.y || column < 0 || column >= columns)
        return -1;
    return step_of(v, column, columns);
}

static void draw_line(trm_canvas *c, trm_rect line, const trm_versus *v) {
    const int32_t columns = line_room(v, line);
    trm_pen pen = trm_pen_on(c, line);
    trm_pen_print(&pen, TRM_STYLE_DIM, "%-*s", LINE_NAME, "steps");
    for (int32_t k = 0; k < columns; k++) {
        const int32_t from = step_of(v, k, columns), to = step_of(v, k + 1, columns);
        bool differs = false, here = false;
        for (int32_t t = from; t < to || t == from; t++) {
            differs |= trm_duel_differs(&v->duel, t);
            here |= t == v->t;
        }
        trm_pen_put(&pen,
                    here      ? TRM_STYLE_SELECTED
                    : differs ? TRM_STYLE_BAD
                              : TRM_STYLE_FLOOR,
                    differs ? 'x' : 0x00B7);
    }
}

// ---- one side

static void draw_board(trm_canvas *c, trm_rect r, const trm_versus *v, const trm_versus_side *s) {
    uint8_t tints[TRM_VERSUS_CELLS] = {TRM_TINT_NONE};
    const trm_placement at =
        trm_env_placement(v->duel.env, trm_duel_state(&v->duel, s->board, s->t), s->action);
    const bool digits = s->seen.box_rows > 0;
    if (digits && at.cell >= 0)
        tints[at.cell] = TRM_TINT_MODEL;
    const trm_board_marks marks = {
        .board = &s->seen, .visits = digits ? NULL : s->visits, .tints = tints};
    const trm_board_view view = trm_board_marks_view(&marks);
    trm_board_draw(c, r, &view);
}

// What the action in sight does on the board in sight; on the other one's board it is not done.
static void show_step(trm_pen *pen, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *own = &v->duel.games[side];
    const trm_step *step = &v->duel.games[s->board].steps[s->t];
    char name[16];
    trm_env_action_name(v->duel.env, s->action, name);
    trm_pen_text(pen, TRM_STYLE_DIM, "step ");
    trm_pen_print(pen, TRM_STYLE_STRONG, "%d  %s  ", s->t + 1, name);
    if (s->board == side) {
        trm_pen_print(pen, step->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f ",
                      (double)step->reward);
        trm_pen_line(pen, TRM_STYLE_NORMAL, "%s", trm_reason_text(step->reason));
    } else {
        trm_pen_line(pen, TRM_STYLE_DIM, "asked about the left one's state");
    }
    trm_pen_line(pen, TRM_STYLE_DIM, "its game: %s, %d step%s, %+.2f",
                 own->solved ? "solved" : "not solved", own->length, own->length == 1 ? "" : "s",
                 (double)own->totals[own->length - 1]);
}

// Of a path that is too long the end, from the beginning of a part.
static const char *short_name(const char *name, int32_t room) {
    const char *end = name;
    while (trm_text_columns(end) > room && strchr(end, '/') != NULL)
        end = strchr(end, '/') + 1;
    return end[0] != 0 ? end : name;
}

static void draw_side(trm_canvas *c, const trm_versus_layout *l, const trm_versus *v,
                      int32_t side) {
    const trm_agent *mine = &v->duel.agents[side], *other = &v->duel.agents[1 - side];
    const trm_reading beside = trm_agent_reading(other, other->trace);
    const trm_decision_table t = {.env = v->duel.env,
                                  .reading = trm_agent_reading(mine, mine->trace),
                                  .chosen = v->sides[side].action,
                                  .beside = &beside};
    const char *name = short_name(v->setup.names[side], l->sides[side].w - FRAME);
    draw_board(c, trm_panel(c, l->sides[side], name, false, NULL), v, &v->sides[side]);
    trm_pen pen = trm_pen_on(c, l->texts[side]);
    show_step(&pen, v, side);
    trm_decision_table_draw(c, pen.r, &t);
}

static void draw_title(trm_canvas *c, const trm_versus *v) {
    char board[128], step[96];
    trm_text_copy(board, sizeof board, v->setup.start_name);
    if (v->numbered)
        trm_text_format(board, sizeof board, "board %lld", (long long)v->setup.board);
    if (v->duel.first < 0)
        trm_text_format(step, sizeof step, "step %d of %d, alike", v->t + 1, trm_versus_length(v));
    else
        trm_text_format(step, sizeof step, "step %d of %d, they part at %d", v->t + 1,
                        trm_versus_length(v), v->duel.first + 1);
    trm_title_draw(c,
                   &(trm_title){.name = "trm versus",
                                .about = {{trm_env_get_config(v->duel.env)->type, TRM_STYLE_STRONG},
                                          {board, TRM_STYLE_NORMAL}},
                                .state = {{step, TRM_STYLE_STRONG}}});
}

void trm_versus_draw(trm_canvas *c, const void *versus) {
    const trm_versus *v = versus;
    const trm_versus_layout l = trm_versus_layout_of(v, trm_canvas_area(c));
    char text[160];
    draw_title(c, v);
    draw_side(c, &l, v, 0);
    draw_side(c, &l, v, 1);
    trm_versus_sentence(v, text, sizeof text);
    trm_pen pen = trm_pen_on(c, l.sentence);
    trm_pen_text(&pen, TRM_STYLE_STRONG, text);
    draw_line(c, l.line, v);
}
