// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/draw.h"

#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/model/model.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/title.h"

static void draw_title(trm_canvas *c, const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    char decided[96] = "", step[64], pinned[64] = "";
    if (v->trace != NULL && v->decided >= 0 && s->shape.first_logits < s->shape.cycles - 1)
        trm_text_format(decided, sizeof decided, "decided at %s %d of %d",
                        trm_words_of_trace(&s->shape)->cycle, v->decided + 1, s->shape.cycles);
    trm_text_format(step, sizeof step, "%s %d of %d", trm_inspection_word(s),
                    trm_inspection_number(s, v->at), trm_inspection_total(s));
    if (v->pinned >= 0)
        trm_text_format(pinned, sizeof pinned, "against %s %d", trm_inspection_word(s),
                        trm_inspection_number(s, v->pinned));
    const char *type = trm_model_get_config(s->agent.model)->type;
    trm_title_draw(c, &(trm_title){.name = "microscope",
                                   .about = {{step, TRM_STYLE_STRONG},
                                             {s->title, TRM_STYLE_NORMAL},
                                             {pinned, TRM_STYLE_SELECTED},
                                             {type, TRM_STYLE_DIM}},
                                   .state = {{decided, TRM_STYLE_STRONG}}});
}

// The sign of a step that was done: its arrow, or the digit placed.
static uint32_t sign_of(const trm_canvas *c, const trm_inspection *s, int32_t t) {
    const int32_t action = s->steps[t].action;
    const char *glyph = trm_inspection_glyph(s, action, &c->look);
    const trm_placement put = trm_env_placement(s->env, trm_inspection_state(s, t), action);
    return glyph[0] != 0   ? trm_utf8_next(&glyph)
           : put.cell >= 0 ? trm_mark_digit(put.digit)
                           : 0x00B7;
}

// How a sample was answered: all right, something wrong, not known yet.
static uint32_t sign_of_sample(const trm_inspection *s, int32_t t, trm_style *style) {
    const trm_subject subject = trm_inspection_subject(s, t);
    const trm_reading r = {.shape = &s->shape, .trace = trm_inspection_trace(s, t)};
    const int32_t right =
        r.trace != NULL ? trm_subject_right(&subject, &r, s->shape.cycles - 1) : -1;
    *style = right < 0                    ? TRM_STYLE_DIM
             : right < s->shape.positions ? TRM_STYLE_BAD
                                          : TRM_STYLE_GOOD;
    return right < 0 ? '?' : right < s->shape.positions ? 0x00D7 : '=';
}

static uint32_t sign_of_moment(const trm_canvas *c, const trm_inspection *s, int32_t t,
                               trm_style *style) {
    if (trm_inspection_samples(s))
        return sign_of_sample(s, t, style);
    *style = t >= s->length           ? TRM_STYLE_DIM
             : s->steps[t].reward > 0 ? TRM_STYLE_ACCENT
                                      : TRM_STYLE_TRAIL;
    return t < s->length ? sign_of(c, s, t) : '?';
}

// What was done step by step, or how the samples were answered.
static void draw_steps(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    const trm_inspector_steps k = trm_inspector_steps_of(v, r);
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_print(&pen, TRM_STYLE_DIM, trm_inspection_samples(s) ? " all   " : " %ss ",
                  trm_inspection_word(s));
    for (int32_t i = 0; i < k.count; i++) {
        const int32_t t = k.first + i;
        trm_style style;
        const uint32_t sign = sign_of_moment(c, s, t, &style);
        trm_pen_put(&pen, t == v->at ? TRM_STYLE_SELECTED : style, sign);
        if (k.width > 1)
            trm_pen_put(&pen, TRM_STYLE_CURVE_MARK, t == v->pinned ? '|' : ' ');
    }
    if (v->at < s->length)
        trm_pen_right(&pen, TRM_STYLE_NORMAL, "total %+.2f ", (double)s->steps[v->at].total_reward);
}

void trm_inspector_draw(trm_canvas *c, const trm_inspector_view *v) {
    static void (*const panels[TRM_INSPECTOR_PANELS])(trm_canvas *, trm_rect,
                                                      const trm_inspector_view *) = {
        [TRM_INSPECTOR_BOARD] = trm_inspector_draw_board,
        [TRM_INSPECTOR_CYCLES] = trm_inspector_draw_cycles,
        [TRM_INSPECTOR_UNIT] = trm_inspector_draw_unit,
        [TRM_INSPECTOR_PATH] = trm_inspector_draw_path,
    };
    const trm_inspector_layout l = trm_inspector_layout_of(trm_canvas_area(c), v->side);
    draw_title(c, v);
    draw_steps(c, l.steps, v);
    for (int32_t i = 0; i < TRM_INSPECTOR_PANELS; i++)
        if (l.panels[i].h > 0)
            panels[i](c, l.panels[i], v);
    char sentence[200];
    trm_inspector_sentence(v, sentence, sizeof sentence);
    const int32_t used = trm_canvas_sentence(c, l.sentence.y, l.sentence.x, l.sentence.w,
                                             TRM_STYLE_STRONG, sentence);
    if (!trm_inspection_samples(v->scope))
        trm_decision_table_draw_refused(c, l.sentence, l.sentence.x + used, v->scope->env,
                                        trm_inspection_state(v->scope, v->at), &v->reading,
                                        v->cycle);
}
