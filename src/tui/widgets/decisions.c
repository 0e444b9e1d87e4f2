// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/decisions.h"

#include <math.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"

enum { NAME = 7, NUMBER = 5, SHOWN = 32, LEAST_BAR = 4 };

void trm_decision_table_draw_refused(trm_canvas *c, trm_rect row, int32_t x, const trm_env *env,
                                     const void *state, const trm_reading *r, int32_t cycle) {
    const trm_reading raw = {.shape = r->shape, .trace = r->trace};
    const int32_t best = trm_reading_best(&raw, cycle);
    char name[16], p[8], text[80];
    if (best < 0 || trm_reading_legal(r, best))
        return;
    trm_env_action_name(env, best, name);
    trm_probability_text(trm_reading_raw(r, cycle, best), p);
    trm_text_format(text, sizeof text, "\u00D7 %s %s: %s", name, p,
                    trm_words_of_refusal(trm_env_refusal(env, state, best)));
    if (x + 2 + trm_text_columns(text) <= row.x + row.w)
        trm_canvas_print_right(c, row.y, row.x, row.w, TRM_STYLE_DIM, "%s", text);
}

static void draw_number(trm_canvas *c, int32_t y, int32_t x, float p, bool best, bool legal) {
    char text[8];
    trm_probability_text(p, text);
    if (best || !legal)
        trm_canvas_put(c, y, x, best ? 0x25B8 : 0x00D7, best ? TRM_STYLE_ACCENT : TRM_STYLE_DIM);
    trm_canvas_text(c, y, x + 1, NUMBER - 1,
                    best    ? TRM_STYLE_STRONG
                    : legal ? TRM_STYLE_NORMAL
                            : TRM_STYLE_DIM,
                    text);
}

// One action: its name, its probability cycle by cycle, and a bar of the last.
static void draw_row(trm_canvas *c, trm_rect r, const trm_decision_table *t, int32_t first,
                     int32_t end, int32_t a) {
    const trm_reading *k = &t->reading;
    const int32_t last = k->shape->cycles - 1, x = r.x + NAME + 2;
    const int32_t bar = x + (end - first) * NUMBER;
    const bool legal = trm_reading_legal(k, a);
    char name[TRM_SUBJECT_NAME];
    trm_subject_choice_name(&t->subject, a, name);
    trm_canvas_put(c, r.y, r.x, a == t->chosen ? '*' : ' ', TRM_STYLE_AGENT);
    trm_canvas_text(c, r.y, r.x + 1, NAME, legal ? TRM_STYLE_NORMAL : TRM_STYLE_DIM, name);
    for (int32_t cycle = first; cycle < end; cycle++)
        draw_number(c, r.y, x + (cycle - first) * NUMBER, trm_reading_shown(k, cycle, a),
                    trm_reading_best(k, cycle) == a, legal);
    if (r.x + r.w - bar >= LEAST_BAR)
        trm_bar_fill(c, r.y, bar, r.x + r.w - bar, trm_reading_share(k, last, a),
                     a == trm_reading_best(k, last) ? TRM_STYLE_BAR_BEST
                     : legal                        ? TRM_STYLE_BAR
                                                    : TRM_STYLE_DIM);
}

int32_t trm_decision_table_draw(trm_canvas *c, trm_rect r, const trm_decision_table *t) {
    const trm_trace_shape *s = t->reading.shape;
    const int32_t room = (r.w - NAME - 2) / NUMBER, all = s->cycles - s->first_logits;
    int32_t order[SHOWN], choices;
    if (r.h < 2 || room < 1)
        return 0;
    trm_subject_choices(&t->subject, t->cell, &choices);
    const int32_t most = trm_clamp(choices, 0, r.h - 1 < SHOWN ? r.h - 1 : SHOWN);
    const int32_t shown = all < room ? all : room;
    const int32_t focus = t->selected >= 0 ? t->selected : s->cycles - 1;
    const int32_t first = s->first_logits + trm_window(all, shown, focus - s->first_logits);
    const int32_t n = t->beside ? trm_reading_list_both(&t->reading, t->beside, most, order)
                                : trm_reading_list(&t->reading, s->cycles - 1, most, order);
    trm_canvas_text(c, r.y, r.x, NAME + 1, TRM_STYLE_DIM, trm_words_of_trace(s)->cycle);
    for (int32_t k = first; k < first + shown; k++)
        trm_canvas_print(c, r.y, r.x + NAME + 2 + (k - first) * NUMBER + 1, NUMBER,
                         k == t->selected ? TRM_STYLE_STRONG : TRM_STYLE_DIM, "%d", k + 1);
    for (int32_t i = 0; i < n; i++)
        draw_row(c, (trm_rect){r.y + 1 + i, r.x, 1, r.w}, t, first, first + shown, order[i]);
    return n + 1;
}
