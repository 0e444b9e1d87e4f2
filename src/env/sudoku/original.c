// SPDX-License-Identifier: Apache-2.0
// The original's 4x4 sudokus. sudoku-empty (trm_rl.py, trm_rl_evns.py: SudokuEnv): fill an empty
// grid by the rules. sudoku-one, sudoku-easy and sudoku-medium (utils/improved_sudoku_env.py): give
// back the cells that were blanked in one and the same solved grid.
#include <math.h>
#include <string.h>

#include "env/spec.h"
#include "env/sudoku/solver.h"
#include "trm/base/text.h"

enum { SIDE = 4, CELLS = SIDE * SIDE };

static const trm_sudoku_shape shape = {SIDE, 2, 2};

// The only grid that the original's puzzles are made from.
static const uint8_t the_grid[CELLS] = {1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1};

struct state {
    uint8_t cells[CELLS];
    uint8_t given[CELLS];                                   // 1: may not be changed
    uint8_t row_used[SIDE], col_used[SIDE], box_used[SIDE]; // bit d - 1: digit d is there
    uint8_t filled;                                         // cells with a digit
    uint8_t blank;                                          // sudoku-one: the cell to fill
    uint8_t done;
    uint8_t steps;
};

static struct state *at(void *state) {
    return state; // bytes only: any alignment is right
}

static const struct state *seen(const void *state) {
    return state;
}

static void place(struct state *s, int32_t cell, int32_t digit) {
    int32_t row = cell / SIDE, col = cell % SIDE;
    uint8_t bit = (uint8_t)(1u << (digit - 1));
    s->cells[cell] = (uint8_t)digit;
    s->row_used[row] |= bit;
    s->col_used[col] |= bit;
    s->box_used[trm_sudoku_box(&shape, row, col)] |= bit;
    s->filled++;
}

static bool fits(const struct state *s, int32_t cell, int32_t digit) {
    int32_t row = cell / SIDE, col = cell % SIDE;
    uint8_t used =
        s->row_used[row] | s->col_used[col] | s->box_used[trm_sudoku_box(&shape, row, col)];
    return !(used >> (digit - 1) & 1);
}

static bool finished(const trm_env *env, const void *state) {
    (void)env;
    return seen(state)->done;
}

static void write_action(int32_t action, char out[16]) {
    trm_text_format(out, 16, "r%dc%d=%d", action / CELLS + 1, action / SIDE % SIDE + 1,
                    action % SIDE + 1);
}

static void action_name(const trm_env *env, int32_t action, char out[16]) {
    if (env->action_dim == SIDE)
        trm_text_format(out, 16, "%d", action + 1);
    else
        write_action(action, out);
}

static const char *action_glyph(const trm_env *env, int32_t action, bool ascii) {
    (void)env;
    (void)action;
    (void)ascii;
    return "";
}

static void describe(const trm_env *env, const void *state, trm_board *board) {
    const struct state *s = seen(state);
    (void)env;
    for (int32_t i = 0; i < CELLS; i++)
        board->cells[i] = (trm_cell){.kind = !s->cells[i]  ? TRM_CELL_EMPTY
                                             : s->given[i] ? TRM_CELL_GIVEN
                                                           : TRM_CELL_FILLED,
                                     .digit = s->cells[i]};
}

// Cell and digit actions: what changes the grid.
static int32_t legal_cells(const trm_env *env, const void *state, bool *mask) {
    const struct state *s = seen(state);
    int32_t count = 0;
    for (int32_t a = 0; a < env->action_dim; a++) {
        mask[a] = !s->cells[a / SIDE] && fits(s, a / SIDE, a % SIDE + 1);
        count += mask[a];
    }
    return count;
}

// The placements that lead from the cells to `goal`; -1 where a cell contradicts it.
static int32_t placements(const struct state *s, const uint8_t *goal, int32_t *actions,
                          int32_t capacity) {
    int32_t n = 0;
    for (int32_t i = 0; i < CELLS; i++) {
        if (s->cells[i] && s->cells[i] != goal[i])
            return -1;
        if (s->cells[i])
            continue;
        if (n < capacity)
            actions[n] = i * SIDE + goal[i] - 1;
        n++;
    }
    return n;
}

