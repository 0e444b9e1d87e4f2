// SPDX-License-Identifier: Apache-2.0
// A board of the start screen and what a bundled model thinks of it: a sudoku, answered cell by
// cell, or a walled maze, for whose every cell the model says which way it would go. All that is
// said about it is counted from the trace.
#ifndef TUI_DEMO_ACT_H
#define TUI_DEMO_ACT_H

#include "trm/agent/policy_map.h"
#include "trm/agent/subject.h"
#include "trm/run/config.h"
#include "tui/inspector/inspector.h"

enum { TRM_ACT_CELLS = 33 * 33, TRM_ACT_STEPS = 64 };

// How the model goes from step to step (trm_model_config).
typedef struct trm_act_pace {
    int32_t sup_steps, inner_steps, restart;
} trm_act_pace;

// What a step of the model has, in numbers.
typedef struct trm_act_step {
    int32_t wrong;   // cells that it was asked about
    int32_t changed; // … whose answer is another than a step before
    int32_t sure;    // … of whose answer it is at least 90 % sure
    int32_t reach;   // maze: up to so many moves from the goal every cell is right
    bool restarts;   // sudoku: it begins again with this step
    char clash[16];  // sudoku: "row 3" had a digit twice a step before, and has not now; or ""
} trm_act_step;

typedef struct trm_act {
    bool maze;
    const char *name; // of the model
    trm_config config;
    trm_model *model;
    trm_trace_shape shape;
    int32_t number, boards; // the board in sight, of so many
    char title[32];         // what the board is called
    trm_board board;
    int32_t cells, asked_count;
    bool asked[TRM_ACT_CELLS]; // the model is asked about it: blank, or a floor

    // Sudoku.
    trm_dataset set; // of the one puzzle
    trm_agent agent;
    float *trace;
    // Maze.
    trm_env *env;
    trm_geometry home; // of its own boards
    char *state;
    trm_policy_map map;
    int32_t distance[TRM_ACT_CELLS]; // moves to the goal; 0: none lead there
    bool *best;                      // [cells, actions] moves that a shortest way begins with
    int32_t start, goal;

    trm_act_pace slow, own; // sudoku: of a board, at first; where it stays unsure, as in its file
    bool known;             // everything below is worked out
    int32_t last;           // the step from which on nothing more happens
    int32_t answer[TRM_ACT_STEPS][TRM_ACT_CELLS]; // digit or action; -1: none
    float sure[TRM_ACT_STEPS][TRM_ACT_CELLS];
    bool right[TRM_ACT_STEPS][TRM_ACT_CELLS];
    trm_act_step steps[TRM_ACT_STEPS];
    int32_t way[TRM_ACT_CELLS],
        way_length; // maze: cells that the plan leads through, the start first
    bool arrives;   // … up to the goal

    int32_t step;   // in sight; -1: the board alone
    int32_t walked; // cells of the way that were walked
    double next;    // when it goes on
} trm_act;

// Loads the model and takes the first board. False: *e says what is missing.
bool trm_act_open(trm_act *a, bool maze, trm_error *e);
void trm_act_close(trm_act *a); // fine on a zeroed one

// Another of its boards; number is taken round.
void trm_act_board(trm_act *a, int32_t number, double now);

// A board of one's own: a text (TRM_PUZZLE_*, trm/env/maze.h) or the name of a file with one. A
// maze of another size than the act's boards has another model, up to 33 x 33 cells.
bool trm_act_own(trm_act *a, const char *text, double now, trm_error *e);

// Works out what is missing, for a few milliseconds; true if there is something new to draw.
bool trm_act_work(trm_act *a);

// Goes on by itself when it is time; true if it did.
bool trm_act_play(trm_act *a, double now);

// To a step (-1: the board alone), clamped. False: it is there already.
bool trm_act_go(trm_act *a, int32_t step);

// "step 2 sees the clash in row 3: 12 wrong".
void trm_act_caption(const trm_act *a, char *out, int32_t size);

// How the model goes; from now on at another pace. If it cannot, all stays as it is.
trm_act_pace trm_act_pace_of(const trm_act *a);
void trm_act_take_pace(trm_act *a, const trm_act_pace *pace);

// A sudoku's trace and agent, for the model that is there.
bool trm_act_watch(trm_act *a, trm_error *e);

// The subject, for other screens; and a source for the microscope.
trm_subject trm_act_subject(const trm_act *a);
trm_inspector_source trm_act_source(const trm_act *a);

#endif
