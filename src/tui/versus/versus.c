// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "trm/agent/game.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/versus/state.h"
#include "tui/widgets/marks.h"

int32_t trm_versus_length(const trm_versus *v) {
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
    trm_env_describe(v->duel.env, trm_duel_state(&v->duel, s->board, s->t), &s->seen);
}

// Once a board, so that going from step to step stays quick on long games.
static void find_agents(trm_versus *v, int32_t board) {
    trm_board *seen = &v->sides[0].seen;
    for (int32_t t = 0; t < v->duel.games[board].length; t++) {
        trm_env_describe(v->duel.env, trm_duel_state(&v->duel, board, t), seen);
        v->agents[board][t] = trm_board_agent(seen);
    }
}

void trm_versus_go(trm_versus *v, int32_t t) {
    const int32_t last = trm_versus_length(v) - 1;
    v->t = t < 0 ? 0 : t > last ? last : t;
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

static void play(trm_versus *v, const void *start) {
    trm_duel_play(&v->duel, start);
    find_agents(v, 0);
    find_agents(v, 1);
    v->playing = false;
    trm_versus_go(v, 0);
}

void trm_versus_board(trm_versus *v, int64_t number) {
    char *start = trm_alloc(1, v->duel.state_size);
    trm_board_start(v->duel.env, number, start);
    v->setup.board = number;
    v->numbered = true;
    play(v, start);
    free(start);
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

void trm_versus_sentence(const trm_versus *v, char *out, int32_t size) {
    const trm_reading a = reading_of(v, 0), b = reading_of(v, 1);
    const int32_t one = v->sides[0].action, two = v->sides[1].action;
    char x[16], y[16];
    trm_env_action_name(v->duel.env, one, x);
    trm_env_action_name(v->duel.env, two, y);
    const double p = (double)trm_reading_masked(&a, a.shape->cycles - 1, one);
    const double q = (double)trm_reading_masked(&b, b.shape->cycles - 1, two);
    const int32_t cycle = parting(&a, &b);
    const bool elsewhere = !v->together && v->duel.first >= 0 && v->t > v->duel.first;
    if (elsewhere)
        trm_text_format(out, (size_t)size, "%s, %.2f, and %s, %.2f, on boards that have parted", x,
                        p, y, q);
    else if (one == two && cycle < 0)
        trm_text_format(out, (size_t)size, "both %s, at every cycle: %.2f and %.2f", x, p, q);
    else if (one == two)
        trm_text_format(out, (size_t)size, "both %s, %.2f and %.2f, though not yet at cycle %d", x,
                        p, q, cycle + 1);
    else
        trm_text_format(out, (size_t)size, "%s, %.2f, against %s, %.2f: they part at cycle %d", x,
                        p, y, q, cycle + 1);
}

// ---- lifetime

trm_versus *trm_versus_new(const trm_versus_setup *setup) {
    trm_versus *v = trm_alloc(1, sizeof *v);
    v->setup = *setup;
    trm_duel_init(&v->duel, setup->env, setup->models[0], setup->models[1]);
    for (int32_t i = 0; i < 2; i++)
        v->agents[i] = trm_alloc((size_t)v->duel.capacity, sizeof *v->agents[i]);
    if (setup->start != NULL)
        play(v, setup->start);
    else
        trm_versus_board(v, setup->board);
    v->setup.start = NULL;
    return v;
}

void trm_versus_free(trm_versus *v) {
    if (v == NULL)
        return;
    trm_duel_done(&v->duel);
    free(v->agents[0]);
    free(v->agents[1]);
    trm_model_free(v->setup.owned[0]);
    trm_model_free(v->setup.owned[1]);
    trm_env_free(v->setup.owned_env);
    free(v);
}
