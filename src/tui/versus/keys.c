// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/inspector/inspector.h"
#include "tui/versus/draw.h"
#include "tui/versus/state.h"

static void step(void *self, int32_t by) {
    trm_versus *v = self;
    trm_versus_go(v, v->t + by);
}

static void go(void *self, int32_t to) {
    trm_versus_go(self, to);
}

static void first_difference(void *self) {
    trm_versus *v = self;
    if (v->duel.first >= 0)
        trm_versus_go(v, v->duel.first);
    else
        trm_app_status(v->app, "they play this board alike, step for step");
}

// Beyond the first, differences are between answers to the same question: in the first one's
// states.
static void to_difference(void *self, int32_t by) {
    trm_versus *v = self;
    const int32_t t = trm_duel_next(&v->duel, v->t, by);
    if (t < 0) {
        trm_app_status(v->app,
                       by > 0 ? "no difference after this one" : "no difference before this one");
        return;
    }
    if (t != v->duel.first)
        v->together = true;
    trm_versus_go(v, t);
}

static void together(void *self) {
    trm_versus *v = self;
    trm_versus_together(v, !v->together);
}

static const char *together_label(const void *self) {
    return ((const trm_versus *)self)->together ? "own boards" : "same states";
}

// One of the two, at the step in sight.
static void look_into(void *self, int32_t side) {
    trm_versus *v = self;
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *g = &v->duel.games[s->board];
    trm_error e = {0};
    trm_episode_step *steps = trm_alloc((size_t)g->length, sizeof *steps);
    trm_duel_path(&v->duel, s->board, steps);
    const trm_inspector_source source = {.env = v->duel.env,
                                         .model = v->duel.agents[side].model,
                                         .steps = steps,
                                         .states = g->states,
                                         .length = g->length,
                                         .at = s->t,
                                         .title = v->setup.names[side],
                                         .how = "the other played"};
    if (!trm_inspector_push(v->app, &source, &e))
        trm_app_status(v->app, "%s", e.message);
    free(steps);
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

static void turn_board(void *self, int32_t by) {
    trm_versus *v = self;
    const int64_t to = v->setup.board + (v->numbered ? by : 0);
    trm_versus_board(v, to > 0 ? to : 0);
}

static void board_typed(void *ctx, int64_t number) {
    trm_versus_board(ctx, number);
}

static void board_by_number(void *self) {
    trm_versus *v = self;
    trm_app_prompt_number(v->app, "number of the board", v->setup.board,
                          "a board has a number from 0 on", board_typed, v);
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
    {TRM_KEYS('d'), "first difference", "the first step at which they choose otherwise", 1,
     .act = first_difference},
    {TRM_KEYS('n'), "difference", "the next such step, in the states of the left one", 4, .arg = 1,
     .run = to_difference},
    {TRM_KEYS('N'), "", "the one before", .pair = true, .arg = -1, .run = to_difference},
    {TRM_KEYS(',', TRM_KEY_LEFT, 'h'), "step", "one step back", 2, .arg = -1, .run = step},
    {TRM_KEYS('.', TRM_KEY_RIGHT, 'l'), "", "one step forward", .pair = true, .arg = 1,
     .run = step},
    {TRM_KEYS('g', TRM_KEY_HOME), "first", "to the first step", .run = go},
    {TRM_KEYS('G', TRM_KEY_END), "last", "to the last step", .arg = INT32_MAX, .run = go},
    {TRM_KEYS('t'), "same states", "ask both about the left one's states, or each its own", 5,
     .label_now = together_label, .act = together},
    {TRM_KEYS('m'), "microscope", "look into the left one's decision, unit by unit", 9,
     .run = look_into},
    {TRM_KEYS('M'), "", "… into the right one's", .pair = true, .arg = 1, .run = look_into},
    {TRM_KEYS(' '), "run", "step on by itself; stop", 6, .label_now = play_label, .act = play},
    {TRM_KEYS('{'), "board", "the board before", 7, .arg = -1, .run = turn_board},
    {TRM_KEYS('}'), "", "the next board", .pair = true, .arg = 1, .run = turn_board},
    {TRM_KEYS('b'), "board number", "a board by its number", 8, .act = board_by_number},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave", 4, .leaves = true},
    {.keys = {0}},
};
