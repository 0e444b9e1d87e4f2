// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/title.h"

#include "trm/base/text.h"
#include "tui/canvas/layout.h"

enum { GAP = 2 };

static int32_t width_of(const trm_word *w) {
    if (w->text == NULL || w->text[0] == 0)
        return 0;
    return trm_text_columns(w->text) + (w->style == TRM_STYLE_SELECTED ? 2 : 0);
}

static void draw_word(trm_canvas *c, int32_t x, const trm_word *w) {
    const bool padded = w->style == TRM_STYLE_SELECTED;
    trm_canvas_print(c, 0, x, c->cols - x, w->style, padded ? " %s " : "%s", w->text);
}

void trm_title_draw(trm_canvas *c, const trm_title *t) {
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols - 2, TRM_STYLE_TITLE, t->name);
    int32_t right = c->cols - 1;
    for (int32_t i = TRM_TITLE_WORDS - 1; i >= 0; i--) {
        const int32_t w = width_of(&t->state[i]);
        if (w == 0 || right - w < x + GAP)
            continue;
        draw_word(c, right - w, &t->state[i]);
        right -= w + GAP;
    }
    for (int32_t i = 0; i < TRM_TITLE_WORDS; i++) {
        const int32_t w = width_of(&t->about[i]);
        if (w == 0 || x + GAP + w > right)
            continue;
        draw_word(c, x + GAP, &t->about[i]);
        x += GAP + w;
    }
}

trm_rect trm_panel(trm_canvas *c, trm_rect r, const char *name, bool focus,
                   const char *const *words) {
    const trm_rect head = trm_rect_top(&r, 1, 0);
    if (head.h < 1)
        return r;
    const int32_t x = trm_canvas_heading(c, head.y, head.x, head.w, name, focus);
    const int32_t room = trm_clamp(head.x + head.w - x - 3, 0, head.w);
    char text[160] = "";
    for (int32_t i = 0; words != NULL && words[i] != NULL && words[i][0] != 0; i++) {
        if (trm_text_columns(text) + (i > 0 ? 2 : 0) + trm_text_columns(words[i]) + 1 > room)
            break;
        trm_text_add(text, sizeof text, "%s%s", i > 0 ? "  " : "", words[i]);
    }
    const int32_t w = trm_text_columns(text) + 2;
    if (w > 2)
        trm_canvas_print(c, head.y, head.x + head.w - w - 1, w, TRM_STYLE_NORMAL, " %s ", text);
    return r;
}

void trm_columns_words(const char *word, int32_t first, int32_t count, int32_t all, char out[48]) {
    if (count >= all)
        trm_text_format(out, 48, "%ss", word);
    else if (count == 1)
        trm_text_format(out, 48, "%s %d of %d", word, first + 1, all);
    else
        trm_text_format(out, 48, "%ss %d-%d of %d", word, first + 1, first + count, all);
}
