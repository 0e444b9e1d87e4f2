// SPDX-License-Identifier: Apache-2.0
// maze-open and maze-plain: an n x n grid without walls, from the top left to the bottom right
// corner. The two share everything but their rewards.
//
// Limits and thresholds are the original's (50 steps; above 5) wherever those make sense. Where no
// path fits within 50 steps the limit is twice the shortest path, and where a total of 5 would not
// tell reaching the goal from missing it, the threshold is one that does.
#include <assert.h>
#include <string.h>

#include "env/bfs.h"
#include "env/spec.h"

// `done` is kept, though it follows from the rest, so that one load tells all.
struct state {
    int16_t row, col, steps, done;
};

// What a move does. AWAY + 1 is TOWARDS, and TOWARDS + 1 is GOAL: see act().
enum outcome { OFF_GRID, AWAY, TOWARDS, GOAL, OUT_OF_STEPS, OUTCOMES };

static const trm_reason reasons[OUTCOMES] = {
    [OFF_GRID] = TRM_REASON_OFF_GRID,         [AWAY] = TRM_REASON_AWAY_FROM_GOAL,
    [TOWARDS] = TRM_REASON_TOWARDS_GOAL,      [GOAL] = TRM_REASON_REACHED_GOAL,
    [OUT_OF_STEPS] = TRM_REASON_OUT_OF_STEPS,
};

struct rules {
    float rewards[GOAL + 1];
    float (*success_above)(int32_t shortest, int32_t limit);
};

static struct state load(const void *at) {
    struct state s;
    memcpy(&s, at, sizeof s);
    return s;
}

static int32_t shortest_path(const trm_env *env) {
    return 2 * (env->config.size - 1);
}

static void configure(trm_env *env) {
    const struct rules *rules = env->spec->rules;
    int32_t shortest = shortest_path(env);
    env->channels = 1;
    env->geometry = (trm_geometry){.rows = env->config.size, .cols = env->config.size};
    env->action_dim = TRM_DIRECTIONS;
    env->step_limit = shortest <= 50 ? 50 : 2 * shortest;
    env->success_above = rules->success_above(shortest, env->step_limit);
}

// From 16 cells a side, coming near without reaching the goal can earn more than 5.
static float open_success_above(int32_t shortest, int32_t limit) {
    double best_miss = 0.2 * (shortest - 1) - 0.01 * (limit + 1);
    return best_miss <= 5.0 ? 5.0f : (float)(best_miss + 1.0);
}

// From 27 cells a side, even the shortest path earns less than 5.
static float plain_success_above(int32_t shortest, int32_t limit) {
    double best = 10.0 - 0.1 * (shortest - 1);
    return best > 5.0 ? 5.0f : (float)(-0.1 * limit);
}

static void reset(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    (void)rng;
    (void)split;
    memset(state, 0, env->spec->state_size);
}

// Without branches: which way a random policy goes cannot be predicted.
static inline trm_step act(struct state *s, int32_t action, int32_t size, int32_t limit,
                           const float *rewards) {
    int32_t row = s->row + trm_direction_row((trm_direction)action);
    int32_t col = s->col + trm_direction_col((trm_direction)action);
    bool inside = ((uint32_t)row < (uint32_t)size) & ((uint32_t)col < (uint32_t)size);
    s->row = (int16_t)(inside ? row : s->row);
    s->col = (int16_t)(inside ? col : s->col);
    s->steps++;
    bool goal = inside & (row + col == 2 * (size - 1));
    bool late = s->steps > limit;
    s->done = goal | late;
    // Odd actions, down and right, lead towards the goal, and only they can reach it.
    int32_t outcome = inside ? AWAY + (action & 1) + goal : OFF_GRID;
    return (trm_step){
        .reward = rewards[outcome],
        .done = goal | late,
        .solved = goal,
        .reason = reasons[(late & !goal) ? OUT_OF_STEPS : outcome],
    };
}

static trm_step step(const trm_env *env, void *state, int32_t action) {
    const struct rules *rules = env->spec->rules;
    struct state s = load(state);
    trm_step result = act(&s, action, env->config.size, env->step_limit, rules->rewards);
    memcpy(state, &s, sizeof s);
    return result;
}

static bool finished(const trm_env *env, const void *state) {
    (void)env;
    return load(state).done;
}

static void observe(const trm_env *env, const void *state, float *obs) {
    struct state s = load(state);
    memset(obs, 0, (size_t)env->state_dim * sizeof *obs);
    obs[s.row * env->config.size + s.col] = 1.0f;
    obs[env->state_dim - 1] = 0.5f;
}

