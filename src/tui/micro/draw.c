// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/draw.h"

#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/model/model.h"
#include "tui/widgets/thought.h"

static void draw_title(trm_canvas *c, const trm_micro_view *v) {
    const trm_scope *s = v->scope;
    char right[96] = "", left[96];
    if (v->trace != NULL && v->decided >= 0 && s->shape.first_logits < s->shape.cycles - 1)
        trm_text_format(right, sizeof right, "decided at %s %d of %d",
                        trm_words_of_trace(&s->shape)->cycle, v->decided + 1, s->shape.cycles);
    const int32_t w = trm_text_columns(right), x = c->cols - 1 - w;
    trm_canvas_text(c, 0, x, w, TRM_STYLE_STRONG, right);
    int32_t at = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "microscope");
    trm_text_format(left, sizeof left, "step %d of %d", v->at + 1, s->moments);
    at += 2 + trm_canvas_text(c, 0, at + 2, x - at - 4, TRM_STYLE_STRONG, left);
    at += 2 + trm_canvas_text(c, 0, at + 2, x - at - 4, TRM_STYLE_NORMAL, s->title);
    if (v->pinned >= 0) {
        trm_text_format(left, sizeof left, " against step %d ", v->pinned + 1);
        at += 2 + trm_canvas_text(c, 0, at + 2, x - at - 4, TRM_STYLE_SELECTED, left);
    }
    const char *type = trm_model_get_config(s->agent.model)->type;
    if (at + 2 + trm_text_columns(type) + 2 <= x)
        trm_canvas_text(c, 0, at + 2, x - at - 4, TRM_STYLE_DIM, type);
}

// What was done, step by step; the sign is the arrow, or the digit placed.
static void draw_steps(trm_canvas *c, trm_rect r, const trm_micro_view *v) {
    const trm_scope *s = v->scope;
    const trm_micro_steps k = trm_micro_steps_of(v, r);
    trm_canvas_text(c, r.y, r.x + 1, 6, TRM_STYLE_DIM, "steps");
    for (int32_t i = 0; i < k.count; i++) {
        const int32_t t = k.first + i, x = k.x + i * k.width;
        uint32_t ch = '?';
        trm_style style = TRM_STYLE_DIM;
        if (t < s->length) {
            const int32_t action = s->steps[t].action;
            const char *glyph = trm_scope_glyph(s, action, &c->look);
            const trm_placement put = trm_env_placement(s->env, trm_scope_state(s, t), action);
            ch = glyph[0] != 0 ? trm_utf8_next(&glyph)
                 : put.cell >= 0
                     ? (uint32_t)(put.digit < 10 ? '0' + put.digit : 'A' + put.digit - 10)
                     : 0x00B7;
            style = s->steps[t].reward > 0 ? TRM_STYLE_ACCENT : TRM_STYLE_TRAIL;
        }
        if (t == v->at)
            style = TRM_STYLE_SELECTED;
        trm_canvas_put(c, r.y, x, ch, style);
        if (t == v->pinned && k.width > 1)
            trm_canvas_put(c, r.y, x + 1, '|', TRM_STYLE_CURVE_MARK);
    }
    if (v->at < s->length)
        trm_canvas_print_right(c, r.y, r.x + r.w - 14, 13, TRM_STYLE_NORMAL, "total %+.2f",
                               (double)s->steps[v->at].total_reward);
}

void trm_micro_draw(trm_canvas *c, const trm_micro_view *v) {
    static void (*const panels[TRM_MICRO_PANELS])(trm_canvas *, trm_rect,
                                                  const trm_micro_view *) = {
        [TRM_MICRO_BOARD] = trm_micro_draw_board,
        [TRM_MICRO_CYCLES] = trm_micro_draw_cycles,
        [TRM_MICRO_UNIT] = trm_micro_draw_unit,
        [TRM_MICRO_PATH] = trm_micro_draw_path,
    };
    const trm_micro_layout l = trm_micro_layout_of(c->rows, c->cols, v->side);
    draw_title(c, v);
    draw_steps(c, l.steps, v);
    for (int32_t i = 0; i < TRM_MICRO_PANELS; i++)
        if (l.panels[i].h > 0)
            panels[i](c, l.panels[i], v);
    char sentence[200];
    trm_micro_sentence(v, sentence, sizeof sentence);
    const int32_t used =
        trm_canvas_text(c, l.sentence.y, l.sentence.x, l.sentence.w, TRM_STYLE_STRONG, sentence);
    trm_thought_draw_refused(c, l.sentence, l.sentence.x + used, v->scope->env,
                             trm_scope_state(v->scope, v->at), &v->reading, v->cycle);
}
