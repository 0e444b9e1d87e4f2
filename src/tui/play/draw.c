// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/canvas/pen.h"
#include "tui/play/state.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/table.h"
#include "tui/widgets/title.h"

enum { SIDE = 33, SIDE_MOST = 64, GAP = 2, STRIP_LEAST = 5, STRIP_MOST = 12, LEAST_BOARD = 5 };

// ---- where things are ---------------------------------------------------------------------------

// A board and what belongs to it: beside it, or in a race below it.
typedef struct panel {
    trm_rect heading; // h 0: none
    trm_rect board;
    trm_rect text;
} panel;

typedef struct layout {
    panel own;
    panel rival; // the model's in a race; h 0: none
} layout;

// What is drawn of the player's board.
static trm_board_marks marks_of(const trm_play *p) {
    const bool digits = trm_game_has_digits(p->game);
    return (trm_board_marks){.board = trm_game_board(p->game),
                             .visits = digits ? NULL : p->visits,
                             .notes = digits ? p->notes : NULL,
                             .tints = digits ? p->tints : NULL,
                             .tried = p->tried_digit};
}

static trm_board_view view_of(const trm_play *p, const trm_board_marks *m) {
    trm_board_view v = trm_board_marks_view(m);
    v.cursor = trm_game_has_digits(p->game) ? p->cursor : -1;
    return v;
}

// The text stands right below the board, and has the rest.
static panel race_panel(const trm_board_view *board, trm_rect r) {
    panel k = {.heading = trm_rect_top(&r, 1, 0)};
    const int32_t strip = trm_clamp(r.h + 1 - board->rows - LEAST_BOARD, STRIP_LEAST, STRIP_MOST);
    k.board = trm_rect_top(&r, trm_board_height(board, r.w, r.h - strip), 0);
    k.text = r;
    return k;
}

static layout layout_of(const trm_play *p, trm_rect area) {
    layout l = {0};
    const trm_board_marks marks = marks_of(p);
    const trm_board_view view = view_of(p, &marks);
    trm_rect_top(&area, 1, 0); // the title
    if (p->racing) {
        l.own = race_panel(&view, trm_rect_left(&area, (area.w - GAP) / 2, GAP));
        l.rival = race_panel(&view, trm_rect_left(&area, l.own.board.w, 0));
        return l;
    }
    const int32_t want = trm_board_most_width(&view, area.h);
    l.own.text = trm_rect_right(&area, trm_clamp(area.w - want - GAP, SIDE, SIDE_MOST), GAP);
    l.own.board = area;
    return l;
}

// ---- the boards ---------------------------------------------------------------------------------

static void draw_own(trm_canvas *c, trm_rect r, const trm_play *p) {
    if (trm_game_paused(p->game)) {
        trm_canvas_frame(c, r, TRM_STYLE_WALL);
        trm_pen pen = trm_pen_on(c, trm_rect_centre(r, 1, 21));
        trm_pen_text(&pen, TRM_STYLE_STRONG, "paused; Space goes on");
        return;
    }
    const trm_board_marks marks = marks_of(p);
    const trm_board_view view = view_of(p, &marks);
    trm_board_draw(c, r, &view);
}

static void draw_rival(trm_canvas *c, trm_rect r, const trm_play *p) {
    const trm_board_marks marks = {.board = trm_game_board(p->rival),
                                   .visits =
                                       trm_game_has_digits(p->rival) ? NULL : p->rival_visits};
    const trm_board_view view = trm_board_marks_view(&marks);
    trm_board_draw(c, r, &view);
}

// ---- what stands beside them --------------------------------------------------------------------

static void show_step(trm_pen *pen, const trm_game *g) {
    const trm_step *s = trm_game_last(g);
    char name[16] = "";
    if (s == NULL) {
        trm_pen_line(pen, TRM_STYLE_DIM, "the start");
    } else {
        trm_pen_print(pen, s->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f ",
                      (double)s->reward);
        trm_pen_line(pen, TRM_STYLE_NORMAL, "%s", trm_reason_text(s->reason));
        trm_env_action_name(trm_game_env(g), trm_game_last_action(g), name);
    }
    trm_pen_field(pen, "move ", TRM_STYLE_NORMAL, "%-4d%s", trm_game_steps(g), name);
    trm_pen_field(pen, "total ", TRM_STYLE_STRONG, "%+.2f", (double)trm_game_reward(g));
}

