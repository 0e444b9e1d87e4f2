// SPDX-License-Identifier: Apache-2.0
// What the samples of a data set of boards mean, read from their channels.
#include <assert.h>

#include "env/bfs.h"
#include "trm/env/dataset.h"

enum { MAX_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

static const float *channels(const trm_dataset *d, int32_t i) {
    assert(d->geometry.rows > 0 && i >= 0 && i < d->count);
    assert(d->positions > 0 && d->positions <= MAX_CELLS);
    return d->inputs + (int64_t)i * d->state_dim;
}

static int32_t marked_cell(const float *channel, int32_t cells) {
    int32_t cell = 0;
    while (cell < cells - 1 && channel[cell] == 0)
        cell++;
    return cell;
}

static void sudoku_board(const trm_dataset *d, const float *input, trm_board *board) {
    for (int32_t p = 0; p < d->positions; p++) {
        uint8_t digit = 0;
        for (int32_t c = 0; c < d->classes; c++)
            if (input[c * d->positions + p] > 0)
                digit = (uint8_t)(c + 1);
        board->cells[p] =
            (trm_cell){.kind = digit ? TRM_CELL_GIVEN : TRM_CELL_EMPTY, .digit = digit};
    }
}

void trm_dataset_board(const trm_dataset *d, int32_t i, trm_board *board) {
    const float *input = channels(d, i);
    int32_t cells = d->positions;
    board->geometry = d->geometry;
    if (d->geometry.box_rows > 0) {
        sudoku_board(d, input, board);
        return;
    }
    for (int32_t p = 0; p < cells; p++)
        board->cells[p] = (trm_cell){.kind = input[p] > 0 ? TRM_CELL_WALL : TRM_CELL_EMPTY};
    board->cells[marked_cell(input + cells, cells)].kind = TRM_CELL_AGENT;
    board->cells[marked_cell(input + 2 * cells, cells)].kind = TRM_CELL_GOAL;
}

bool trm_dataset_is_path(const trm_dataset *d, int32_t i, const int32_t *prediction) {
    assert(d->geometry.box_rows == 0);
    const float *input = channels(d, i);
    int32_t cells = d->positions, marked = 0;
    int32_t start = marked_cell(input + cells, cells);
    int32_t goal = marked_cell(input + 2 * cells, cells);
    bool walls[MAX_CELLS], others[MAX_CELLS]; // others: all but the marked cells
    for (int32_t p = 0; p < cells; p++) {
        walls[p] = input[p] > 0;
        others[p] = prediction[p] != 1;
        marked += !others[p];
        if (walls[p] && !others[p])
            return false;
    }
    // As many cells as a shortest path has, and a path of that length within them: no cell to
    // spare.
    int32_t steps = trm_bfs_path(&d->geometry, walls, start, goal, NULL, 0);
    return steps > 0 && !others[start] && !others[goal] && marked == steps + 1 &&
           trm_bfs_path(&d->geometry, others, start, goal, NULL, 0) == steps;
}
