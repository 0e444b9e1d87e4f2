// SPDX-License-Identifier: Apache-2.0
// sudoku: puzzles with one solution, drawn or from files; a digit that is placed stays.
//
// The rewards are sudoku-easy's, scaled so that the size of the board does not matter and the total
// tells success: right placements add up to 4 and the solved grid to 10 more; mistakes cost what
// they cost there in proportion, at most 8 in all, and a dead end 2 more. So a solved puzzle has
// more than 5, and any other less. A legal digit that is not the answer is a mistake here, because
// it cannot be taken back.
#include <string.h>

#include "env/spec.h"
#include "env/sudoku/list/collection.h"
#include "env/sudoku/solver.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"

enum { CELLS = TRM_SUDOKU_CELLS, SIDE = TRM_SUDOKU_SIDE };

static const double ALL_RIGHT = 4, SOLVED = 10, ALL_WRONG = -8, DEAD_END = -2;
static const double GIVEN = 0.5, FILLED = 0.3; // of a mistake

struct state {
    uint8_t cells[CELLS];
    uint8_t given[CELLS]; // 1: may not be changed
    uint8_t solution[CELLS];
    uint8_t blanks; // at the start
    uint8_t filled; // since
    uint8_t done;
    uint8_t steps;
};

static struct state *at(void *state) {
    return state; // bytes only: any alignment is right
}

static const struct state *seen(const void *state) {
    return state;
}

static int32_t cells_of(const trm_env *env) {
    return env->config.size * env->config.size;
}

// ---- setting up

static bool check(const trm_env_config *c, trm_error *e) {
    const trm_puzzle_size *size = trm_puzzle_size_of(c->size);
    if (!size)
        return trm_error_set(e, TRM_E_INPUT, "env.size: a sudoku has size 4, 6 or 9, found %d",
                             c->size);
    return c->givens == 0 || (c->givens >= size->fewest && c->givens <= size->most) ||
           trm_error_set(e, TRM_E_INPUT,
                         "env.givens: %d is out of range %d..%d for a sudoku of size %d", c->givens,
                         size->fewest, size->most, c->size);
}

static void configure(trm_env *env) {
    int32_t side = env->config.size;
    if (env->config.givens == 0)
        env->config.givens = trm_puzzle_size_of(side)->usual;
    env->channels = side + 1;
    env->geometry = trm_sudoku_geometry(trm_sudoku_shape_of(side));
    env->action_cells = side * side;
    env->action_dim = side * side * side;
    env->step_limit = 2 * side * side;
    env->success_above = 5;
}

static bool open_puzzles(trm_env *env, trm_error *e) {
    if (!env->config.puzzles[0])
        return true;
    env->data = trm_collection_open(&trm_sudoku_collection, &env->config.size, env->config.puzzles,
                                    false, e);
    return env->data != NULL;
}

static void close_puzzles(trm_env *env) {
    trm_collection_close(env->data);
}

// ---- starting

static void start(struct state *s, const trm_puzzle *p) {
    int32_t cells = p->side * p->side;
    memset(s, 0, sizeof *s);
    memcpy(s->cells, p->cells, (size_t)cells);
    memcpy(s->solution, p->solution, (size_t)cells);
    s->blanks = (uint8_t)(cells - p->givens);
    for (int32_t i = 0; i < cells; i++)
        s->given[i] = p->cells[i] != 0;
}

static void reset(const trm_env *env, void *state, trm_rng *rng, trm_split split) {
    if (env->data) {
        start(at(state), trm_collection_draw(env->data, split, rng));
        return;
    }
    trm_puzzle p;
    trm_puzzle_draw(env->config.size, env->config.givens, split, rng, &p);
    start(at(state), &p);
}

static bool set_grid(const trm_env *env, void *state, const int32_t *cells, trm_error *e) {
    trm_puzzle p;
    if (!trm_puzzle_of_cells(env->config.size, cells, &p, e))
        return trm_error_prefix(e, "%s", env->spec->name);
    start(at(state), &p);
    return true;
}

// ---- acting

// The digits that a row, a column and a box have already: bit d for digit d.
typedef struct used {
    uint16_t rows[SIDE], cols[SIDE], boxes[SIDE];
} used;

static used find_used(const trm_sudoku_shape *shape, const struct state *s) {
    used u = {0};
    for (int32_t row = 0, i = 0; row < shape->side; row++)
        for (int32_t col = 0; col < shape->side; col++, i++) {
            uint16_t bit = (uint16_t)(1u << s->cells[i] & ~1u);
            u.rows[row] |= bit;
            u.cols[col] |= bit;
            u.boxes[trm_sudoku_box(shape, row, col)] |= bit;
        }
    return u;
}

// The digits that fit in an empty cell, bit d - 1 for digit d.
static uint32_t open_digits(const trm_sudoku_shape *shape, const used *u, int32_t row,
                            int32_t col) {
    uint32_t taken = u->rows[row] | u->cols[col] | u->boxes[trm_sudoku_box(shape, row, col)];
    return (~taken >> 1) & ((1u << shape->side) - 1);
}

