// SPDX-License-Identifier: Apache-2.0
#include "tui/replay/layout.h"

#include "tui/layout.h"

enum { GAP = 2, LINE = 2, ROOMY = 12 };

static trm_train_layout side(trm_rect r, int32_t board, bool detail) {
    trm_train_layout l = {0};
    const int32_t rows = detail && r.h >= ROOMY ? 1 : 0;
    l.sentence = trm_rect_bottom(&r, 1, 0);
    trm_rect_left(&l.sentence, 1, 0);
    l.subject = trm_rect_left(&r, board, GAP);
    l.detail = trm_rect_bottom(&r, rows, 0);
    l.thinking = r;
    return l;
}

trm_replay_layout trm_replay_layout_of(trm_rect area, bool compare) {
    trm_replay_layout l = {0};
    const int32_t rows = area.h + 1;
    trm_rect_top(&area, 1, 0); // the title
    trm_rect lower = trm_rect_bottom(
        &area, rows < 24 ? trm_clamp(area.h - 14, 6, 9) : 9 + (rows - 24) * 30 / 100, 0);
    l.line = trm_rect_bottom(&lower, LINE, 0);
    l.curve = lower;
    if (!compare) {
        l.sides[0] = side(area, trm_clamp(area.w * 28 / 100, 20, 66), true);
        return l;
    }
    const int32_t half = (area.w - GAP) / 2;
    for (int32_t i = 0; i < 2; i++) {
        trm_rect r = trm_rect_left(&area, half, GAP);
        l.labels[i] = trm_rect_top(&r, 1, 0);
        l.sides[i] = side(r, trm_clamp(half * 45 / 100, 15, 66), false);
    }
    return l;
}
