// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/game.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/game/impl.h"
#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/base/streams.h"

enum { FIRST_ROOM = 64, DIGITS_MAX = 16 };

void trm_board_start(const trm_env *env, int64_t number, void *state) {
    trm_rng rng;
    trm_rng_seed(&rng, (uint64_t)number, TRM_STREAM_BOARD);
    trm_env_reset(env, state, &rng, TRM_SPLIT_HELD_OUT);
}

bool trm_board_start_of(const trm_dataset_source *boards, const trm_env *env, int64_t number,
                        void *state, int32_t *puzzle, trm_error *e) {
    trm_dataset *d = trm_dataset_draw(boards, TRM_SPLIT_HELD_OUT, 1, (uint64_t)number, e);
    if (!d)
        return false;
    const trm_subject s = trm_subject_of_sample(d, 0);
    const bool ok = trm_subject_state(&s, env, state, e);
    *puzzle = trm_dataset_puzzle(d, s.input);
    trm_dataset_free(d);
    return ok;
}

// ---- what the environment's actions mean

static void learn_moves(trm_game *g) {
    for (int32_t d = 0; d < TRM_DIRECTIONS; d++)
        g->moves[d] = -1;
    for (int32_t a = 0; a < trm_env_action_dim(g->env); a++) {
        const int32_t d = trm_env_direction(g->env, a);
        if (d >= 0)
            g->moves[d] = a;
    }
}

// Once a board: where an action says a digit only, the cell is the board's.
static void learn_placements(trm_game *g, const void *start) {
    for (int32_t i = 0; i < g->marked * g->digits; i++)
        g->placement[i] = -1;
    for (int32_t a = 0; a < trm_env_action_dim(g->env); a++) {
        const trm_placement at = trm_env_placement(g->env, start, a);
        g->cell_of[a] = g->digits > 0 ? at.cell : -1;
        if (g->cell_of[a] >= 0) {
            assert(at.cell < g->cells && at.digit >= 1 && at.digit <= g->digits);
            g->placement[at.cell * g->digits + at.digit - 1] = a;
        }
    }
}

static void make_tables(trm_game *g) {
    g->cells = g->board.rows * g->board.cols;
    g->digits = g->board.box_rows > 0 ? g->board.box_rows * g->board.box_cols : 0;
    assert(g->digits <= DIGITS_MAX);
    g->marked = g->digits > 0 ? g->cells : 0;
    g->placement = trm_alloc((size_t)(g->marked * g->digits) + 1, sizeof *g->placement);
    g->cell_of = trm_alloc((size_t)trm_env_action_dim(g->env), sizeof *g->cell_of);
    learn_moves(g);
}

// ---- nodes and entries

static void *larger(void *old, size_t used, size_t size) {
    void *more = trm_alloc(1, size > 0 ? size : 1);
    if (used > 0)
        memcpy(more, old, used);
    free(old);
    return more;
}

static int32_t add_node(trm_game *g) {
    if (g->node_count == g->node_capacity) {
        const size_t n = (size_t)g->node_count, room = n > 0 ? 2 * n : FIRST_ROOM;
        g->nodes = larger(g->nodes, n * sizeof *g->nodes, room * sizeof *g->nodes);
        g->states = larger(g->states, n * g->state_size, room * g->state_size);
        g->node_capacity = (int32_t)room;
    }
    return g->node_count++;
}

static uint16_t *marks_of(const trm_game *g, int32_t entry) {
    return g->marks + (size_t)entry * (size_t)g->marked;
}

// What can be redone goes, and the nodes that only it knew.
static void cut(trm_game *g) {
    g->entry_count = g->now + 1;
    g->node_count = g->entries[g->now].nodes;
}

// The next entry: the marks as they are, at a node that has been added.
static void add_entry(trm_game *g, int32_t node) {
    if (g->entry_count == g->entry_capacity) {
        const size_t n = (size_t)g->entry_count, room = n > 0 ? 2 * n : FIRST_ROOM;
        const size_t marks = (size_t)g->marked * sizeof *g->marks;
        g->entries = larger(g->entries, n * sizeof *g->entries, room * sizeof *g->entries);
        g->marks = larger(g->marks, n * marks, room * marks);
        g->entry_capacity = (int32_t)room;
    }
    const int32_t i = g->entry_count++;
    g->entries[i] = (trm_game_entry){.node = node, .nodes = g->node_count};
    if (i > 0 && g->marked > 0)
        memcpy(marks_of(g, i), marks_of(g, i - 1), (size_t)g->marked * sizeof *g->marks);
    g->now = i;
}

static void look(trm_game *g) {
    trm_env_describe(g->env, trm_game_state(g), &g->board);
}

int32_t trm_game_steps_left(const trm_env *env, const void *state) {
    return trm_env_solve(env, state, NULL, 0);
}

// ---- beginning

