// SPDX-License-Identifier: Apache-2.0
// Boards on a page.
#ifndef PLOT_BOARD_H
#define PLOT_BOARD_H

#include "plot/page.h"
#include "trm/env/board.h"

// A board in a square of that side, or as much of it as the board fills. signs: trm_cell_sign of
// each cell, and the agent stands at the start; NULL: an episode's board.
void trm_page_board(trm_page *p, const trm_board *board, const uint8_t *signs, double left,
                    double top, double side);

// What stands for a sign of a path, alone in a square.
void trm_page_board_sign(trm_page *p, double x, double y, double side, trm_cell_sign sign);

#endif