static bool set_cells(const trm_env *env, void *state, const int32_t *cells, bool given,
                      trm_error *e) {
    struct state *s = at(state);
    memset(s, 0, sizeof *s);
    for (int32_t i = 0; i < CELLS; i++) {
        if (cells[i] < 0 || cells[i] > SIDE)
            return trm_error_set(e, TRM_E_INPUT, "%s: cell %d is %d, expected 0..%d",
                                 env->spec->name, i + 1, cells[i], SIDE);
        if (cells[i] && !fits(s, i, cells[i]))
            return trm_error_set(e, TRM_E_INPUT, "%s: the digit %d of cell %d breaks a rule",
                                 env->spec->name, cells[i], i + 1);
        if (!cells[i])
            continue;
        place(s, i, cells[i]);
        s->given[i] = given;
    }
    return true;
}

// Digits must be those of the one grid, or the task has no answer.
static bool set_puzzle(const trm_env *env, void *state, const int32_t *cells, trm_error *e) {
    for (int32_t i = 0; i < CELLS; i++)
        if (cells[i] && cells[i] != the_grid[i])
            return trm_error_set(e, TRM_E_INPUT, "%s: cell %d is %d, but its grid has %d there",
                                 env->spec->name, i + 1, cells[i], the_grid[i]);
    return set_cells(env, state, cells, true, e);
}

// The one grid, all of it given.
static void fill(struct state *s) {
    memset(s, 0, sizeof *s);
    for (int32_t i = 0; i < SIDE; i++)
        s->row_used[i] = s->col_used[i] = s->box_used[i] = (1u << SIDE) - 1;
    memcpy(s->cells, the_grid, CELLS);
    memset(s->given, 1, CELLS);
    s->filled = CELLS;
}

static void unplace(struct state *s, int32_t cell) {
    int32_t row = cell / SIDE, col = cell % SIDE;
    uint8_t others = (uint8_t) ~(1u << (s->cells[cell] - 1));
    s->row_used[row] &= others;
    s->col_used[col] &= others;
    s->box_used[trm_sudoku_box(&shape, row, col)] &= others;
    s->cells[cell] = s->given[cell] = 0;
    s->filled--;
}

// ---- changes by hand

static trm_placement placement_cells(const trm_env *env, const void *state, int32_t action) {
    (void)env;
    (void)state;
    return (trm_placement){action / SIDE, action % SIDE + 1};
}

static bool edit_cells(const trm_env *env, void *state, const trm_edit *edit, trm_error *e) {
    struct state *s = at(state);
    const char *name = env->spec->name;
    int32_t cell = edit->cell, digit = edit->digit;
    if (digit < 0 || digit > SIDE)
        return trm_error_set(e, TRM_E_INPUT, "%s: %d is not a digit, expected 0 to %d", name, digit,
                             SIDE);
    if (!digit) {
        if (s->cells[cell])
            unplace(s, cell);
        return true;
    }
    if (s->cells[cell])
        return trm_error_set(e, TRM_E_INPUT, "%s: the cell holds a %d; clear it first", name,
                             s->cells[cell]);
    if (!fits(s, cell, digit))
        return trm_error_set(e, TRM_E_INPUT, "%s: there is a %d in its row, column or box", name,
                             digit);
    if (s->filled == CELLS - 1)
        return trm_error_set(e, TRM_E_INPUT, "%s: with a full grid the episode is over", name);
    place(s, cell, digit);
    return true;
}

static void set_grid(trm_env *env, int32_t channels) {
    env->channels = channels;
    env->geometry = trm_sudoku_geometry(&shape);
}

// ---- sudoku-empty

static void configure_empty(trm_env *env) {
    set_grid(env, 1);
    env->action_dim = CELLS * SIDE;
    env->action_cells = CELLS;
    env->step_limit = 30;
    env->success_above = 5;
}

static void reset_empty(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    (void)rng;
    (void)split;
    memset(state, 0, env->spec->state_size);
}

static bool set_empty(const trm_env *env, void *state, const int32_t *cells, trm_error *e) {
    return set_cells(env, state, cells, false, e);
}

