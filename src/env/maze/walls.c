// SPDX-License-Identifier: Apache-2.0
#include "env/maze/walls.h"

#include <string.h>

#include "env/bfs.h"

enum { HELD_OUT_OF = 5 };

static int32_t rooms_across(maze_size s) {
    return s.width / 2;
}

static int32_t rooms_in(maze_size s) {
    return s.height / 2 * rooms_across(s);
}

static int32_t room_cell(maze_size s, int32_t room) {
    return (2 * (room / rooms_across(s)) + 1) * s.width + 2 * (room % rooms_across(s)) + 1;
}

static void open_cell(maze_walls *w, int32_t cell) {
    w->bits[cell / 8] &= (uint8_t) ~(1u << cell % 8);
}

// The room in a direction, or -1.
static int32_t neighbour(maze_size s, int32_t room, int32_t move) {
    int32_t row = room / rooms_across(s) + trm_moves[move].row;
    int32_t col = room % rooms_across(s) + trm_moves[move].col;
    if (row < 0 || row >= s.height / 2 || col < 0 || col >= rooms_across(s))
        return -1;
    return row * rooms_across(s) + col;
}

// The cell between a room and its neighbour.
static int32_t passage(maze_size s, int32_t room, int32_t move) {
    return room_cell(s, room) + trm_moves[move].row * s.width + trm_moves[move].col;
}

static void carve(maze_size s, trm_rng *rng, maze_walls *w) {
    int32_t stack[MAZE_ROOMS], depth = 0;
    stack[depth++] = (int32_t)trm_rng_below(rng, (uint32_t)rooms_in(s));
    open_cell(w, room_cell(s, stack[0]));
    while (depth > 0) {
        int32_t moves[TRM_MOVES], n = 0, room = stack[depth - 1];
        for (int32_t m = 0; m < TRM_MOVES; m++) {
            int32_t next = neighbour(s, room, m);
            if (next >= 0 && maze_is_wall(w, room_cell(s, next)))
                moves[n++] = m;
        }
        if (n == 0) {
            depth--;
            continue;
        }
        int32_t move = moves[trm_rng_below(rng, (uint32_t)n)];
        stack[depth++] = neighbour(s, room, move);
        open_cell(w, passage(s, room, move));
        open_cell(w, room_cell(s, stack[depth - 1]));
    }
}

static void open_dead_ends(maze_size s, float braid, trm_rng *rng, maze_walls *w) {
    for (int32_t room = 0; room < rooms_in(s); room++) {
        int32_t closed[TRM_MOVES], n = 0, ways = 0;
        for (int32_t m = 0; m < TRM_MOVES; m++) {
            if (neighbour(s, room, m) < 0)
                continue;
            if (maze_is_wall(w, passage(s, room, m)))
                closed[n++] = m;
            else
                ways++;
        }
        if (ways == 1 && n > 0 && trm_rng_float(rng) < braid)
            open_cell(w, passage(s, room, closed[trm_rng_below(rng, (uint32_t)n)]));
    }
}

void maze_draw(maze_size s, float braid, trm_rng *rng, maze_walls *out) {
    memset(out, 0, sizeof *out);
    for (int32_t i = 0; i < s.height * s.width; i++)
        out->bits[i / 8] |= (uint8_t)(1u << i % 8);
    carve(s, rng, out);
    if (braid > 0)
        open_dead_ends(s, braid, rng, out);
}

bool maze_held_out(maze_size s, const maze_walls *w) {
    uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)s.width; // FNV-1a
    for (int32_t i = 0; i < (s.height * s.width + 7) / 8; i++)
        h = (h ^ w->bits[i]) * UINT64_C(1099511628211);
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9); // the finaliser of splitmix64
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (h ^ (h >> 31)) % HELD_OUT_OF == 0;
}

int32_t maze_draw_free(maze_size s, const maze_walls *w, trm_rng *rng) {
    for (;;) {
        int32_t cell = (int32_t)trm_rng_below(rng, (uint32_t)(s.height * s.width));
        if (!maze_is_wall(w, cell))
            return cell;
    }
}

void maze_distances(maze_size s, const maze_walls *w, int32_t goal, uint16_t distance[MAZE_ROOMS]) {
    uint16_t steps[MAZE_CELLS];
    int16_t queue[MAZE_CELLS];
    int32_t head = 0, tail = 0;
    memset(steps, 0xff, sizeof steps); // not reached
    queue[tail++] = (int16_t)goal;
    steps[goal] = 0;
    while (head < tail) { // the border is wall: no search leaves the board
        int32_t cell = queue[head++];
        for (int32_t m = 0; m < TRM_MOVES; m++) {
            int32_t next = cell + trm_moves[m].row * s.width + trm_moves[m].col;
            if (maze_is_wall(w, next) || steps[next] != UINT16_MAX)
                continue;
            steps[next] = (uint16_t)(steps[cell] + 1);
            queue[tail++] = (int16_t)next;
        }
    }
    for (int32_t room = 0; room < rooms_in(s); room++)
        distance[room] = steps[room_cell(s, room)];
}
