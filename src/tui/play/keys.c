// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/micro/micro.h"
#include "tui/play/draw.h"
#include "tui/play/state.h"
#include "tui/widgets/board.h"
#include "tui/widgets/grid.h"

static const double PACE_LEAST = 0.125, PACE_MOST = 32.0;

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

static void move_cursor(trm_play *p, trm_direction d) {
    static const int32_t rows[] = {-1, 1, 0, 0}, cols[] = {0, 0, -1, 1};
    const trm_board *b = trm_game_board(p->game);
    const int32_t row = p->cursor / b->cols + rows[d], col = p->cursor % b->cols + cols[d];
    if (row >= 0 && row < b->rows && col >= 0 && col < b->cols)
        p->cursor = row * b->cols + col;
    trm_play_look(p);
}

static void go(trm_play *p, trm_direction d) {
    if (trm_game_has_digits(p->game))
        move_cursor(p, d);
    else if (may_act(p) && trm_game_move(p->game, d) >= 0)
        trm_play_act(p, trm_game_move(p->game, d));
}

static void go_up(void *self, uint32_t key) {
    (void)key;
    go(self, TRM_UP);
}

static void go_down(void *self, uint32_t key) {
    (void)key;
    go(self, TRM_DOWN);
}

static void go_left(void *self, uint32_t key) {
    (void)key;
    go(self, TRM_LEFT);
}

static void go_right(void *self, uint32_t key) {
    (void)key;
    go(self, TRM_RIGHT);
}

