// SPDX-License-Identifier: Apache-2.0
#include "trm/base/clock.h"
#include "tui/versus/draw.h"
#include "tui/versus/state.h"

static void step(void *self, int32_t by) {
    trm_versus *v = self;
    trm_versus_go(v, v->t + by);
}

static void go(void *self, int32_t to) {
    trm_versus_go(self, to);
}

static void move(void *self, int32_t way) {
    trm_versus *v = self;
    v->kind->move(v, way);
}

static void first_difference(void *self) {
    trm_versus *v = self;
    const int32_t first = v->kind->first(v);
    if (first >= 0)
        trm_versus_go(v, first);
    else
        trm_app_status(v->app, "they %s alike, step for step",
                       trm_versus_is_game(v) ? "play this board" : "answer this sample");
}

static void to_difference(void *self, int32_t by) {
    trm_versus *v = self;
    v->kind->next(v, by);
}

static void together(void *self) {
    trm_versus *v = self;
    trm_versus_together(v, !v->together);
}

static const char *together_label(const void *self) {
    return ((const trm_versus *)self)->together ? "own boards" : "same states";
}

static const char *step_label(const void *self) {
    const trm_versus *v = self;
    return v->kind->word(v);
}

static bool is_game(const void *self) {
    return trm_versus_is_game(self);
}

// One of the two, at the step in sight.
static void open_side(trm_versus *v, int32_t side, int32_t what_if) {
    trm_error e = {0};
    if (!v->kind->open(v, side, what_if, &e))
        trm_app_status(v->app, "%s", e.message);
}

static void look_into(void *self, int32_t side) {
    open_side(self, side, 0);
}

static void what_if(void *self, int32_t side) {
    open_side(self, side, 1);
}

static void play(void *self) {
    trm_versus *v = self;
    v->playing = !v->playing;
    if (v->playing && v->t >= trm_versus_length(v) - 1)
        trm_versus_go(v, 0);
    v->due = trm_clock_now();
}

static const char *play_label(const void *self) {
    return ((const trm_versus *)self)->playing ? "stop" : "run";
}

static const char *board_label(const void *self) {
    return ((const trm_versus *)self)->kind->what;
}

// A board that was brought along has no number: the numbered ones begin beside it.
static void turn_board(void *self, int32_t by) {
    trm_versus *v = self;
    const int64_t to = v->setup.board + (trm_versus_is_game(v) && !v->numbered ? 0 : by);
    trm_versus_turn(v, to > 0 ? to : 0);
}

static void board_typed(void *ctx, int64_t number) {
    const trm_versus *v = ctx;
    trm_versus_turn(ctx, trm_versus_is_game(v) || number == 0 ? number : number - 1);
}

static void board_by_number(void *self) {
    trm_versus *v = self;
    if (trm_versus_is_game(v))
        trm_app_prompt_number(v->app, "number of the board", v->setup.board,
                              "a board has a number from 0 on", board_typed, v);
    else
        trm_app_prompt_number(v->app, "number of the sample", v->setup.board + 1,
                              "a sample has a number from 1 on", board_typed, v);
}

// A click on the time line goes to its step.
void trm_versus_click(void *self, int32_t y, int32_t x) {
    trm_versus *v = self;
    const trm_versus_layout l = trm_versus_layout_of(v, trm_app_area(v->app));
    const int32_t t = trm_versus_time_at(v, l.line, y, x);
    if (t >= 0)
        trm_versus_go(v, t);
}

const trm_action trm_versus_actions[] = {
    {TRM_KEYS('d'), "first difference", "the first step at which they choose differently", 1,
     .act = first_difference},
    {TRM_KEYS('n'), "difference", "the next step, or cell of a sample, at which they differ", 4,
     .arg = 1, .run = to_difference},
    {TRM_KEYS('N'), "", "the one before", .pair = true, .arg = -1, .run = to_difference},
    {TRM_KEYS(',', '['), "step", "one step back", 2, .arg = -1, .label_now = step_label,
     .run = step},
    {TRM_KEYS('.', ']'), "", "one step forward", .pair = true, .arg = 1, .run = step},
    {TRM_KEYS_MOVE, "", "left and right: a step; of a sample: from cell to cell", .step = 1,
     .run = move},
    {TRM_KEYS('g', TRM_KEY_HOME), "first", "to the first step", .run = go},
    {TRM_KEYS('G', TRM_KEY_END), "last", "to the last step", .arg = INT32_MAX, .run = go},
    {TRM_KEYS('t'), "same states", "ask both about the left one's states, or each about its own", 5,
     .label_now = together_label, .usable = is_game, .act = together},
    {TRM_KEYS('m'), "microscope", "look at the left model's decision, unit by unit", 9,
     .run = look_into},
    {TRM_KEYS('M'), "", "look at the right model's decision", .pair = true, .arg = 1,
     .run = look_into},
    {TRM_KEYS('w'), "what if", "change the state or the left model", 10, .run = what_if},
    {TRM_KEYS('W'), "", "change the state or the right model", .pair = true, .arg = 1,
     .run = what_if},
    {TRM_KEYS(' '), "run", "play step after step; stop", 6, .label_now = play_label, .act = play},
    {TRM_KEYS('{'), "board", "the board or sample before", 7, .arg = -1, .label_now = board_label,
     .run = turn_board},
    {TRM_KEYS('}'), "", "the next board or sample", .pair = true, .arg = 1, .run = turn_board},
    {TRM_KEYS('b'), "number", "a board or sample by its number", 8, .act = board_by_number},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave", 4, .leaves = true},
    {.keys = {0}},
};
