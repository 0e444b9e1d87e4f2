// SPDX-License-Identifier: Apache-2.0
// maze: walls, a new one every episode. An odd board of h x w cells has rooms at odd rows and
// columns and a border of wall; between two rooms there is a passage or a wall.
//
// Generator: randomised depth-first search from a random room, each time on to a random
// neighbouring room that has not been seen, which makes a perfect maze (one path between any two
// cells). Its bias: long winding corridors and few dead ends; trees that no depth-first search
// would make never come up. Then each dead end is opened with probability `braid`, through one of
// its walls at random, so that there are loops. Or, with `obstacles`, each cell is a wall with that
// probability; start and goal are drawn from cells that have a way to one another. With `path_min`
// mazes are drawn until there are two cells that far apart; after every hundred without, an eighth
// of it is enough less.
//
// An episode lasts at most 4 * shortest path + 8 steps. Rewards are scaled so that the total tells
// success: 10 at the goal; steps cost 1 in all if every step is used up, or 2 if all run into
// walls; shaping adds at most 2, or takes as much. So more than 5 is a success, and less is none.
#include <stddef.h>
#include <string.h>

#include "env/bfs.h"
#include "env/maze/collection.h"
#include "env/maze/walls.h"
#include "env/spec.h"

enum { CHANNELS = 3, LIMIT_FACTOR = 4, LIMIT_MORE = 8 };

static const double GOAL = 10, STEPS = -1, WALLS = -2, SHAPING = 2;

static const char *const shapings[] = {"none", "manhattan", "geodesic"};
enum { NONE, MANHATTAN, GEODESIC, SHAPINGS };

// The state block: this, the walls, and the distance to the goal: for every room, or, of a board
// that was set, which need not have rooms, for every cell inside the border.
struct head {
    uint16_t agent, goal, start; // cells
    uint16_t steps, limit, flags;
};
enum { DONE = 1, SET = 2 };

struct state {
    struct head head;
    trm_maze_walls walls;
    uint16_t distance[MAZE_ROOMS];
};

static struct head load(const void *at) {
    struct head h;
    memcpy(&h, at, sizeof h);
    return h;
}

static const uint8_t *walls_of(const void *state) {
    return (const uint8_t *)state + offsetof(struct state, walls);
}

static bool is_wall(const void *state, int32_t cell) {
    return walls_of(state)[cell / 8] >> cell % 8 & 1;
}

static int32_t distance_at(const void *state, int32_t i) {
    uint16_t d;
    memcpy(&d, (const char *)state + offsetof(struct state, distance) + (size_t)i * sizeof d,
           sizeof d);
    return d;
}

static int32_t room_distance(const trm_env *env, const void *state, int32_t row, int32_t col) {
    return distance_at(state, row / 2 * (env->geometry.cols / 2) + col / 2);
}

// Where the distance of a cell inside the border stands, of a board that was set.
static int32_t inside(const trm_geometry *g, int32_t cell) {
    return (trm_geometry_row(g, cell) - 1) * (g->cols - 2) + trm_geometry_col(g, cell) - 1;
}

// Steps to the goal. From a passage one leaves through a room.
static int32_t distance(const trm_env *env, const void *state, int32_t goal, int32_t cell) {
    int32_t row = trm_geometry_row(&env->geometry, cell),
            col = trm_geometry_col(&env->geometry, cell);
    if (cell == goal)
        return 0;
    if (load(state).flags & SET)
        return distance_at(state, inside(&env->geometry, cell));
    if (row % 2 && col % 2)
        return room_distance(env, state, row, col);
    int32_t down = row % 2 == 0, right = !down;
    int32_t a = room_distance(env, state, row - down, col - right);
    int32_t b = room_distance(env, state, row + down, col + right);
    return 1 + (a < b ? a : b);
}

static int32_t next_cell(const trm_env *env, int32_t cell, int32_t action) {
    return cell + trm_geometry_step(&env->geometry, (trm_direction)action);
}

// ---- setting up

const char *trm_env_shaping_name(int32_t i) {
    return i >= 0 && i < SHAPINGS ? shapings[i] : NULL;
}

