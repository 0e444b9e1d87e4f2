// SPDX-License-Identifier: Apache-2.0
// Two models that play the same board.
#include <stdlib.h>
#include <string.h>

#include "trm/agent/game.h"
#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/run/reason.h"
#include "tui/canvas/pen.h"
#include "tui/versus/state.h"

static const double MOMENT = 0.01; // seconds of a look that go into playing on

static int32_t length(const trm_versus *v) {
    const int32_t first = v->duel.games[0].length, second = v->duel.games[1].length;
    return v->together || first > second ? first : second;
}

// The board at the step in sight, and where the agent has been until then.
static void look_at(trm_versus *v, trm_versus_side *s) {
    memset(s->visits, 0, sizeof s->visits);
    for (int32_t t = 0; t <= s->t; t++) {
        const int32_t at = v->agents[s->board][t];
        if (at >= 0 && s->visits[at] < UINT8_MAX)
            s->visits[at]++;
    }
    const void *state = trm_duel_state(&v->duel, s->board, s->t);
    const int32_t cell = trm_env_placement(v->duel.env, state, s->action).cell;
    trm_env_describe(v->duel.env, state, &s->seen);
    memset(s->tints, TRM_TINT_NONE, sizeof s->tints);
    if (cell >= 0)
        s->tints[cell] = TRM_TINT_MODEL;
}

// Once a step, so that going from step to step stays quick on long games.
static void find_agents(trm_versus *v, int32_t board) {
    trm_board *seen = &v->sides[0].seen;
    for (; v->found[board] < v->duel.games[board].length; v->found[board]++) {
        trm_env_describe(v->duel.env, trm_duel_state(&v->duel, board, v->found[board]), seen);
        v->agents[board][v->found[board]] = trm_board_agent(seen);
    }
}

static void go(trm_versus *v) {
    for (int32_t i = 0; i < 2; i++) {
        trm_versus_side *s = &v->sides[i];
        s->board = v->together ? 0 : i;
        const int32_t end = v->duel.games[s->board].length - 1;
        s->t = v->t < end ? v->t : end;
        s->action = trm_duel_think(&v->duel, i, s->board, s->t);
        look_at(v, s);
    }
}

void trm_versus_together(trm_versus *v, bool on) {
    v->together = on;
    trm_versus_go(v, v->t);
}

static bool busy(const trm_versus *v) {
    return !trm_duel_over(&v->duel);
}

// Plays on for a moment, until both games have `least` steps or more. What is in sight stays.
static void play_on(trm_versus *v, int32_t least) {
    const double until = trm_clock_now() + MOMENT;
    const trm_duel_game *g = v->duel.games;
    while (trm_duel_go_on(&v->duel) &&
           (g[0].length < least || g[1].length < least || trm_clock_now() < until))
        ;
    find_agents(v, 0);
    find_agents(v, 1);
}

static bool work(trm_versus *v) {
    if (!busy(v))
        return false;
    play_on(v, 0);
    if (v->sides[0].t < v->t || v->sides[1].t < v->t) // one had not come as far yet
        trm_versus_go(v, v->t);
    return true;
}

// The first step is there at once.
static void play(trm_versus *v, const void *start) {
    trm_duel_begin(&v->duel, start);
    v->found[0] = v->found[1] = 0;
    play_on(v, 1);
    trm_versus_go(v, 0);
}

static void turn(trm_versus *v, int64_t number) {
    char *start = trm_alloc(1, v->duel.state_size);
    trm_board_start(v->duel.env, number, start);
    v->setup.board = number;
    v->numbered = true;
    play(v, start);
    free(start);
}

// Of two models that count otherwise, one that thinks in steps has the word for itself.
static const char *word(const trm_versus *v) {
    const char *one = trm_words_of_trace(&v->duel.agents[0].shape)->move;
    const char *two = trm_words_of_trace(&v->duel.agents[1].shape)->move;
    return strcmp(one, "step") == 0 ? two : one;
}

static int32_t first(const trm_versus *v) {
    return v->duel.first;
}

static bool differs(const trm_versus *v, int32_t t) {
    return trm_duel_differs(&v->duel, t);
}

