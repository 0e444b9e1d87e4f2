// SPDX-License-Identifier: Apache-2.0
// What the samples of a data set of boards mean.
#include <assert.h>

#include "env/bfs.h"
#include "trm/env/dataset.h"

enum { MAX_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

void trm_dataset_board(const trm_dataset *d, int32_t i, trm_board *board) {
    assert(i >= 0 && i < d->count && d->positions > 0 && d->positions <= MAX_CELLS);
    const float *input = d->inputs + (int64_t)i * d->state_dim;
    board->geometry = d->geometry;
    for (int32_t p = 0; p < d->positions; p++)
        board->cells[p] = trm_dataset_cell(d, input, p);
}

bool trm_dataset_is_path(const trm_dataset *d, int32_t i, const int32_t *prediction) {
    assert(trm_dataset_is_maze(d) && i >= 0 && i < d->count && d->positions <= MAX_CELLS);
    const float *input = d->inputs + (int64_t)i * d->state_dim;
    int32_t marked = 0, start = -1, goal = -1;
    bool walls[MAX_CELLS], others[MAX_CELLS]; // others: all but the marked cells
    for (int32_t p = 0; p < d->positions; p++) {
        const trm_cell cell = trm_dataset_cell(d, input, p);
        start = cell.kind == TRM_CELL_AGENT ? p : start;
        goal = cell.kind == TRM_CELL_GOAL ? p : goal;
        walls[p] = cell.kind == TRM_CELL_WALL;
        others[p] = !trm_dataset_on_path(d, prediction[p]);
        marked += !others[p];
        if (walls[p] && !others[p])
            return false;
    }
    if (start < 0 || goal < 0)
        return false;
    // As many cells as a shortest path has, and a path of that length within them: no cell to
    // spare.
    int32_t steps = trm_bfs_path(&d->geometry, walls, start, goal, NULL, 0);
    return steps > 0 && !others[start] && !others[goal] && marked == steps + 1 &&
           trm_bfs_path(&d->geometry, others, start, goal, NULL, 0) == steps;
}
