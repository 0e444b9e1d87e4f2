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

static const float SURE = 0.9f;
static const double BUDGET = 0.006; // seconds of work a look
static const double BOARD = 0.5;    // seconds that the board stands alone
static const double STEP = 0.8;     // … and a step of the model
static const double WALK = 0.12;    // … and a move through the maze
static const double STAY = 3.0;     // … and the end

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

enum { PUZZLES = sizeof puzzles / sizeof *puzzles, MAZES = sizeof mazes / sizeof *mazes };

// ---- how long it thinks -------------------------------------------------------------------------

static bool watch_steps(trm_act *a, trm_error *e) {
    a->shape = trm_model_trace_shape(a->model);
    a->trace = trm_alloc((size_t)trm_trace_size(&a->shape), sizeof *a->trace);
    return trm_agent_init_snapshot(&a->agent, NULL, a->model, NULL, a->shape.cycles, e);
}

static trm_act_pace pace_of(const trm_act *a) {
    const trm_model_config *c = trm_model_get_config(a->model);
    return (trm_act_pace){c->sup_steps, c->inner_steps, c->restart};
}

// From now on; if the model cannot, all stays as it is.
static void take_pace(trm_act *a, const trm_act_pace *pace) {
    trm_model_config c = *trm_model_get_config(a->model);
    trm_error e;
    c.sup_steps = pace->sup_steps;
    c.inner_steps = pace->inner_steps;
    c.restart = pace->restart;
    trm_model *m = trm_model_copy(a->model, &c, &e);
    if (m == NULL)
        return;
    trm_agent_done(&a->agent);
    trm_model_free(a->model);
    free(a->trace);
    a->model = m;
    a->config.model.sup_steps = pace->sup_steps;
    a->config.model.inner_steps = pace->inner_steps;
    a->config.model.restart = pace->restart;
    watch_steps(a, &e);
}

// ---- the board ----------------------------------------------------------------------------------

