// SPDX-License-Identifier: Apache-2.0
// Mazes with their shortest path as the answer: the original's two (simple_maze_comparison.py,
// maze_comparison.py), in which the answer never varies, and their corrected twins.
#include <string.h>

#include "env/dataset/spec.h"
#include "env/maze/collection.h"

enum { MAX_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX, CHANNELS = 3 };

// The order in which the original searches.
static const trm_direction directions[TRM_DIRECTIONS] = {TRM_RIGHT, TRM_DOWN, TRM_LEFT, TRM_UP};

typedef struct maze {
    trm_geometry geometry;
    uint8_t wall[MAX_CELLS];
    int32_t start, goal; // cells
} maze;

static trm_geometry square(int32_t size) {
    return (trm_geometry){.rows = size, .cols = size};
}

static int32_t cells_of(const maze *m) {
    return trm_geometry_cells(&m->geometry);
}

typedef struct paths {
    int32_t distance[MAX_CELLS]; // from the start, -1: not reached
    int32_t from[MAX_CELLS];     // the cell before, of the path found first
    uint8_t ways[MAX_CELLS];     // shortest paths to the cell, counted up to 2
} paths;

static void search(const maze *m, paths *p) {
    int32_t queue[MAX_CELLS], head = 0, tail = 0;
    for (int32_t i = 0; i < cells_of(m); i++) {
        p->distance[i] = -1;
        p->ways[i] = 0;
    }
    p->distance[m->start] = 0;
    p->ways[m->start] = 1;
    queue[tail++] = m->start;
    while (head < tail) {
        int32_t cell = queue[head++];
        for (int32_t d = 0; d < TRM_DIRECTIONS; d++) {
            int32_t next = trm_geometry_neighbour(&m->geometry, cell, directions[d], 1);
            if (next < 0 || m->wall[next])
                continue;
            if (p->distance[next] < 0) {
                p->distance[next] = p->distance[cell] + 1;
                p->from[next] = cell;
                queue[tail++] = next;
            }
            if (p->distance[next] == p->distance[cell] + 1)
                p->ways[next] = (uint8_t)(p->ways[next] + p->ways[cell] > 1 ? 2 : 1);
        }
    }
}

static void write_input(const maze *m, float *input) {
    int32_t cells = cells_of(m);
    memset(input, 0, (size_t)(CHANNELS * cells) * sizeof *input);
    for (int32_t i = 0; i < cells; i++)
        input[i] = m->wall[i];
    input[cells + m->start] = 1;
    input[2 * cells + m->goal] = 1;
}

static void write_path(const maze *m, const paths *p, int32_t *target) {
    memset(target, 0, (size_t)cells_of(m) * sizeof *target);
    if (p->distance[m->goal] < 0)
        return;
    for (int32_t cell = m->goal; cell != m->start; cell = p->from[cell])
        target[cell] = 1;
    target[m->start] = 1;
}

// ---- obstacles on an open field

// 5 to 14 obstacles, never on the border: going right, then down, is always free and found first.
static void draw_mazes_8(int32_t size, trm_rng *rng, float *input, int32_t *target) {
    maze m = {.geometry = square(size), .goal = size * size - 1};
    paths p;
    int32_t obstacles = 5 + (int32_t)trm_rng_below(rng, 10);
    for (int32_t i = 0; i < obstacles; i++) {
        int32_t row = 1 + (int32_t)trm_rng_below(rng, (uint32_t)(size - 2));
        int32_t col = 1 + (int32_t)trm_rng_below(rng, (uint32_t)(size - 2));
        m.wall[row * size + col] = 1;
    }
    search(&m, &p);
    write_input(&m, input);
    write_path(&m, &p, target);
}

static bool determined(const maze *m, const paths *p, int32_t goal) {
    return p->distance[goal] >= m->geometry.rows / 2 && p->ways[goal] == 1;
}

// Any of the cells that determine the path, or the start where there is none.
static int32_t draw_determined(const maze *m, const paths *p, trm_rng *rng) {
    int32_t cells[MAX_CELLS], n = 0;
    for (int32_t i = 0; i < cells_of(m); i++)
        if (determined(m, p, i))
            cells[n++] = i;
    return n > 0 ? cells[trm_rng_below(rng, (uint32_t)n)] : m->start;
}

// Obstacles anywhere, three cells in ten; start and goal anywhere, half a side apart or more; drawn
// again until there is a shortest path and only one, so that the answer is determined. That becomes
// rare as the side grows (one draw in 10,000 at 64): from 17 cells on the goal is drawn from those
// that determine the path, if a field has any.
static void draw_mazes_8_fixed(int32_t size, trm_rng *rng, float *input, int32_t *target) {
    enum { RARE_ABOVE = 16 };
    maze m = {.geometry = square(size)};
    paths p;
    do {
        for (int32_t i = 0; i < size * size; i++)
            m.wall[i] = trm_rng_below(rng, 10) < 3;
        m.start = (int32_t)trm_rng_below(rng, (uint32_t)(size * size));
        m.goal = (int32_t)trm_rng_below(rng, (uint32_t)(size * size));
        m.wall[m.start] = m.wall[m.goal] = 0;
        search(&m, &p);
        if (size > RARE_ABOVE)
            m.goal = draw_determined(&m, &p, rng);
    } while (!determined(&m, &p, m.goal));
    write_input(&m, input);
    write_path(&m, &p, target);
}