static void show_counts(trm_pen *pen, const trm_play *p) {
    enum { ROOMY = 9 };
    const trm_game_counts *n = trm_game_counted(p->game);
    trm_pen_field(pen, "mistakes ", n->mistakes > 0 ? TRM_STYLE_BAD : TRM_STYLE_NORMAL,
                  "%-4d undone %d", n->mistakes, n->undone);
    if (trm_pen_has(pen, ROOMY) && (n->hints > 0 || n->asked > 0))
        trm_pen_field(pen, "hints ", TRM_STYLE_NORMAL, "%-4d asked %d", n->hints, n->asked);
}

static void show_marks(trm_pen *pen, const trm_play *p) {
    const uint16_t notes = trm_game_marks(p->game, p->cursor);
    if (!trm_game_has_digits(p->game) || notes == 0)
        return;
    trm_pen_text(pen, TRM_STYLE_DIM, "marks ");
    for (int32_t d = 1; d <= 16; d++)
        if (notes >> (d - 1) & 1)
            trm_pen_print(pen, TRM_STYLE_NORMAL, "%d ", d);
    trm_pen_end(pen);
}

static void show_hint(trm_pen *pen, const trm_play *p) {
    if (!p->has_hint || !trm_pen_has(pen, 2))
        return;
    trm_pen_heading(pen, "hint");
    trm_pen_wrap(pen, TRM_STYLE_NORMAL, p->hint.text);
}

static void show_opinion(trm_pen *pen, const trm_play *p) {
    if (p->asking && p->opinion < 0 && !trm_game_finished(p->game)) {
        trm_pen_heading(pen, "the model");
        trm_pen_line(pen, TRM_STYLE_DIM, "thinking \u2026");
    }
    if (!p->asking || p->opinion < 0 || !trm_pen_has(pen, 3))
        return;
    char text[128];
    const trm_decision_table t = {.subject = {.env = p->setup.env},
                                  .reading = trm_agent_reading(&p->agent, p->agent.trace),
                                  .chosen = p->opinion,
                                  .selected = -1};
    trm_pen_heading(pen, "the model");
    trm_words_brief(p->setup.env, &t.reading, text, sizeof text);
    trm_pen_wrap(pen, TRM_STYLE_STRONG, text);
    trm_pen_skip(pen, trm_decision_table_draw(pen->c, pen->r, &t));
}

static void show_model(trm_pen *pen, const trm_play *p) {
    if (p->setup.model != NULL)
        trm_pen_field(pen, "model ", TRM_STYLE_DIM, "%s", p->setup.model_name);
    else
        trm_pen_line(pen, TRM_STYLE_DIM, "no model");
}

// ---- the end ------------------------------------------------------------------------------------

enum { MOVES, REWARD, MISTAKES, SOLVED, TIME, RESULTS };

static void result_field(const void *ctx, int32_t row, int32_t column, trm_field *out) {
    static const char *const labels[RESULTS] = {"moves", "reward", "mistakes", "solved", "time"};
    const trm_play *p = ctx;
    const trm_play_side *const sides[] = {&p->you, &p->model, &p->optimum};
    if (column == 0) {
        trm_text_copy(out->text, sizeof out->text, labels[row]);
        out->style = TRM_STYLE_DIM;
        return;
    }
    const trm_play_side *s = sides[column - 1];
    char texts[RESULTS][24] = {""};
    trm_text_format(texts[MOVES], 24, "%d", s->steps);
    trm_text_format(texts[REWARD], 24, "%+.2f", s->reward);
    trm_text_format(texts[MISTAKES], 24, "%d", s->mistakes);
    trm_text_copy(texts[SOLVED], 24, s->solved ? "yes" : "no");
    if (!isnan(s->seconds))
        trm_text_format(texts[TIME], 24, "%.1fs", s->seconds);
    trm_text_copy(out->text, sizeof out->text, s->known ? texts[row] : "-");
    out->style = column == 1 ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL;
}

static void show_result(trm_pen *pen, const trm_play *p) {
    static const trm_part side = {.least = 4, .most = 12, .share = 1};
    const trm_column columns[] = {{NULL, TRM_ALIGN_LEFT, {.least = 9}},
                                  {"you", TRM_ALIGN_RIGHT, side},
                                  {"model", TRM_ALIGN_RIGHT, side},
                                  {"optimum", TRM_ALIGN_RIGHT, side}};
    const trm_table t = {.columns = columns,
                         .column_count = 4,
                         .rows = RESULTS,
                         .selected = -1,
                         .field = result_field,
                         .ctx = p};
    trm_pen_heading(pen, p->you.solved ? "solved" : "not solved");
    trm_table_draw(pen->c, trm_pen_take(pen, RESULTS + 1), &t);
}

