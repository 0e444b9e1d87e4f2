// SPDX-License-Identifier: Apache-2.0
#include "env/maze/collection.h"

#include <string.h>

#include "env/bfs.h"
#include "env/maze/walls.h"
#include "trm/env/dataset.h"

enum { MOST = 200000 };

// ---- sizes --------------------------------------------------------------------------------------

static int32_t room_for(int32_t side, bool bordered) {
    const int32_t with = bordered ? side : side + 2, odd = with | 1;
    return odd < MAZE_SIDE_MIN ? MAZE_SIDE_MIN : odd;
}

trm_geometry trm_maze_room_for(const trm_maze *m) {
    return (trm_geometry){.rows = room_for(m->geometry.rows, m->bordered),
                          .cols = room_for(m->geometry.cols, m->bordered)};
}

static bool same(const trm_geometry *a, int32_t rows, int32_t cols) {
    return a->rows == rows && a->cols == cols;
}

// Puts the maze `by` cells down and to the right; what was not there is wall.
static void shift(const trm_maze *m, const trm_geometry *size, int32_t by, trm_maze *out) {
    *out = (trm_maze){.geometry = *size, .bordered = by >= 0, .solved = m->solved};
    for (int32_t i = 0; i < trm_geometry_cells(size); i++) {
        const int32_t from = trm_geometry_cell(&m->geometry, trm_geometry_row(size, i) - by,
                                               trm_geometry_col(size, i) - by);
        out->wall[i] = from < 0 || m->wall[from];
        out->path[i] = from >= 0 && m->path[from];
        out->start = from >= 0 && from == m->start ? i : out->start;
        out->goal = from >= 0 && from == m->goal ? i : out->goal;
    }
}

bool trm_maze_fit(const trm_maze *m, const trm_geometry *size, bool border, trm_maze *out) {
    const trm_geometry g = m->geometry, room = trm_maze_room_for(m);
    if (size->rows > TRM_BOARD_MAX || size->cols > TRM_BOARD_MAX)
        return false;
    if (border) {
        if (!same(size, room.rows, room.cols))
            return false;
        shift(m, size, m->bordered ? 0 : 1, out);
    } else if (same(size, g.rows, g.cols)) {
        *out = *m;
    } else if (m->bordered && same(size, g.rows - 2, g.cols - 2)) {
        shift(m, size, -1, out);
    } else if (same(size, g.rows + 2, g.cols + 2)) {
        shift(m, size, 1, out);
    } else {
        return false;
    }
    return true;
}

void trm_maze_board(const trm_maze *m, trm_board *out) {
    out->geometry = m->geometry;
    for (int32_t i = 0; i < trm_geometry_cells(&m->geometry); i++)
        out->cells[i] = (trm_cell){.kind = i == m->start  ? TRM_CELL_AGENT
                                           : i == m->goal ? TRM_CELL_GOAL
                                           : m->wall[i]   ? TRM_CELL_WALL
                                                          : TRM_CELL_EMPTY};
}

// ---- collecting ---------------------------------------------------------------------------------

static bool wrong_size(const trm_maze *m, const trm_maze_form *form, trm_error *e) {
    const trm_geometry *g = &m->geometry, room = trm_maze_room_for(m);
    if (form->border)
        return trm_error_set(e, TRM_E_INPUT,
                             "a maze of %d x %d cells, %d x %d as a board, expected %d x %d: set "
                             "env.size=%d env.width=%d",
                             g->rows, g->cols, room.rows, room.cols, form->size.rows,
                             form->size.cols, room.rows, room.cols);
    if (g->rows != g->cols)
        return trm_error_set(e, TRM_E_INPUT,
                             "a maze of %d x %d cells, expected %d x %d: a data set has square "
                             "mazes",
                             g->rows, g->cols, form->size.rows, form->size.cols);
    return trm_error_set(e, TRM_E_INPUT,
                         "a maze of %d x %d cells, expected %d x %d: set data.size=%d", g->rows,
                         g->cols, form->size.rows, form->size.cols, g->rows);
}

static int32_t shortest(const trm_maze *m) {
    return trm_bfs_path(&m->geometry, m->wall, m->start, m->goal, NULL, 0);
}

bool trm_maze_is_shortest(const trm_maze *m) {
    bool others[TRM_BOARD_MAX * TRM_BOARD_MAX];
    int32_t marked = 0;
    const int32_t steps = shortest(m);
    for (int32_t i = 0; i < trm_geometry_cells(&m->geometry); i++) {
        others[i] = !m->path[i];
        marked += m->path[i];
    }
    return marked == steps + 1 && m->path[m->start] && m->path[m->goal] &&
           trm_bfs_path(&m->geometry, others, m->start, m->goal, NULL, 0) == steps;
}

