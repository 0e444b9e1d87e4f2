// SPDX-License-Identifier: Apache-2.0
// Boards: the one geometry of environments, data sets and whatever draws them, and what stands in
// the cells. Cells are numbered row by row from the top left. Pure; thread safe.
#ifndef TRM_ENV_BOARD_H
#define TRM_ENV_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

enum { TRM_BOARD_MAX = 64 }; // rows and columns, at most

typedef struct trm_geometry {
    int32_t rows, cols;         // 0: no board
    int32_t box_rows, box_cols; // size of a sudoku's boxes; 0: no boxes
} trm_geometry;

// The four moves on a grid, in the order of the actions of every maze.
typedef enum trm_direction { TRM_UP, TRM_DOWN, TRM_LEFT, TRM_RIGHT, TRM_DIRECTIONS } trm_direction;

static inline trm_direction trm_direction_opposite(trm_direction d) {
    return (trm_direction)(d ^ 1);
}

// What a move adds to the row and to the column.
static inline int32_t trm_direction_row(trm_direction d) {
    static const int8_t rows[TRM_DIRECTIONS] = {-1, 1, 0, 0};
    return rows[d];
}

static inline int32_t trm_direction_col(trm_direction d) {
    static const int8_t cols[TRM_DIRECTIONS] = {0, 0, -1, 1};
    return cols[d];
}

static inline int32_t trm_geometry_cells(const trm_geometry *g) {
    return g->rows * g->cols;
}

static inline int32_t trm_geometry_row(const trm_geometry *g, int32_t cell) {
    return cell / g->cols;
}

static inline int32_t trm_geometry_col(const trm_geometry *g, int32_t cell) {
    return cell % g->cols;
}

// The number of a cell, -1 off the board.
static inline int32_t trm_geometry_cell(const trm_geometry *g, int32_t row, int32_t col) {
    return row >= 0 && row < g->rows && col >= 0 && col < g->cols ? row * g->cols + col : -1;
}

// The cell `steps` cells away in a direction, -1 off the board.
static inline int32_t trm_geometry_neighbour(const trm_geometry *g, int32_t cell, trm_direction d,
                                             int32_t steps) {
    return trm_geometry_cell(g, trm_geometry_row(g, cell) + steps * trm_direction_row(d),
                             trm_geometry_col(g, cell) + steps * trm_direction_col(d));
}

// What a move adds to the number of a cell, for moves that are known to stay on the board.
static inline int32_t trm_geometry_step(const trm_geometry *g, trm_direction d) {
    return trm_direction_row(d) * g->cols + trm_direction_col(d);
}

static inline bool trm_geometry_same_row(const trm_geometry *g, int32_t a, int32_t b) {
    return trm_geometry_row(g, a) == trm_geometry_row(g, b);
}

static inline bool trm_geometry_same_col(const trm_geometry *g, int32_t a, int32_t b) {
    return trm_geometry_col(g, a) == trm_geometry_col(g, b);
}

// False where there are no boxes.
bool trm_geometry_same_box(const trm_geometry *g, int32_t a, int32_t b);

// Do two cells share a row, a column or a box? A cell shares them with itself.
bool trm_geometry_sees(const trm_geometry *g, int32_t a, int32_t b);

// Manhattan distance: the steps between two cells as if there were no walls.
int32_t trm_geometry_distance(const trm_geometry *g, int32_t a, int32_t b);

// All cells by their Manhattan distance from `near`, which comes first, and by number where that is
// equal. order [cells].
void trm_geometry_by_distance(const trm_geometry *g, int32_t near, int32_t *order);

// What stands in a cell, for drawing; no drawing here.
typedef enum trm_cell_kind {
    TRM_CELL_EMPTY,
    TRM_CELL_WALL,
    TRM_CELL_AGENT,
    TRM_CELL_GOAL,
    TRM_CELL_GIVEN, // a digit that may not be changed
    TRM_CELL_FILLED // a digit that was placed
} trm_cell_kind;

typedef struct trm_cell {
    uint8_t kind;  // trm_cell_kind
    uint8_t digit; // 1.. for GIVEN and FILLED, else 0
    bool conflict; // breaks a rule with another cell
} trm_cell;

// How it is written: a digit, # S G for wall, agent and goal, or a dot. What is read back is told
// in puzzle.h and maze.h.
char trm_cell_letter(trm_cell cell);

typedef struct trm_board {
    union { // the geometry, or its numbers by name
        trm_geometry geometry;
        __extension__ struct { int32_t rows, cols, box_rows, box_cols; };
    };
    trm_cell cells[TRM_BOARD_MAX * TRM_BOARD_MAX]; // rows * cols of them
} trm_board;

// What an answer says of a cell, for drawing.
typedef enum trm_cell_sign {
    TRM_SIGN_NONE,
    TRM_SIGN_PATH,   // on the path, and said to be
    TRM_SIGN_MISSED, // on the path, and not said to be
    TRM_SIGN_WRONG,  // said to be on the path, or to have a digit that is not right
    TRM_SIGNS
} trm_cell_sign;

TRM_END_DECLS

#endif
