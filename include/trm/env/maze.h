// SPDX-License-Identifier: Apache-2.0
// Mazes as people write them, apart from any environment. Pure; thread safe.
#ifndef TRM_ENV_MAZE_H
#define TRM_ENV_MAZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/board.h"

TRM_BEGIN_DECLS

typedef struct trm_maze {
    trm_geometry geometry; // at most TRM_BOARD_MAX a side
    int32_t start, goal;   // cells, free ones
    bool bordered;         // there is wall all around
    bool solved;           // the cells of a path are known: path[] has them, start and goal, too
    bool wall[TRM_BOARD_MAX * TRM_BOARD_MAX], path[TRM_BOARD_MAX * TRM_BOARD_MAX];
} trm_maze;

// The forms that are read:
//
// - # is a wall, a space or . is free, S (s) the start and G (g, E, e) the goal; o and * mark the
//   path of a solution and are free. A line a row; rows that end early go on free.
// - With + in it a maze is line art: every other line is +--+--+ (walls between rows), the ones
//   between have | for walls. A room is as wide as the first + are apart. It becomes a board of
//   2 rows + 1 by 2 columns + 1 cells.
// - Empty lines stand between mazes. Lines before a maze without #, | or + are titles. A byte order
//   mark, CR and CRLF are as fine as LF.
//
// Whoever needs a border of wall gets one: a maze that is open somewhere at its edge gets a ring of
// wall around it. Data sets, whose boards have no border, take it off where the size asks for it.

// The first maze of a text; errors begin with "name:line".
bool trm_maze_first(const char *name, const char *text, size_t size, trm_maze *out, trm_error *e);

// The board of the environment `maze` that holds it: rows and columns as they are with a border,
// or 2 more without; one more where that is even, and 7 at least. What is added is wall. It may be
// larger than a board can be.
trm_geometry trm_maze_room_for(const trm_maze *m);

// The maze on a board of that size, with or without a border, by the rule above. False: the sizes
// do not go together.
bool trm_maze_fit(const trm_maze *m, const trm_geometry *size, bool border, trm_maze *out);

void trm_maze_board(const trm_maze *m, trm_board *out);

TRM_END_DECLS

#endif
