// SPDX-License-Identifier: Apache-2.0
// Sudokus in a text. trm/env/puzzle.h tells the forms that are read and the rules that decide.
#ifndef TRM_ENV_SUDOKU_LIST_SCAN_H
#define TRM_ENV_SUDOKU_LIST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"

// Takes a board's cells [side * side], 0 blank, of the line where it begins; only their range is
// checked. False stops the scan.
typedef bool (*trm_scan_take)(void *ctx, int32_t side, const uint8_t *cells, trm_error *e);

// Hands over every board of the text, in order. Of a line's fields those of `side` go first (0: any
// size). False where the text is wrong or `take` stopped; errors begin with "name:line".
bool trm_sudoku_scan(const char *name, const char *text, size_t size, int32_t side,
                     trm_scan_take take, void *ctx, trm_error *e);

#endif
