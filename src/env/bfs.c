// SPDX-License-Identifier: Apache-2.0
#include "env/bfs.h"

#include <assert.h>
#include <string.h>

#include "trm/env/env.h"

static const struct {
    const char *name, *arrow, *ascii;
} moves[TRM_DIRECTIONS] = {
    [TRM_UP] = {"up", "\u2191", "^"},
    [TRM_DOWN] = {"down", "\u2193", "v"},
    [TRM_LEFT] = {"left", "\u2190", "<"},
    [TRM_RIGHT] = {"right", "\u2192", ">"},
};

void trm_move_name(const trm_env *env, int32_t action, char out[16]) {
    (void)env;
    const char *name = moves[action].name;
    memcpy(out, name, strlen(name) + 1);
}

const char *trm_move_glyph(const trm_env *env, int32_t action, bool ascii) {
    (void)env;
    return ascii ? moves[action].ascii : moves[action].arrow;
}

enum { CELLS_MAX = TRM_BOARD_MAX * TRM_BOARD_MAX };

int32_t trm_bfs_path(const trm_geometry *g, const bool *walls, int32_t from, int32_t to,
                     int32_t *path, int32_t capacity) {
    assert(g->rows > 0 && g->rows <= TRM_BOARD_MAX && g->cols > 0 && g->cols <= TRM_BOARD_MAX);
    assert(from >= 0 && from < trm_geometry_cells(g) && to >= 0 && to < trm_geometry_cells(g));
    int8_t toward[CELLS_MAX]; // the move that brings one nearer to `to`; -1: not reached
    int16_t queue[CELLS_MAX];
    memset(toward, -1, sizeof toward);
    int32_t head = 0, tail = 0;
    // Backwards from the end, so that the moves come out in order.
    queue[tail++] = (int16_t)to;
    toward[to] = 0;
    while (head < tail && toward[from] < 0) {
        int32_t cell = queue[head++];
        for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
            int32_t next = trm_geometry_neighbour(g, cell, d, 1);
            if (next < 0 || (walls && walls[next]) || toward[next] >= 0)
                continue;
            toward[next] = (int8_t)trm_direction_opposite(d);
            queue[tail++] = (int16_t)next;
        }
    }
    if (toward[from] < 0)
        return -1;
    int32_t length = 0;
    for (int32_t cell = from; cell != to; length++) {
        trm_direction move = (trm_direction)toward[cell];
        if (length < capacity)
            path[length] = move;
        cell += trm_geometry_step(g, move);
    }
    return length;
}
