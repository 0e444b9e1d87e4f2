// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/inspector/draw.h"
#include "tui/widgets/policy.h"
#include "tui/widgets/title.h"

// How much of the answer is right at the cycle, and what is right in the cell.
static void show_answer(trm_pen *pen, const trm_inspector_view *v) {
    const trm_subject subject = trm_inspection_subject(v->scope, v->at);
    const int32_t cells = trm_subject_cells(&subject);
    const int32_t right =
        v->trace != NULL ? trm_subject_right(&subject, &v->reading, v->cycle) : -1;
    const int32_t target = trm_subject_target(&subject, v->cell);
    char name[TRM_SUBJECT_NAME];
    if (right == cells)
        trm_pen_line(pen, TRM_STYLE_GOOD, "all %d right", cells);
    else if (right >= 0)
        trm_pen_line(pen, TRM_STYLE_BAD, "%d of %d right", right, cells);
    else
        trm_pen_line(pen, TRM_STYLE_DIM, "no answer yet");
    if (target < 0)
        return;
    trm_subject_choice_name(&subject, v->choice + target, name);
    trm_pen_line(pen, TRM_STYLE_DIM, "the target is %s", name);
}

static void show_step(trm_pen *pen, const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    if (trm_inspection_samples(s)) {
        show_answer(pen, v);
        return;
    }
    if (v->at >= s->length) {
        trm_pen_line(pen, TRM_STYLE_DIM, "not acted yet");
        return;
    }
    const trm_episode_step *step = &s->steps[v->at];
    const char *glyph = trm_inspection_glyph(s, step->action, &pen->c->look);
    trm_pen_text(pen, TRM_STYLE_DIM, "did ");
    trm_pen_print(pen, TRM_STYLE_STRONG, "%s%s%s ", glyph, glyph[0] != 0 ? " " : "",
                  s->names[step->action]);
    trm_pen_line(pen, step->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f",
                 (double)step->reward);
    trm_pen_line(pen, TRM_STYLE_NORMAL, "%s", trm_reason_text(step->reason));
}

trm_rect trm_inspector_board_rect(const trm_inspector_view *v, trm_rect panel) {
    const bool values = trm_inspector_has_values(v, panel);
    trm_rect_top(&panel, 1, 0);
    // The cell, the step, and the lower board.
    trm_rect_bottom(&panel, values ? panel.h / 2 : panel.h > 13 ? 4 : 2, 0);
    return panel;
}

// Cells whose arrow is another than at the cycle before.
static int32_t turned_cells(const trm_inspector_view *v) {
    const trm_policy_map *map = v->map;
    int32_t n = 0;
    for (int32_t i = 0; map != NULL && v->cycle > 0 && i < map->cells; i++) {
        const int32_t at = v->cycle * map->cells + i;
        n += map->action[at - map->cells] >= 0 && map->action[at] != map->action[at - map->cells];
    }
    return n;
}

trm_policy_view trm_inspector_policy(const trm_inspector_view *v) {
    return (trm_policy_view){.name = trm_inspection_sign,
                             .names = v->scope,
                             .board = &v->board,
                             .subject = trm_inspection_subject(v->scope, v->at),
                             .map = v->map,
                             .reading = v->reading,
                             .cycle = v->cycle,
                             .cell = v->cell,
                             .marks = v->marks};
}

void trm_inspector_draw_board(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    enum { ROOMY = 5 };
    const trm_policy_view policy = trm_inspector_policy(v);
    char cycle[64], turned[24] = "";
    const int32_t n = turned_cells(v);
    trm_text_format(cycle, sizeof cycle, "%s %d", trm_words_of_trace(&v->scope->shape)->cycle,
                    v->cycle + 1);
    if (n > 0)
        trm_text_format(turned, sizeof turned, "%d turn", n);
    const trm_rect inside = trm_panel(c, r, trm_inspection_samples(v->scope) ? "answer" : "policy",
                                      v->focus == TRM_INSPECTOR_BOARD, TRM_WORDS(cycle, turned));
    const trm_rect edge = trm_policy_draw(c, trm_inspector_board_rect(v, r), &policy);
    trm_pen pen = trm_pen_on(c, inside);
    trm_pen_skip(&pen, edge.h);
    const bool air = trm_pen_has(&pen, ROOMY);
    trm_policy_draw_cell(c, trm_pen_take(&pen, 1), &policy);
    trm_pen_skip(&pen, air ? 1 : 0);
    show_step(&pen, v);
    trm_pen_skip(&pen, 1);
    if (trm_inspector_has_values(v, r))
        trm_inspector_draw_values(c, pen.r, v);
}
