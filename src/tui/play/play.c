// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/play/state.h"

static const double PACE = 1.0; // the rival's moves a second, at first

// ---- what is in sight of a game -----------------------------------------------------------------

static void count_visit(const trm_board *b, uint8_t *visits) {
    const int32_t at = trm_board_agent(b);
    if (at >= 0 && visits[at] < UINT8_MAX)
        visits[at]++;
}

// Where the agent has been: the episode walked again from its start.
static void trace_visits(const trm_game *g, uint8_t visits[TRM_PLAY_CELLS]) {
    const trm_env *env = trm_game_env(g);
    const int32_t n = trm_game_steps(g);
    const size_t size = trm_env_state_size(env);
    memset(visits, 0, TRM_PLAY_CELLS);
    if (trm_game_has_digits(g))
        return;
    trm_episode_step *steps = trm_alloc((size_t)n + 1, sizeof *steps);
    char *states = trm_alloc((size_t)n + 1, size);
    trm_board *board = trm_alloc(1, sizeof *board);
    trm_game_path(g, steps, states);
    for (int32_t i = 0; i <= n; i++) {
        trm_env_describe(env, states + (size_t)i * size, board);
        count_visit(board, visits);
    }
    free(steps);
    free(states);
    free(board);
}

static void tint_same(trm_play *p, const trm_board *b) {
    const int32_t digit = b->cells[p->cursor].digit;
    for (int32_t i = 0; i < b->rows * b->cols && digit > 0; i++)
        if (i != p->cursor && b->cells[i].digit == digit)
            p->tints[i] = TRM_TINT_SAME;
}

static void tint_conflicts(trm_play *p, const trm_board *b) {
    if (!p->conflicts || p->tried_cell < 0)
        return;
    trm_board_conflicts(b, p->tried_cell, p->tried_digit, p->against);
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (p->against[i])
            p->tints[i] = TRM_TINT_CONFLICT;
    p->tints[p->tried_cell] = TRM_TINT_TRIED;
}

static void look_at_digits(trm_play *p) {
    const trm_board *b = trm_game_board(p->game);
    memset(p->tints, TRM_TINT_NONE, sizeof p->tints);
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        p->notes[i] = trm_game_marks(p->game, i);
    tint_same(p, b);
    const int32_t wish = p->asking ? trm_game_cell_of(p->game, p->opinion) : -1;
    if (wish >= 0)
        p->tints[wish] = TRM_TINT_MODEL;
    if (p->has_hint && p->hint.cell >= 0)
        p->tints[p->hint.cell] = TRM_TINT_HINT;
    tint_conflicts(p, b);
}

void trm_play_look(trm_play *p) {
    if (trm_game_has_digits(p->game))
        look_at_digits(p);
}

// ---- the model ----------------------------------------------------------------------------------

static void renew_opinion(trm_play *p) {
    p->opinion = -1;
    if (p->asking && !trm_game_finished(p->game)) {
        trm_adviser_ask(p->adviser, trm_game_state(p->game), trm_game_last_action(p->game));
        trm_adviser_answer(p->adviser, &p->opinion);
        trm_game_count_asked(p->game);
    } else if (p->adviser != NULL) {
        trm_adviser_drop(p->adviser);
    }
}

void trm_play_ask(trm_play *p, bool on) {
    p->asking = on && p->setup.model != NULL;
    renew_opinion(p);
    trm_play_look(p);
}

// The model's next move in a game of its own. False: it is thinking about it.
static bool rival_moves(trm_play *p, trm_game *g) {
    int32_t action;
    if (!trm_adviser_open(p->driver))
        trm_adviser_ask(p->driver, trm_game_state(g), trm_game_last_action(g));
    return trm_adviser_answer(p->driver, &action) && trm_game_step(g, action);
}

void trm_play_race(trm_play *p, bool on) {
    trm_game_free(p->rival);
    p->rival = NULL;
    if (p->driver != NULL)
        trm_adviser_drop(p->driver);
    p->racing = on && p->setup.model != NULL;
    if (!p->racing)
        return;
    p->rival = trm_game_new(p->setup.env, trm_game_start(p->game));
    p->due = trm_game_seconds(p->game) + 1.0 / p->pace;
    trace_visits(p->rival, p->rival_visits);
}

