// SPDX-License-Identifier: Apache-2.0
#include "env/bfs.h"

#include <assert.h>
#include <string.h>

#include "trm/env/env.h"

const trm_move trm_moves[TRM_MOVES] = {
    {.row = -1, .col = 0, .name = "up", .arrow = "\u2191", .ascii = "^"},
    {.row = 1, .col = 0, .name = "down", .arrow = "\u2193", .ascii = "v"},
    {.row = 0, .col = -1, .name = "left", .arrow = "\u2190", .ascii = "<"},
    {.row = 0, .col = 1, .name = "right", .arrow = "\u2192", .ascii = ">"},
};

void trm_move_name(const trm_env *env, int32_t action, char out[16]) {
    (void)env;
    const char *name = trm_moves[action].name;
    memcpy(out, name, strlen(name) + 1);
}

const char *trm_move_glyph(const trm_env *env, int32_t action, bool ascii) {
    (void)env;
    return ascii ? trm_moves[action].ascii : trm_moves[action].arrow;
}

enum { CELLS_MAX = TRM_BOARD_MAX * TRM_BOARD_MAX };

struct grid {
    const bool *walls;
    int32_t rows, cols;
};

// The cell that a move from `cell` leads to, or -1.
static int32_t neighbour(const struct grid *g, int32_t cell, int32_t move) {
    int32_t row = cell / g->cols + trm_moves[move].row;
    int32_t col = cell % g->cols + trm_moves[move].col;
    if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
        return -1;
    int32_t next = row * g->cols + col;
    return g->walls && g->walls[next] ? -1 : next;
}

int32_t trm_bfs_path(const bool *walls, int32_t rows, int32_t cols, int32_t from, int32_t to,
                     int32_t *moves, int32_t capacity) {
    assert(rows > 0 && rows <= TRM_BOARD_MAX && cols > 0 && cols <= TRM_BOARD_MAX);
    assert(from >= 0 && from < rows * cols && to >= 0 && to < rows * cols);
    const struct grid g = {walls, rows, cols};
    int8_t toward[CELLS_MAX]; // the move that brings one nearer to `to`; -1: not reached
    int16_t queue[CELLS_MAX];
    memset(toward, -1, sizeof toward);
    int32_t head = 0, tail = 0;
    // Backwards from the end, so that the moves come out in order.
    queue[tail++] = (int16_t)to;
    toward[to] = 0;
    while (head < tail && toward[from] < 0) {
        int32_t cell = queue[head++];
        for (int32_t m = 0; m < TRM_MOVES; m++) {
            int32_t next = neighbour(&g, cell, m);
            if (next < 0 || toward[next] >= 0)
                continue;
            toward[next] = (int8_t)(m ^ 1); // the opposite move
            queue[tail++] = (int16_t)next;
        }
    }
    if (toward[from] < 0)
        return -1;
    int32_t length = 0;
    for (int32_t cell = from; cell != to; length++) {
        int32_t move = toward[cell];
        if (length < capacity)
            moves[length] = move;
        cell += trm_moves[move].row * cols + trm_moves[move].col;
    }
    return length;
}
