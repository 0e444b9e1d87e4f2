// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/tui/play.h"
#include "tui/explain/explain.h"
#include "tui/inspector/inspector.h"
#include "tui/play/state.h"

static const double PACE_LEAST = 0.125, PACE_MOST = 32.0;

static void say_no_model(const trm_play *p) {
    const char *why = p->setup.no_model;
    trm_app_status(p->app, "%s",
                   why != NULL ? why
                               : "no model plays here; `trm play … --model MODEL` brings one");
}

static bool has_digits(const void *self) {
    return trm_game_has_digits(((const trm_play *)self)->game);
}

static bool has_model(const void *self) {
    return ((const trm_play *)self)->setup.model != NULL;
}

static bool is_racing(const void *self) {
    return ((const trm_play *)self)->racing;
}

// ---- moving and placing

// While paused the board is out of sight and nothing may be done to it.
static bool may_act(trm_play *p) {
    if (trm_game_paused(p->game)) {
        trm_app_status(p->app, "paused; Space goes on");
        return false;
    }
    if (trm_game_finished(p->game)) {
        trm_app_status(p->app, "this game is over: a plays it again, } the next board");
        return false;
    }
    return true;
}

static void go(void *self, int32_t way) {
    static const trm_direction directions[TRM_WAYS] = {
        [TRM_WAY_UP] = TRM_UP,
        [TRM_WAY_DOWN] = TRM_DOWN,
        [TRM_WAY_LEFT] = TRM_LEFT,
        [TRM_WAY_RIGHT] = TRM_RIGHT,
    };
    trm_play *p = self;
    const trm_board *b = trm_game_board(p->game);
    if (trm_game_has_digits(p->game)) {
        p->cursor = trm_way_cell(way, p->cursor, b->rows, b->cols);
        trm_play_look(p);
    } else if (may_act(p)) {
        const int32_t action = trm_game_move(p->game, directions[way % TRM_WAYS]);
        if (action >= 0)
            trm_play_act(p, action);
    }
}

static void digit(void *self, int32_t d) {
    trm_play *p = self;
    if (!may_act(p))
        return;
    const int32_t action = trm_game_placement(p->game, p->cursor, d);
    if (action < 0) {
        trm_app_status(p->app, "no action puts a %d there", d);
    } else if (!p->noting) {
        trm_play_act(p, action);
    } else if (trm_game_board(p->game)->cells[p->cursor].digit == 0) {
        trm_game_mark(p->game, p->cursor, d);
        trm_play_changed(p);
    }
}

static void clear(void *self) {
    trm_play *p = self;
    if (trm_game_paused(p->game))
        return;
    if (trm_game_board(p->game)->cells[p->cursor].kind == TRM_CELL_GIVEN)
        trm_app_status(p->app, "a given digit stays");
    else if (trm_game_board(p->game)->cells[p->cursor].digit == 0)
        trm_game_clear_marks(p->game, p->cursor);
    else if (!trm_game_take_back(p->game, p->cursor))
        trm_app_status(p->app, "that digit was there at the start");
    trm_play_changed(p);
}

static void notes(void *self) {
    trm_play *p = self;
    p->noting = !p->noting;
}

static const char *notes_label(const void *self) {
    return ((const trm_play *)self)->noting ? "digits" : "marks";
}

// by: -1 undoes, 1 does again.
static void undo(void *self, int32_t by) {
    trm_play *p = self;
    if (trm_game_paused(p->game) || !(by < 0 ? trm_game_undo : trm_game_redo)(p->game))
        trm_app_status(p->app, by < 0 ? "this is the start" : "nothing was undone");
    trm_play_changed(p);
}

// ---- help

static void hint(void *self) {
    trm_play *p = self;
    if (!may_act(p))
        return;
    p->has_hint = trm_game_hint(p->game, &p->hint);
    if (p->hint.cell >= 0)
        p->cursor = p->hint.cell;
    trm_play_look(p);
}

static void opinion(void *self) {
    trm_play *p = self;
    if (p->setup.model == NULL)
        say_no_model(p);
    else
        trm_play_ask(p, !p->asking);
}

static const char *opinion_label(const void *self) {
    return ((const trm_play *)self)->asking ? "hide model" : "model";
}