// Beyond the first, differences are between answers to the same question: in the first one's
// states.
static void next(trm_versus *v, int32_t by) {
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

static void move(trm_versus *v, int32_t way) {
    if (trm_way_cols(way) != 0)
        trm_versus_go(v, v->t + trm_way_cols(way));
}

static bool open_side(trm_versus *v, int32_t side, int32_t what_if, trm_error *e) {
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *g = &v->duel.games[s->board];
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
    const bool ok = trm_inspector_push_either(v->app, &source, what_if, e);
    free(steps);
    return ok;
}

// ---- the sentence

static trm_reading reading_of(const trm_versus *v, int32_t side) {
    const trm_agent *a = &v->duel.agents[side];
    return trm_agent_reading(a, a->trace);
}

// The first cycle at which the two readings part; -1: none.
static int32_t parting(const trm_reading *a, const trm_reading *b) {
    const int32_t n = a->shape->cycles < b->shape->cycles ? a->shape->cycles : b->shape->cycles;
    for (int32_t c = 0; c < n; c++) {
        const int32_t x = trm_reading_best(a, c), y = trm_reading_best(b, c);
        if (x >= 0 && y >= 0 && x != y)
            return c;
    }
    return -1;
}

static void sentence(const trm_versus *v, char *out, int32_t size) {
    const trm_reading a = reading_of(v, 0), b = reading_of(v, 1);
    const int32_t one = v->sides[0].action, two = v->sides[1].action;
    char x[16], y[16];
    trm_env_action_name(v->duel.env, one, x);
    trm_env_action_name(v->duel.env, two, y);
    const double p = (double)trm_reading_masked(&a, a.shape->cycles - 1, one);
    const double q = (double)trm_reading_masked(&b, b.shape->cycles - 1, two);
    const int32_t cycle = parting(&a, &b);
    const char *name = trm_words_of_trace(a.shape)->cycle;
    const bool elsewhere = !v->together && v->duel.first >= 0 && v->t > v->duel.first;
    if (elsewhere)
        trm_text_format(out, (size_t)size, "%s, %.2f, and %s, %.2f, on boards that have parted", x,
                        p, y, q);
    else if (one == two && cycle < 0)
        trm_text_format(out, (size_t)size, "both %s, at every %s: %.2f and %.2f", x, name, p, q);
    else if (one == two)
        trm_text_format(out, (size_t)size, "both %s, %.2f and %.2f, though not yet at %s %d", x, p,
                        q, name, cycle + 1);
    else
        trm_text_format(out, (size_t)size, "%s, %.2f, against %s, %.2f: they part at %s %d", x, p,
                        y, q, name, cycle + 1);
}

// ---- drawing

static int32_t choices(const trm_versus *v) {
    return trm_env_action_dim(v->duel.env);
}

static void title(const trm_versus *v, char what[96], char number[128]) {
    trm_text_copy(what, 96, trm_env_get_config(v->duel.env)->type);
    trm_text_copy(number, 128, v->setup.start_name);
    if (v->numbered)
        trm_text_format(number, 128, "board %lld", (long long)v->setup.board);
}

static void board(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const bool digits = s->seen.box_rows > 0;
    const trm_board_marks marks = {
        .board = &s->seen, .visits = digits ? NULL : s->visits, .tints = digits ? s->tints : NULL};
    const trm_board_view view = trm_board_marks_view(&marks);
    trm_board_draw(c, r, &view);
}

// What the action in sight does on the board in sight; on the other one's board it is not done.
static void show_step(trm_pen *pen, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_duel_game *own = &v->duel.games[side];
    const trm_step *step = &v->duel.games[s->board].steps[s->t];
    char name[16];
    trm_env_action_name(v->duel.env, s->action, name);
    trm_pen_print(pen, TRM_STYLE_DIM, "%s ", word(v));
    trm_pen_print(pen, TRM_STYLE_STRONG, "%d  %s  ", s->t + 1, name);
    if (s->board == side) {
        trm_pen_print(pen, step->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, "%+.2f ",
                      (double)step->reward);
        trm_pen_line(pen, TRM_STYLE_NORMAL, "%s", trm_reason_text(step->reason));
    } else {
        trm_pen_line(pen, TRM_STYLE_DIM, "asked about the left one's state");
    }
    trm_pen_line(pen, TRM_STYLE_DIM, "its game: %s, %d %s%s, %+.2f",
                 !own->over    ? "goes on"
                 : own->solved ? "solved"
                               : "not solved",
                 own->length, word(v), own->length == 1 ? "" : "s",
                 (double)own->totals[own->length - 1]);
}

static void text(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side) {
    const trm_reading beside = reading_of(v, 1 - side);
    const trm_decision_table t = {.subject = {.env = v->duel.env},
                                  .reading = reading_of(v, side),
                                  .chosen = v->sides[side].action,
                                  .selected = -1,
                                  .beside = &beside};
    trm_pen pen = trm_pen_on(c, r);
    show_step(&pen, v, side);
    trm_decision_table_draw(c, pen.r, &t);
}

// ---- lifetime

static void init(trm_versus *v) {
    trm_duel_init(&v->duel, v->setup.env, v->setup.models[0], v->setup.models[1]);
    for (int32_t i = 0; i < 2; i++)
        v->agents[i] = trm_alloc((size_t)v->duel.capacity, sizeof *v->agents[i]);
    if (v->setup.start)
        play(v, v->setup.start);
    else
        turn(v, v->setup.board);
}

static void done(trm_versus *v) {
    trm_duel_done(&v->duel);
    free(v->agents[0]);
    free(v->agents[1]);
}

const trm_versus_kind trm_versus_games = {
    .what = "board",
    .word = word,
    .init = init,
    .done = done,
    .length = length,
    .go = go,
    .turn = turn,
    .first = first,
    .differs = differs,
    .next = next,
    .work = work,
    .busy = busy,
    .move = move,
    .sentence = sentence,
    .open = open_side,
    .choices = choices,
    .title = title,
    .board = board,
    .text = text,
};