static int32_t shaping_of(const char *name) {
    for (int32_t i = 0; i < SHAPINGS; i++)
        if (strcmp(shapings[i], name) == 0)
            return i;
    return -1;
}

// Walls anywhere instead of corridors.
static bool scattered(const trm_env_config *c) {
    return c->obstacles > 0 && !c->mazes[0];
}

bool trm_env_settable(const trm_geometry *g) {
    return (g->rows - 2) * (g->cols - 2) <= MAZE_ROOMS;
}

static bool check(const trm_env_config *c, trm_error *e) {
    int32_t width = c->width ? c->width : c->size;
    if (width < MAZE_SIDE_MIN || width > MAZE_SIDE)
        return trm_error_set(e, TRM_E_INPUT, "env.width: %d is out of range %d..%d for maze", width,
                             (int)MAZE_SIDE_MIN, (int)MAZE_SIDE);
    if (scattered(c) && !trm_env_settable(&(trm_geometry){.rows = c->size, .cols = width}))
        return trm_error_set(e, TRM_E_INPUT,
                             "env.obstacles: boards of %d x %d, expected at most 33 x 33", c->size,
                             width);
    if (!scattered(c) && (c->size % 2 == 0 || width % 2 == 0))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: a maze has an odd side (rooms, and walls between), found %d: "
                             "expected %d or %d",
                             c->size % 2 ? "env.width" : "env.size", c->size % 2 ? width : c->size,
                             (c->size % 2 ? width : c->size) - 1,
                             (c->size % 2 ? width : c->size) + 1);
    if (!(c->braid >= 0 && c->braid <= 1))
        return trm_error_set(e, TRM_E_INPUT, "env.braid: %g is out of range 0..1",
                             (double)c->braid);
    if (!(c->obstacles >= 0 && c->obstacles <= 0.6f))
        return trm_error_set(e, TRM_E_INPUT, "env.obstacles: %g is out of range 0..0.6",
                             (double)c->obstacles);
    if (c->path_min < 0)
        return trm_error_set(e, TRM_E_INPUT, "env.path_min: %d is less than 0", c->path_min);
    return shaping_of(c->shaping) >= 0 ||
           trm_error_set(e, TRM_E_INPUT,
                         "env.shaping: found \"%s\", expected \"none\", \"manhattan\" or "
                         "\"geodesic\"",
                         c->shaping);
}

static void configure(trm_env *env) {
    env->channels = CHANNELS;
    if (!env->config.width)
        env->config.width = env->config.size;
    env->geometry = (trm_geometry){.rows = env->config.size, .cols = env->config.width};
    env->action_dim = TRM_DIRECTIONS;
    int32_t rooms = (env->geometry.rows / 2) * (env->geometry.cols / 2);
    env->step_limit =
        LIMIT_FACTOR * (2 * rooms - 2) + LIMIT_MORE; // of the longest path there can be
    env->success_above = 5;
}

static bool open_mazes(trm_env *env, trm_error *e) {
    const trm_maze_form form = {.size = env->geometry, .border = true};
    if (!env->config.mazes[0])
        return true;
    if (!trm_env_settable(&env->geometry))
        return trm_error_set(e, TRM_E_INPUT,
                             "env.mazes: boards of %d x %d, expected at most 33 x 33",
                             env->geometry.rows, env->geometry.cols);
    env->data = trm_collection_open(&trm_maze_collection, &form, env->config.mazes, false, e);
    return env->data != NULL;
}

static void close_mazes(trm_env *env) {
    trm_collection_close(env->data);
}

// ---- starting

// Sets the goal, with the distances to it.
static void set_goal(const trm_env *env, struct state *s, int32_t goal) {
    s->head.goal = (uint16_t)goal;
    (s->head.flags & SET ? trm_maze_cell_distances : trm_maze_distances)(&env->geometry, &s->walls,
                                                                         goal, s->distance);
}

