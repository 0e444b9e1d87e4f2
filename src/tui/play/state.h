// SPDX-License-Identifier: Apache-2.0
// The Play screen's state. What the game is stands in trm_game; here is what a player looks at.
#ifndef TUI_PLAY_STATE_H
#define TUI_PLAY_STATE_H

#include "trm/agent/agent.h"
#include "trm/agent/game.h"
#include "trm/run/config.h"
#include "trm/run/scores.h"
#include "tui/app.h"
#include "tui/play/adviser.h"
#include "tui/widgets/marks.h"

enum { TRM_PLAY_NAME = 96, TRM_PLAY_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

// Where a board comes from.
typedef struct trm_play_setup {
    const trm_env *env;     // borrowed
    const trm_model *model; // borrowed; NULL: none
    const char *no_model;   // static: why there is none; NULL: none was given
    trm_model *owned;       // freed with the screen; NULL: none
    trm_env *owned_env;     // likewise
    char model_name[TRM_PLAY_NAME];
    const trm_config *config;         // borrowed: the model's; NULL: not known
    const trm_dataset_source *boards; // borrowed: of numbered boards; NULL: the environment
    int64_t board;                    // number of the board, where there is no start
    const void *start;                // a state block, copied; NULL: the numbered board
    char start_name[TRM_PLAY_NAME];   // what that one is called
    int32_t puzzle;                   // its puzzle's number; 0: as in config
    bool own;                         // it is a puzzle of the player's own
    bool race;
    const char *note; // to show at the start; borrowed until then
} trm_play_setup;

// How one of the three did on the board.
typedef struct trm_play_side {
    bool known;
    bool solved;
    int32_t steps, mistakes;
    double reward, seconds; // seconds NaN where time means nothing
} trm_play_side;

typedef struct trm_play {
    trm_play_setup setup;
    trm_app *app;
    trm_game *game;
    char kind[TRM_SCORE_KIND];
    bool numbered;  // the board in sight is setup.board
    int32_t puzzle; // its puzzle's number, which a model of answers may read

    // The player's view.
    int32_t cursor;                  // cell, on boards of digits
    bool noting;                     // digits are pencil marks
    bool conflicts;                  // are marked
    int32_t tried_cell, tried_digit; // the placement that was refused last; -1: none
    uint8_t visits[TRM_PLAY_CELLS];  // of the agent, up to now
    uint16_t notes[TRM_PLAY_CELLS];  // as drawn
    uint8_t tints[TRM_PLAY_CELLS];   // …
    bool against[TRM_PLAY_CELLS];    // scratch
    bool has_hint;
    trm_hint hint;

    // The model.
    trm_agent agent; // of the opinion; zeroed where there is none
    trm_agent mover; // of its own games, so that the opinion in sight stays that of the board
    trm_adviser *adviser, *driver; // that ask the two; NULL: no model
    bool asking;                   // its opinion is in sight
    int32_t opinion; // the action it would take; -1: not known yet, or the episode has ended
    bool racing;
    trm_game *rival; // its game of the race
    double pace;     // its moves a second
    double due;      // seconds of the game's clock at which it moves next
    uint8_t rival_visits[TRM_PLAY_CELLS];

    // The end.
    bool over; // … has been told and recorded; undo leads back into the game, not out of this
    trm_play_side you, model, optimum;
    trm_game *later; // the model's game, where it is slow, played while the end is in sight
    trm_personal_best record;
    bool has_record;
    char first[64]; // of a race: who was first; ""

    double looked; // clock at the last tick
} trm_play;

trm_play *trm_play_new(const trm_play_setup *setup);
void trm_play_free(void *play); // a trm_play

// Pushes the screen; it frees itself when it is left.
bool trm_play_open(trm_app *app, const trm_play_setup *setup, trm_error *e);

// Another board, or the same one again.
void trm_play_board(trm_play *p, int64_t number);
void trm_play_again(trm_play *p);

// A move or a placement; what follows from it is brought up to date, the end included.
void trm_play_act(trm_play *p, int32_t action);

// After any other change of the game.
void trm_play_changed(trm_play *p);

// After the cursor or what is marked has changed.
void trm_play_look(trm_play *p);

void trm_play_ask(trm_play *p, bool on);
void trm_play_race(trm_play *p, bool on);

// The rival's moves that are due. True if it made one.
bool trm_play_rival(trm_play *p);

// Answers of a slow model that have come. True if there was one.
bool trm_play_hear(trm_play *p);
bool trm_play_waits(const trm_play *p); // for one

// Drawn at any size from 60x16; and the cell of the player's board at a place, -1: none.
void trm_play_draw(trm_canvas *c, const void *play); // a trm_play
int32_t trm_play_cell_at(const trm_play *p, trm_rect area, int32_t y, int32_t x);

extern const trm_action trm_play_actions[];

#endif
