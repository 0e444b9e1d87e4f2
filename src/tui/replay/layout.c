// SPDX-License-Identifier: Apache-2.0
#include "tui/replay/layout.h"

enum { GAP = 2, LINE = 2 };

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

static trm_watch_layout side(trm_rect r, int32_t board, bool detail) {
    trm_watch_layout l = {0};
    const int32_t rows = detail && r.h >= 12 ? 1 : 0;
    l.board = (trm_rect){r.y, r.x, r.h - 1, board};
    l.cycles = (trm_rect){r.y, r.x + board + GAP, r.h - 1 - rows, r.w - board - GAP};
    l.detail = (trm_rect){r.y + r.h - 1 - rows, l.cycles.x, rows, l.cycles.w};
    l.sentence = (trm_rect){r.y + r.h - 1, r.x + 1, 1, r.w - 1};
    return l;
}

trm_replay_layout trm_replay_layout_of(int32_t rows, int32_t cols, bool compare) {
    trm_replay_layout l = {0};
    const int32_t room = rows - 2; // less title and bottom row
    const int32_t lower = rows < 24 ? clamp(room - 14, 6, 9) : 9 + (rows - 24) * 30 / 100;
    const int32_t upper = room - lower;
    if (compare) {
        const int32_t half = (cols - GAP) / 2;
        for (int32_t i = 0; i < 2; i++) {
            const int32_t x = i * (half + GAP);
            l.labels[i] = (trm_rect){1, x, 1, half};
            l.sides[i] =
                side((trm_rect){2, x, upper - 1, half}, clamp(half * 45 / 100, 15, 66), false);
        }
    } else {
        l.sides[0] = side((trm_rect){1, 0, upper, cols}, clamp(cols * 28 / 100, 20, 66), true);
    }
    const int32_t y = 1 + upper;
    l.curve = (trm_rect){y, 0, lower - LINE, cols};
    l.line = (trm_rect){y + lower - LINE, 0, LINE, cols};
    return l;
}
