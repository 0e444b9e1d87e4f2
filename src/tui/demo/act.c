// SPDX-License-Identifier: Apache-2.0
#include "tui/demo/act.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/game.h"
#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/maze.h"
#include "trm/env/puzzle.h"
#include "trm/run/checkpoint.h"

enum { OWN_BYTES = 1 << 20 };

static const double BOARD = 0.5; // seconds that the board stands alone
static const double STEP = 0.8;  // … and a step of the model
static const double WALK = 0.12; // … and a move through the maze
static const double WAY = 12;    // … of which all take this at most
static const double STAY = 3.0;  // … and the end

// Held out from the training of sudoku9, and minimal: each given is needed.
static const char *const puzzles[] = {
    "8...2439..9....6....4..6.....86.....41..8..6.......28.9......1..5.8..92...13.7...",
    "2.3...6.4.....492.1.......5.7..93....247.1...9.124..7.....35...........7..5..98..",
    "56.....973...4.1.8........69..6.2....45......8...5.9..4.1..82.....3....525..94..1",
    "6......7.2...9.1.5..4....9..4...5...5.9.3.7..38.94....4.38...62....2.8.....4...17",
};
// Numbers of held-out boards of maze11. It reads them in 11 passes a step; here it is asked after
// every third pass, so that its plan is seen to grow. The sudoku's model is slowed likewise.
static const int32_t mazes[] = {15, 10, 14, 44};
static char fewer_passes[] = "model.inner_steps=3", more_steps[] = "model.sup_steps=10";
static char *const slower[] = {fewer_passes, more_steps};
enum { SLOWER = sizeof slower / sizeof *slower, PASSES = 2 };

// Reads mazes of any size and kind.
static const char any_maze[] = "maze33";

enum { PUZZLES = sizeof puzzles / sizeof *puzzles, MAZES = sizeof mazes / sizeof *mazes };

// ---- the board ----------------------------------------------------------------------------------

static void begin(trm_act *a, double now) {
    a->asked_count = 0;
    for (int32_t i = 0; i < a->cells; i++) {
        const trm_cell *c = &a->board.cells[i];
        a->asked[i] = a->maze ? a->distance[i] > 0 : c->digit == 0;
        a->asked_count += a->asked[i];
    }
    const trm_act_pace pace = trm_act_pace_of(a);
    if (!a->maze && memcmp(&pace, &a->slow, sizeof pace) != 0)
        trm_act_take_pace(a, &a->slow);
    a->known = false;
    a->step = -1;
    a->walked = a->way_length = 0;
    a->arrives = false;
    a->next = now + BOARD;
}

static void take_puzzle(trm_act *a, const trm_puzzle *p) {
    float *input = a->set.inputs;
    memset(input, 0, (size_t)a->set.state_dim * sizeof *input);
    for (int32_t i = 0; i < a->cells; i++) {
        const trm_cell cell = {.kind = p->cells[i] > 0 ? TRM_CELL_GIVEN : TRM_CELL_EMPTY,
                               .digit = p->cells[i]};
        trm_dataset_put(&a->set, input, i, cell);
        a->set.targets[i] = trm_dataset_class(&a->set, p->solution[i]);
    }
    trm_dataset_board(&a->set, 0, &a->board);
}

// How far each floor is from the goal, and the moves that come nearer. Walls, and floors that have
// no way to it, stay at 0.
static void find_distances(trm_act *a) {
    const int32_t actions = trm_env_action_dim(a->env);
    char *at = trm_alloc(1, trm_env_state_size(a->env));
    for (int32_t i = 0; i < a->cells; i++) {
        trm_error e;
        a->distance[i] = 0;
        memcpy(at, a->state, trm_env_state_size(a->env));
        if (trm_env_edit(a->env, at, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = i}, &e) &&
            trm_env_best(a->env, at, a->best + (int64_t)i * actions) > 0)
            a->distance[i] = trm_env_solve(a->env, at, NULL, 0);
    }
    free(at);
}