trm_game *trm_game_new(const trm_env *env, const void *start) {
    trm_game *g = trm_alloc(1, sizeof *g);
    g->env = env;
    g->state_size = trm_env_state_size(env);
    g->action_capacity = TRM_BOARD_MAX * TRM_BOARD_MAX;
    g->actions = trm_alloc((size_t)g->action_capacity, sizeof *g->actions);
    trm_env_describe(env, start, &g->board);
    make_tables(g);
    trm_game_restart(g, start);
    return g;
}

void trm_game_free(trm_game *g) {
    if (g == NULL)
        return;
    free(g->placement);
    free(g->cell_of);
    free(g->nodes);
    free(g->states);
    free(g->entries);
    free(g->marks);
    free(g->actions);
    free(g);
}

void trm_game_restart(trm_game *g, const void *start) {
    learn_placements(g, start);
    g->node_count = g->entry_count = 0;
    const int32_t node = add_node(g);
    memmove(game_state(g, node), start, g->state_size); // it may be this game's own
    g->nodes[node] =
        (trm_game_node){.parent = -1, .action = -1, .left = trm_game_steps_left(g->env, start)};
    add_entry(g, node);
    if (g->marked > 0)
        memset(marks_of(g, 0), 0, (size_t)g->marked * sizeof *g->marks);
    g->counts = (trm_game_counts){0};
    g->seconds = 0.0;
    g->paused = false;
    look(g);
}

void trm_game_again(trm_game *g) {
    assert(g->node_capacity > 0); // the first node is not moved while it is read
    trm_game_restart(g, game_state(g, 0));
}

// ---- reading

const trm_env *trm_game_env(const trm_game *g) {
    return g->env;
}

const void *trm_game_start(const trm_game *g) {
    return game_state(g, 0);
}

const void *trm_game_state(const trm_game *g) {
    return game_state(g, g->entries[g->now].node);
}

const trm_board *trm_game_board(const trm_game *g) {
    return &g->board;
}

const trm_step *trm_game_last(const trm_game *g) {
    const trm_game_node *n = game_here(g);
    return n->parent >= 0 ? &n->result : NULL;
}

int32_t trm_game_last_action(const trm_game *g) {
    return game_here(g)->action;
}

int32_t trm_game_steps(const trm_game *g) {
    return game_here(g)->steps;
}

float trm_game_reward(const trm_game *g) {
    return game_here(g)->total;
}

bool trm_game_finished(const trm_game *g) {
    return game_here(g)->result.done;
}

bool trm_game_solved(const trm_game *g) {
    return game_here(g)->result.solved;
}

const trm_game_counts *trm_game_counted(const trm_game *g) {
    return &g->counts;
}

int32_t trm_game_actions(const trm_game *g, int32_t *actions, int32_t capacity) {
    const trm_game_node *n = game_here(g);
    const int32_t count = n->steps;
    for (; n->parent >= 0; n = &g->nodes[n->parent])
        if (n->steps <= capacity)
            actions[n->steps - 1] = n->action;
    return count;
}

void trm_game_path(const trm_game *g, trm_episode_step *steps, void *states) {
    int32_t i = g->entries[g->now].node;
    for (int32_t t = trm_game_steps(g); t >= 0; t--) {
        const trm_game_node *n = &g->nodes[i];
        memcpy((char *)states + (size_t)t * g->state_size, game_state(g, i), g->state_size);
        if (t > 0)
            steps[t - 1] = (trm_episode_step){.action = n->action,
                                              .prev_action = g->nodes[n->parent].action,
                                              .reward = n->result.reward,
                                              .total_reward = n->total,
                                              .done = n->result.done,
                                              .solved = n->result.solved,
                                              .reason = n->result.reason};
        i = n->parent;
    }
}

bool trm_game_has_digits(const trm_game *g) {
    return g->digits > 0;
}

int32_t trm_game_move(const trm_game *g, trm_direction d) {
    return g->moves[d];
}

int32_t trm_game_placement(const trm_game *g, int32_t cell, int32_t digit) {
    if (cell < 0 || cell >= g->marked || digit < 1 || digit > g->digits)
        return -1;
    return g->placement[cell * g->digits + digit - 1];
}

int32_t trm_game_cell_of(const trm_game *g, int32_t action) {
    return action >= 0 && action < trm_env_action_dim(g->env) ? g->cell_of[action] : -1;
}

// ---- stepping

// Appends the node that `action` leads to from `parent`.
static int32_t step_from(trm_game *g, int32_t parent, int32_t action) {
    const int32_t i = add_node(g);
    const trm_game_node *from = &g->nodes[parent];
    memcpy(game_state(g, i), game_state(g, parent), g->state_size);
    const trm_step result = trm_env_step(g->env, game_state(g, i), action);
    g->nodes[i] = (trm_game_node){.parent = parent,
                                  .action = action,
                                  .result = result,
                                  .total = from->total + result.reward,
                                  .steps = from->steps + 1,
                                  .left = trm_game_steps_left(g->env, game_state(g, i))};
    return i;
}