static int32_t legal(const trm_env *env, const void *state, bool *mask) {
    const struct state *s = seen(state);
    int32_t side = env->config.size, count = 0;
    const trm_sudoku_shape *shape = trm_sudoku_shape_of(side);
    used u = find_used(shape, s);
    for (int32_t i = 0; i < side * side; i++) {
        uint32_t open = s->cells[i] ? 0 : open_digits(shape, &u, i / side, i % side);
        for (int32_t d = 0; d < side; d++)
            mask[i * side + d] = open >> d & 1;
        count += __builtin_popcount(open);
    }
    return count;
}

static bool stuck(const trm_sudoku_shape *shape, const struct state *s) {
    used u = find_used(shape, s);
    for (int32_t i = 0; i < shape->side * shape->side; i++)
        if (!s->cells[i] && open_digits(shape, &u, i / shape->side, i % shape->side))
            return false;
    return true;
}

static bool fits(const trm_sudoku_shape *shape, const struct state *s, int32_t cell,
                 int32_t digit) {
    int32_t side = shape->side, row = cell / side, col = cell % side;
    int32_t top = row - row % shape->box_rows, left = col - col % shape->box_cols;
    bool found = false;
    for (int32_t i = 0; i < side; i++) {
        int32_t in_box = (top + i / shape->box_cols) * side + left + i % shape->box_cols;
        found |= s->cells[row * side + i] == digit;
        found |= s->cells[i * side + col] == digit;
        found |= s->cells[in_box] == digit;
    }
    return !found;
}

typedef struct verdict {
    double reward;
    trm_reason reason;
    bool placed;
} verdict;

static verdict try_placement(const trm_env *env, const struct state *s, int32_t cell,
                             int32_t digit) {
    double mistake = ALL_WRONG / env->step_limit;
    if (s->given[cell])
        return (verdict){GIVEN * mistake, TRM_REASON_GIVEN_CELL, false};
    if (s->cells[cell])
        return (verdict){FILLED * mistake, TRM_REASON_FILLED_CELL, false};
    if (!fits(trm_sudoku_shape_of(env->config.size), s, cell, digit))
        return (verdict){mistake, TRM_REASON_BREAKS_RULE, false};
    if (digit != s->solution[cell])
        return (verdict){mistake, TRM_REASON_NOT_THE_ANSWER, true};
    return (verdict){ALL_RIGHT / s->blanks, TRM_REASON_RIGHT_DIGIT, true};
}

static trm_step step(const trm_env *env, void *state, int32_t action) {
    struct state *s = at(state);
    int32_t cell = action / env->config.size, digit = action % env->config.size + 1;
    verdict v = try_placement(env, s, cell, digit);
    bool full = false, solved = false, dead = false, late = ++s->steps > env->step_limit;
    if (v.placed) {
        s->cells[cell] = (uint8_t)digit;
        full = ++s->filled == s->blanks;
        solved = full && !memcmp(s->cells, s->solution, (size_t)cells_of(env));
        dead = !solved && (full || stuck(trm_sudoku_shape_of(env->config.size), s));
    }
    if (solved)
        v = (verdict){v.reward + SOLVED, TRM_REASON_SOLVED, true};
    else if (dead)
        v = (verdict){v.reward + DEAD_END, TRM_REASON_DEAD_END, true};
    s->done = solved || dead || late;
    return (trm_step){.reward = (float)v.reward,
                      .done = s->done,
                      .solved = solved,
                      .reason = late && !solved && !dead ? TRM_REASON_OUT_OF_STEPS : v.reason};
}

static bool finished(const trm_env *env, const void *state) {
    (void)env;
    return seen(state)->done;
}

// ---- looking

static float shown_given(const trm_env *env, const struct state *s, int32_t cell) {
    return s->given[cell] || (env->config.placed_given && s->cells[cell]) ? 1 : 0;
}

static void observe(const trm_env *env, const void *state, float *obs) {
    const struct state *s = seen(state);
    int32_t cells = cells_of(env);
    memset(obs, 0, (size_t)env->state_dim * sizeof *obs);
    for (int32_t i = 0; i < cells; i++) {
        if (s->cells[i])
            obs[(s->cells[i] - 1) * cells + i] = 1;
        obs[env->config.size * cells + i] = shown_given(env, s, i);
    }
}

// A step fills one cell or none.
static void step_batch(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                       float *obs, trm_step *out) {
    struct state *s = at(states);
    int32_t cells = cells_of(env);
    for (int32_t i = 0; i < n; i++, s++, obs += env->state_dim) {
        int32_t cell = actions[i] / env->config.size;
        out[i] = trm_env_step(env, s, actions[i]);
        if (s->cells[cell])
            obs[(s->cells[cell] - 1) * cells + cell] = 1;
        obs[env->config.size * cells + cell] = shown_given(env, s, cell);
    }
}

