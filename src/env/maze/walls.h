// SPDX-License-Identifier: Apache-2.0
// The walls of mazes: drawing, distances, and the side of the split they stand on. Pure; thread
// safe; allocates nothing.
#ifndef TRM_ENV_MAZE_WALLS_H
#define TRM_ENV_MAZE_WALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/rng.h"
#include "trm/env/board.h"

// Sides of mazes with corridors are odd; below 7 there would be too few mazes to hold any out.
enum {
    MAZE_SIDE_MIN = 7,
    MAZE_SIDE = 63,
    MAZE_CELLS = MAZE_SIDE * MAZE_SIDE,
    MAZE_ROOMS = (MAZE_SIDE / 2) * (MAZE_SIDE / 2)
};

typedef struct trm_maze_walls {
    uint8_t bits[(MAZE_CELLS + 7) / 8]; // cell i, row by row: bit i % 8 of byte i / 8
} trm_maze_walls;

static inline bool maze_is_wall(const trm_maze_walls *w, int32_t cell) {
    return w->bits[cell / 8] >> cell % 8 & 1;
}

// Draws a perfect maze by randomised depth-first search and opens each dead end with probability
// `braid`. What is past the last cell is 0.
void trm_maze_draw(const trm_geometry *g, float braid, trm_rng *rng, trm_maze_walls *out);

// Makes each cell inside a border of wall a wall with probability `share` < 1, not all of them.
void trm_maze_scatter(const trm_geometry *g, float share, trm_rng *rng, trm_maze_walls *out);

// One maze in five is held out, by a hash of its walls.
bool trm_maze_held_out(const trm_geometry *g, const trm_maze_walls *w);

// A cell without wall, each alike.
int32_t trm_maze_draw_free(const trm_geometry *g, const trm_maze_walls *w, trm_rng *rng);

// Steps from every room to the goal, room by room.
void trm_maze_distances(const trm_geometry *g, const trm_maze_walls *w, int32_t goal,
                        uint16_t distance[MAZE_ROOMS]);

// The same for every cell inside the border of wall, of which there are at most MAZE_ROOMS;
// UINT16_MAX where there is no way.
void trm_maze_cell_distances(const trm_geometry *g, const trm_maze_walls *w, int32_t goal,
                             uint16_t distance[MAZE_ROOMS]);

#endif