static bool add(trm_collection *c, const trm_maze *m, trm_error *e) {
    const trm_maze_form *form = c->form;
    trm_maze *to = trm_collection_room(c, e);
    if (!to)
        return false;
    if (!trm_maze_fit(m, &form->size, form->border, to))
        return wrong_size(m, form, e);
    if (shortest(to) < 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "there is no way from the start to the goal: take a wall out");
    c->count++;
    return true;
}

static bool take(void *ctx, const trm_maze *m, trm_error *e) {
    return add(ctx, m, e);
}

static bool add_text(trm_collection *c, const char *name, const char *text, size_t size,
                     trm_error *e) {
    return trm_maze_scan(name, text, size, take, c, e);
}

static bool token_maze(const uint8_t *input, const uint8_t *label, trm_maze *m, trm_error *e) {
    for (int32_t i = 0; i < trm_geometry_cells(&m->geometry); i++) {
        if (input[i] < TRM_TOKEN_WALL || input[i] > TRM_TOKEN_GOAL || label[i] < TRM_TOKEN_WALL ||
            label[i] > TRM_TOKEN_PATH)
            return trm_error_set(e, TRM_E_INPUT,
                                 "cell %d has input %d and label %d, expected 1 to 4 and 1 to 5 "
                                 "(# SGo)",
                                 i, input[i], label[i]);
        if ((input[i] == TRM_TOKEN_START && m->start >= 0) ||
            (input[i] == TRM_TOKEN_GOAL && m->goal >= 0))
            return trm_error_set(e, TRM_E_INPUT,
                                 "cell %d: a second start or goal, expected one of each", i);
        m->wall[i] = input[i] == TRM_TOKEN_WALL;
        m->path[i] = label[i] == TRM_TOKEN_PATH;
        m->start = input[i] == TRM_TOKEN_START ? i : m->start;
        m->goal = input[i] == TRM_TOKEN_GOAL ? i : m->goal;
    }
    return (m->start >= 0 && m->goal >= 0) ||
           trm_error_set(e, TRM_E_INPUT, "the maze has no start or no goal, expected one of each");
}

static bool add_tokens(trm_collection *c, const uint8_t *input, const uint8_t *label, int32_t cells,
                       trm_error *e) {
    int32_t side = 2;
    while (side * side < cells)
        side++;
    if (side * side != cells)
        return trm_error_set(e, TRM_E_INPUT, "%d cells, expected a square maze", cells);
    trm_maze m = {.geometry = {.rows = side, .cols = side}, .start = -1, .goal = -1};
    if (!token_maze(input, label, &m, e))
        return false;
    m.solved = m.path[m.start] = m.path[m.goal] = true;
    m.bordered = trm_maze_is_bordered(&m);
    if (!add(c, &m, e))
        return false;
    return trm_maze_is_shortest(&m) ||
           trm_error_set(e, TRM_E_INPUT,
                         "the label's path is not one of the shortest, which have %d steps",
                         shortest(&m));
}

// By the walls, as mazes that are drawn.
static bool held_out(const void *item) {
    const trm_maze *m = item;
    trm_maze_walls walls = {{0}};
    trm_geometry g = m->geometry;
    while (trm_geometry_cells(&g) > MAZE_CELLS)
        g.rows--;
    for (int32_t i = 0; i < trm_geometry_cells(&g); i++)
        walls.bits[i / 8] |= (uint8_t)(m->wall[i] << i % 8);
    return trm_maze_held_out(&g, &walls);
}

const trm_collection_kind trm_maze_collection = {
    .key = "env.mazes",
    .many = "mazes",
    .wanted = "rows of # and spaces with S and G, or +--+ art",
    .item_size = sizeof(trm_maze),
    .most = MOST,
    .text = add_text,
    .tokens = add_tokens,
    .held_out = held_out,
};

// ---- one maze, to be played

static bool take_first(void *ctx, const trm_maze *m, trm_error *e) {
    trm_maze *out = ctx;
    (void)e;
    *out = *m;
    return false;
}

bool trm_maze_first(const char *name, const char *text, size_t size, trm_maze *out, trm_error *e) {
    trm_error failure = {.code = TRM_OK};
    out->geometry.rows = 0;
    if (trm_maze_scan(name, text, size, take_first, out, &failure))
        trm_error_set(&failure, TRM_E_INPUT, "%s: no maze in it, expected %s", name,
                      trm_maze_collection.wanted);
    if (out->geometry.rows == 0 && e)
        *e = failure;
    return out->geometry.rows > 0;
}