static void take_maze(trm_act *a) {
    trm_env_describe(a->env, a->state, &a->board);
    for (int32_t i = 0; i < a->cells; i++) {
        a->start = a->board.cells[i].kind == TRM_CELL_AGENT ? i : a->start;
        a->goal = a->board.cells[i].kind == TRM_CELL_GOAL ? i : a->goal;
    }
    find_distances(a);
    trm_policy_map_begin(&a->map, &a->agent, a->goal);
}

static bool open_with(trm_act *a, trm_model *model, const trm_config *c, trm_error *e);

// Another model or board in its place; if the model cannot be had, all stays as it is.
static bool reopen(trm_act *a, const char *name, char *const settings[], int32_t count,
                   trm_error *e) {
    trm_config c;
    trm_model *model = trm_checkpoint_model(name, settings, count, &c, e);
    const trm_geometry home = a->home;
    const int32_t number = a->number;
    const bool maze = a->maze;
    if (model == NULL)
        return false;
    trm_act_close(a);
    a->maze = maze;
    a->name = name;
    a->home = home;
    a->number = number;
    return open_with(a, model, &c, e);
}

static const char *own_model(const trm_act *a) {
    return a->maze ? "maze11" : "sudoku9";
}

// The model of its own boards, after one of another size.
static bool come_back(trm_act *a, trm_error *e) {
    return strcmp(a->name, own_model(a)) == 0 ||
           reopen(a, own_model(a), slower, a->maze ? SLOWER : 0, e);
}

void trm_act_board(trm_act *a, int32_t number, double now) {
    trm_puzzle p;
    trm_error e;
    if (!come_back(a, &e)) {
        begin(a, now); // the board that is there, again
        return;
    }
    a->number = (number % a->boards + a->boards) % a->boards;
    if (a->maze) {
        trm_board_start(a->env, mazes[a->number], a->state);
        take_maze(a);
    } else if (trm_puzzle_parse(puzzles[a->number], &p, &e)) {
        take_puzzle(a, &p);
    }
    trm_text_format(a->title, sizeof a->title, "%d of %d", a->number + 1, a->boards);
    begin(a, now);
}

static bool own_puzzle(trm_act *a, const char *text, size_t size, trm_error *e) {
    int32_t cells[TRM_PUZZLE_CELLS];
    uint8_t read[TRM_PUZZLE_CELLS];
    trm_puzzle p;
    const int32_t side = trm_puzzle_first("your board", text, size, read, e);
    if (side == 0)
        return false;
    if (side * side != a->cells)
        return trm_error_set(e, TRM_E_INPUT, "this model reads %d cells, and there are %d",
                             a->cells, side * side);
    for (int32_t i = 0; i < a->cells; i++)
        cells[i] = read[i];
    if (!trm_puzzle_of_cells(side, cells, &p, e))
        return false;
    take_puzzle(a, &p);
    return true;
}

static bool same_size(const trm_geometry *a, const trm_geometry *b) {
    return a->rows == b->rows && a->cols == b->cols;
}

// A model for boards of that size.
static bool make_room(trm_act *a, const trm_geometry *g, trm_error *e) {
    char rows[32], cols[32];
    char *const settings[] = {rows, cols};
    const trm_geometry now = trm_env_geometry(a->env);
    if (same_size(g, &now))
        return true;
    if (same_size(g, &a->home))
        return come_back(a, e);
    trm_text_format(rows, sizeof rows, "env.size=%d", g->rows);
    trm_text_format(cols, sizeof cols, "env.width=%d", g->cols);
    return reopen(a, any_maze, settings, 2, e);
}

// Whether it can be walked is asked before anything changes.
static bool check_maze(const trm_act *a, const trm_board *b, trm_error *e) {
    trm_env_config c = a->config.env;
    c.size = b->rows;
    c.width = b->cols;
    trm_env *env = trm_env_new(&c, e);
    void *state = env != NULL ? trm_alloc(1, trm_env_state_size(env)) : NULL;
    const bool ok = env != NULL && trm_env_set_board(env, state, b, e);
    free(state);
    trm_env_free(env);
    return ok;
}

