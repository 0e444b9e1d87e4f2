// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/layout.h"

#include "tui/canvas/layout.h"
#include "tui/widgets/heatmap.h"

enum {
    GAP = 2,
    WIDE_COLS = 120,
    WIDE_ROWS = 35,
    LEAST_COLUMN = 17,
    MOST_COLUMN = 66,
    LABEL = 2, // columns before a map
    STEPS_LABEL = 7,
};

trm_inspector_layout trm_inspector_layout_of(trm_rect area, trm_inspector_panel side) {
    trm_inspector_layout l = {.wide = area.w >= WIDE_COLS && area.h >= WIDE_ROWS};
    trm_rect_top(&area, 1, 0); // the title
    l.steps = trm_rect_top(&area, 1, 0);
    l.sentence = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    l.panels[TRM_INSPECTOR_BOARD] = trm_rect_left(&area, trm_clamp(area.w * 28 / 100, 22, 66), GAP);
    if (!l.wide) {
        l.panels[side] = area;
        return l;
    }
    l.panels[TRM_INSPECTOR_CYCLES] = trm_rect_top(&area, area.h * 60 / 100, 0);
    l.panels[TRM_INSPECTOR_UNIT] = trm_rect_left(&area, (area.w - GAP) / 2, GAP);
    l.panels[TRM_INSPECTOR_PATH] = area;
    return l;
}

static int32_t map_size(const trm_trace_shape *s, int32_t map) {
    return map == TRM_INSPECTOR_DIFFERENCE ? s->h : trm_level_size(s, (trm_level)map);
}

// Shares rows out by the maps' sizes, at least one each while there are any; what is left over
// separates them, the lower ones first.
static void share_rows(const trm_inspector_view *v, trm_inspector_columns *k, trm_rect r,
                       bool fills) {
    int64_t units = 0;
    int32_t air = r.h, used[TRM_INSPECTOR_MAPS] = {0};
    for (int32_t i = 0; i < TRM_INSPECTOR_MAPS; i++)
        units += map_size(&v->scope->shape, i);
    for (int32_t i = 0; i < TRM_INSPECTOR_MAPS; i++) {
        const int32_t n = map_size(&v->scope->shape, i);
        if (n == 0 || air < 1)
            continue;
        const int32_t room = trm_clamp((int32_t)(air * (int64_t)n / units), 1, air);
        const trm_heat_fit fit = trm_heatmap_fit(n, r.w, room, fills);
        used[i] = trm_heatmap_height(&fit);
        air -= used[i];
        units -= n;
    }
    for (int32_t i = 0; i < TRM_INSPECTOR_MAPS; i++) {
        if (i > 0 && used[i] > 0 && air > TRM_INSPECTOR_MAPS - i)
            trm_rect_top(&r, 1, 0);
        k->maps[i] = trm_rect_top(&r, used[i], 0);
    }
}

trm_inspector_columns trm_inspector_columns_of(const trm_inspector_view *v, trm_rect panel,
                                               bool fills) {
    trm_inspector_columns k = {0};
    const int32_t all = v->scope->shape.cycles, choices = v->choices;
    k.count = trm_clamp((panel.w + 1) / (LEAST_COLUMN + 1), 1, all);
    k.first = trm_window(all, k.count, v->cycle);
    trm_rect r = panel;
    r.w = k.width = trm_clamp((panel.w + 1) / k.count - 1, 1, MOST_COLUMN);
    trm_rect_top(&r, 1, 0); // the panel's heading
    k.header = trm_rect_top(&r, 1, 0);
    const int32_t share = trm_clamp(r.h / 4, 4, 12);
    k.bars = trm_rect_bottom(&r, trm_clamp(choices < share ? choices : share, 0, r.h - 3), 0);
    k.numbers = trm_rect_bottom(&r, 2, 0);
    trm_rect_left(&r, LABEL, 0);
    share_rows(v, &k, r, fills);
    return k;
}

trm_inspector_steps trm_inspector_steps_of(const trm_inspector_view *v, trm_rect row) {
    const int32_t n = v->scope->moments, room = row.w - STEPS_LABEL - 14;
    trm_inspector_steps k = {.x = row.x + STEPS_LABEL, .width = room >= 2 * n ? 2 : 1};
    k.count = trm_clamp(room / k.width, 1, n);
    k.first = trm_window(n, k.count, v->at);
    return k;
}