static trm_step step_empty(const trm_env *env, void *state, int32_t action) {
    struct state *s = at(state);
    int32_t cell = action / SIDE, digit = action % SIDE + 1;
    bool was_empty = !s->cells[cell], ok = was_empty && fits(s, cell, digit);
    if (ok)
        place(s, cell, digit);
    bool full = s->filled == CELLS, late = ++s->steps > env->step_limit;
    s->done = full || late;
    return (trm_step){.reward = (ok ? 1.0f : -1.0f) + (full ? env->config.bonus : 0.0f),
                      .done = s->done,
                      .solved = full,
                      .reason = full         ? TRM_REASON_GRID_FULL
                                : late       ? TRM_REASON_OUT_OF_STEPS
                                : ok         ? TRM_REASON_LEGAL_PLACEMENT
                                : !was_empty ? TRM_REASON_FILLED_CELL
                                             : TRM_REASON_BREAKS_RULE};
}

static void observe_digits(const trm_env *env, const void *state, float *obs) {
    (void)env;
    for (int32_t i = 0; i < CELLS; i++)
        obs[i] = seen(state)->cells[i];
}

// The grid of an observation whose digits are multiples of `unit`.
static bool restore_cells(const float *obs, float unit, void *state) {
    struct state *s = at(state);
    memset(s, 0, sizeof *s);
    for (int32_t i = 0; i < CELLS; i++) {
        float digit = obs[i] / unit;
        if (!(digit >= 0 && digit <= SIDE))
            return false;
        if (lrintf(digit) > 0)
            place(s, i, (int32_t)lrintf(digit));
    }
    return true;
}

static bool restore_empty(const trm_env *env, const float *obs, void *state) {
    (void)env;
    return restore_cells(obs, 1, state);
}

static int32_t solve_empty(const trm_env *env, const void *state, int32_t *actions,
                           int32_t capacity) {
    uint8_t goal[CELLS];
    (void)env;
    if (!trm_sudoku_count(&shape, seen(state)->cells, 1, goal))
        return -1;
    return placements(seen(state), goal, actions, capacity);
}

// ---- sudoku-one

static void configure_one(trm_env *env) {
    set_grid(env, 1);
    env->action_dim = SIDE;
    env->step_limit = 0; // always over after one step
    env->success_above = 5;
}

static bool set_one(const trm_env *env, void *state, const int32_t *cells, trm_error *e) {
    int32_t blanks = 0, blank = 0;
    for (int32_t i = 0; i < CELLS; i++)
        if (!cells[i]) {
            blank = i;
            blanks++;
        }
    if (blanks != 1)
        return trm_error_set(e, TRM_E_INPUT, "sudoku-one: %d cells are blank, expected 1", blanks);
    if (!set_puzzle(env, state, cells, e))
        return false;
    at(state)->blank = (uint8_t)blank;
    return true;
}

// There is always one blank: clearing a cell gives the other its digit back.
static bool edit_one(const trm_env *env, void *state, const trm_edit *edit, trm_error *e) {
    struct state *s = at(state);
    if (edit->digit)
        return trm_error_set(e, TRM_E_INPUT, "%s: one cell is always blank; clear another instead",
                             env->spec->name);
    uint8_t steps = s->steps;
    fill(s);
    s->blank = (uint8_t)edit->cell;
    s->steps = steps;
    unplace(s, edit->cell);
    return true;
}

static trm_placement placement_one(const trm_env *env, const void *state, int32_t action) {
    (void)env;
    return (trm_placement){seen(state)->blank, action + 1};
}

static void reset_one(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    struct state *s = at(state);
    (void)env;
    (void)split;
    fill(s);
    s->blank = (uint8_t)trm_rng_below(rng, CELLS);
    unplace(s, s->blank);
}

// As in the original, the grid never shows what was placed.
static trm_step step_one(const trm_env *env, void *state, int32_t action) {
    struct state *s = at(state);
    bool right = action + 1 == the_grid[s->blank];
    (void)env;
    s->steps++;
    s->done = 1;
    return (trm_step){.reward = right ? 10.0f : -1.0f,
                      .done = true,
                      .solved = right,
                      .reason = right ? TRM_REASON_RIGHT_DIGIT : TRM_REASON_WRONG_DIGIT};
}

