// SPDX-License-Identifier: Apache-2.0
// Other boards that are the same: sudokus with their digits renamed and their bands, rows, stacks
// and columns in another order, mazes turned and mirrored.
#include <assert.h>
#include <string.h>

#include "env/dataset/spec.h"

enum { MAX_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX, MAX_DIGIT = 9 };

typedef struct image {
    int32_t from[MAX_CELLS];      // the cell that comes here
    int32_t digit[MAX_DIGIT + 1]; // what a digit is called now
} image;

static void count_up(int32_t *out, int32_t n, int32_t first) {
    for (int32_t i = 0; i < n; i++)
        out[i] = first + i;
}

// An order of lines that keeps bands of `size` of them together.
static void draw_lines(int32_t *order, int32_t lines, int32_t size, trm_rng *rng) {
    int32_t bands[MAX_DIGIT] = {0}, count = lines / size;
    count_up(bands, count, 0);
    trm_rng_shuffle(rng, bands, (uint32_t)count);
    for (int32_t b = 0; b < count; b++) {
        count_up(order + b * size, size, bands[b] * size);
        trm_rng_shuffle(rng, order + b * size, (uint32_t)size);
    }
}

static void draw_sudoku(const trm_geometry *g, image *to, trm_rng *rng) {
    int32_t rows[MAX_DIGIT] = {0}, cols[MAX_DIGIT] = {0};
    assert(g->rows <= MAX_DIGIT && g->cols == g->rows);
    count_up(to->digit, g->rows + 1, 0);
    trm_rng_shuffle(rng, to->digit + 1, (uint32_t)g->rows);
    const bool transposed = g->box_rows == g->box_cols && trm_rng_below(rng, 2) == 1;
    draw_lines(rows, g->rows, g->box_rows, rng);
    draw_lines(cols, g->cols, g->box_cols, rng);
    for (int32_t p = 0; p < trm_geometry_cells(g); p++) {
        const int32_t r = rows[trm_geometry_row(g, p)], c = cols[trm_geometry_col(g, p)];
        to->from[p] = transposed ? trm_geometry_cell(g, c, r) : trm_geometry_cell(g, r, c);
    }
}

static void draw_maze(const trm_geometry *g, image *to, trm_rng *rng) {
    const bool square = g->rows == g->cols;
    const uint32_t which = trm_rng_below(rng, square ? 8 : 4);
    for (int32_t p = 0; p < trm_geometry_cells(g); p++) {
        int32_t r = trm_geometry_row(g, p), c = trm_geometry_col(g, p);
        r = which & 1 ? g->rows - 1 - r : r;
        c = which & 2 ? g->cols - 1 - c : c;
        to->from[p] = which & 4 ? trm_geometry_cell(g, c, r) : trm_geometry_cell(g, r, c);
    }
}

void trm_dataset_image(const trm_dataset *from, int32_t i, trm_dataset *to, int32_t at,
                       trm_rng *rng) {
    const float *x = from->inputs + (int64_t)i * from->state_dim;
    const int32_t *target = from->targets + (int64_t)i * from->positions;
    float *out = to->inputs + (int64_t)at * to->state_dim;
    image drawn = {.from = {0}};
    assert(from->positions <= MAX_CELLS);
    (trm_dataset_is_sudoku(from) ? draw_sudoku : draw_maze)(&from->geometry, &drawn, rng);
    memcpy(out, x, (size_t)to->state_dim * sizeof *out);
    for (int32_t p = 0; p < to->positions; p++) {
        trm_cell cell = trm_dataset_cell(from, x, drawn.from[p]);
        int32_t class_of = target[drawn.from[p]];
        if (trm_dataset_is_sudoku(from)) {
            const int32_t digit = trm_dataset_digit(from, class_of);
            cell.digit = (uint8_t)drawn.digit[cell.digit];
            class_of = digit ? trm_dataset_class(from, drawn.digit[digit]) : class_of;
        }
        trm_dataset_put(to, out, p, cell);
        to->targets[(int64_t)at * to->positions + p] = class_of;
    }
}