// Puts the board's walls, agent and goal into the state. False: they are not all there.
static bool take_board(const trm_env *env, struct state *s, const trm_board *board) {
    const trm_geometry *g = &env->geometry;
    int32_t agents = 0, goals = 0;
    for (int32_t i = 0; i < trm_geometry_cells(g); i++) {
        const int32_t row = trm_geometry_row(g, i), col = trm_geometry_col(g, i);
        const trm_cell_kind kind = (trm_cell_kind)board->cells[i].kind;
        const bool border = !row || !col || row == g->rows - 1 || col == g->cols - 1;
        if (border && kind != TRM_CELL_WALL) // the moves stay inside
            return false;
        s->walls.bits[i / 8] |= (uint8_t)((kind == TRM_CELL_WALL) << i % 8);
        agents += kind == TRM_CELL_AGENT;
        goals += kind == TRM_CELL_GOAL;
        s->head.agent = kind == TRM_CELL_AGENT ? (uint16_t)i : s->head.agent;
        s->head.goal = kind == TRM_CELL_GOAL ? (uint16_t)i : s->head.goal;
    }
    return agents == 1 && goals == 1;
}

static bool start_on(const trm_env *env, void *state, const trm_board *board, trm_error *e) {
    struct state s;
    memset(&s, 0, sizeof s);
    if (!trm_env_settable(&env->geometry))
        return trm_error_set(e, TRM_E_INPUT, "a maze of more than 33 x 33 cells cannot be set");
    if (!take_board(env, &s, board))
        return trm_error_set(e, TRM_E_INPUT, "a maze has a border of wall, one start and one goal");
    s.head.flags = SET;
    s.head.start = s.head.agent;
    set_goal(env, &s, s.head.goal);
    const int32_t shortest = s.distance[inside(&env->geometry, s.head.agent)];
    if (shortest == UINT16_MAX)
        return trm_error_set(e, TRM_E_INPUT,
                             "there is no way from the start to the goal: take a wall out");
    const int32_t limit = LIMIT_FACTOR * shortest + LIMIT_MORE;
    s.head.limit = (uint16_t)(limit < env->step_limit ? limit : env->step_limit);
    memcpy(state, &s, sizeof s);
    return true;
}

static void draw_walls(const trm_env *env, struct state *s, trm_rng *rng, trm_split split) {
    do
        if (scattered(&env->config))
            trm_maze_scatter(&env->geometry, env->config.obstacles, rng, &s->walls);
        else
            trm_maze_draw(&env->geometry, env->config.braid, rng, &s->walls);
    while (trm_maze_held_out(&env->geometry, &s->walls) != (split == TRM_SPLIT_HELD_OUT));
    s->head.agent = s->head.start = (uint16_t)trm_maze_draw_free(&env->geometry, &s->walls, rng);
}

// A cell from which it takes the agent `least` steps or more, each alike; -1: there is none.
static int32_t draw_far(const trm_env *env, struct state *s, int32_t least, trm_rng *rng) {
    int32_t far[MAZE_CELLS], count = 0;
    set_goal(env, s, s->head.agent);
    for (int32_t i = 0; i < trm_geometry_cells(&env->geometry); i++) {
        const int32_t steps =
            maze_is_wall(&s->walls, i) ? UINT16_MAX : distance(env, s, s->head.agent, i);
        if (steps >= least && steps < UINT16_MAX)
            far[count++] = i;
    }
    return count > 0 ? far[trm_rng_below(rng, (uint32_t)count)] : -1;
}

static void draw_apart(const trm_env *env, struct state *s, trm_rng *rng, trm_split split) {
    enum { PATIENCE = 100 };
    int32_t least = env->config.path_min > 1 ? env->config.path_min : 1, goal = -1;
    for (int32_t tries = 1; goal < 0; tries++) {
        draw_walls(env, s, rng, split);
        goal = draw_far(env, s, least, rng);
        if (tries % PATIENCE == 0 && least > 1)
            least -= (least + 7) / 8;
    }
    set_goal(env, s, goal);
}

// Any two cells of a maze of corridors.
static void draw_any(const trm_env *env, struct state *s, trm_rng *rng, trm_split split) {
    int32_t goal;
    draw_walls(env, s, rng, split);
    do
        goal = trm_maze_draw_free(&env->geometry, &s->walls, rng);
    while (goal == s->head.agent);
    set_goal(env, s, goal);
}