static void observe_quarters(const trm_env *env, const void *state, float *obs) {
    (void)env;
    for (int32_t i = 0; i < CELLS; i++)
        obs[i] = (float)seen(state)->cells[i] / SIDE;
}

static bool restore_one(const trm_env *env, const float *obs, void *state) {
    struct state *s = at(state);
    (void)env;
    if (!restore_cells(obs, 1.0f / SIDE, state) || s->filled != CELLS - 1)
        return false;
    while (s->cells[s->blank])
        s->blank++;
    memset(s->given, 1, CELLS);
    s->given[s->blank] = 0;
    return true;
}

static int32_t legal_one(const trm_env *env, const void *state, bool *mask) {
    int32_t open = seen(state)->done ? 0 : env->action_dim;
    for (int32_t a = 0; a < env->action_dim; a++)
        mask[a] = open > 0;
    return open;
}

static int32_t solve_one(const trm_env *env, const void *state, int32_t *actions,
                         int32_t capacity) {
    (void)env;
    if (seen(state)->done)
        return 0;
    if (capacity > 0)
        actions[0] = the_grid[seen(state)->blank] - 1;
    return 1;
}

// ---- sudoku-easy, sudoku-medium

enum { CHANNELS = 5 };

struct puzzle_rules {
    float difficulty; // share of cells that start blank
};

static void configure_puzzle(trm_env *env) {
    const struct puzzle_rules *rules = env->spec->rules;
    set_grid(env, CHANNELS);
    env->action_dim = CELLS * SIDE;
    env->action_cells = CELLS;
    env->step_limit = 50;
    env->success_above = 5;
    if (isnan(env->config.difficulty))
        env->config.difficulty = rules->difficulty;
}

static void reset_puzzle(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    enum { KEPT = 4 }; // the original leaves at least so many
    int32_t order[CELLS], n = (int32_t)((double)CELLS * (double)env->config.difficulty);
    (void)split;
    for (int32_t i = 0; i < CELLS; i++)
        order[i] = i;
    trm_rng_shuffle(rng, order, CELLS);
    fill(at(state));
    for (int32_t i = 0; i < n && i < CELLS - KEPT; i++)
        unplace(at(state), order[i]);
}

typedef struct verdict {
    double reward;
    trm_reason reason;
} verdict;

static verdict try_placement(struct state *s, int32_t cell, int32_t digit) {
    if (s->given[cell])
        return (verdict){-0.5, TRM_REASON_GIVEN_CELL};
    if (s->cells[cell])
        return (verdict){-0.3, TRM_REASON_FILLED_CELL};
    if (!fits(s, cell, digit))
        return (verdict){-1.0, TRM_REASON_BREAKS_RULE};
    place(s, cell, digit);
    return digit == the_grid[cell] ? (verdict){1.0, TRM_REASON_RIGHT_DIGIT}
                                   : (verdict){0.2, TRM_REASON_NOT_THE_ANSWER};
}

static trm_step step_puzzle(const trm_env *env, void *state, int32_t action) {
    struct state *s = at(state);
    verdict v = try_placement(s, action / SIDE, action % SIDE + 1);
    bool full = s->filled == CELLS, solved = full && !memcmp(s->cells, the_grid, CELLS);
    bool late = ++s->steps > env->step_limit;
    if (full)
        v = solved ? (verdict){v.reward + 10.0, TRM_REASON_SOLVED}
                   : (verdict){v.reward - 2.0, TRM_REASON_FULL_BUT_WRONG};
    s->done = full || late;
    return (trm_step){.reward = (float)v.reward,
                      .done = s->done,
                      .solved = solved,
                      .reason = late && !full ? TRM_REASON_OUT_OF_STEPS : v.reason};
}

// Placements that break a rule are never made, so the three channels of conflicts stay 0.
static void observe_puzzle(const trm_env *env, const void *state, float *obs) {
    memset(obs, 0, (size_t)env->state_dim * sizeof *obs);
    observe_quarters(env, state, obs);
    for (int32_t i = 0; i < CELLS; i++)
        obs[CELLS + i] = !seen(state)->given[i];
}