static bool own_maze(trm_act *a, const char *text, size_t size, trm_error *e) {
    trm_maze read, fitted;
    trm_board board;
    if (!trm_maze_first("your board", text, size, &read, e))
        return false;
    const trm_geometry room = trm_maze_room_for(&read);
    if (!trm_env_settable(&room) || !trm_maze_fit(&read, &room, true, &fitted))
        return trm_error_set(e, TRM_E_INPUT,
                             "%d x %d cells with a border of wall, and at most 33 x 33 can be "
                             "read: take a smaller maze",
                             room.rows, room.cols);
    trm_maze_board(&fitted, &board);
    if (!check_maze(a, &board, e) || !make_room(a, &room, e))
        return false;
    trm_env_set_board(a->env, a->state, &board, e);
    take_maze(a);
    return true;
}

bool trm_act_own(trm_act *a, const char *text, double now, trm_error *e) {
    char *data = NULL;
    size_t size = strlen(text);
    if (trm_file_exists(text) && !trm_file_read(text, OWN_BYTES, &data, &size, e))
        return false;
    const char *read = data != NULL ? data : text;
    const bool ok = (a->maze ? own_maze : own_puzzle)(a, read, size, e);
    free(data);
    if (!ok)
        return false;
    trm_text_copy(a->title, sizeof a->title, "yours");
    begin(a, now);
    return true;
}

// ---- opening ------------------------------------------------------------------------------------

static bool open_sudoku(trm_act *a, trm_error *e) {
    if (!trm_dataset_shape(&a->config.data, &a->set, e))
        return false;
    a->set.count = 1;
    a->set.inputs = trm_alloc((size_t)a->set.state_dim, sizeof *a->set.inputs);
    a->set.targets = trm_alloc((size_t)a->set.positions, sizeof *a->set.targets);
    a->cells = a->set.positions;
    a->own = a->slow = trm_act_pace_of(a);
    a->slow.inner_steps = PASSES < a->own.inner_steps ? PASSES : a->own.inner_steps;
    a->slow.restart = a->own.restart == 0 ? 0 : a->own.sup_steps;
    return trm_act_watch(a, e);
}

static bool open_maze(trm_act *a, trm_error *e) {
    a->env = trm_env_new(&a->config.env, e);
    if (a->env == NULL)
        return false;
    const trm_geometry g = trm_env_geometry(a->env);
    a->cells = trm_geometry_cells(&g);
    a->state = trm_alloc(1, trm_env_state_size(a->env));
    a->best = trm_alloc((size_t)a->cells * (size_t)trm_env_action_dim(a->env), sizeof *a->best);
    trm_board_start(a->env, 0, a->state);
    if (!trm_agent_init_snapshot(&a->agent, a->env, a->model, NULL, a->shape.cycles, e))
        return false;
    trm_policy_map_init(&a->map, &a->agent, a->state, a->shape.cycles);
    return true;
}

// Owns the model from now on.
static bool open_with(trm_act *a, trm_model *model, const trm_config *c, trm_error *e) {
    a->model = model;
    a->config = *c;
    a->boards = a->maze ? MAZES : PUZZLES;
    a->shape = trm_model_trace_shape(model);
    if (!(a->maze ? open_maze : open_sudoku)(a, e))
        return false;
    if (a->cells > TRM_ACT_CELLS || a->shape.cycles > TRM_ACT_STEPS)
        return trm_error_set(e, TRM_E_INPUT, "%s is too large for the start screen", a->name);
    return true;
}

bool trm_act_open(trm_act *a, bool maze, trm_error *e) {
    trm_config c;
    *a = (trm_act){.maze = maze};
    a->name = own_model(a);
    trm_model *model = trm_checkpoint_model(a->name, slower, maze ? SLOWER : 0, &c, e);
    if (model == NULL || !open_with(a, model, &c, e))
        return false;
    if (maze)
        a->home = trm_env_geometry(a->env);
    trm_act_board(a, 0, trm_clock_now());
    return true;
}

void trm_act_close(trm_act *a) {
    trm_agent_done(&a->agent);
    trm_policy_map_done(&a->map);
    trm_env_free(a->env);
    trm_model_free(a->model);
    free(a->state);
    free(a->best);
    free(a->trace);
    free(a->set.inputs);
    free(a->set.targets);
    *a = (trm_act){0};
}

trm_subject trm_act_subject(const trm_act *a) {
    return a->maze ? trm_subject_of_state(a->env, a->state, -1) : trm_subject_of_sample(&a->set, 0);
}