static void digit(void *self, uint32_t key) {
    trm_play *p = self;
    const int32_t d = (int32_t)(key - '0');
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

static void clear(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
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

static void notes(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    p->noting = !p->noting;
}

static const char *notes_label(const void *self) {
    return ((const trm_play *)self)->noting ? "digits" : "marks";
}

static void undo(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (trm_game_paused(p->game) || !trm_game_undo(p->game))
        trm_app_status(p->app, "this is the start");
    trm_play_changed(p);
}

static void redo(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (trm_game_paused(p->game) || !trm_game_redo(p->game))
        trm_app_status(p->app, "nothing was undone");
    trm_play_changed(p);
}

// ---- help

static void hint(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (!may_act(p))
        return;
    p->has_hint = trm_game_hint(p->game, &p->hint);
    if (p->hint.cell >= 0)
        p->cursor = p->hint.cell;
    trm_play_look(p);
}

static void opinion(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (p->setup.model == NULL) {
        trm_app_status(p->app, "no model plays here; `trm play … --model MODEL` brings one");
        return;
    }
    trm_play_ask(p, !p->asking);
}

static const char *opinion_label(const void *self) {
    return ((const trm_play *)self)->asking ? "hide model" : "model";
}

// The model on the board as it stands, and on every step that led there.
static void look_into(trm_play *p, bool (*push)(trm_app *, const trm_micro_source *, trm_error *)) {
    const trm_env *env = p->setup.env;
    const int32_t n = trm_game_steps(p->game);
    trm_error e = {0};
    trm_reel_step *steps = trm_alloc((size_t)n + 1, sizeof *steps);
    char *states = trm_alloc((size_t)n + 1, trm_env_state_size(env));
    trm_game_path(p->game, steps, states);
    const trm_micro_source source = {.env = env,
                                     .model = p->setup.model,
                                     .steps = steps,
                                     .states = states,
                                     .length = n,
                                     .at = trm_game_finished(p->game) ? n - 1 : n,
                                     .title = "your game",
                                     .how = "you played"};
    if (push(p->app, &source, &e))
        trm_game_count_asked(p->game);
    else
        trm_app_status(p->app, "%s", e.message);
    free(steps);
    free(states);
}

static void microscope(void *self, uint32_t key) {
    (void)key;
    look_into(self, trm_micro_push);
}

static void what_if(void *self, uint32_t key) {
    (void)key;
    look_into(self, trm_what_if_push);
}

static void conflicts(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    p->conflicts = !p->conflicts;
    trm_app_status(p->app, p->conflicts ? "conflicts are marked" : "conflicts are not marked");
    trm_play_look(p);
}

// ---- the race

static void race(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (p->setup.model == NULL) {
        trm_app_status(p->app, "no model plays here; `trm play … --model MODEL` brings one");
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

static void set_pace(trm_play *p, double factor) {
    const double pace = p->pace * factor;
    if (pace < PACE_LEAST || pace > PACE_MOST)
        return;
    p->due += 1.0 / pace - 1.0 / p->pace;
    p->pace = pace;
}

static void faster(void *self, uint32_t key) {
    (void)key;
    set_pace(self, 2.0);
}

static void slower(void *self, uint32_t key) {
    (void)key;
    set_pace(self, 0.5);
}

// ---- boards and the clock

static void pause_clock(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    if (!trm_game_finished(p->game))
        trm_game_pause(p->game, !trm_game_paused(p->game));
}

static const char *pause_label(const void *self) {
    return trm_game_paused(((const trm_play *)self)->game) ? "go on" : "pause";
}

static void again(void *self, uint32_t key) {
    (void)key;
    trm_play_again(self);
}

static void next_board(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    trm_play_board(p, p->numbered ? p->setup.board + 1 : p->setup.board);
}

static void previous_board(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    trm_play_board(p, p->numbered && p->setup.board > 0 ? p->setup.board - 1 : p->setup.board);
}

static void board_typed(void *ctx, const char *text) {
    trm_play *p = ctx;
    int64_t number;
    if (trm_text_to_i64(text, &number) && number >= 0)
        trm_play_board(p, number);
    else
        trm_app_status(p->app, "%.40s: a board has a number from 0 on", text);
}

static void board_by_number(void *self, uint32_t key) {
    trm_play *p = self;
    char now[32];
    (void)key;
    trm_text_format(now, sizeof now, "%lld", (long long)p->setup.board);
    trm_app_prompt(p->app, "number of the board", now, board_typed, p);
}

static void quit(void *self, uint32_t key) {
    trm_play *p = self;
    (void)key;
    trm_app_pop(p->app);
}

// ---- the mouse

// A click on a digit's cell takes the cursor there; beside the agent it is a step.
void trm_play_click(void *self, int32_t y, int32_t x) {
    trm_play *p = self;
    int32_t rows = 0, cols = 0;
    trm_app_size(p->app, &rows, &cols);
    const trm_play_layout l = trm_play_layout_of(p, rows, cols);
    const trm_board *b = trm_game_board(p->game);
    if (trm_game_has_digits(p->game)) {
        const int32_t cell = trm_grid_cell_at(l.board, b, y, x);
        if (cell >= 0)
            p->cursor = cell;
        trm_play_look(p);
        return;
    }
    const trm_board_view v = {.board = b, .focus = trm_board_agent(b)};
    const int32_t cell = trm_board_cell_at(l.board, &v, y, x);
    if (cell < 0 || v.focus < 0)
        return;
    const int32_t dy = cell / b->cols - v.focus / b->cols, dx = cell % b->cols - v.focus % b->cols;
    if (abs(dy) + abs(dx) == 1)
        go(p, dy < 0 ? TRM_UP : dy > 0 ? TRM_DOWN : dx < 0 ? TRM_LEFT : TRM_RIGHT);
}

const trm_action trm_play_actions[TRM_PLAY_ACTIONS] = {
    {.id = "up",
     .keys = {TRM_KEY_UP, 'k'},
     .label = "up",
     .help = "a step up; on digits the cursor",
     .run = go_up},
    {.id = "down", .keys = {TRM_KEY_DOWN, 'j'}, .label = "down", .help = "… down", .run = go_down},
    {.id = "left", .keys = {TRM_KEY_LEFT, 'h'}, .label = "left", .help = "… left", .run = go_left},
    {.id = "right",
     .keys = {TRM_KEY_RIGHT, 'l'},
     .label = "right",
     .help = "… right",
     .run = go_right},
    {.id = "digit",
     .keys = {'1', '2', '3', '4', '5', '6', '7', '8', '9'},
     .label = "digit",
     .help = "place it, by the rules of training; or mark it",
     .priority = 1,
     .usable = has_digits,
     .run = digit},
    {.id = "clear",
     .keys = {'x', '0', TRM_KEY_BACKSPACE},
     .label = "clear",
     .help = "take a digit of yours back, or clear the marks",
     .priority = 6,
     .usable = has_digits,
     .run = clear},
    {.id = "marks",
     .keys = {'n'},
     .label = "marks",
     .help = "digits are pencil marks; again: digits",
     .priority = 5,
     .usable = has_digits,
     .label_now = notes_label,
     .run = notes},
    {.id = "undo",
     .keys = {'u'},
     .label = "undo",
     .help = "undo, as far as to the start",
     .priority = 2,
     .run = undo},
    {.id = "redo", .keys = {TRM_CTRL('R')}, .label = "redo", .help = "redo", .run = redo},
    {.id = "hint",
     .keys = {'H'},
     .label = "hint",
     .help = "the solver's next move, and why",
     .priority = 3,
     .run = hint},
    {.id = "model",
     .keys = {'o'},
     .label = "model",
     .help = "what the model would do, over its cycles; again: hide",
     .priority = 4,
     .label_now = opinion_label,
     .run = opinion},
    {.id = "microscope",
     .keys = {'m'},
     .label = "microscope",
     .help = "look into the model's decision, unit by unit",
     .priority = 13,
     .usable = has_model,
     .run = microscope},
    {.id = "what-if",
     .keys = {'w'},
     .label = "what if",
     .help = "the same, changed: other cycles, other boards",
     .usable = has_model,
     .run = what_if},
    {.id = "race",
     .keys = {'R'},
     .label = "race",
     .help = "the model plays beside you, both from the start",
     .priority = 7,
     .usable = has_model,
     .label_now = race_label,
     .run = race},
    {.id = "faster",
     .keys = {'+', '='},
     .label = "faster",
     .help = "the model moves faster in the race",
     .priority = 10,
     .usable = is_racing,
     .run = faster},
    {.id = "slower",
     .keys = {'-', '_'},
     .label = "slower",
     .help = "… slower",
     .priority = 11,
     .usable = is_racing,
     .run = slower},
    {.id = "conflicts",
     .keys = {'!'},
     .label = "conflicts",
     .help = "mark what stands against a digit, or do not",
     .usable = has_digits,
     .run = conflicts},
    {.id = "pause",
     .keys = {' '},
     .label = "pause",
     .help = "stop the clock and hide the board; go on",
     .priority = 8,
     .label_now = pause_label,
     .run = pause_clock},
    {.id = "again",
     .keys = {'a'},
     .label = "again",
     .help = "the same board again, from the start",
     .priority = 9,
     .run = again},
    {.id = "next",
     .keys = {'}'},
     .label = "next board",
     .help = "the next board",
     .priority = 9,
     .run = next_board},
    {.id = "previous",
     .keys = {'{'},
     .label = "board before",
     .help = "the board before",
     .run = previous_board},
    {.id = "board",
     .keys = {'b'},
     .label = "board",
     .help = "a board by its number",
     .priority = 12,
     .run = board_by_number},
    {.id = "quit",
     .keys = {'q', TRM_CTRL('C')},
     .label = "quit",
     .help = "leave the game",
     .priority = 5,
     .run = quit},
};