static bool restore_puzzle(const trm_env *env, const float *obs, void *state) {
    (void)env;
    if (!restore_cells(obs, 1.0f / SIDE, state))
        return false;
    for (int32_t i = 0; i < CELLS; i++)
        at(state)->given[i] = at(state)->cells[i] && !(obs[CELLS + i] > 0);
    return true;
}

static int32_t solve_puzzle(const trm_env *env, const void *state, int32_t *actions,
                            int32_t capacity) {
    (void)env;
    return placements(seen(state), the_grid, actions, capacity);
}

static int32_t best_puzzle(const trm_env *env, const void *state, bool *mask) {
    const struct state *s = seen(state);
    bool solvable = placements(s, the_grid, NULL, 0) > 0;
    int32_t count = 0;
    for (int32_t a = 0; a < env->action_dim; a++) {
        mask[a] = solvable && !s->cells[a / SIDE] && the_grid[a / SIDE] == a % SIDE + 1;
        count += mask[a];
    }
    return count;
}

// ---- batches: a step changes one cell of the observation, or none

static void step_all(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                     float *obs, trm_step *out, float unit) {
    struct state *s = at(states);
    for (int32_t i = 0; i < n; i++, s++, obs += env->state_dim) {
        int32_t cell = actions[i] / SIDE;
        out[i] = trm_env_step(env, s, actions[i]);
        obs[cell] = (float)s->cells[cell] * unit;
    }
}

static void step_batch_empty(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                             float *obs, trm_step *out) {
    step_all(env, states, n, actions, obs, out, 1.0f);
}

static void step_batch_puzzle(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                              float *obs, trm_step *out) {
    step_all(env, states, n, actions, obs, out, 1.0f / SIDE);
}

#define SUDOKU_SPEC                                                                                \
    .task = "sudoku", .size_min = SIDE, .size_max = SIDE, .state_size = sizeof(struct state),      \
    .finished = finished, .describe = describe, .action_name = action_name,                        \
    .action_glyph = action_glyph, .edits = 1u << TRM_EDIT_DIGIT
#define CELLS_SPEC .edit = edit_cells, .placement = placement_cells

const trm_env_spec trm_env_sudoku_empty = {
    .name = "sudoku-empty",
    .summary = "a 4x4 grid, filled by the rules from nothing",
    .reads = TRM_ENV_READS("bonus"),
    .configure = configure_empty,
    .reset = reset_empty,
    .set_grid = set_empty,
    .step = step_empty,
    .observe = observe_digits,
    .restore = restore_empty,
    .legal = legal_cells,
    .solve = solve_empty,
    .step_batch = step_batch_empty,
    CELLS_SPEC,
    SUDOKU_SPEC,
};

const trm_env_spec trm_env_sudoku_one = {
    .name = "sudoku-one",
    .summary = "the one solved 4x4 grid of the original, one cell blank, one step",
    .configure = configure_one,
    .reset = reset_one,
    .set_grid = set_one,
    .step = step_one,
    .observe = observe_quarters,
    .restore = restore_one,
    .legal = legal_one,
    .solve = solve_one,
    .edit = edit_one,
    .placement = placement_one,
    SUDOKU_SPEC,
};

#define PUZZLE_SPEC                                                                                \
    .configure = configure_puzzle, .reset = reset_puzzle, .set_grid = set_puzzle,                  \
    .step = step_puzzle, .observe = observe_puzzle, .restore = restore_puzzle,                     \
    .legal = legal_cells, .solve = solve_puzzle, .best = best_puzzle,                              \
    .step_batch = step_batch_puzzle, CELLS_SPEC

static const struct puzzle_rules easy = {0.25f}, medium = {0.5f};

const trm_env_spec trm_env_sudoku_easy = {
    .name = "sudoku-easy",
    .summary = "the same grid, 4 of its 16 cells blank",
    .reads = TRM_ENV_READS("difficulty"),
    .rules = &easy,
    PUZZLE_SPEC,
    SUDOKU_SPEC,
};

const trm_env_spec trm_env_sudoku_medium = {
    .name = "sudoku-medium",
    .summary = "the same grid, 8 of its 16 cells blank",
    .reads = TRM_ENV_READS("difficulty"),
    .rules = &medium,
    PUZZLE_SPEC,
    SUDOKU_SPEC,
};
