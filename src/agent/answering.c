// SPDX-License-Identifier: Apache-2.0
#include "agent/answering.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/bfs.h"
#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/model/inspect.h"
#include "trm/model/reading.h"

static const float NEVER = -1e9f; // the logit of what an answer says nothing of

// What the model said of one board.
typedef struct answer {
    bool known;
    float *input; // [S]
    float *trace; // as the model's traces
} answer;

struct trm_answering {
    const trm_env *env;
    const trm_model *model;
    trm_workspace *workspace;
    trm_dataset set;    // sizes of what the model reads
    trm_geometry board; // of the environment
    int32_t inset;      // where the model's first cell is on it: 1 inside the border of a maze
    int32_t puzzle;
    trm_trace_shape raw, shape;
    answer first, here;    // of the start, and of a board that has left its answer
    const answer *chosen;  // that the state in question goes by
    float *input;          // [S] scratch
    float *values, *other; // [A] what decides, and what goes with it
    trm_board now, start;
};

bool trm_answering_fit(const trm_env *env, const trm_model *m) {
    trm_dataset d;
    const trm_geometry g = trm_env_geometry(env);
    const int32_t border = 2, spare = 1; // a maze's sides are odd
    if (!trm_subject_boards(m, &d))
        return false;
    if (trm_dataset_is_sudoku(&d))
        return memcmp(&d.geometry, &g, sizeof g) == 0 && trm_env_action_cells(env) == d.positions &&
               trm_env_action_dim(env) == d.positions * g.rows;
    return strcmp(trm_env_get_config(env)->type, "maze") == 0 &&
           g.rows - border <= d.geometry.rows + spare && g.cols - border <= d.geometry.cols + spare;
}

// ---- lifetime

static answer room_for(const trm_answering *k) {
    return (answer){.input = trm_alloc((size_t)k->set.state_dim, sizeof(float)),
                    .trace = trm_alloc((size_t)trm_trace_size(&k->raw), sizeof(float))};
}

trm_answering *trm_answering_new(const trm_env *env, const trm_model *m, trm_workspace *w) {
    trm_answering *k = trm_alloc(1, sizeof *k);
    assert(trm_answering_fit(env, m));
    k->env = env;
    k->model = m;
    k->workspace = w;
    trm_subject_boards(m, &k->set);
    k->board = trm_env_geometry(env);
    k->inset = !trm_dataset_is_sudoku(&k->set);
    k->raw = k->shape = trm_workspace_trace_shape(m, w);
    k->shape.h_mid = k->shape.h = k->shape.l = k->shape.prefix = 0;
    k->shape.actions = trm_env_action_dim(env);
    k->shape.positions = k->inset ? 1 : k->set.positions;
    k->first = room_for(k);
    k->here = room_for(k);
    k->input = trm_alloc((size_t)k->set.state_dim, sizeof *k->input);
    k->values = trm_alloc((size_t)k->shape.actions, sizeof *k->values);
    k->other = trm_alloc((size_t)k->shape.actions, sizeof *k->other);
    return k;
}

void trm_answering_free(trm_answering *k) {
    if (!k)
        return;
    free(k->first.input);
    free(k->first.trace);
    free(k->here.input);
    free(k->here.trace);
    free(k->input);
    free(k->values);
    free(k->other);
    free(k);
}

void trm_answering_set_puzzle(trm_answering *k, int32_t puzzle) {
    if (k->puzzle != puzzle)
        k->first.known = k->here.known = false;
    k->puzzle = puzzle;
}

trm_trace_shape trm_answering_shape(const trm_answering *k) {
    return k->shape;
}

// ---- the board that the model sees

// The cell of the environment's board where the model has position p; -1: off the board.
static int32_t cell_of(const trm_answering *k, int32_t p) {
    return trm_geometry_cell(&k->board, trm_geometry_row(&k->set.geometry, p) + k->inset,
                             trm_geometry_col(&k->set.geometry, p) + k->inset);
}

static int32_t position_of(const trm_answering *k, int32_t cell) {
    return trm_geometry_cell(&k->set.geometry, trm_geometry_row(&k->board, cell) - k->inset,
                             trm_geometry_col(&k->board, cell) - k->inset);
}

static void encode(const trm_answering *k, const trm_board *b, float *input) {
    memset(input, 0, (size_t)k->set.state_dim * sizeof *input);
    for (int32_t p = 0; p < k->set.positions; p++) {
        const int32_t cell = cell_of(k, p);
        const trm_cell outside = {.kind = TRM_CELL_WALL};
        trm_dataset_put(&k->set, input, p, cell < 0 ? outside : b->cells[cell]);
    }
    if (k->set.encoding == TRM_ENCODING_TOKENS && k->set.state_dim > k->set.positions)
        input[k->set.positions] = (float)k->puzzle;
}