static void reset(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    struct state s;
    if (env->data) {
        trm_board board;
        trm_maze_board(trm_collection_draw(env->data, split, rng), &board);
        start_on(env, state, &board, NULL);
        return;
    }
    memset(&s, 0, sizeof s);
    s.head.flags = scattered(&env->config) ? SET : 0;
    if (scattered(&env->config) || env->config.path_min > 0)
        draw_apart(env, &s, rng, split);
    else
        draw_any(env, &s, rng, split);
    const int32_t limit = LIMIT_FACTOR * distance(env, &s, s.head.goal, s.head.agent) + LIMIT_MORE;
    s.head.limit = (uint16_t)(limit < env->step_limit ? limit : env->step_limit);
    memcpy(state, &s, sizeof s);
}

// ---- acting

static double shaping(const trm_env *env, const struct head *before, const struct head *after,
                      int32_t drop) {
    const trm_geometry *g = &env->geometry;
    switch (shaping_of(env->config.shaping)) {
    case MANHATTAN:
        return SHAPING *
               (trm_geometry_distance(g, before->agent, before->goal) -
                trm_geometry_distance(g, after->agent, after->goal)) /
               (g->rows + g->cols);
    case GEODESIC:
        return SHAPING * LIMIT_FACTOR * drop / before->limit;
    default:
        return 0;
    }
}

static trm_step step(const trm_env *env, void *state, int32_t action) {
    struct head before = load(state), s = before;
    int32_t next = next_cell(env, s.agent, action);
    bool wall = is_wall(state, next), late = ++s.steps > s.limit;
    int32_t drop = 0;
    if (!wall) {
        s.agent = (uint16_t)next;
        drop = distance(env, state, s.goal, before.agent) - distance(env, state, s.goal, next);
    }
    bool goal = s.agent == s.goal;
    s.flags = (uint16_t)(s.flags | (goal || late ? DONE : 0));
    memcpy(state, &s, sizeof s);
    double reward = (wall ? WALLS : STEPS) / s.limit + (goal ? GOAL : 0);
    return (trm_step){.reward = (float)(reward + shaping(env, &before, &s, drop)),
                      .done = goal | late,
                      .solved = goal,
                      .reason = goal       ? TRM_REASON_REACHED_GOAL
                                : late     ? TRM_REASON_OUT_OF_STEPS
                                : wall     ? TRM_REASON_INTO_WALL
                                : drop > 0 ? TRM_REASON_TOWARDS_GOAL
                                           : TRM_REASON_AWAY_FROM_GOAL};
}

static bool finished(const trm_env *env, const void *state) {
    (void)env;
    return load(state).flags & DONE;
}

// ---- looking

static void observe(const trm_env *env, const void *state, float *obs) {
    struct head s = load(state);
    int32_t cells = trm_geometry_cells(&env->geometry);
    memset(obs + cells, 0, (size_t)(2 * cells) * sizeof *obs);
    for (int32_t i = 0; i < cells; i++)
        obs[i] = is_wall(state, i);
    obs[cells + s.agent] = 1;
    obs[2 * cells + s.goal] = 1;
}

// The cell of the only 1 in a plane; -1 where there is not one.
static int32_t marked(const float *plane, int32_t cells) {
    int32_t cell = -1, count = 0;
    for (int32_t i = 0; i < cells; i++)
        if (plane[i] > 0) {
            cell = i;
            count++;
        }
    return count == 1 ? cell : -1;
}

static bool restore(const trm_env *env, const float *obs, void *state) {
    struct state s;
    const trm_geometry *g = &env->geometry;
    const int32_t cells = trm_geometry_cells(g);
    int32_t agent = marked(obs + cells, cells), goal = marked(obs + 2 * cells, cells);
    if (agent < 0 || goal < 0 || obs[agent] > 0)
        return false;
    memset(&s, 0, sizeof s);
    for (int32_t i = 0; i < cells; i++) {
        const int32_t row = trm_geometry_row(g, i), col = trm_geometry_col(g, i);
        const bool border = !row || !col || row == g->rows - 1 || col == g->cols - 1;
        if (border && !(obs[i] > 0)) // the moves stay inside
            return false;
        s.walls.bits[i / 8] |= (uint8_t)((obs[i] > 0) << i % 8);
    }
    s.head.agent = s.head.start = (uint16_t)agent;
    s.head.goal = (uint16_t)goal;
    memcpy(state, &s, sizeof s);
    return true;
}

