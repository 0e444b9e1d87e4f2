// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/layout.h"

#include "tui/layout.h"
#include "tui/widgets/heatmap.h"

enum { NUMBER_WIDTH = 17, NUMBERS = 14, GAP = 2, LEAST_COLUMN = 12, MOST_COLUMN = 66 };

trm_watch_layout trm_watch_layout_of(int32_t rows, int32_t cols, bool bare) {
    trm_watch_layout l = {.number_width = NUMBER_WIDTH};
    const int32_t room = rows - 2; // less title and bottom row
    const int32_t lower = bare        ? 0
                          : rows < 24 ? trm_clamp(room - 14, 4, 8)
                                      : 8 + (rows - 24) * 35 / 100;
    const int32_t upper = room - lower;
    const int32_t board = trm_clamp(cols * 28 / 100, 20, 66);
    const int32_t detail = upper >= 12 ? 1 : 0;

    const int32_t x = board + GAP, w = cols - board - GAP;
    l.board = (trm_rect){1, 0, upper - 1, board};
    l.cycles = (trm_rect){1, x, upper - 1 - detail, w};
    l.detail = (trm_rect){upper - detail, x, detail, w};
    l.sentence = (trm_rect){upper, 1, 1, cols - 2};

    if (bare)
        return l;
    const int32_t y = 1 + upper, content = lower - 1;
    const int32_t most = cols < 80 ? 1 : cols < 180 ? 2 : 3;
    const int32_t columns = trm_clamp((NUMBERS + content - 1) / content, 1, most);
    const int32_t numbers = columns * NUMBER_WIDTH + (columns - 1) * GAP;
    const int32_t left = cols - numbers - GAP;
    l.numbers = (trm_rect){y, left + GAP, lower, numbers};
    l.curve_count = left >= 80 ? 2 : 1;
    const int32_t each = (left - (l.curve_count - 1) * GAP) / l.curve_count;
    for (int32_t i = 0; i < l.curve_count; i++)
        l.curves[i] = (trm_rect){y, i * (each + GAP), lower, each};
    return l;
}

// Which cycles are in sight: all, or a window around the selected one.
static void choose(const trm_watch_view *v, trm_rect r, trm_cycle_columns *k) {
    const int32_t all = v->shape.cycles;
    k->count = trm_clamp((r.w + 1) / (LEAST_COLUMN + 1), 1, all);
    k->width = (r.w + 1) / k->count - 1;
    if (k->width > MOST_COLUMN)
        k->width = MOST_COLUMN;
    k->first = trm_clamp(v->selected - k->count / 2, 0, all - k->count);
}

static void fit_maps(const trm_watch_view *v, trm_cycle_columns *k, int32_t rows, bool fills) {
    const int32_t h = v->shape.h, l = v->shape.l, w = k->width - 2;
    int32_t l_room = l > 0 ? trm_clamp((rows * l + (h + l) / 2) / (h + l), 1, rows - 1) : 0;
    const trm_heat_fit top = trm_heatmap_fit(h, w, rows - l_room, fills);
    k->h_rows = trm_heatmap_height(&top);
    // The lower map is given cells of the size of the upper one's, if it can.
    if (l > 0 && top.cols > 0 && top.pool == 1) {
        const int32_t same = ((l + top.cols - 1) / top.cols * top.sy + 1) / 2;
        l_room = same <= rows - k->h_rows ? same : rows - k->h_rows;
    }
    const trm_heat_fit low = trm_heatmap_fit(l, w, l_room, fills);
    k->l_rows = trm_heatmap_height(&low);
}

trm_cycle_columns trm_watch_columns_of(const trm_watch_view *v, trm_rect r, bool fills) {
    trm_cycle_columns k = {0};
    choose(v, r, &k);
    const int32_t rows = r.h - 2; // less heading and header
    const int32_t share = rows / 3 > 4 ? rows / 3 : 4;
    k.bars = v->actions < share ? v->actions : share;
    if (k.bars > rows - 2)
        k.bars = rows - 2;
    const int32_t maps = rows - k.bars;
    fit_maps(v, &k, maps >= 9 ? maps - 2 : maps, fills);
    k.gap = k.h_rows + k.l_rows + 2 <= maps ? 1 : 0;
    return k;
}