static int32_t class_at(const trm_answering *k, const answer *a, int32_t cycle, int32_t p) {
    // only read
    const trm_reading r = {.shape = &k->raw, .trace = a->trace};
    return trm_reading_class(&r, cycle, p);
}

// ---- what it says there

static int32_t find(const trm_board *b, trm_cell_kind kind) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].kind == kind)
            return i;
    return -1;
}

// The first step of the way to the goal over the cells that are on the path at a cycle; -1: that
// path does not lead there.
static int32_t way(const trm_answering *k, const answer *a, int32_t cycle) {
    bool closed[TRM_BOARD_MAX * TRM_BOARD_MAX];
    const int32_t agent = find(&k->now, TRM_CELL_AGENT), goal = find(&k->now, TRM_CELL_GOAL);
    int32_t move;
    if (agent < 0 || goal < 0)
        return -1;
    for (int32_t i = 0; i < trm_geometry_cells(&k->board); i++) {
        const int32_t p = position_of(k, i);
        closed[i] = p < 0 || k->now.cells[i].kind == TRM_CELL_WALL ||
                    !trm_dataset_on_path(&k->set, class_at(k, a, cycle, p));
    }
    closed[goal] = false;
    if (closed[agent])
        return -1;
    return trm_bfs_path(&k->board, closed, agent, goal, &move, 1) > 0 ? move : -1;
}

// Has the board been filled, or the agent gone, as the answer says?
static bool followed(const trm_answering *k, const answer *a) {
    const int32_t last = k->raw.cycles - 1;
    if (k->inset)
        return way(k, a, last) >= 0;
    for (int32_t p = 0; p < k->set.positions; p++) {
        const trm_cell c = k->now.cells[p];
        if (c.kind == TRM_CELL_FILLED &&
            trm_dataset_digit(&k->set, class_at(k, a, last, p)) != c.digit)
            return false;
    }
    return true;
}

static bool answer_board(trm_answering *k, answer *a, const trm_board *b) {
    const size_t bytes = (size_t)k->set.state_dim * sizeof *k->input;
    const int32_t before = -1;
    encode(k, b, k->input);
    if (a->known && memcmp(a->input, k->input, bytes) == 0)
        return true;
    a->known = false;
    memcpy(a->input, k->input, bytes);
    trm_model_forward(k->model, k->workspace, 0, trm_mat_of(a->input, 1, k->set.state_dim),
                      &before);
    if (trm_workspace_stopped(k->workspace))
        return false;
    trm_model_trace(k->model, k->workspace, 0, a->trace);
    a->known = true;
    return true;
}

bool trm_answering_ask(trm_answering *k, const void *state) {
    trm_env_describe(k->env, state, &k->now);
    trm_env_describe_start(k->env, state, &k->start);
    k->chosen = NULL;
    if (!answer_board(k, &k->first, &k->start))
        return false;
    const bool moved = memcmp(k->now.cells, k->start.cells,
                              (size_t)trm_geometry_cells(&k->board) * sizeof *k->now.cells) != 0;
    const bool asks = moved && !followed(k, &k->first);
    if (asks && !answer_board(k, &k->here, &k->now))
        return false;
    k->chosen = asks ? &k->here : &k->first;
    return true;
}

// ---- as a trace over the environment's actions

static void digits(const trm_answering *k, int32_t cycle, float *logits, float *probs) {
    float *from = trm_trace_logits(&k->raw, k->chosen->trace, cycle);
    float *shares = trm_trace_probs(&k->raw, k->chosen->trace, cycle);
    const int32_t n = k->board.rows;
    for (int32_t a = 0; a < k->shape.actions; a++) {
        const int32_t p = a / n, at = p * k->set.classes + trm_dataset_class(&k->set, a % n + 1);
        const bool empty = k->now.cells[p].digit == 0;
        logits[a] = empty ? from[at] : NEVER;
        probs[a] = empty ? shares[at] : 0;
    }
}

// How likely a cell is on the path.
static float on_path(const trm_answering *k, int32_t cycle, int32_t cell) {
    const int32_t p = position_of(k, cell);
    const float *shares = trm_trace_probs(&k->raw, k->chosen->trace, cycle);
    float sum = 0;
    for (int32_t c = 0; p >= 0 && c < k->set.classes; c++)
        if (trm_dataset_on_path(&k->set, c))
            sum += shares[p * k->set.classes + c];
    return p >= 0 && k->now.cells[cell].kind != TRM_CELL_WALL ? sum : 0;
}