// The model on the board as it stands, and on every step that led there. what_if: 0, 1.
static void look_into(void *self, int32_t what_if) {
    trm_play *p = self;
    const trm_env *env = p->setup.env;
    const int32_t n = trm_game_steps(p->game);
    trm_error e = {0};
    trm_episode_step *steps = trm_alloc((size_t)n + 1, sizeof *steps);
    char *states = trm_alloc((size_t)n + 1, trm_env_state_size(env));
    trm_game_path(p->game, steps, states);
    const trm_inspector_source source = {.env = env,
                                         .model = p->setup.model,
                                         .steps = steps,
                                         .states = states,
                                         .length = n,
                                         .at = trm_game_finished(p->game) ? n - 1 : n,
                                         .puzzle = p->puzzle,
                                         .config = p->setup.config,
                                         .title = "your game",
                                         .how = "you played"};
    if (trm_inspector_push_either(p->app, &source, what_if, &e))
        trm_game_count_asked(p->game);
    else
        trm_app_status(p->app, "%s", e.message);
    free(steps);
    free(states);
}

static void conflicts(void *self) {
    trm_play *p = self;
    p->conflicts = !p->conflicts;
    trm_app_status(p->app, p->conflicts ? "conflicts are marked" : "conflicts are not marked");
    trm_play_look(p);
}

// ---- the race

static void race(void *self) {
    trm_play *p = self;
    if (p->setup.model == NULL) {
        say_no_model(p);
    } else if (p->racing) {
        trm_play_race(p, false);
    } else {
        p->racing = true; // from the start, for both
        trm_play_again(p);
    }
}

static const char *race_label(const void *self) {
    return ((const trm_play *)self)->racing ? "no race" : "race";
}

static void set_pace(void *self, int32_t by) {
    trm_play *p = self;
    const double pace = by > 0 ? p->pace * 2.0 : p->pace / 2.0;
    if (pace < PACE_LEAST || pace > PACE_MOST)
        return;
    p->due += 1.0 / pace - 1.0 / p->pace;
    p->pace = pace;
}

// ---- boards and the clock

static void pause_clock(void *self) {
    trm_play *p = self;
    if (!trm_game_finished(p->game))
        trm_game_pause(p->game, !trm_game_paused(p->game));
}

static const char *pause_label(const void *self) {
    return trm_game_paused(((const trm_play *)self)->game) ? "go on" : "pause";
}

static void again(void *self) {
    trm_play_again(self);
}

static void turn_board(void *self, int32_t by) {
    trm_play *p = self;
    const int64_t to = p->setup.board + (p->numbered ? by : 0);
    trm_play_board(p, to > 0 ? to : 0);
}

static void board_typed(void *ctx, int64_t number) {
    trm_play_board(ctx, number);
}

static void board_by_number(void *self) {
    trm_play *p = self;
    trm_app_prompt_number(p->app, "number of the board", p->setup.board,
                          "a board has a number from 0 on", board_typed, p);
}

// ---- the mouse

// A click on a digit's cell takes the cursor there; beside the agent it is a step.
static void click(void *self, int32_t y, int32_t x) {
    trm_play *p = self;
    const trm_board *b = trm_game_board(p->game);
    const int32_t cell = trm_play_cell_at(p, trm_app_area(p->app), y, x);
    const int32_t agent = trm_board_agent(b);
    if (cell >= 0 && trm_game_has_digits(p->game)) {
        p->cursor = cell;
        trm_play_look(p);
    }
    for (int32_t way = 0; way < TRM_WAYS && cell >= 0 && agent >= 0 && cell != agent; way++)
        if (trm_way_cell(way, agent, b->rows, b->cols) == cell) {
            go(p, way);
            return;
        }
}