static bool restore(const trm_env *env, const float *obs, void *state) {
    struct state s = {0};
    for (int32_t i = 0; i < env->state_dim; i++)
        if (obs[i] > 0.5f) {
            s.row = (int16_t)(i / env->config.size);
            s.col = (int16_t)(i % env->config.size);
        }
    memcpy(state, &s, sizeof s);
    return true;
}

static void step_batch(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                       float *obs, trm_step *out) {
    const struct rules *rules = env->spec->rules;
    const int32_t size = env->config.size, limit = env->step_limit;
    const int32_t goal = env->state_dim - 1;
    char *at = states;
    for (int32_t i = 0; i < n; i++, at += sizeof(struct state), obs += goal + 1) {
        struct state s = load(at);
        assert(!s.done && (uint32_t)actions[i] < TRM_DIRECTIONS);
        obs[s.row * size + s.col] = 0.0f;
        out[i] = act(&s, actions[i], size, limit, rules->rewards);
        obs[s.row * size + s.col] = 1.0f;
        obs[goal] = 0.5f;
        memcpy(at, &s, sizeof s);
    }
}

// By position alone, so that there is always one, in a finished episode too.
static int32_t legal(const trm_env *env, const void *state, bool *mask) {
    struct state s = load(state);
    int32_t last = env->config.size - 1;
    mask[TRM_UP] = s.row > 0;
    mask[TRM_DOWN] = s.row < last;
    mask[TRM_LEFT] = s.col > 0;
    mask[TRM_RIGHT] = s.col < last;
    return mask[TRM_UP] + mask[TRM_DOWN] + mask[TRM_LEFT] + mask[TRM_RIGHT];
}

static int32_t solve(const trm_env *env, const void *state, int32_t *actions, int32_t capacity) {
    struct state s = load(state);
    int32_t size = env->config.size;
    return trm_bfs_path(&env->geometry, NULL, s.row * size + s.col, env->state_dim - 1, actions,
                        capacity);
}

static void describe(const trm_env *env, const void *state, trm_board *board) {
    struct state s = load(state);
    for (int32_t i = 0; i < env->state_dim; i++)
        board->cells[i] = (trm_cell){.kind = TRM_CELL_EMPTY};
    board->cells[env->state_dim - 1].kind = TRM_CELL_GOAL;
    board->cells[s.row * env->config.size + s.col].kind = TRM_CELL_AGENT;
}

// The agent anywhere but at the goal, where the episode is over.
static bool edit(const trm_env *env, void *state, const trm_edit *change, trm_error *e) {
    if (change->cell == env->state_dim - 1)
        return trm_error_set(e, TRM_E_INPUT, "%s: at the goal the episode is over",
                             env->spec->name);
    struct state s = load(state);
    s.row = (int16_t)trm_geometry_row(&env->geometry, change->cell);
    s.col = (int16_t)trm_geometry_col(&env->geometry, change->cell);
    memcpy(state, &s, sizeof s);
    return true;
}

// The sums are made in double and rounded once, as the original's are.
static const struct rules open_rules = {
    .rewards = {[OFF_GRID] = (float)-0.5,
                [AWAY] = (float)(-0.01 + 0.2 * -1),
                [TOWARDS] = (float)(-0.01 + 0.2 * 1),
                [GOAL] = (float)(-0.01 + 0.2 * 1 + 10.0)},
    .success_above = open_success_above,
};

static const struct rules plain_rules = {
    .rewards = {[OFF_GRID] = (float)-1.0,
                [AWAY] = (float)-0.1,
                [TOWARDS] = (float)-0.1,
                [GOAL] = (float)10.0},
    .success_above = plain_success_above,
};

#define GRID_SPEC                                                                                  \
    .task = "maze", .moves = true, .size_min = 2, .size_max = TRM_BOARD_MAX,                       \
    .state_size = sizeof(struct state), .configure = configure, .reset = reset, .step = step,      \
    .finished = finished, .observe = observe, .restore = restore, .legal = legal, .solve = solve,  \
    .describe = describe, .action_name = trm_move_name, .action_glyph = trm_move_glyph,            \
    .step_batch = step_batch, .edits = 1u << TRM_EDIT_AGENT, .edit = edit

const trm_env_spec trm_env_maze_open = {
    .name = "maze-open",
    .summary = "an open grid, corner to corner; each step nearer to the goal is rewarded",
    .rules = &open_rules,
    GRID_SPEC,
};

const trm_env_spec trm_env_maze_plain = {
    .name = "maze-plain",
    .summary = "the same grid; each step costs a little, and only the goal is rewarded",
    .rules = &plain_rules,
    GRID_SPEC,
};
