// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/sentence.h"

#include <string.h>

#include "trm/base/text.h"

static double probability(const trm_watch_view *v, int32_t cycle, int32_t action) {
    return (double)trm_trace_probs(&v->shape, trm_watch_view_trace(v), cycle)[action];
}

// What was done, if it is not what the last cycle held likeliest.
static void add_draw(const trm_watch_view *v, int32_t last, int32_t best, char *out, int32_t size) {
    const int32_t action = v->reel->steps[v->cursor].action;
    if (action == best)
        return;
    const size_t used = strlen(out);
    trm_text_format(out + used, (size_t)size - used, "; drew %s, %.2f", v->names[action],
                    probability(v, last, action));
}

void trm_watch_sentence(const trm_watch_view *v, char *out, int32_t size) {
    const int32_t first = v->shape.first_logits, last = v->shape.cycles - 1;
    const char *cycle = v->shape.cycle_name;
    out[0] = 0;
    const int32_t best = trm_watch_view_best(v, last);
    if (best < 0)
        return;
    int32_t turned = first, turns = 0; // the last cycle that changed its mind
    for (int32_t c = first + 1; c <= last; c++)
        if (trm_watch_view_best(v, c) != trm_watch_view_best(v, c - 1)) {
            turned = c;
            turns++;
        }
    const double end = probability(v, last, best);
    if (first == last)
        trm_text_format(out, (size_t)size, "%s at %.2f", v->names[best], end);
    else if (turns == 0)
        trm_text_format(out, (size_t)size, "decided at %s %d: %s, %.2f to %.2f", cycle, first + 1,
                        v->names[best], probability(v, first, best), end);
    else
        trm_text_format(out, (size_t)size, "%s %d turned%s from %s to %s, %.2f to %.2f", cycle,
                        turned + 1, turns > 1 ? " again," : "",
                        v->names[trm_watch_view_best(v, turned - 1)], v->names[best],
                        probability(v, turned - 1, best), probability(v, turned, best));
    add_draw(v, last, best, out, size);
}
