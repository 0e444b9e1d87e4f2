// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/layout.h"
#include "tui/train/draw.h"
#include "tui/widgets/heatmap.h"

enum { GAP = 2, MOST_COLUMN = 66, MOST_BOARD = 66, LEAST_BOARD = 20 };

// Rows, top to bottom. The largest drop goes first.
enum { ROW_THINKING, ROW_MORE_THINKING, ROW_DETAIL, ROW_SENTENCE, ROW_LOWER, ROW_MORE_LOWER, ROWS };
static const trm_part rows_of[ROWS] = {
    [ROW_THINKING] = {.least = 9, .share = 65},
    [ROW_MORE_THINKING] = {.least = 3, .drop = 2},
    [ROW_DETAIL] = {.least = 1, .drop = 1},
    [ROW_SENTENCE] = {.least = 1},
    [ROW_LOWER] = {.least = 4, .share = 35},
    [ROW_MORE_LOWER] = {.least = 4, .drop = 3}, // with these there is room for all numbers
};

// Columns of the lower part, left to right; those of numbers are there as far as they are needed.
enum { COL_CURVE, COL_SECOND_CURVE, COL_NUMBERS, COL_MORE_NUMBERS, COL_MOST_NUMBERS, COLS };
static const trm_part cols_of[COLS] = {
    [COL_CURVE] = {.least = 39, .share = 1},
    [COL_SECOND_CURVE] = {.least = 39, .share = 1, .drop = 2},
    [COL_NUMBERS] = {.least = TRM_NUMBER_WIDTH},
    [COL_MORE_NUMBERS] = {.least = TRM_NUMBER_WIDTH, .drop = 1},
    [COL_MOST_NUMBERS] = {.least = TRM_NUMBER_WIDTH, .drop = 3},
};

static void lay_lower(trm_train_layout *l, trm_rect r) {
    trm_part parts[COLS];
    trm_rect out[COLS];
    const int32_t content = r.h > 1 ? r.h - 1 : 1;
    for (int32_t i = 0; i < COLS; i++)
        parts[i] = cols_of[i];
    for (int32_t i = COL_MORE_NUMBERS; i < COLS; i++)
        if ((i - COL_NUMBERS) * content >= TRM_TRAIN_NUMBERS)
            parts[i] = (trm_part){0};
    trm_rect_cols(r, parts, COLS, GAP, out);
    for (int32_t i = 0; i < TRM_TRAIN_CURVES; i++)
        l->curves[i] = out[COL_CURVE + i];
    l->numbers = (trm_rect){r.y, out[COL_NUMBERS].x, r.h, r.x + r.w - out[COL_NUMBERS].x};
}

trm_train_layout trm_train_layout_of(trm_rect area, bool bare) {
    trm_train_layout l = {0};
    trm_part parts[ROWS] = {{0}};
    trm_rect out[ROWS];
    for (int32_t i = 0; i < (bare ? (int32_t)ROW_LOWER : (int32_t)ROWS); i++)
        parts[i] = rows_of[i];
    trm_rect_top(&area, 1, 0); // the title
    trm_rect_rows(area, parts, ROWS, 0, out);
    trm_rect r = out[ROW_THINKING];
    r.h += out[ROW_MORE_THINKING].h;
    trm_rect board = {r.y, r.x, r.h + out[ROW_DETAIL].h, r.w};
    l.subject = trm_rect_left(&board, trm_clamp(r.w * 28 / 100, LEAST_BOARD, MOST_BOARD), GAP);
    l.thinking = (trm_rect){r.y, board.x, r.h, board.w};
    l.detail = (trm_rect){r.y + r.h, board.x, out[ROW_DETAIL].h, board.w};
    l.sentence = trm_rect_inset(out[ROW_SENTENCE], 0, 1);
    if (bare)
        return l;
    r = out[ROW_LOWER];
    r.h += out[ROW_MORE_LOWER].h;
    lay_lower(&l, r);
    return l;
}

// ---- columns ------------------------------------------------------------------------------------

enum {
    LEAST_STEP = 12,
    MOST_STEP = 40,
    LEAST_BARS = 4,
    ROOMY = 9,
    LEAST_ANSWER = 14,
    LEAST_MAP = 2
};