static void begin(trm_act *a, double now) {
    a->asked_count = 0;
    for (int32_t i = 0; i < a->cells; i++) {
        const trm_cell *c = &a->board.cells[i];
        a->asked[i] =
            a->maze ? c->kind != TRM_CELL_WALL && c->kind != TRM_CELL_GOAL : c->digit == 0;
        a->asked_count += a->asked[i];
    }
    const trm_act_pace pace = pace_of(a);
    if (!a->maze && memcmp(&pace, &a->slow, sizeof pace) != 0)
        take_pace(a, &a->slow);
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

static void take_maze(trm_act *a) {
    trm_env_describe(a->env, a->state, &a->board);
    for (int32_t i = 0; i < a->cells; i++) {
        a->start = a->board.cells[i].kind == TRM_CELL_AGENT ? i : a->start;
        a->goal = a->board.cells[i].kind == TRM_CELL_GOAL ? i : a->goal;
    }
    trm_policy_map_begin(&a->map, &a->agent, a->goal);
}

void trm_act_board(trm_act *a, int32_t number, double now) {
    trm_puzzle p;
    trm_error e;
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

static bool own_maze(trm_act *a, const char *text, size_t size, trm_error *e) {
    const trm_geometry g = trm_env_geometry(a->env);
    trm_maze read, fitted;
    trm_board board;
    if (!trm_maze_first("your board", text, size, &read, e))
        return false;
    if (!trm_maze_fit(&read, &g, true, &fitted))
        return trm_error_set(e, TRM_E_INPUT, "this model reads mazes of %d x %d cells", g.rows,
                             g.cols);
    trm_maze_board(&fitted, &board);
    if (!trm_env_set_board(a->env, a->state, &board, e))
        return false;
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
    a->own = a->slow = pace_of(a);
    a->slow.inner_steps = PASSES < a->own.inner_steps ? PASSES : a->own.inner_steps;
    a->slow.restart = a->own.restart == 0 ? 0 : a->own.sup_steps;
    return watch_steps(a, e);
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

bool trm_act_open(trm_act *a, bool maze, trm_error *e) {
    *a = (trm_act){.maze = maze, .name = maze ? "maze11" : "sudoku9"};
    a->boards = maze ? MAZES : PUZZLES;
    a->model = trm_checkpoint_model(a->name, slower, maze ? SLOWER : 0, &a->config, e);
    if (a->model == NULL)
        return false;
    a->shape = trm_model_trace_shape(a->model);
    if (!(maze ? open_maze : open_sudoku)(a, e))
        return false;
    if (a->cells > TRM_ACT_CELLS || a->shape.cycles > TRM_ACT_STEPS)
        return trm_error_set(e, TRM_E_INPUT, "%s is too large for the start screen", a->name);
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

// ---- what is thought ----------------------------------------------------------------------------

static bool in_unit(const trm_act *a, int32_t unit, int32_t cell) {
    const int32_t side = a->board.rows, row = cell / side, col = cell % side;
    const int32_t stacks = side / a->board.box_cols;
    return unit < side ? row == unit
           : unit < 2 * side
               ? col == unit - side
               : row / a->board.box_rows * stacks + col / a->board.box_cols == unit - 2 * side;
}

// Does a digit stand twice in a row, column or box?
static bool clashes(const trm_act *a, int32_t step, int32_t unit) {
    uint32_t seen = 0;
    bool twice = false;
    for (int32_t i = 0; i < a->cells; i++) {
        if (!in_unit(a, unit, i) || a->answer[step][i] < 1)
            continue;
        const uint32_t bit = 1u << a->answer[step][i];
        twice |= (seen & bit) != 0;
        seen |= bit;
    }
    return twice;
}

static void find_clash(trm_act *a, int32_t step) {
    static const char *const kinds[] = {"row", "column", "box"};
    const int32_t side = a->board.rows;
    for (int32_t unit = 0; unit < 3 * side; unit++)
        if (clashes(a, step - 1, unit) && !clashes(a, step, unit)) {
            trm_text_format(a->steps[step].clash, sizeof a->steps[step].clash, "%s %d",
                            kinds[unit / side], unit % side + 1);
            return;
        }
}

static void count(trm_act *a, int32_t step) {
    trm_act_step *s = &a->steps[step];
    const int32_t *now = a->answer[step], *before = step > 0 ? a->answer[step - 1] : now;
    *s = (trm_act_step){.reach = INT32_MAX};
    for (int32_t i = 0; i < a->cells; i++) {
        if (!a->asked[i])
            continue;
        s->wrong += !a->right[step][i];
        s->sure += a->sure[step][i] >= SURE;
        s->changed += now[i] != before[i];
        if (a->maze && !a->right[step][i] && a->distance[i] <= s->reach)
            s->reach = a->distance[i] - 1;
    }
    if (a->maze || step == 0)
        return;
    s->restarts = trm_reading_restarts(&(trm_reading){.shape = &a->shape, .trace = a->trace}, step);
    find_clash(a, step);
}

static void look(trm_act *a) {
    const trm_subject subject = trm_act_subject(a);
    trm_subject_look(&subject, &a->agent, a->trace);
}

// A board of which it is never sure it thinks about with all its passes and for longer, if it can
// begin again: up to where it is sure and a step more.
static void think(trm_act *a) {
    const trm_reading r = {.shape = &a->shape, .trace = a->trace};
    look(a);
    if (a->shape.restart == 0 || trm_reading_sure(&r, trm_reading_stop(&r)))
        return;
    trm_act_pace pace = a->own;
    pace.sup_steps = TRM_ACT_STEPS;
    take_pace(a, &pace);
    look(a);
    const trm_reading longer = {.shape = &a->shape, .trace = a->trace};
    pace.sup_steps = trm_reading_stop(&longer) + 2;
    if (pace.sup_steps >= a->shape.cycles)
        return;
    take_pace(a, &pace);
    look(a);
}

static void read_sudoku(trm_act *a) {
    think(a);
    const trm_reading r = {.shape = &a->shape, .trace = a->trace};
    for (int32_t k = 0; k < a->shape.cycles; k++)
        for (int32_t i = 0; i < a->cells; i++) {
            const int32_t class_of = trm_reading_class(&r, k, i);
            a->answer[k][i] =
                a->asked[i] ? trm_dataset_digit(&a->set, class_of) : a->board.cells[i].digit;
            a->sure[k][i] = trm_reading_raw(&r, k, i * a->set.classes + class_of);
            a->right[k][i] = class_of == a->set.targets[i];
        }
}

// Where the plan of the last step leads from the start.
static void find_way(trm_act *a) {
    const trm_geometry g = trm_env_geometry(a->env);
    int32_t at = a->start;
    bool been[TRM_ACT_CELLS] = {false};
    a->way_length = 0;
    while (a->way_length < TRM_ACT_WAY && !been[at]) {
        a->way[a->way_length++] = at;
        been[at] = true;
        const int32_t action = at == a->goal ? -1 : a->answer[a->shape.cycles - 1][at];
        if (action < 0)
            break;
        const int32_t next =
            trm_geometry_neighbour(&g, at, (trm_direction)trm_env_direction(a->env, action), 1);
        if (next < 0 || a->board.cells[next].kind == TRM_CELL_WALL)
            break;
        at = next;
    }
    a->arrives = a->way[a->way_length - 1] == a->goal;
}

static void read_maze(trm_act *a) {
    const int32_t actions = trm_env_action_dim(a->env);
    char *at = trm_alloc(1, trm_env_state_size(a->env));
    for (int32_t i = 0; i < a->cells; i++) {
        trm_error e;
        memcpy(at, a->state, trm_env_state_size(a->env));
        if (!a->asked[i] ||
            !trm_env_edit(a->env, at, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = i}, &e))
            continue;
        bool *best = a->best + (int64_t)i * actions;
        trm_env_best(a->env, at, best);
        a->distance[i] = trm_env_solve(a->env, at, NULL, 0);
        for (int32_t k = 0; k < a->shape.cycles; k++) {
            const int32_t action = a->map.action[k * a->cells + i];
            a->answer[k][i] = action;
            a->sure[k][i] = a->map.prob[k * a->cells + i];
            a->right[k][i] = action >= 0 && best[action];
        }
    }
    free(at);
    find_way(a);
}

bool trm_act_work(trm_act *a) {
    const double until = trm_clock_now() + BUDGET;
    bool more = true;
    if (a->known)
        return false;
    while (a->maze && more && trm_clock_now() < until)
        more = trm_policy_map_next(&a->map, &a->agent, a->state, -1);
    if (a->maze && more)
        return true;
    (a->maze ? read_maze : read_sudoku)(a);
    for (int32_t k = 0; k < a->shape.cycles; k++)
        count(a, k);
    a->last = a->shape.cycles - 1;
    while (a->last > 0 && a->steps[a->last].changed == 0)
        a->last--;
    a->known = true;
    return true;
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
        a->next = now + (a->walked + 1 < a->way_length ? WALK : STAY);
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
