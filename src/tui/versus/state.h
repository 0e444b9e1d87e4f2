// SPDX-License-Identifier: Apache-2.0
// The Versus screen's state: two models that play one board, or that answer the same samples.
#ifndef TUI_VERSUS_STATE_H
#define TUI_VERSUS_STATE_H

#include "trm/agent/duel.h"
#include "trm/run/config.h"
#include "tui/app.h"
#include "tui/inspector/inspector.h"
#include "tui/widgets/decisions.h"
#include "tui/widgets/marks.h"

enum { TRM_VERSUS_NAME = 96, TRM_VERSUS_CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

typedef struct trm_versus_setup {
    const trm_env *env;         // borrowed; NULL: the models answer samples
    const trm_model *models[2]; // borrowed
    trm_model *owned[2];        // freed with the screen; NULL: none
    trm_env *owned_env;         // likewise
    char names[2][TRM_VERSUS_NAME];
    int64_t board;     // number of the board, where there is no start; of the first sample
    const void *start; // a state block, copied; NULL: the numbered board
    char start_name[TRM_VERSUS_NAME];
    // Samples, borrowed: each model's own, of the same boards.
    const trm_dataset *sets[2];
    trm_dataset *owned_sets[2];   // freed with the screen; NULL: none
    int32_t before, total;        // samples that are counted before them, and in all
    const trm_config *configs[2]; // to write the models down for trm probe; NULL: they are not
} trm_versus_setup;

// What is in sight of one side.
typedef struct trm_versus_side {
    trm_board seen;
    // Of a game.
    int32_t board;  // whose game it is asked about: its own, or the first one's
    int32_t t;      // step; the last one of a game that is over by then
    int32_t action; // that it takes there
    uint8_t visits[TRM_VERSUS_CELLS], tints[TRM_VERSUS_CELLS];
    // Of a sample.
    trm_cell_mark marks[TRM_VERSUS_CELLS];
    int32_t right; // cells, at the step in sight; -1: not known
    bool *legal;   // [answers] the classes of the cell under the cursor
} trm_versus_side;

typedef struct trm_versus_kind trm_versus_kind;

typedef struct trm_versus {
    trm_versus_setup setup;
    trm_app *app;
    const trm_versus_kind *kind;
    int32_t t; // step in sight
    trm_versus_side sides[2];
    bool playing; // moves on by itself
    double due;   // clock of the next move
    // Games.
    trm_duel duel;
    bool numbered;      // the board in sight is setup.board
    bool together;      // both are asked about the first one's states
    int32_t *agents[2]; // [found] cell of the agent before each step of a game; -1: none
    int32_t found[2];
    // Samples.
    trm_duel_answers answers;
    int32_t cell;        // cursor
    bool quick;          // the models answer so fast that they are asked at once, not at a tick
    bool drawn;          // the screen has said that they are being asked
    double look_seconds; // that the slowest look has taken
} trm_versus;

// What is different where boards are played and where samples are answered.
struct trm_versus_kind {
    const char *what;                         // "board", "sample"
    const char *(*word)(const trm_versus *v); // of what the time line has: "step", "move"
    void (*init)(trm_versus *v);
    void (*done)(trm_versus *v);
    int32_t (*length)(const trm_versus *v);      // steps
    void (*go)(trm_versus *v);                   // the step in sight is another one
    void (*turn)(trm_versus *v, int64_t number); // to the board or sample of that number
    int32_t (*first)(const trm_versus *v);       // step at which they differ; -1: none
    bool (*differs)(const trm_versus *v, int32_t t);
    void (*next)(trm_versus *v, int32_t by); // to the next difference
    bool (*work)(trm_versus *v);             // one piece; false: there is none
    bool (*busy)(const trm_versus *v);
    void (*move)(trm_versus *v, int32_t way);
    void (*sentence)(const trm_versus *v, char *out, int32_t size);
    bool (*open)(trm_versus *v, int32_t side, int32_t what_if, trm_error *e); // of the inspector
    // Drawing: a board, and what stands below it.
    int32_t (*choices)(const trm_versus *v); // rows that the table can use
    void (*title)(const trm_versus *v, char what[96], char number[128]);
    void (*board)(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side);
    void (*text)(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side);
};

extern const trm_versus_kind trm_versus_games, trm_versus_samples;

trm_versus *trm_versus_new(const trm_versus_setup *setup);
void trm_versus_free(trm_versus *v);

// Pushes the screen; it frees itself when it is left.
bool trm_versus_open(trm_app *app, const trm_versus_setup *setup, trm_error *e);

// To the board or sample of that number, from 0.
void trm_versus_turn(trm_versus *v, int64_t number);

// The step in sight; clamped.
void trm_versus_go(trm_versus *v, int32_t t);
void trm_versus_together(trm_versus *v, bool on);

// Steps in sight: of the longer one, or of the first one's game where both are asked about that.
int32_t trm_versus_length(const trm_versus *v);

static inline bool trm_versus_is_game(const trm_versus *v) {
    return v->kind == &trm_versus_games;
}

extern const trm_action trm_versus_actions[];
void trm_versus_click(void *self, int32_t y, int32_t x);

#endif