// Only the agent moves.
static void step_batch(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                       float *obs, trm_step *out) {
    char *at = states;
    int32_t cells = trm_geometry_cells(&env->geometry);
    for (int32_t i = 0; i < n; i++, at += sizeof(struct state), obs += env->state_dim) {
        obs[cells + load(at).agent] = 0;
        out[i] = trm_env_step(env, at, actions[i]);
        obs[cells + load(at).agent] = 1;
    }
}

static int32_t legal(const trm_env *env, const void *state, bool *mask) {
    struct head s = load(state);
    int32_t count = 0;
    for (int32_t a = 0; a < TRM_DIRECTIONS; a++) {
        mask[a] = !is_wall(state, next_cell(env, s.agent, a));
        count += mask[a];
    }
    return count;
}

static int32_t solve(const trm_env *env, const void *state, int32_t *actions, int32_t capacity) {
    const trm_geometry *g = &env->geometry;
    bool walls[TRM_BOARD_MAX * TRM_BOARD_MAX];
    struct head s = load(state);
    for (int32_t i = 0; i < trm_geometry_cells(g); i++)
        walls[i] = is_wall(state, i);
    return trm_bfs_path(g, walls, s.agent, s.goal, actions, capacity);
}

static int32_t best(const trm_env *env, const void *state, bool *mask) {
    struct head s = load(state);
    int32_t here = distance(env, state, s.goal, s.agent), count = 0;
    for (int32_t a = 0; a < TRM_DIRECTIONS; a++) {
        int32_t next = next_cell(env, s.agent, a);
        mask[a] = !is_wall(state, next) && distance(env, state, s.goal, next) < here;
        count += mask[a];
    }
    return count;
}

static int32_t start_cell(const void *state) {
    return load(state).start;
}

static void describe(const trm_env *env, const void *state, trm_board *board) {
    struct head s = load(state);
    for (int32_t i = 0; i < trm_geometry_cells(&env->geometry); i++)
        board->cells[i] = (trm_cell){.kind = is_wall(state, i) ? TRM_CELL_WALL : TRM_CELL_EMPTY};
    board->cells[s.goal].kind = TRM_CELL_GOAL;
    board->cells[s.agent].kind = TRM_CELL_AGENT;
}

static bool edit(const trm_env *env, void *state, const trm_edit *change, trm_error *e) {
    struct state s;
    memcpy(&s, state, sizeof s);
    bool agent = change->kind == TRM_EDIT_AGENT;
    if (is_wall(state, change->cell))
        return trm_error_set(e, TRM_E_INPUT, "%s: there is a wall", env->spec->name);
    if (change->cell == (agent ? s.head.goal : s.head.agent))
        return trm_error_set(e, TRM_E_INPUT, "%s: at the goal the episode is over",
                             env->spec->name);
    if (agent)
        s.head.agent = s.head.start = (uint16_t)change->cell;
    else
        set_goal(env, &s, change->cell);
    memcpy(state, &s, sizeof s);
    return true;
}

const trm_env_spec trm_env_maze = {
    .name = "maze",
    .summary = "walls, a new maze every episode, start and goal anywhere",
    .task = "maze",
    .reads = TRM_ENV_READS("width", "braid", "obstacles", "path_min", "shaping", "mazes"),
    .moves = true,
    .size_min = MAZE_SIDE_MIN,
    .size_max = MAZE_SIDE,
    .state_size = sizeof(struct state),
    .check = check,
    .configure = configure,
    .open = open_mazes,
    .close = close_mazes,
    .reset = reset,
    .set_board = start_on,
    .step = step,
    .finished = finished,
    .observe = observe,
    .restore = restore,
    .legal = legal,
    .solve = solve,
    .best = best,
    .describe = describe,
    .start_cell = start_cell,
    .action_name = trm_move_name,
    .action_glyph = trm_move_glyph,
    .step_batch = step_batch,
    .edits = 1u << TRM_EDIT_AGENT | 1u << TRM_EDIT_GOAL,
    .edit = edit,
};