// Shares `rows` out between the maps of h and of l values.
static void fit_maps(trm_train_columns *k, int32_t h, int32_t l, int32_t rows, bool fills) {
    const int32_t w = k->width - 2;
    if (h < 1 || rows < 1)
        return;
    int32_t l_room =
        l > 0 && rows > 1 ? trm_clamp((rows * l + (h + l) / 2) / (h + l), 1, rows - 1) : 0;
    const trm_heat_fit top = trm_heatmap_fit(h, w, rows - l_room, fills);
    k->h_rows = trm_heatmap_height(&top);
    if (l_room < 1)
        return;
    // The lower map is given cells of the size of the upper one's, if it can.
    l_room = rows - k->h_rows;
    if (top.cols > 0 && top.pool == 1)
        l_room = trm_clamp(((l + top.cols - 1) / top.cols * top.sy + 1) / 2, 0, l_room);
    const trm_heat_fit low = trm_heatmap_fit(l, w, l_room, fills);
    k->l_rows = trm_heatmap_height(&low);
}

// Where H and L lie on the board each is drawn as one.
static void fit_boards(const trm_train_view *v, trm_train_columns *k, int32_t rows) {
    trm_board_view board = trm_board_view_of(&v->step.board, NULL, NULL);
    board.frame = false;
    k->h_rows = trm_board_height(&board, k->width, v->shape.l > 0 ? (rows - 1) / 2 : rows);
    if (k->h_rows < v->step.board.rows) // one whole board is worth more than parts of two
        k->h_rows = trm_board_height(&board, k->width, rows);
    else if (v->shape.l > 0)
        k->l_rows = k->h_rows;
}

// A step: maps, and actions as bars.
static void fit_step(const trm_train_view *v, trm_train_columns *k, int32_t rows, bool fills) {
    const int32_t share = rows / 3 > LEAST_BARS ? rows / 3 : LEAST_BARS;
    k->bars = trm_clamp(v->step.actions, 0, trm_clamp(share, 0, rows - 2));
    const int32_t maps = rows - k->bars;
    if (v->on_board)
        fit_boards(v, k, maps >= ROOMY ? maps - 2 : maps);
    else
        fit_maps(k, v->shape.h, v->shape.l, maps >= ROOMY ? maps - 2 : maps, fills);
    k->gap = k->h_rows + k->l_rows + 2 <= maps ? 1 : 0;
}

// The maps get what the grid leaves. Where a cell has one value, they are a map of the grid.
static void fit_answer(const trm_train_view *v, const trm_board_view *grid, trm_train_columns *k,
                       int32_t rows, bool fills) {
    const int32_t P = v->sample.positions;
    const int32_t z = v->shape.h % P == 0 ? v->shape.h / P : 0;
    const int32_t y = v->shape.l % P == 0 ? v->shape.l / P : 0;
    const int32_t most = trm_clamp(rows * 2 / 3, trm_clamp(v->sample.rows, 1, rows), rows);
    k->grid_rows = trm_board_height(grid, k->width, most);
    int32_t rest = rows - k->grid_rows;
    k->gap = rest >= 2 * LEAST_MAP + 2 ? 1 : 0;
    rest -= 2 * k->gap;
    if (z == 1)
        k->h_rows = rest < k->grid_rows ? 0 : k->grid_rows;
    else
        fit_maps(k, z, rest > LEAST_MAP ? y : 0, rest, fills);
}

// All cycles are in sight, or a window around the selected one.
trm_train_columns trm_train_columns_of(const trm_train_view *v, trm_rect r, bool fills) {
    const trm_answer_marks marks = trm_train_view_answers(v, 0);
    const trm_board_view grid = trm_train_view_grid(v, &marks);
    const int32_t all = v->shape.cycles, width = trm_board_width(&grid);
    const int32_t want = v->samples    ? (width > LEAST_ANSWER ? width : LEAST_ANSWER)
                         : v->on_board ? trm_clamp(2 * v->step.board.cols, LEAST_STEP, MOST_STEP)
                                       : LEAST_STEP;
    const int32_t least = trm_clamp(want, 1, r.w);
    trm_train_columns k = {0};
    k.count = trm_clamp((r.w + 1) / (least + 1), 1, all);
    k.width = trm_clamp((r.w + 1) / k.count - 1, 1, MOST_COLUMN);
    k.first = trm_window(all, k.count, v->selected);
    const int32_t rows = r.h - 2; // less heading and header
    if (v->samples)
        fit_answer(v, &grid, &k, rows, fills);
    else
        fit_step(v, &k, rows, fills);
    return k;
}