bool trm_play_rival(trm_play *p) {
    bool moved = false;
    if (p->rival == NULL)
        return false;
    const double now = trm_game_seconds(p->game);
    while (!trm_game_finished(p->rival) && !p->over && now >= p->due) {
        if (!rival_moves(p, p->rival))
            break;
        if (!trm_adviser_quick(p->driver))
            p->due = now; // what it thought about for long is one move, and no rush follows
        count_visit(trm_game_board(p->rival), p->rival_visits);
        p->due += 1.0 / p->pace;
        moved = true;
    }
    if (moved && trm_game_finished(p->rival) && p->first[0] == 0)
        trm_text_format(p->first, sizeof p->first, "the model was %s first, after %.0f seconds",
                        trm_game_solved(p->rival) ? "there" : "out of it",
                        trm_game_seconds(p->game));
    return moved;
}

// ---- the end ------------------------------------------------------------------------------------

static trm_play_side side_of(const trm_game *g, double seconds) {
    return (trm_play_side){.known = true,
                           .solved = trm_game_solved(g),
                           .steps = trm_game_steps(g),
                           .mistakes = trm_game_counted(g)->mistakes,
                           .reward = (double)trm_game_reward(g),
                           .seconds = seconds};
}

// Its game, as far as its answers are there.
static bool play_later(trm_play *p) {
    while (p->later != NULL && !trm_game_finished(p->later))
        if (!rival_moves(p, p->later))
            return false;
    const bool ended = p->later != NULL;
    if (ended)
        p->model = side_of(p->later, NAN);
    trm_game_free(p->later);
    p->later = NULL;
    return ended;
}

static void let_model_play(trm_play *p) {
    p->model = (trm_play_side){0};
    if (p->setup.model == NULL)
        return;
    trm_adviser_drop(p->driver);
    p->later = trm_game_new(p->setup.env, trm_game_start(p->game));
    play_later(p);
}

bool trm_play_waits(const trm_play *p) {
    return p->adviser != NULL &&
           (trm_adviser_open(p->adviser) || trm_adviser_open(p->driver) || p->later != NULL);
}

bool trm_play_hear(trm_play *p) {
    bool heard = p->asking && p->opinion < 0 && trm_adviser_answer(p->adviser, &p->opinion);
    if (heard)
        trm_play_look(p);
    return play_later(p) || heard;
}

static void find_optimum(trm_play *p) {
    float reward = 0.0f;
    int32_t length = 0;
    p->optimum = (trm_play_side){0};
    if (trm_env_optimum(p->setup.env, trm_game_start(p->game), &reward, &length))
        p->optimum = (trm_play_side){.known = true,
                                     .solved = true,
                                     .steps = length,
                                     .reward = (double)reward,
                                     .seconds = NAN};
}

static void record(trm_play *p) {
    const trm_game_counts *n = trm_game_counted(p->game);
    trm_game_result s = {.solved = p->you.solved,
                         .aided = n->hints > 0 || n->asked > 0,
                         .seconds = p->you.seconds,
                         .reward = p->you.reward,
                         .steps = p->you.steps,
                         .mistakes = p->you.mistakes};
    char path[4096];
    trm_error e = {0};
    trm_text_copy(s.kind, sizeof s.kind, p->kind);
    p->has_record =
        trm_scores_path(path, sizeof path, &e) && trm_scores_add(path, &s, &p->record, &e);
    if (!p->has_record && p->app != NULL)
        trm_app_status(p->app, "not recorded: %s", e.message);
}

static void end(trm_play *p) {
    p->over = true;
    p->you = side_of(p->game, trm_game_seconds(p->game));
    if (p->racing && p->first[0] == 0)
        trm_text_format(p->first, sizeof p->first, "%s",
                        p->you.solved ? "you were there first" : "neither got there");
    let_model_play(p);
    find_optimum(p);
    record(p);
}

// ---- changes ------------------------------------------------------------------------------------

void trm_play_changed(trm_play *p) {
    p->has_hint = false;
    p->tried_cell = -1;
    trace_visits(p->game, p->visits);
    renew_opinion(p);
    trm_play_look(p);
}

static void note_refusal(trm_play *p, int32_t action, uint8_t before) {
    const int32_t cell = trm_game_cell_of(p->game, action);
    if (cell < 0 || before != 0 || trm_game_board(p->game)->cells[cell].digit != 0)
        return;
    for (int32_t d = 1; trm_game_placement(p->game, cell, d) >= 0; d++)
        if (trm_game_placement(p->game, cell, d) == action) {
            p->tried_cell = cell;
            p->tried_digit = d;
        }
}

