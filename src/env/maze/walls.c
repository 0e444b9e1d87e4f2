// SPDX-License-Identifier: Apache-2.0
#include "env/maze/walls.h"

#include <string.h>

enum { HELD_OUT_OF = 5 };

// Rooms make a board of their own.
static trm_geometry rooms_of(const trm_geometry *g) {
    return (trm_geometry){.rows = g->rows / 2, .cols = g->cols / 2};
}

static int32_t room_cell(const trm_geometry *g, int32_t room) {
    const trm_geometry rooms = rooms_of(g);
    return trm_geometry_cell(g, 2 * trm_geometry_row(&rooms, room) + 1,
                             2 * trm_geometry_col(&rooms, room) + 1);
}

static void open_cell(trm_maze_walls *w, int32_t cell) {
    w->bits[cell / 8] &= (uint8_t) ~(1u << (unsigned)cell % 8);
}

static void carve(const trm_geometry *g, trm_rng *rng, trm_maze_walls *w) {
    const trm_geometry rooms = rooms_of(g);
    int32_t stack[MAZE_ROOMS], depth = 0;
    stack[depth++] = (int32_t)trm_rng_below(rng, (uint32_t)trm_geometry_cells(&rooms));
    open_cell(w, room_cell(g, stack[0]));
    while (depth > 0) {
        trm_direction moves[TRM_DIRECTIONS];
        int32_t n = 0, room = stack[depth - 1], cell = room_cell(g, room);
        for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
            bool inside = trm_geometry_neighbour(&rooms, room, d, 1) >= 0;
            if (inside && maze_is_wall(w, cell + 2 * trm_geometry_step(g, d)))
                moves[n++] = d;
        }
        if (n == 0) {
            depth--;
            continue;
        }
        trm_direction move = moves[trm_rng_below(rng, (uint32_t)n)];
        stack[depth++] = trm_geometry_neighbour(&rooms, room, move, 1);
        open_cell(w, cell + trm_geometry_step(g, move)); // the passage, and the room behind it
        open_cell(w, cell + 2 * trm_geometry_step(g, move));
    }
}

static void open_dead_ends(const trm_geometry *g, float braid, trm_rng *rng, trm_maze_walls *w) {
    const trm_geometry rooms = rooms_of(g);
    for (int32_t room = 0; room < trm_geometry_cells(&rooms); room++) {
        trm_direction closed[TRM_DIRECTIONS];
        int32_t n = 0, ways = 0, cell = room_cell(g, room);
        for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
            if (trm_geometry_neighbour(&rooms, room, d, 1) < 0)
                continue;
            if (maze_is_wall(w, cell + trm_geometry_step(g, d)))
                closed[n++] = d;
            else
                ways++;
        }
        if (ways == 1 && n > 0 && trm_rng_float(rng) < braid)
            open_cell(w, cell + trm_geometry_step(g, closed[trm_rng_below(rng, (uint32_t)n)]));
    }
}

static void fill(const trm_geometry *g, trm_maze_walls *out) {
    memset(out, 0, sizeof *out);
    for (int32_t i = 0; i < trm_geometry_cells(g); i++)
        out->bits[i / 8] |= (uint8_t)(1u << i % 8);
}

void trm_maze_scatter(const trm_geometry *g, float share, trm_rng *rng, trm_maze_walls *out) {
    bool free = false;
    fill(g, out);
    while (!free)
        for (int32_t row = 1; row < g->rows - 1; row++)
            for (int32_t col = 1; col < g->cols - 1; col++)
                if (trm_rng_float(rng) >= share) {
                    open_cell(out, trm_geometry_cell(g, row, col));
                    free = true;
                }
}

void trm_maze_draw(const trm_geometry *g, float braid, trm_rng *rng, trm_maze_walls *out) {
    fill(g, out);
    carve(g, rng, out);
    if (braid > 0)
        open_dead_ends(g, braid, rng, out);
}

bool trm_maze_held_out(const trm_geometry *g, const trm_maze_walls *w) {
    uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)g->cols; // FNV-1a
    for (int32_t i = 0; i < (trm_geometry_cells(g) + 7) / 8; i++)
        h = (h ^ w->bits[i]) * UINT64_C(1099511628211);
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9); // the finaliser of splitmix64
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (h ^ (h >> 31)) % HELD_OUT_OF == 0;
}

int32_t trm_maze_draw_free(const trm_geometry *g, const trm_maze_walls *w, trm_rng *rng) {
    for (;;) {
        int32_t cell = (int32_t)trm_rng_below(rng, (uint32_t)(trm_geometry_cells(g)));
        if (!maze_is_wall(w, cell))
            return cell;
    }
}

static void find_steps(const trm_geometry *g, const trm_maze_walls *w, int32_t goal,
                       uint16_t steps[MAZE_CELLS]) {
    int16_t queue[MAZE_CELLS];
    int32_t head = 0, tail = 0;
    memset(steps, 0xff, MAZE_CELLS * sizeof *steps); // not reached
    queue[tail++] = (int16_t)goal;
    steps[goal] = 0;
    while (head < tail) { // the border is wall: no search leaves the board
        int32_t cell = queue[head++];
        for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
            int32_t next = cell + trm_geometry_step(g, d);
            if (maze_is_wall(w, next) || steps[next] != UINT16_MAX)
                continue;
            steps[next] = (uint16_t)(steps[cell] + 1);
            queue[tail++] = (int16_t)next;
        }
    }
}

void trm_maze_distances(const trm_geometry *g, const trm_maze_walls *w, int32_t goal,
                        uint16_t distance[MAZE_ROOMS]) {
    const trm_geometry rooms = rooms_of(g);
    uint16_t steps[MAZE_CELLS];
    find_steps(g, w, goal, steps);
    for (int32_t room = 0; room < trm_geometry_cells(&rooms); room++)
        distance[room] = steps[room_cell(g, room)];
}

void trm_maze_cell_distances(const trm_geometry *g, const trm_maze_walls *w, int32_t goal,
                             uint16_t distance[MAZE_ROOMS]) {
    uint16_t steps[MAZE_CELLS];
    find_steps(g, w, goal, steps);
    for (int32_t row = 1; row < g->rows - 1; row++)
        memcpy(distance + (row - 1) * (g->cols - 2), steps + row * g->cols + 1,
               (size_t)(g->cols - 2) * sizeof *distance);
}
