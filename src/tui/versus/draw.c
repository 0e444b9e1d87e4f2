// SPDX-License-Identifier: Apache-2.0
#include "tui/versus/draw.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/widgets/board.h"
#include "tui/widgets/grid.h"
#include "tui/widgets/thought.h"

enum { GAP = 2, TABLE = 8, TABLE_MOST = 20, STEP_ROWS = 2, LINE_NAME = 7, FRAME = 5 };

trm_versus_layout trm_versus_layout_of(const trm_versus *v, int32_t rows, int32_t cols) {
    const int32_t half = (cols - GAP) / 2, room = rows - 5; // title, heading, sentence, line, keys
    const int32_t least = v->sides[0].seen.rows + v->sides[0].seen.rows / 4 + 2;
    const int32_t actions = trm_env_action_dim(v->duel.env);
    int32_t table = actions + 1 < TABLE ? actions + 1 : rows / 3;
    table = table > TABLE_MOST ? TABLE_MOST : table;
    int32_t text = STEP_ROWS + table;
    if (room - text < least)
        text = room - least;
    text = text < STEP_ROWS + 2 ? STEP_ROWS + 2 : text;
    trm_versus_layout l = {.sentence = {rows - 3, 1, 1, cols - 2},
                           .line = {rows - 2, 1, 1, cols - 2}};
    for (int32_t i = 0; i < 2; i++) {
        const int32_t x = i * (half + GAP);
        l.boards[i] = (trm_rect){2, x, room - text, half};
        l.texts[i] = (trm_rect){2 + room - text, x, text, half};
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
    trm_canvas_text(c, line.y, line.x, LINE_NAME, TRM_STYLE_DIM, "steps");
    for (int32_t k = 0; k < columns; k++) {
        const int32_t from = step_of(v, k, columns), to = step_of(v, k + 1, columns);
        bool differs = false, here = false;
        for (int32_t t = from; t < to || t == from; t++) {
            differs |= trm_duel_differs(&v->duel, t);
            here |= t == v->t;
        }
        trm_canvas_put(c, line.y, line.x + LINE_NAME + k, differs ? 'x' : 0x00B7,
                       here      ? TRM_STYLE_SELECTED
                       : differs ? TRM_STYLE_BAD
                                 : TRM_STYLE_FLOOR);
    }
}

// ---- one side

static void draw_board(trm_canvas *c, trm_rect r, const trm_versus *v, const trm_versus_side *s) {
    const trm_board *b = &s->seen;
    if (b->box_rows > 0) {
        uint8_t tints[TRM_VERSUS_CELLS] = {0};
        const trm_placement at =
            trm_env_placement(v->duel.env, trm_duel_state(&v->duel, s->board, s->t), s->action);
        if (at.cell >= 0)
            tints[at.cell] = TRM_TINT_MODEL;
        trm_grid_draw(c, r, &(trm_grid_view){.board = b, .cursor = -1, .tints = tints});
        return;
    }
    const int32_t agent = trm_board_agent(b);
    const trm_board_view view = {
        .board = b, .visits = s->visits, .focus = agent >= 0 ? agent : b->rows * b->cols - 1};
    trm_board_draw(c, r, &view);
}

// What the action in sight does on the board in sight; on the other one's board it is not done.
static void draw_step(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *g = &v->duel.games[s->board];
    char name[16];
    trm_env_action_name(v->duel.env, s->action, name);
    int32_t x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "step ");
    x += trm_canvas_print(c, r.y, r.x + x, r.w - x, TRM_STYLE_STRONG, "%d  %s  ", s->t + 1, name);
    if (s->board == side) {
        const trm_step *step = &g->steps[s->t];
        x += trm_canvas_print(c, r.y, r.x + x, r.w - x,
                              step->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f ",
                              (double)step->reward);
        trm_canvas_text(c, r.y, r.x + x, r.w - x, TRM_STYLE_NORMAL, step->reason);
    } else {
        trm_canvas_text(c, r.y, r.x + x, r.w - x, TRM_STYLE_DIM,
                        "asked about the left one's state");
    }
    const trm_duel_game *own = &v->duel.games[side];
    trm_canvas_print(c, r.y + 1, r.x, r.w, TRM_STYLE_DIM, "its game: %s, %d step%s, %+.2f",
                     own->solved ? "solved" : "not solved", own->length,
                     own->length == 1 ? "" : "s", (double)own->totals[own->length - 1]);
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
    const trm_rect r = l->texts[side];
    const trm_thought t = {.env = v->duel.env,
                           .reading = trm_agent_reading(mine, mine->trace),
                           .chosen = v->sides[side].action,
                           .beside = &beside};
    const int32_t w = l->boards[side].w;
    trm_canvas_heading(c, 1, l->boards[side].x, w, short_name(v->setup.names[side], w - FRAME), 0);
    draw_board(c, l->boards[side], v, &v->sides[side]);
    draw_step(c, r, v, side);
    trm_thought_draw(c, (trm_rect){r.y + STEP_ROWS, r.x, r.h - STEP_ROWS, r.w}, &t);
}

static void draw_title(trm_canvas *c, const trm_versus *v) {
    char text[96];
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "trm versus");
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG,
                             trm_env_get_config(v->duel.env)->type);
    if (v->numbered)
        trm_text_format(text, sizeof text, "board %lld", (long long)v->setup.board);
    else
        trm_text_format(text, sizeof text, "%s", v->setup.start_name);
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_NORMAL, text);
    if (v->duel.first < 0)
        trm_text_format(text, sizeof text, "step %d of %d, alike", v->t + 1, trm_versus_length(v));
    else
        trm_text_format(text, sizeof text, "step %d of %d, they part at %d", v->t + 1,
                        trm_versus_length(v), v->duel.first + 1);
    const int32_t at = c->cols - 1 - trm_text_columns(text);
    if (at > x + 1)
        trm_canvas_text(c, 0, at, c->cols, TRM_STYLE_STRONG, text);
}

void trm_versus_draw(trm_canvas *c, const trm_versus *v) {
    const trm_versus_layout l = trm_versus_layout_of(v, c->rows, c->cols);
    char text[160];
    draw_title(c, v);
    draw_side(c, &l, v, 0);
    draw_side(c, &l, v, 1);
    trm_versus_sentence(v, text, sizeof text);
    trm_canvas_text(c, l.sentence.y, l.sentence.x, l.sentence.w, TRM_STYLE_STRONG, text);
    draw_line(c, l.line, v);
}