trm_inspector_source trm_act_source(const trm_act *a) {
    if (!a->maze) {
        trm_inspector_source s =
            trm_inspector_source_of_samples(a->model, NULL, &a->set, 0, 1, 0, "sudoku");
        s.config = &a->config;
        return s;
    }
    return (trm_inspector_source){
        .env = a->env, .states = a->state, .model = a->model, .title = "maze"};
}

// ---- time ---------------------------------------------------------------------------------------

bool trm_act_go(trm_act *a, int32_t step) {
    const int32_t last = a->shape.cycles - 1;
    step = step < -1 ? -1 : step > last ? last : step;
    const bool moved = step != a->step || a->walked > 0;
    a->step = step;
    a->walked = 0;
    return moved;
}

bool trm_act_play(trm_act *a, double now) {
    if (!a->known || now < a->next)
        return false;
    const bool walks = a->maze && a->arrives && a->step >= a->last;
    if (a->step < a->last) {
        trm_act_go(a, a->step + 1);
        a->next = now + (a->step == a->last && !a->maze ? STAY : STEP);
    } else if (walks && a->walked + 1 < a->way_length) {
        a->walked++;
        a->next = now + (a->walked + 1 < a->way_length ? fmin(WALK, WAY / a->way_length) : STAY);
    } else {
        trm_act_board(a, a->number + 1, now);
    }
    return true;
}

// ---- words --------------------------------------------------------------------------------------

static void caption_sudoku(const trm_act *a, int32_t k, char *out, int32_t size) {
    const trm_act_step *s = &a->steps[k];
    if (s->wrong == 0 && (k == 0 || a->steps[k - 1].wrong > 0))
        trm_text_add(out, (size_t)size, "all right");
    else if (k == 0)
        trm_text_add(out, (size_t)size, "fills all %d and is sure of %d: %d wrong", a->asked_count,
                     s->sure, s->wrong);
    else if (s->restarts)
        trm_text_add(out, (size_t)size, "begins again from another start: %d wrong", s->wrong);
    else if (s->changed == 0)
        trm_text_add(out, (size_t)size, "changes nothing: %d wrong", s->wrong);
    else if (s->clash[0] != 0)
        trm_text_add(out, (size_t)size, "sees the clash in %s: %d wrong", s->clash, s->wrong);
    else
        trm_text_add(out, (size_t)size, "changes %d cell%s: %d wrong", s->changed,
                     s->changed == 1 ? "" : "s", s->wrong);
}

static void caption_maze(const trm_act *a, int32_t k, char *out, int32_t size) {
    const trm_act_step *s = &a->steps[k];
    const int32_t right = a->asked_count - s->wrong;
    if (a->walked > 0 && a->walked + 1 == a->way_length)
        trm_text_add(out, (size_t)size, "the plan led to the goal in %d moves, %s", a->walked,
                     a->walked == a->distance[a->start] ? "the fewest" : "a detour");
    else if (s->wrong == 0)
        trm_text_add(out, (size_t)size, "every cell points the right way");
    else if (k > 0 && s->changed == 0)
        trm_text_add(out, (size_t)size, "changes nothing: %d of %d are right", right,
                     a->asked_count);
    else
        trm_text_add(out, (size_t)size,
                     "%d of %d cells are right, all up to %d moves from the goal", right,
                     a->asked_count, s->reach);
}

void trm_act_caption(const trm_act *a, char *out, int32_t size) {
    const char *word = trm_words_of_trace(&a->shape)->cycle;
    if (a->step < 0 || !a->known) {
        trm_text_format(out, (size_t)size,
                        a->maze ? "a maze that it was never trained on: which way from each of %d "
                                  "cells?"
                                : "a sudoku that it was never trained on: %d blank cells",
                        a->asked_count);
        return;
    }
    const bool verb = !a->maze && a->steps[a->step].wrong > 0;
    trm_text_format(out, (size_t)size, "%s %d%s", word, a->step + 1, verb ? " " : ": ");
    if (a->walked > 0)
        out[0] = 0;
    (a->maze ? caption_maze : caption_sudoku)(a, a->step, out, size);
}
