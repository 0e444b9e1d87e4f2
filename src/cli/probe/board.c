// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/board.h"

#include <stdlib.h>

#include "cli/play/puzzle.h"
#include "trm/base/arena.h"
#include "trm/env/maze.h"
#include "trm/env/puzzle.h"

#define OPTION "--board"

static bool put_sudoku(const trm_dataset *kind, const trm_own_board *board, float *input,
                       int32_t *target, bool *solved, trm_error *e) {
    int32_t cells[TRM_PUZZLE_CELLS];
    trm_puzzle p;
    if (board->side != kind->geometry.rows)
        return trm_error_set(e, TRM_E_INPUT,
                             OPTION ": expected a sudoku of %d x %d cells, as the model's are",
                             kind->geometry.rows, kind->geometry.cols);
    for (int32_t i = 0; i < kind->positions; i++) {
        cells[i] = board->cells[i];
        trm_dataset_put(kind, input, i,
                        (trm_cell){.kind = TRM_CELL_GIVEN, .digit = board->cells[i]});
    }
    *solved = trm_puzzle_of_cells(board->side, cells, &p, NULL);
    for (int32_t i = 0; i < kind->positions && *solved; i++)
        target[i] = trm_dataset_class(kind, p.solution[i]);
    return true;
}

static bool put_maze(const trm_dataset *kind, const trm_own_board *board, float *input,
                     trm_error *e) {
    trm_maze fitted;
    trm_board cells;
    if (board->side > 0 || !trm_maze_fit(&board->maze, &kind->geometry, false, &fitted))
        return trm_error_set(e, TRM_E_INPUT,
                             OPTION ": expected a maze of %d x %d cells, as the model's are",
                             kind->geometry.rows, kind->geometry.cols);
    trm_maze_board(&fitted, &cells);
    for (int32_t i = 0; i < kind->positions; i++)
        trm_dataset_put(kind, input, i, cells.cells[i]);
    return true;
}

bool trm_probe_board(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                     bool *solved, trm_error *e) {
    trm_own_board board;
    *solved = false;
    if (!trm_own_board_read(OPTION, word, &board, e))
        return false;
    return trm_dataset_is_sudoku(kind) ? put_sudoku(kind, &board, input, target, solved, e)
                                       : put_maze(kind, &board, input, e);
}

float *trm_probe_start(const trm_env *env, const char *word, trm_error *e) {
    trm_own_board board;
    if (!trm_own_board_read(OPTION, word, &board, e))
        return NULL;
    void *state = trm_alloc(1, trm_env_state_size(env));
    float *seen = NULL;
    if (trm_own_board_set(&board, OPTION, env, state, e)) {
        seen = trm_alloc((size_t)trm_env_state_dim(env), sizeof *seen);
        trm_env_observe(env, state, seen);
    }
    free(state);
    return seen;
}
