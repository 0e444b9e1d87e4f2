// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/micro/micro.h"
#include "tui/versus/draw.h"
#include "tui/versus/state.h"

static void forward(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_versus_go(v, v->t + 1);
}

static void back(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_versus_go(v, v->t - 1);
}

static void first(void *self, uint32_t key) {
    (void)key;
    trm_versus_go(self, 0);
}

static void last(void *self, uint32_t key) {
    (void)key;
    trm_versus_go(self, INT32_MAX);
}

static void first_difference(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    if (v->duel.first >= 0)
        trm_versus_go(v, v->duel.first);
    else
        trm_app_status(v->app, "they play this board alike, step for step");
}

// Beyond the first, differences are between answers to the same question: in the first one's
// states.
static void to_difference(trm_versus *v, int32_t by) {
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

static void next_difference(void *self, uint32_t key) {
    (void)key;
    to_difference(self, 1);
}

static void previous_difference(void *self, uint32_t key) {
    (void)key;
    to_difference(self, -1);
}

static void together(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_versus_together(v, !v->together);
}

static const char *together_label(const void *self) {
    return ((const trm_versus *)self)->together ? "own boards" : "same states";
}

// One of the two, at the step in sight.
static void look_into(trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *g = &v->duel.games[s->board];
    trm_error e = {0};
    trm_reel_step *steps = trm_alloc((size_t)g->length, sizeof *steps);
    trm_duel_path(&v->duel, s->board, steps);
    const trm_micro_source source = {.env = v->duel.env,
                                     .model = v->duel.agents[side].model,
                                     .steps = steps,
                                     .states = g->states,
                                     .length = g->length,
                                     .at = s->t,
                                     .title = v->setup.names[side],
                                     .how = "the other played"};
    if (!trm_micro_push(v->app, &source, &e))
        trm_app_status(v->app, "%s", e.message);
    free(steps);
}

static void microscope(void *self, uint32_t key) {
    (void)key;
    look_into(self, 0);
}

static void microscope_right(void *self, uint32_t key) {
    (void)key;
    look_into(self, 1);
}

static void play(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    v->playing = !v->playing;
    if (v->playing && v->t >= trm_versus_length(v) - 1)
        trm_versus_go(v, 0);
    v->due = trm_clock_now();
}

static const char *play_label(const void *self) {
    return ((const trm_versus *)self)->playing ? "stop" : "run";
}

static void next_board(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_versus_board(v, v->numbered ? v->setup.board + 1 : v->setup.board);
}

static void previous_board(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_versus_board(v, v->numbered && v->setup.board > 0 ? v->setup.board - 1 : v->setup.board);
}

static void board_typed(void *ctx, const char *text) {
    trm_versus *v = ctx;
    int64_t number;
    if (trm_text_to_i64(text, &number) && number >= 0)
        trm_versus_board(v, number);
    else
        trm_app_status(v->app, "%.40s: a board has a number from 0 on", text);
}

static void board_by_number(void *self, uint32_t key) {
    trm_versus *v = self;
    char now[32];
    (void)key;
    trm_text_format(now, sizeof now, "%lld", (long long)v->setup.board);
    trm_app_prompt(v->app, "number of the board", now, board_typed, v);
}

static void quit(void *self, uint32_t key) {
    trm_versus *v = self;
    (void)key;
    trm_app_pop(v->app);
}

// A click on the time line goes to its step.
void trm_versus_click(void *self, int32_t y, int32_t x) {
    trm_versus *v = self;
    int32_t rows = 0, cols = 0;
    trm_app_size(v->app, &rows, &cols);
    const trm_versus_layout l = trm_versus_layout_of(v, rows, cols);
    const int32_t t = trm_versus_time_at(v, l.line, y, x);
    if (t >= 0)
        trm_versus_go(v, t);
}

const trm_action trm_versus_actions[TRM_VERSUS_ACTIONS] = {
    {.id = "difference",
     .keys = {'d'},
     .label = "first difference",
     .help = "the first step at which they choose otherwise",
     .priority = 1,
     .run = first_difference},
    {.id = "next-difference",
     .keys = {'n'},
     .label = "next",
     .help = "the next such step, in the states of the left one",
     .priority = 4,
     .run = next_difference},
    {.id = "previous-difference",
     .keys = {'N'},
     .label = "previous",
     .help = "the one before",
     .run = previous_difference},
    {.id = "forward",
     .keys = {'.', TRM_KEY_RIGHT, 'l'},
     .label = "step",
     .help = "one step forward",
     .priority = 2,
     .run = forward},
    {.id = "back",
     .keys = {',', TRM_KEY_LEFT, 'h'},
     .label = "back",
     .help = "one step back",
     .priority = 3,
     .run = back},
    {.id = "first",
     .keys = {'g', TRM_KEY_HOME},
     .label = "first",
     .help = "to the first step",
     .run = first},
    {.id = "last",
     .keys = {'G', TRM_KEY_END},
     .label = "last",
     .help = "to the last step",
     .run = last},
    {.id = "together",
     .keys = {'t'},
     .label = "same states",
     .help = "ask both about the left one's states, or each its own",
     .priority = 5,
     .label_now = together_label,
     .run = together},
    {.id = "microscope",
     .keys = {'m'},
     .label = "microscope",
     .help = "look into the left one's decision, unit by unit",
     .priority = 9,
     .run = microscope},
    {.id = "microscope-right",
     .keys = {'M'},
     .label = "microscope",
     .help = "… into the right one's",
     .run = microscope_right},
    {.id = "run",
     .keys = {' '},
     .label = "run",
     .help = "step on by itself; stop",
     .priority = 6,
     .label_now = play_label,
     .run = play},
    {.id = "next-board",
     .keys = {'}'},
     .label = "next board",
     .help = "the next board",
     .priority = 7,
     .run = next_board},
    {.id = "previous-board",
     .keys = {'{'},
     .label = "board before",
     .help = "the board before",
     .run = previous_board},
    {.id = "board",
     .keys = {'b'},
     .label = "board",
     .help = "a board by its number",
     .priority = 8,
     .run = board_by_number},
    {.id = "quit",
     .keys = {'q', TRM_CTRL('C')},
     .label = "quit",
     .help = "leave",
     .priority = 4,
     .run = quit},
};