void trm_play_act(trm_play *p, int32_t action) {
    const int32_t cell = trm_game_cell_of(p->game, action);
    const uint8_t before = cell >= 0 ? trm_game_board(p->game)->cells[cell].digit : 0;
    if (!trm_game_step(p->game, action))
        return;
    if (!trm_game_has_digits(p->game))
        count_visit(trm_game_board(p->game), p->visits);
    p->has_hint = false;
    p->tried_cell = -1;
    note_refusal(p, action, before);
    renew_opinion(p);
    trm_play_look(p);
    if (trm_game_finished(p->game) && !p->over)
        end(p);
}

// ---- boards -------------------------------------------------------------------------------------

// The cursor starts in the first cell that is to be filled.
static int32_t first_empty(const trm_board *b) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].digit == 0)
            return i;
    return 0;
}

static void begin(trm_play *p) {
    p->over = p->has_record = false;
    p->first[0] = 0;
    trm_game_free(p->later);
    p->later = NULL;
    p->cursor = first_empty(trm_game_board(p->game));
    trm_play_race(p, p->racing);
    trm_play_changed(p);
}

static void restart(trm_play *p, const void *start) {
    if (p->game == NULL)
        p->game = trm_game_new(p->setup.env, start);
    else
        trm_game_restart(p->game, start);
    begin(p);
}

// What a model of answers reads beside the board.
static void set_puzzle(trm_play *p, int32_t number) {
    const trm_config *c = p->setup.config;
    p->puzzle = number > 0 || c == NULL ? number : c->data.puzzle;
    if (p->adviser != NULL) {
        trm_adviser_set_puzzle(p->adviser, p->puzzle);
        trm_adviser_set_puzzle(p->driver, p->puzzle);
    }
}

static bool start_of(const trm_play *p, int64_t number, void *start, int32_t *puzzle) {
    trm_error e;
    *puzzle = 0;
    if (p->setup.boards == NULL)
        trm_board_start(p->setup.env, number, start);
    else if (!trm_board_start_of(p->setup.boards, p->setup.env, number, start, puzzle, &e)) {
        if (p->app != NULL)
            trm_app_status(p->app, "%s", e.message);
        return p->game == NULL;
    }
    return true;
}

void trm_play_board(trm_play *p, int64_t number) {
    char *start = trm_alloc(1, trm_env_state_size(p->setup.env));
    int32_t puzzle;
    if (!start_of(p, number, start, &puzzle)) {
        free(start);
        return;
    }
    set_puzzle(p, puzzle);
    p->setup.board = number;
    p->numbered = true;
    trm_score_kind(trm_env_get_config(p->setup.env), false, p->kind);
    restart(p, start);
    free(start);
}

static void own_board(trm_play *p, const void *start) {
    p->numbered = false;
    set_puzzle(p, p->setup.puzzle);
    trm_score_kind(trm_env_get_config(p->setup.env), p->setup.own, p->kind);
    restart(p, start);
}

void trm_play_again(trm_play *p) {
    trm_game_again(p->game);
    begin(p);
}

// ---- lifetime -----------------------------------------------------------------------------------

trm_play *trm_play_new(const trm_play_setup *setup) {
    trm_play *p = trm_alloc(1, sizeof *p);
    p->setup = *setup;
    p->conflicts = true;
    p->pace = PACE;
    p->looked = trm_clock_now();
    if (setup->model != NULL) {
        trm_agent_init(&p->agent, setup->env, setup->model);
        trm_agent_init(&p->mover, setup->env, setup->model);
        p->adviser = trm_adviser_new(&p->agent);
        p->driver = trm_adviser_new(&p->mover);
    }
    p->racing = setup->race && setup->model != NULL;
    if (setup->start != NULL)
        own_board(p, setup->start);
    else
        trm_play_board(p, setup->board);
    p->setup.start = NULL;
    return p;
}

void trm_play_free(void *play) {
    trm_play *p = play;
    trm_adviser_free(p->adviser);
    trm_adviser_free(p->driver);
    trm_game_free(p->later);
    trm_game_free(p->rival);
    trm_game_free(p->game);
    trm_agent_done(&p->agent);
    trm_agent_done(&p->mover);
    trm_model_free(p->setup.owned);
    trm_env_free(p->setup.owned_env);
    free(p);
}
