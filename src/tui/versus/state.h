// SPDX-License-Identifier: Apache-2.0
// The Versus screen's state.
#ifndef TUI_VERSUS_STATE_H
#define TUI_VERSUS_STATE_H

#include "trm/agent/duel.h"
#include "tui/app.h"

enum { TRM_VERSUS_NAME = 96, TRM_VERSUS_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

typedef struct trm_versus_setup {
    const trm_env *env;         // borrowed
    const trm_model *models[2]; // borrowed
    trm_model *owned[2];        // freed with the screen; NULL: none
    trm_env *owned_env;         // likewise
    char names[2][TRM_VERSUS_NAME];
    int64_t board;     // number of the board, where there is no start
    const void *start; // a state block, copied; NULL: the numbered board
    char start_name[TRM_VERSUS_NAME];
} trm_versus_setup;

// What is in sight of one side.
typedef struct trm_versus_side {
    int32_t board;  // whose game it is asked about: its own, or the first one's
    int32_t t;      // step; the last one of a game that is over by then
    int32_t action; // that it takes there
    trm_board seen;
    uint8_t visits[TRM_VERSUS_CELLS];
} trm_versus_side;

typedef struct trm_versus {
    trm_versus_setup setup;
    trm_app *app;
    trm_duel duel;
    bool numbered; // the board in sight is setup.board
    bool together; // both are asked about the first one's states
    int32_t t;     // step in sight
    trm_versus_side sides[2];
    int32_t *agents[2]; // [length] cell of the agent before each step of a game; -1: none
    bool playing;       // moves on by itself
    double due;         // clock of the next move
} trm_versus;

trm_versus *trm_versus_new(const trm_versus_setup *setup);
void trm_versus_free(trm_versus *v);

// Pushes the screen; it frees itself when it is left.
bool trm_versus_open(trm_app *app, const trm_versus_setup *setup, trm_error *e);

void trm_versus_board(trm_versus *v, int64_t number);

// The step in sight; clamped.
void trm_versus_go(trm_versus *v, int32_t t);
void trm_versus_together(trm_versus *v, bool on);

// Steps in sight: of the longer game, or of the first one where both are asked about that.
int32_t trm_versus_length(const trm_versus *v);

// One sentence: how the two decide at this step.
void trm_versus_sentence(const trm_versus *v, char *out, int32_t size);

extern const trm_action trm_versus_actions[];
void trm_versus_click(void *self, int32_t y, int32_t x);

#endif
