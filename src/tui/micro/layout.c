// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/layout.h"

#include "tui/widgets/heatmap.h"

enum {
    GAP = 2,
    WIDE_COLS = 120,
    WIDE_ROWS = 36,
    LEAST_COLUMN = 17,
    MOST_COLUMN = 66,
    LABEL = 2, // columns before a map
    STEPS_LABEL = 7,
};

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

trm_micro_layout trm_micro_layout_of(int32_t rows, int32_t cols, trm_micro_panel side) {
    trm_micro_layout l = {.wide = cols >= WIDE_COLS && rows >= WIDE_ROWS};
    const int32_t top = 2, height = rows - top - 2;
    const int32_t board = clamp(cols * 28 / 100, 22, 66), x = board + GAP, w = cols - x;
    l.steps = (trm_rect){1, 0, 1, cols};
    l.sentence = (trm_rect){rows - 2, 1, 1, cols - 2};
    l.panels[TRM_MICRO_BOARD] = (trm_rect){top, 0, height, board};
    if (!l.wide) {
        l.panels[side] = (trm_rect){top, x, height, w};
        return l;
    }
    const int32_t upper = height * 60 / 100, each = (w - GAP) / 2;
    l.panels[TRM_MICRO_CYCLES] = (trm_rect){top, x, upper, w};
    l.panels[TRM_MICRO_UNIT] = (trm_rect){top + upper, x, height - upper, each};
    l.panels[TRM_MICRO_PATH] =
        (trm_rect){top + upper, x + each + GAP, height - upper, w - each - GAP};
    return l;
}

static int32_t map_size(const trm_trace_shape *s, int32_t map) {
    return map == TRM_MICRO_DIFFERENCE ? s->h : trm_level_size(s, (trm_level)map);
}

// Shares rows out by the maps' sizes, at least one each while there are any.
static void share_rows(const trm_micro_view *v, trm_micro_columns *k, trm_rect panel, int32_t rows,
                       bool fills) {
    int64_t left = 0;
    for (int32_t i = 0; i < TRM_MICRO_MAPS; i++)
        left += map_size(&v->scope->shape, i);
    int32_t y = panel.y + 2;
    for (int32_t i = 0; i < TRM_MICRO_MAPS; i++) {
        const int32_t n = map_size(&v->scope->shape, i);
        if (n == 0 || rows < 1)
            continue;
        const int32_t room = clamp((int32_t)(rows * (int64_t)n / left), 1, rows);
        const trm_heat_fit fit = trm_heatmap_fit(n, k->width - LABEL, room, fills);
        const int32_t used = trm_heatmap_height(&fit);
        k->maps[i] = (trm_rect){y, panel.x + LABEL, used, k->width - LABEL};
        y += used;
        rows -= used;
        left -= n;
    }
    // What is left over separates the maps.
    for (int32_t i = TRM_MICRO_MAPS - 1, air = clamp(rows, 0, TRM_MICRO_MAPS); i > 0 && air > 1;
         i--, air--)
        for (int32_t j = i; k->maps[i].h > 0 && j < TRM_MICRO_MAPS; j++)
            k->maps[j].y++;
}

trm_micro_columns trm_micro_columns_of(const trm_micro_view *v, trm_rect panel, bool fills) {
    trm_micro_columns k = {0};
    const int32_t all = v->scope->shape.cycles, actions = v->scope->actions;
    k.count = clamp((panel.w + 1) / (LEAST_COLUMN + 1), 1, all);
    k.width = clamp((panel.w + 1) / k.count - 1, 1, MOST_COLUMN);
    k.first = clamp(v->cycle - k.count / 2, 0, all - k.count);
    const int32_t rows = panel.h - 2; // less heading and header
    const int32_t share = clamp(rows / 4, 4, 12);
    k.bar_count = clamp(actions < share ? actions : share, 0, rows - 3);
    k.bars = panel.y + panel.h - k.bar_count;
    k.numbers = k.bars - 2;
    share_rows(v, &k, panel, rows - 2 - k.bar_count, fills);
    return k;
}

trm_micro_steps trm_micro_steps_of(const trm_micro_view *v, trm_rect row) {
    const int32_t n = v->scope->moments, room = row.w - STEPS_LABEL - 14;
    trm_micro_steps k = {.x = row.x + STEPS_LABEL, .width = room >= 2 * n ? 2 : 1};
    k.count = clamp(room / k.width, 1, n);
    k.first = clamp(v->at - k.count / 2, 0, n - k.count);
    return k;
}
