// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/sentence.h"

#include "trm/agent/words.h"

void trm_watch_sentence(const trm_watch_view *v, char *out, int32_t size) {
    const trm_reading r = trm_watch_view_reading(v);
    out[0] = 0;
    if (r.trace != NULL)
        trm_words_decision(v->env, &r, v->reel->steps[v->cursor].action, "sampled", out, size);
}