const trm_action trm_play_actions[] = {
    {TRM_KEYS_MOVE, "move", "move the agent, or the cursor on digits", .step = 1, .run = go},
    {TRM_KEYS('1', '2', '3', '4', '5', '6', '7', '8', '9'), "digit", "place this digit, or mark it",
     1, .arg = 1, .step = 1, .usable = has_digits, .run = digit},
    {TRM_KEYS('x', '0', TRM_KEY_BACKSPACE), "clear",
     "take back a digit of yours, or clear the marks", 6, .usable = has_digits, .act = clear},
    {TRM_KEYS('n'), "marks", "digits become pencil marks; again: digits", 5, .usable = has_digits,
     .label_now = notes_label, .act = notes},
    {TRM_KEYS('u'), "undo", "undo, without limit", 2, .arg = -1, .run = undo},
    {TRM_KEYS(TRM_CTRL('R')), "redo", "redo", .arg = 1, .run = undo},
    {TRM_KEYS('H'), "hint", "the solver's next move, and why", 3, .act = hint},
    {TRM_KEYS('o'), "model", "what the model would do, cycle by cycle; again: hide", 4,
     .label_now = opinion_label, .act = opinion},
    {TRM_KEYS('m'), "microscope", "look at the model's decision, unit by unit", 13,
     .usable = has_model, .run = look_into},
    {TRM_KEYS('w'), "what if", "change the board or the model, and see what it would do", .arg = 1,
     .usable = has_model, .run = look_into},
    {TRM_KEYS('R'), "race", "the model plays beside you, both from the start", 7,
     .usable = has_model, .label_now = race_label, .act = race},
    {TRM_KEYS('+', '='), "speed", "the model moves faster in the race", 10, .arg = 1,
     .usable = is_racing, .run = set_pace},
    {TRM_KEYS('-', '_'), "", "the model moves slower in the race", .pair = true, .arg = -1,
     .usable = is_racing, .run = set_pace},
    {TRM_KEYS('!'), "conflicts", "mark digits that conflict, on or off", .usable = has_digits,
     .act = conflicts},
    {TRM_KEYS(' '), "pause", "stop the clock and hide the board; go on", 8,
     .label_now = pause_label, .act = pause_clock},
    {TRM_KEYS('a'), "again", "the same board again, from the start", 9, .act = again},
    {TRM_KEYS('{'), "board", "the board before", 9, .arg = -1, .run = turn_board},
    {TRM_KEYS('}'), "", "the next board", .pair = true, .arg = 1, .run = turn_board},
    {TRM_KEYS('b'), "board number", "a board by its number", 12, .act = board_by_number},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave the game", 5, .leaves = true},
    {.keys = {0}},
};

// ---- the screen ---------------------------------------------------------------------------------

static bool tick(void *self, double now) {
    trm_play *p = self;
    const double before = trm_game_seconds(p->game);
    // A terminal that was suspended has not been played at.
    trm_game_pass(p->game, fmin(1.0, fmax(0.0, now - p->looked)));
    p->looked = now;
    const bool moved = !trm_game_paused(p->game) && trm_play_rival(p);
    const bool heard = trm_play_hear(p);
    return moved || heard || floor(trm_game_seconds(p->game)) > floor(before);
}

static double wait_time(const void *self, double now) {
    static const double LISTEN = 0.05;
    const trm_play *p = self;
    (void)now;
    if (trm_play_waits(p))
        return LISTEN;
    if (trm_game_paused(p->game) || trm_game_finished(p->game))
        return 1.0;
    const double clock = trm_game_seconds(p->game);
    double wait = floor(clock) + 1.0 - clock;
    if (p->rival != NULL && !trm_game_finished(p->rival))
        wait = fmin(wait, p->due - clock);
    return fmax(wait, 0.001);
}

static int32_t panel_of(const void *self) {
    const trm_play *p = self;
    return p->racing                      ? TRM_PANEL_RACE
           : trm_game_has_digits(p->game) ? TRM_PANEL_PLAY_SUDOKU
                                          : TRM_PANEL_PLAY_MAZE;
}

static const trm_screen_ops ops = {
    .name = "trm play",
    .meanwhile = "the board waits",
    .actions = trm_play_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_play_draw,
    .panel = panel_of,
    .click = click,
    .close = trm_play_free,
};

bool trm_play_open(trm_app *app, const trm_play_setup *setup, trm_error *e) {
    trm_play *p = trm_play_new(setup);
    p->app = app;
    if (setup->note != NULL && setup->note[0] != 0)
        trm_app_status(app, "%s", setup->note);
    return trm_app_push(app, &ops, p, e);
}

static bool push(trm_app *app, const void *ctx, trm_error *e) {
    const trm_play_options *o = ctx;
    trm_play_setup setup = {.env = o->env,
                            .model = o->model,
                            .board = o->board,
                            .start = o->start,
                            .start_name = "your puzzle",
                            .own = o->start != NULL,
                            .race = o->race,
                            .config = o->config,
                            .boards = o->boards,
                            .note = o->note};
    if (o->model_name != NULL)
        trm_text_copy(setup.model_name, sizeof setup.model_name, o->model_name);
    return trm_play_open(app, &setup, e);
}

bool trm_play_run(const trm_play_options *o, trm_error *e) {
    return trm_app_show(&o->screen, push, o, e);
}