// Do the two states show different boards?
static bool boards_differ(trm_game *g, const void *a, const void *b) {
    trm_env_describe(g->env, a, &g->scratch);
    const trm_board before = g->scratch;
    trm_env_describe(g->env, b, &g->scratch);
    return memcmp(before.cells, g->scratch.cells, (size_t)g->cells * sizeof *before.cells) != 0;
}

// `left` before and after a step; effect: the board is another one.
static bool is_mistake(int32_t before, int32_t after, const trm_step *step, bool effect) {
    if (step->solved)
        return false;
    if (before < 0)
        return !effect;
    return after != before - 1 || after == 0; // 0: it has ended without being solved
}

bool trm_game_step(trm_game *g, int32_t action) {
    if (trm_game_finished(g))
        return false;
    cut(g);
    const int32_t from = g->entries[g->now].node, to = step_from(g, from, action);
    add_entry(g, to);
    g->counts.moves++;
    g->counts.mistakes += is_mistake(g->nodes[from].left, g->nodes[to].left, &g->nodes[to].result,
                                     boards_differ(g, game_state(g, from), game_state(g, to)));
    look(g);
    return true;
}

// ---- taking a digit back

// The step of the episode that put a digit into the cell and left it there; 1 is the first. 0:
// none.
static int32_t placed_at(trm_game *g, int32_t cell) {
    if (cell < 0 || cell >= g->marked || g->board.cells[cell].kind != TRM_CELL_FILLED)
        return 0;
    for (const trm_game_node *n = game_here(g); n->parent >= 0; n = &g->nodes[n->parent]) {
        trm_env_describe(g->env, game_state(g, n->parent), &g->scratch);
        if (g->scratch.cells[cell].kind != TRM_CELL_FILLED)
            return n->steps;
    }
    return 0;
}

bool trm_game_take_back(trm_game *g, int32_t cell) {
    const int32_t gone = placed_at(g, cell), steps = trm_game_steps(g);
    if (gone == 0)
        return false;
    cut(g);
    int32_t *chain = trm_alloc((size_t)steps, sizeof *chain);
    int32_t old = g->entries[g->now].node;
    for (int32_t s = steps; s >= 1; s--, old = g->nodes[old].parent)
        chain[s - 1] = old;
    int32_t at = g->nodes[chain[gone - 1]].parent; // what came before stands as it is
    for (int32_t s = gone; s < steps && !g->nodes[at].result.done; s++) {
        const int32_t was = chain[s], before = g->nodes[was].parent;
        const bool refused = !boards_differ(g, game_state(g, before), game_state(g, was));
        const int32_t again = step_from(g, at, g->nodes[was].action);
        if (refused && boards_differ(g, game_state(g, at), game_state(g, again)))
            g->node_count--; // only the digit that is gone stood against it
        else
            at = again;
    }
    free(chain);
    add_entry(g, at);
    g->counts.undone++;
    look(g);
    return true;
}

// ---- marks

uint16_t trm_game_marks(const trm_game *g, int32_t cell) {
    return cell >= 0 && cell < g->marked ? marks_of(g, g->now)[cell] : 0;
}

static void set_marks(trm_game *g, int32_t cell, uint16_t marks) {
    cut(g);
    add_entry(g, g->entries[g->now].node);
    marks_of(g, g->now)[cell] = marks;
}

void trm_game_mark(trm_game *g, int32_t cell, int32_t digit) {
    if (cell < 0 || cell >= g->marked || digit < 1 || digit > g->digits)
        return;
    set_marks(g, cell, (uint16_t)(trm_game_marks(g, cell) ^ (1u << (digit - 1))));
}

void trm_game_clear_marks(trm_game *g, int32_t cell) {
    if (trm_game_marks(g, cell) != 0)
        set_marks(g, cell, 0);
}

// ---- undo

bool trm_game_undo(trm_game *g) {
    if (g->now == 0)
        return false;
    g->now--;
    g->counts.undone++;
    look(g);
    return true;
}

bool trm_game_redo(trm_game *g) {
    if (g->now + 1 >= g->entry_count)
        return false;
    g->now++;
    look(g);
    return true;
}

int32_t trm_game_can_undo(const trm_game *g) {
    return g->now;
}

int32_t trm_game_can_redo(const trm_game *g) {
    return g->entry_count - 1 - g->now;
}

void trm_game_count_asked(trm_game *g) {
    g->counts.asked++;
}

// ---- the clock

void trm_game_pass(trm_game *g, double seconds) {
    if (!g->paused && !trm_game_finished(g) && seconds > 0.0)
        g->seconds += seconds;
}

void trm_game_pause(trm_game *g, bool pause) {
    g->paused = pause;
}

bool trm_game_paused(const trm_game *g) {
    return g->paused;
}

double trm_game_seconds(const trm_game *g) {
    return g->seconds;
}
