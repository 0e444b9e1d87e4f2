// SPDX-License-Identifier: Apache-2.0
// Moves on a grid, and shortest paths over it.
#ifndef TRM_ENV_BFS_H
#define TRM_ENV_BFS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/env/env.h"

// As trm_env_spec's, for environments whose actions are the moves.
void trm_move_name(const trm_env *env, int32_t action, char out[16]);
const char *trm_move_glyph(const trm_env *env, int32_t action, bool ascii);

// Breadth-first search over a board (at most TRM_BOARD_MAX a side); cell i can be entered where
// walls is NULL or walls[i] is false. Writes the first `capacity` moves (trm_direction) of a
// shortest path between the cells `from` and `to`; returns the length of all of it, or -1 where
// there is none. Which of several shortest paths it is does not change from call to call.
int32_t trm_bfs_path(const trm_geometry *g, const bool *walls, int32_t from, int32_t to,
                     int32_t *path, int32_t capacity);

#endif