static void show_record(trm_pen *pen, const trm_play *p) {
    const trm_personal_best *r = &p->record;
    if (!p->has_record || !trm_pen_has(pen, 3))
        return;
    trm_pen_heading(pen, "record");
    trm_pen_line(pen, TRM_STYLE_NORMAL, "%s", r->kind);
    trm_pen_field(pen, "games ", TRM_STYLE_NORMAL, "%lld, solved %lld, unaided %lld",
                  (long long)r->games, (long long)r->solved, (long long)r->unaided);
    if (r->unaided == 0) {
        trm_pen_line(pen, TRM_STYLE_DIM, "solve one without help");
        return;
    }
    trm_pen_field(pen, "best ", TRM_STYLE_STRONG, "%.1fs  %+.2f", r->seconds, r->reward);
    trm_pen_field(pen, "least ", TRM_STYLE_STRONG, "%d move%s, %d mistake%s", r->steps,
                  r->steps == 1 ? "" : "s", r->mistakes, r->mistakes == 1 ? "" : "s");
}

// ---- the screen ---------------------------------------------------------------------------------

static void draw_end(trm_pen *pen, const trm_play *p) {
    show_step(pen, p->game);
    show_result(pen, p);
    if (p->first[0] != 0)
        trm_pen_line(pen, TRM_STYLE_STRONG, "%s", p->first);
    show_record(pen, p);
}

static void draw_own_text(trm_canvas *c, trm_rect r, const trm_play *p) {
    trm_pen pen = trm_pen_on(c, r);
    if (trm_game_finished(p->game) && p->over) {
        draw_end(&pen, p);
        return;
    }
    if (!p->racing)
        trm_pen_heading(&pen, "you");
    show_step(&pen, p->game);
    show_counts(&pen, p);
    show_marks(&pen, p);
    show_hint(&pen, p);
    show_opinion(&pen, p);
    if (p->racing || !trm_pen_has(&pen, 2))
        return;
    trm_pen_skip(&pen, 1);
    show_model(&pen, p);
}

static void draw_rival_text(trm_canvas *c, trm_rect r, const trm_play *p) {
    trm_pen pen = trm_pen_on(c, r);
    show_step(&pen, p->rival);
    trm_pen_field(&pen, "mistakes ", TRM_STYLE_NORMAL, "%d", trm_game_counted(p->rival)->mistakes);
    if (trm_game_finished(p->rival))
        trm_pen_line(&pen, TRM_STYLE_STRONG, "%s after %d move%s",
                     trm_game_solved(p->rival) ? "solved" : "ended", trm_game_steps(p->rival),
                     trm_game_steps(p->rival) == 1 ? "" : "s");
    else if (trm_adviser_open(p->driver))
        trm_pen_line(&pen, TRM_STYLE_DIM, "thinking …");
    else
        trm_pen_field(&pen, "pace ", TRM_STYLE_NORMAL, "%g move%s a second", p->pace,
                      p->pace == 1.0 ? "" : "s");
    trm_pen_wrap(&pen, TRM_STYLE_STRONG, p->first);
    show_model(&pen, p);
}

static void draw_title(trm_canvas *c, const trm_play *p) {
    const int64_t s = (int64_t)trm_game_seconds(p->game);
    char board[128], clock[32];
    trm_text_copy(board, sizeof board, p->setup.start_name);
    if (p->numbered)
        trm_text_format(board, sizeof board, "board %lld", (long long)p->setup.board);
    trm_text_format(clock, sizeof clock, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
    const char *state = trm_game_paused(p->game) ? "paused" : p->noting ? "pencil marks" : "";
    trm_title_draw(
        c, &(trm_title){.name = "trm play",
                        .about = {{trm_env_get_config(p->setup.env)->type, TRM_STYLE_STRONG},
                                  {board, TRM_STYLE_NORMAL}},
                        .state = {{state, TRM_STYLE_SELECTED}, {clock, TRM_STYLE_STRONG}}});
}

void trm_play_draw(trm_canvas *c, const void *play) {
    const trm_play *p = play;
    const layout l = layout_of(p, trm_canvas_area(c));
    draw_title(c, p);
    draw_own(c, l.own.board, p);
    draw_own_text(c, l.own.text, p);
    if (!p->racing)
        return;
    trm_panel(c, l.own.heading, "you", false, NULL);
    trm_panel(c, l.rival.heading, "the model", false, NULL);
    draw_rival(c, l.rival.board, p);
    draw_rival_text(c, l.rival.text, p);
}

int32_t trm_play_cell_at(const trm_play *p, trm_rect area, int32_t y, int32_t x) {
    const layout l = layout_of(p, area);
    const trm_board_marks marks = marks_of(p);
    const trm_board_view view = view_of(p, &marks);
    return trm_board_at(l.own.board, &view, y, x);
}