// Where the path leads to the goal, the move that follows it is the only one; else each is as
// likely as its cell is on the path.
static void moves(const trm_answering *k, int32_t cycle, float *logits, float *probs) {
    const int32_t agent = find(&k->now, TRM_CELL_AGENT), along = way(k, k->chosen, cycle);
    for (int32_t a = 0; a < k->shape.actions; a++) {
        const int32_t next =
            agent < 0 ? -1
                      : trm_geometry_neighbour(&k->board, agent,
                                               (trm_direction)trm_env_direction(k->env, a), 1);
        const float p = next >= 0 && (along < 0 || a == along) ? on_path(k, cycle, next) : 0;
        probs[a] = p;
        logits[a] = p > 0 ? logf(p) : NEVER;
    }
}

static void say(const trm_answering *k, int32_t cycle, float *logits, float *probs) {
    if (isnan(trm_trace_probs(&k->raw, k->chosen->trace, cycle)[0])) {
        for (int32_t a = 0; a < k->shape.actions; a++)
            logits[a] = probs[a] = NAN;
        return;
    }
    (k->inset ? moves : digits)(k, cycle, logits, probs);
}

const float *trm_answering_values(trm_answering *k) {
    assert(k->chosen);
    say(k, k->raw.cycles - 1, k->inset ? k->values : k->other, k->inset ? k->other : k->values);
    return k->values;
}

void trm_answering_trace(trm_answering *k, float *trace) {
    assert(k->chosen);
    for (int32_t c = 0; c < k->shape.cycles; c++) {
        say(k, c, trm_trace_logits(&k->shape, trace, c), trm_trace_probs(&k->shape, trace, c));
        if (k->shape.halts)
            *trm_trace_halt(&k->shape, trace, c) = *trm_trace_halt(&k->raw, k->chosen->trace, c);
    }
}

// ---- states as samples

static void solve_digits(const trm_answering *k, const void *state, int32_t *target) {
    int32_t grid[TRM_BOARD_MAX * TRM_BOARD_MAX], actions[TRM_BOARD_MAX * TRM_BOARD_MAX];
    char *start = trm_alloc(1, trm_env_state_size(k->env));
    for (int32_t i = 0; i < k->set.positions; i++) {
        grid[i] = k->start.cells[i].digit;
        target[i] = grid[i] ? trm_dataset_class(&k->set, grid[i]) : -1;
    }
    memcpy(start, state, trm_env_state_size(k->env));
    const int32_t n = trm_env_set_grid(k->env, start, grid, NULL)
                          ? trm_env_solve(k->env, start, actions, k->set.positions)
                          : 0;
    for (int32_t i = 0; i < n; i++) {
        const trm_placement at = trm_env_placement(k->env, start, actions[i]);
        target[at.cell] = trm_dataset_class(&k->set, at.digit);
    }
    free(start);
}

static void solve_maze(const trm_answering *k, const void *state, const float *input,
                       int32_t *target) {
    const bool tokens = k->set.encoding == TRM_ENCODING_TOKENS;
    int32_t actions[TRM_BOARD_MAX * TRM_BOARD_MAX], cell = find(&k->now, TRM_CELL_AGENT);
    const int32_t n = trm_env_solve(k->env, state, actions, TRM_BOARD_MAX * TRM_BOARD_MAX);
    for (int32_t p = 0; p < k->set.positions; p++) {
        const int32_t given = trm_dataset_given(&k->set, input, p);
        target[p] = given >= 0 ? given : tokens ? TRM_TOKEN_FREE : 0;
    }
    for (int32_t i = 0; i + 1 < n; i++) {
        cell = trm_geometry_neighbour(&k->board, cell,
                                      (trm_direction)trm_env_direction(k->env, actions[i]), 1);
        if (position_of(k, cell) >= 0)
            target[position_of(k, cell)] = tokens ? TRM_TOKEN_PATH : 1;
    }
}

trm_dataset *trm_answering_samples(trm_answering *k, const void *states, int32_t n) {
    const size_t size = trm_env_state_size(k->env), inputs = (size_t)k->set.state_dim;
    trm_dataset *d = trm_alloc(1, sizeof *d);
    *d = k->set;
    d->count = n;
    d->inputs = trm_alloc((size_t)n * inputs, sizeof *d->inputs);
    d->targets = trm_alloc((size_t)n * (size_t)d->positions, sizeof *d->targets);
    for (int32_t i = 0; i < n; i++) {
        const char *state = (const char *)states + (size_t)i * size;
        float *input = d->inputs + (size_t)i * inputs;
        int32_t *target = d->targets + (size_t)i * (size_t)d->positions;
        trm_env_describe(k->env, state, &k->now);
        trm_env_describe_start(k->env, state, &k->start);
        encode(k, &k->now, input);
        if (k->inset)
            solve_maze(k, state, input, target);
        else
            solve_digits(k, state, target);
    }
    k->chosen = NULL;
    return d;
}
