// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/list.h"

#include "trm/base/text.h"
#include "tui/layout.h"

int32_t trm_list_first(const trm_list *l, int32_t room) {
    if (l->selected >= 0)
        return trm_window(l->count, room, l->selected);
    return trm_clamp(l->first, 0, l->count > room ? l->count - room : 0);
}

void trm_list_draw(trm_canvas *c, trm_rect r, const trm_list *l) {
    const int32_t first = trm_list_first(l, r.h);
    for (int32_t i = first; i < l->count && r.h > 0; i++)
        l->row(c, trm_rect_top(&r, 1, 0), l->ctx, i);
}

int32_t trm_list_at(trm_rect r, const trm_list *l, int32_t y, int32_t x) {
    const int32_t i = trm_list_first(l, r.h) + y - r.y;
    return trm_rect_has(r, y, x) && i < l->count ? i : -1;
}

void trm_list_words(const trm_list *l, int32_t room, char out[32]) {
    const int32_t first = trm_list_first(l, room);
    out[0] = 0;
    if (l->count > room && room > 0)
        trm_text_format(out, 32, "%d-%d of %d", first + 1, first + room, l->count);
}