// ---- depth-first mazes

// Carves from `first`, rooms two cells apart, none nearer to the border than `margin`.
static void carve(maze *m, trm_rng *rng, int32_t first, int32_t margin) {
    const trm_geometry *g = &m->geometry;
    int32_t stack[MAX_CELLS], depth = 0;
    memset(m->wall, 1, sizeof m->wall);
    m->wall[first] = 0;
    stack[depth++] = first;
    while (depth > 0) {
        int32_t open[TRM_DIRECTIONS], n = 0, cell = stack[depth - 1];
        for (int32_t d = 0; d < TRM_DIRECTIONS; d++) {
            int32_t next = trm_geometry_neighbour(g, cell, directions[d], 2);
            if (next < 0 || !m->wall[next])
                continue;
            int32_t row = trm_geometry_row(g, next), col = trm_geometry_col(g, next);
            if (row >= margin && col >= margin && row < g->rows - margin && col < g->cols - margin)
                open[n++] = next;
        }
        if (n == 0) {
            depth--;
            continue;
        }
        int32_t room = open[trm_rng_below(rng, (uint32_t)n)];
        m->wall[room] = m->wall[(cell + room) / 2] = 0;
        stack[depth++] = room;
    }
}

// On an even side the rooms end two cells before the border, and the goal behind them is walled
// off.
static void draw_mazes_10(int32_t size, trm_rng *rng, float *input, int32_t *target) {
    maze m = {.geometry = square(size), .start = size + 1, .goal = (size - 2) * size + size - 2};
    paths p;
    carve(&m, rng, m.start, 1);
    m.wall[m.goal] = 0;
    search(&m, &p);
    write_input(&m, input);
    write_path(&m, &p, target);
}

// Rooms at even rows and columns from the corner on, so that any side will do (an even one ends in
// a wall); start and goal in any two rooms. A perfect maze: the path is the only one.
static void draw_mazes_10_fixed(int32_t size, trm_rng *rng, float *input, int32_t *target) {
    maze m = {.geometry = square(size)};
    paths p;
    uint32_t rooms = (uint32_t)((size + 1) / 2);
    carve(&m, rng, 0, 0);
    do {
        m.start = (int32_t)(2 * trm_rng_below(rng, rooms)) * size +
                  (int32_t)(2 * trm_rng_below(rng, rooms));
        m.goal = (int32_t)(2 * trm_rng_below(rng, rooms)) * size +
                 (int32_t)(2 * trm_rng_below(rng, rooms));
    } while (m.start == m.goal);
    search(&m, &p);
    write_input(&m, input);
    write_path(&m, &p, target);
}

// ---- mazes of files

static trm_collection *open_mazes(const trm_dataset_config *c, int32_t size, trm_error *e) {
    const trm_maze_form form = {.size = square(size)};
    return trm_collection_open(&trm_maze_collection, &form, c->files, c->asked, e);
}

static void copy_maze(const void *item, float *input, int32_t *target) {
    const trm_maze *from = item;
    const int32_t cells = trm_geometry_cells(&from->geometry);
    maze m = {.geometry = from->geometry, .start = from->start, .goal = from->goal};
    paths p;
    for (int32_t i = 0; i < cells; i++)
        m.wall[i] = from->wall[i];
    write_input(&m, input);
    if (!from->solved) {
        search(&m, &p);
        write_path(&m, &p, target);
        return;
    }
    for (int32_t i = 0; i < cells; i++)
        target[i] = from->path[i];
}

#define MAZE_DATA                                                                                  \
    .channels = CHANNELS, .classes = 2, .grid = true, .size_max = TRM_BOARD_MAX,                   \
    .open = open_mazes, .copy = copy_maze

static const char *const plain[] = {"mazes", NULL};
static const char *const augmented[] = {"mazes", "augment", NULL};

const trm_dataset_spec trm_dataset_mazes_8 = {
    .name = "mazes-8",
    .summary = "the original's 8x8 obstacles; the answer is always the same",
    .size = 8,
    .size_min = 3,
    .draw = draw_mazes_8,
    .reads = plain,
    MAZE_DATA,
};

const trm_dataset_spec trm_dataset_mazes_8_fixed = {
    .name = "mazes-8-fixed",
    .summary = "8x8 obstacles, start and goal anywhere, one shortest path",
    .size = 8,
    .size_min = 4,
    .split = true,
    .draw = draw_mazes_8_fixed,
    .reads = augmented,
    MAZE_DATA,
};

const trm_dataset_spec trm_dataset_mazes_10 = {
    .name = "mazes-10",
    .summary = "the original's 10x10 depth-first mazes; the goal is walled off, the answer empty",
    .size = 10,
    .size_min = 5,
    .odd = true,
    .draw = draw_mazes_10,
    .reads = plain,
    MAZE_DATA,
};

const trm_dataset_spec trm_dataset_mazes_10_fixed = {
    .name = "mazes-10-fixed",
    .summary = "10x10 depth-first mazes, start and goal in any two rooms",
    .size = 10,
    .size_min = 3,
    .split = true,
    .draw = draw_mazes_10_fixed,
    .reads = augmented,
    MAZE_DATA,
};
