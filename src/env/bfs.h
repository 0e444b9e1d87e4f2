// SPDX-License-Identifier: Apache-2.0
// Moves on a grid, and shortest paths over it.
#ifndef TRM_ENV_BFS_H
#define TRM_ENV_BFS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/env/env.h"

// The four moves, in the order of every grid environment's actions: up, down, left, right.
enum { TRM_MOVES = 4 };
typedef struct trm_move {
    int32_t row, col; // what it adds
    const char *name;
    const char *arrow, *ascii; // glyphs
} trm_move;
extern const trm_move trm_moves[TRM_MOVES];

// As trm_env_spec's, for environments whose actions are the moves.
void trm_move_name(const trm_env *env, int32_t action, char out[16]);
const char *trm_move_glyph(const trm_env *env, int32_t action, bool ascii);

// Breadth-first search over rows x cols cells (at most TRM_BOARD_MAX a side), row-major; cell i can
// be entered where walls is NULL or walls[i] is false. Writes the first `capacity` moves of a
// shortest path between the cells `from` and `to`; returns the length of all of it, or -1 where
// there is none. Which of several shortest paths it is does not change from call to call.
int32_t trm_bfs_path(const bool *walls, int32_t rows, int32_t cols, int32_t from, int32_t to,
                     int32_t *moves, int32_t capacity);

#endif
