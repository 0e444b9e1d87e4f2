// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/board.h"

#include <stdlib.h>
#include <string.h>

#include "cli/play/puzzle.h"
#include "trm/base/file.h"
#include "trm/env/puzzle.h"

enum { MOST_BYTES = 1 << 20 };

static bool read_sudoku(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                        bool *solved, trm_error *e) {
    int32_t cells[TRM_PUZZLE_CELLS];
    trm_own_board board;
    trm_puzzle p;
    if (!trm_own_board_read(word, &board, e))
        return false;
    if (board.side != kind->geometry.rows)
        return trm_error_set(e, TRM_E_INPUT, "--board: %d x %d cells, the model's boards have %d",
                             board.side, board.side, kind->positions);
    for (int32_t i = 0; i < kind->positions; i++) {
        cells[i] = board.cells[i];
        trm_dataset_put(kind, input, i,
                        (trm_cell){.kind = TRM_CELL_GIVEN, .digit = board.cells[i]});
    }
    *solved = trm_puzzle_of_cells(board.side, cells, &p, NULL);
    for (int32_t i = 0; i < kind->positions && *solved; i++)
        target[i] = trm_dataset_class(kind, p.solution[i]);
    return true;
}

static bool put_maze_cell(const trm_dataset *kind, float *input, int32_t cell, char c) {
    static const char symbols[] = "# .SG";
    static const uint8_t kinds[] = {TRM_CELL_WALL, TRM_CELL_EMPTY, TRM_CELL_EMPTY, TRM_CELL_AGENT,
                                    TRM_CELL_GOAL};
    const char *found = c ? strchr(symbols, c) : NULL;
    if (found)
        trm_dataset_put(kind, input, cell, (trm_cell){.kind = kinds[found - symbols]});
    return found != NULL;
}

static bool read_maze(const trm_dataset *kind, const char *path, float *input, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, MOST_BYTES, &text, &size, e))
        return trm_error_prefix(e, "--board");
    const int32_t rows = kind->geometry.rows, cols = kind->geometry.cols;
    int32_t cell = 0;
    bool ok = true;
    for (const char *c = text; ok && c < text + size; c++) {
        const bool ends = *c == '\n' || *c == '\r';
        ok = ends ? cell % cols == 0 : cell < rows * cols && put_maze_cell(kind, input, cell++, *c);
    }
    free(text);
    return (ok && cell == rows * cols) ||
           trm_error_set(e, TRM_E_INPUT,
                         "--board %s: expected %d lines of %d characters, each # . S G or a space "
                         "(line %d, column %d differs)",
                         path, rows, cols, cell / cols + 1, cell % cols + 1);
}

bool trm_probe_board(const trm_dataset *kind, const char *word, float *input, int32_t *target,
                     bool *solved, trm_error *e) {
    *solved = false;
    return trm_dataset_is_sudoku(kind) ? read_sudoku(kind, word, input, target, solved, e)
                                       : read_maze(kind, word, input, e);
}
