// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/thought.h"

#include <math.h>

#include "trm/base/text.h"
#include "tui/micro/scope.h"
#include "tui/widgets/bars.h"

enum { NAME = 7, NUMBER = 5, SHOWN = 32, LEAST_BAR = 4 };

static float *probabilities(const trm_thought *t, int32_t cycle) {
    return trm_trace_probs(t->shape, t->trace, cycle);
}

void trm_thought_sentence(const trm_thought *t, char *out, int32_t size) {
    const int32_t last = t->shape->cycles - 1,
                  best = trm_trace_best(t->shape, t->trace, last, t->open);
    char name[16];
    out[0] = 0;
    if (best < 0)
        return;
    trm_env_action_name(t->env, best, name);
    const double p = (double)probabilities(t, last)[best];
    if (last == t->shape->first_logits)
        trm_text_format(out, (size_t)size, "%s, %.2f", name, p);
    else
        trm_text_format(out, (size_t)size, "%s, %.2f: decided at %s %d of %d", name, p,
                        t->shape->cycle_name, trm_trace_decided(t->shape, t->trace, t->open) + 1,
                        t->shape->cycles);
}

// What a row is ranked by: the probability at the last cycle, of both thoughts where there are two.
static float weight(const trm_thought *t, int32_t action) {
    const float p = trm_trace_rank(t->shape, t->trace, t->shape->cycles - 1, t->open, action);
    const trm_trace_shape *other = t->beside_shape;
    if (other == NULL)
        return p;
    const float q = trm_trace_rank(other, t->beside, other->cycles - 1, t->beside_open, action);
    return p + q; // either way round the same float
}

// The actions of the largest weight, falling, the first of equals first.
static int32_t order_of(const trm_thought *t, int32_t n, int32_t order[SHOWN]) {
    int32_t count = 0;
    for (int32_t a = 0; a < t->shape->actions; a++) {
        int32_t at = count;
        while (at > 0 && weight(t, a) > weight(t, order[at - 1]))
            at--;
        if (at >= n)
            continue;
        count = count < n ? count + 1 : n;
        for (int32_t i = count - 1; i > at; i--)
            order[i] = order[i - 1];
        order[at] = a;
    }
    return count;
}

static void draw_number(trm_canvas *c, int32_t y, int32_t x, float p, bool best) {
    char text[16];
    if (p >= 0.995f)
        trm_text_copy(text, sizeof text, "1.0");
    else
        trm_text_format(text, sizeof text, ".%02d", (int)lrintf(p * 100.0f));
    if (best)
        trm_canvas_put(c, y, x, 0x25B8, TRM_STYLE_ACCENT);
    trm_canvas_text(c, y, x + 1, NUMBER - 1, best ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL, text);
}

int32_t trm_thought_draw(trm_canvas *c, trm_rect r, const trm_thought *t) {
    int32_t order[SHOWN], first = t->shape->first_logits;
    const int32_t room = (r.w - NAME - 2) / NUMBER;
    if (r.h < 2 || room < 1)
        return 0;
    if (t->shape->cycles - first > room)
        first = t->shape->cycles - room;
    const int32_t n = order_of(t, r.h - 1 < SHOWN ? r.h - 1 : SHOWN, order);
    const int32_t x = r.x + NAME + 2, bar = x + (t->shape->cycles - first) * NUMBER;
    trm_canvas_text(c, r.y, r.x, NAME + 1, TRM_STYLE_DIM, t->shape->cycle_name);
    for (int32_t k = first; k < t->shape->cycles; k++)
        trm_canvas_print(c, r.y, x + (k - first) * NUMBER + 1, NUMBER, TRM_STYLE_DIM, "%d", k + 1);
    for (int32_t i = 0; i < n; i++) {
        const int32_t a = order[i], y = r.y + 1 + i;
        char name[16];
        trm_env_action_name(t->env, a, name);
        trm_canvas_put(c, y, r.x, a == t->chosen ? '*' : ' ', TRM_STYLE_AGENT);
        trm_canvas_text(c, y, r.x + 1, NAME, TRM_STYLE_NORMAL, name);
        for (int32_t k = first; k < t->shape->cycles; k++)
            draw_number(c, y, x + (k - first) * NUMBER, probabilities(t, k)[a],
                        trm_trace_best(t->shape, t->trace, k, t->open) == a);
        if (r.x + r.w - bar >= LEAST_BAR)
            trm_bar_fill(c, y, bar, r.x + r.w - bar, probabilities(t, t->shape->cycles - 1)[a],
                         a == trm_trace_best(t->shape, t->trace, t->shape->cycles - 1, t->open)
                             ? TRM_STYLE_BAR_BEST
                             : TRM_STYLE_BAR);
    }
    return n + 1;
}
