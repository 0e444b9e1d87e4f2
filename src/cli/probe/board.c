// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/board.h"

#include <stdlib.h>

#include "cli/play/puzzle.h"
#include "trm/base/arena.h"

static void put_board(const trm_dataset *kind, const trm_board *board, float *input) {
    for (int32_t i = 0; i < kind->positions; i++)
        trm_dataset_put(kind, input, i, board->cells[i]);
}

static bool take_sudoku(const trm_dataset *kind, const trm_own_board *own, trm_board *board,
                        int32_t *target, bool *solved, trm_error *e) {
    int32_t cells[TRM_PUZZLE_CELLS];
    trm_puzzle p;
    if (own->side != kind->geometry.rows)
        return trm_error_set(e, TRM_E_INPUT,
                             "--puzzle: a %dx%d sudoku, the model answers those of size %d",
                             own->side, own->side, kind->geometry.rows);
    for (int32_t i = 0; i < kind->positions; i++) {
        cells[i] = own->cells[i];
        board->cells[i] = (trm_cell){.kind = own->cells[i] ? TRM_CELL_GIVEN : TRM_CELL_EMPTY,
                                     .digit = own->cells[i]};
    }
    *solved = trm_puzzle_of_cells(own->side, cells, &p, NULL);
    for (int32_t i = 0; i < kind->positions && *solved; i++)
        target[i] = trm_dataset_class(kind, p.solution[i]);
    return true;
}

static bool take_maze(const trm_dataset *kind, const trm_own_board *own, trm_board *board,
                      trm_error *e) {
    trm_maze *fitted = trm_alloc(1, sizeof *fitted);
    const bool ok = trm_maze_fit(&own->maze, &kind->geometry, false, fitted);
    if (ok)
        trm_maze_board(fitted, board);
    free(fitted);
    return ok || trm_error_set(e, TRM_E_INPUT,
                               "--puzzle: a maze of %d x %d cells, the model answers those of %d "
                               "x %d: say data.size",
                               own->maze.geometry.rows, own->maze.geometry.cols,
                               kind->geometry.rows, kind->geometry.cols);
}

bool trm_probe_board(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                     bool *solved, trm_error *e) {
    trm_own_board *own = trm_alloc(1, sizeof *own);
    trm_board *board = trm_alloc(1, sizeof *board);
    *solved = false;
    bool ok = trm_own_board_read(word, own, e);
    if (ok && trm_dataset_is_sudoku(kind) != (own->side > 0))
        ok = trm_error_set(e, TRM_E_INPUT, "--puzzle: this is a %s, the model answers %s",
                           own->side > 0 ? "sudoku" : "maze",
                           trm_dataset_is_sudoku(kind) ? "sudokus" : "mazes");
    ok = ok && (own->side > 0 ? take_sudoku(kind, own, board, target, solved, e)
                              : take_maze(kind, own, board, e));
    if (ok)
        put_board(kind, board, input);
    free(own);
    free(board);
    return ok;
}