// Does what stands there belong to the solution?
static bool on_the_way(const trm_env *env, const struct state *s) {
    for (int32_t i = 0; i < cells_of(env); i++)
        if (s->cells[i] && s->cells[i] != s->solution[i])
            return false;
    return true;
}

static int32_t solve(const trm_env *env, const void *state, int32_t *actions, int32_t capacity) {
    const struct state *s = seen(state);
    int32_t n = 0;
    if (!on_the_way(env, s))
        return -1;
    for (int32_t i = 0; i < cells_of(env); i++) {
        if (s->cells[i])
            continue;
        if (n < capacity)
            actions[n] = i * env->config.size + s->solution[i] - 1;
        n++;
    }
    return n;
}

static int32_t best(const trm_env *env, const void *state, bool *mask) {
    const struct state *s = seen(state);
    int32_t count = 0;
    memset(mask, 0, (size_t)env->action_dim * sizeof *mask);
    for (int32_t i = 0; i < cells_of(env) && on_the_way(env, s); i++)
        if (!s->cells[i]) {
            mask[i * env->config.size + s->solution[i] - 1] = true;
            count++;
        }
    return count;
}

static bool restore(const trm_env *env, const float *obs, void *state) {
    struct state *s = at(state);
    int32_t side = env->config.size, cells = cells_of(env);
    memset(s, 0, sizeof *s);
    for (int32_t i = 0; i < cells; i++) {
        for (int32_t d = 0; d < side; d++)
            if (obs[d * cells + i] > 0)
                s->cells[i] = (uint8_t)(d + 1);
        s->given[i] = s->cells[i] && obs[side * cells + i] > 0;
    }
    return true;
}

static void describe(const trm_env *env, const void *state, trm_board *board) {
    const struct state *s = seen(state);
    for (int32_t i = 0; i < cells_of(env); i++)
        board->cells[i] = (trm_cell){.kind = !s->cells[i]  ? TRM_CELL_EMPTY
                                             : s->given[i] ? TRM_CELL_GIVEN
                                                           : TRM_CELL_FILLED,
                                     .digit = s->cells[i]};
}

// ---- changes by hand

static trm_placement placement(const trm_env *env, const void *state, int32_t action) {
    (void)state;
    return (trm_placement){action / env->config.size, action % env->config.size + 1};
}

static void clear(struct state *s, int32_t cell) {
    if (s->given[cell])
        s->blanks++;
    else if (s->cells[cell])
        s->filled--;
    s->cells[cell] = s->given[cell] = 0;
}

static bool edit(const trm_env *env, void *state, const trm_edit *change, trm_error *e) {
    const trm_sudoku_shape *shape = trm_sudoku_shape_of(env->config.size);
    const char *name = env->spec->name;
    struct state after = *seen(state);
    int32_t cell = change->cell, digit = change->digit;
    if (digit < 0 || digit > shape->side)
        return trm_error_set(e, TRM_E_INPUT, "%s: %d is not a digit, expected 0 to %d", name, digit,
                             shape->side);
    if (digit && after.cells[cell])
        return trm_error_set(e, TRM_E_INPUT, "%s: the cell holds a %d; clear it first", name,
                             after.cells[cell]);
    if (digit && !fits(shape, &after, cell, digit))
        return trm_error_set(e, TRM_E_INPUT, "%s: there is a %d in its row, column or box", name,
                             digit);
    if (digit) {
        after.cells[cell] = (uint8_t)digit;
        after.filled++;
    } else {
        clear(&after, cell);
    }
    if (after.filled == after.blanks || stuck(shape, &after))
        return trm_error_set(e, TRM_E_INPUT, "%s: then no digit would fit any more", name);
    memcpy(state, &after, sizeof after);
    return true;
}

static void action_name(const trm_env *env, int32_t action, char out[16]) {
    int32_t side = env->config.size, cell = action / side;
    trm_text_format(out, 16, "r%dc%d=%d", cell / side + 1, cell % side + 1, action % side + 1);
}

static const char *action_glyph(const trm_env *env, int32_t action, bool ascii) {
    (void)env;
    (void)action;
    (void)ascii;
    return "";
}

const trm_env_spec trm_env_sudoku = {
    .name = "sudoku",
    .summary = "4x4, 6x6 or 9x9 puzzles with one solution, from all grids or from files",
    .task = "sudoku",
    .reads = TRM_ENV_READS("givens", "placed_given", "puzzles"),
    .size_min = 4,
    .size_max = SIDE,
    .size_usual = SIDE,
    .state_size = sizeof(struct state),
    .check = check,
    .configure = configure,
    .open = open_puzzles,
    .close = close_puzzles,
    .reset = reset,
    .set_grid = set_grid,
    .step = step,
    .finished = finished,
    .observe = observe,
    .restore = restore,
    .legal = legal,
    .solve = solve,
    .best = best,
    .describe = describe,
    .action_name = action_name,
    .action_glyph = action_glyph,
    .step_batch = step_batch,
    .edits = 1u << TRM_EDIT_DIGIT,
    .edit = edit,
    .placement = placement,
};
