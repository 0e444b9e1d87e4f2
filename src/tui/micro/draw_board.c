// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/micro/draw.h"
#include "tui/micro/policy.h"

static void draw_step(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_scope *s = v->scope;
    if (r.h < 1)
        return;
    if (v->at >= s->length) {
        trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "not acted yet");
        return;
    }
    const trm_reel_step *step = &s->steps[v->at];
    const char *glyph = trm_scope_glyph(s, step->action, &c->look);
    int32_t x = trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "did ");
    x += trm_canvas_print(c, r.y, r.x + x, r.w - x, TRM_STYLE_STRONG, "%s%s%s ", glyph,
                          glyph[0] != 0 ? " " : "", s->names[step->action]);
    trm_canvas_print(c, r.y, r.x + x, r.w - x, step->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD,
                     "%+.2f", (double)step->reward);
    if (r.h > 1 && step->reason != NULL)
        trm_canvas_text(c, r.y + 1, r.x, r.w, TRM_STYLE_NORMAL, step->reason);
}

trm_rect trm_micro_board_rect(trm_rect panel) {
    const int32_t text = panel.h > 14 ? 4 : 2; // rows below: the cell, the step
    return (trm_rect){panel.y + 1, panel.x, panel.h - 1 - text, panel.w};
}

// Cells whose arrow is another than at the cycle before.
static int32_t turned_cells(const trm_micro_view *v) {
    const trm_policy_map *map = v->map;
    int32_t n = 0;
    for (int32_t i = 0; map != NULL && v->cycle > 0 && i < map->cells; i++) {
        const int32_t at = v->cycle * map->cells + i;
        n += map->action[at - map->cells] >= 0 && map->action[at] != map->action[at - map->cells];
    }
    return n;
}

void trm_micro_draw_board(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_policy_view policy = {.scope = v->scope,
                                    .board = &v->board,
                                    .state = trm_scope_state(v->scope, v->at),
                                    .map = v->map,
                                    .reading = v->reading,
                                    .cycle = v->cycle,
                                    .cell = v->cell,
                                    .marks = v->marks};
    char cycle[64];
    const int32_t left =
        trm_canvas_heading(c, r.y, r.x, r.w, "policy", v->focus == TRM_MICRO_BOARD);
    const int32_t turned = turned_cells(v);
    trm_text_format(cycle, sizeof cycle, " %s %d, %d turn ",
                    trm_words_of_trace(&v->scope->shape)->cycle, v->cycle + 1, turned);
    if (turned == 0 || left + trm_text_columns(cycle) + 1 > r.x + r.w)
        trm_text_format(cycle, sizeof cycle, " %s %d ", trm_words_of_trace(&v->scope->shape)->cycle,
                        v->cycle + 1);
    const int32_t w = trm_text_columns(cycle);
    if (left + w + 1 <= r.x + r.w)
        trm_canvas_text(c, r.y, r.x + r.w - w - 1, w, TRM_STYLE_NORMAL, cycle);
    const trm_rect edge = trm_policy_draw(c, trm_micro_board_rect(r), &policy);
    const int32_t y = edge.y + edge.h, rest = r.y + r.h - y;
    if (rest < 1)
        return;
    trm_policy_draw_cell(c, (trm_rect){y, r.x, 1, r.w}, &policy);
    const int32_t air = rest > 4 ? 1 : 0;
    draw_step(c, (trm_rect){y + 1 + air, r.x, rest - 1 - air, r.w}, v);
}
