// SPDX-License-Identifier: Apache-2.0
// What panels show, in a few lines each, and the tour. One row a panel: a screen says which of them
// has the focus (trm_screen_ops.panel), and the application draws its row over the screen.
#ifndef TUI_EXPLAIN_EXPLAIN_H
#define TUI_EXPLAIN_EXPLAIN_H

#include "tui/canvas/canvas.h"

typedef enum trm_panel_id {
    TRM_PANEL_START_SUDOKU,
    TRM_PANEL_START_MAZE,
    TRM_PANEL_TRAIN_BOARD,
    TRM_PANEL_TRAIN_SAMPLE,
    TRM_PANEL_TRAIN_CYCLES,
    TRM_PANEL_TRAIN_ANSWERS,
    TRM_PANEL_TRAIN_REWARD,
    TRM_PANEL_TRAIN_SUCCESS,
    TRM_PANEL_TRAIN_ACCURACY,
    TRM_PANEL_TRAIN_LOSS,
    TRM_PANEL_TRAIN_NUMBERS,
    TRM_PANEL_MICROSCOPE_BOARD,
    TRM_PANEL_MICROSCOPE_CYCLES,
    TRM_PANEL_MICROSCOPE_UNIT,
    TRM_PANEL_MICROSCOPE_PATH,
    TRM_PANEL_PASSES,
    TRM_PANEL_WHAT_IF_BOARD,
    TRM_PANEL_WHAT_IF_H,
    TRM_PANEL_WHAT_IF_L,
    TRM_PANEL_REPLAY,
    TRM_PANEL_PLAY_MAZE,
    TRM_PANEL_PLAY_SUDOKU,
    TRM_PANEL_RACE,
    TRM_PANEL_VERSUS_GAME,
    TRM_PANEL_VERSUS_SAMPLE,
    TRM_PANEL_COMPARE_REWARD,
    TRM_PANEL_COMPARE_SUCCESS,
    TRM_PANEL_COMPARE_TABLE,
    TRM_PANEL_COMPARE_CELLS,
    TRM_PANEL_COMPARE_EXACT,
    TRM_PANEL_RUNS,
    TRM_PANELS
} trm_panel_id;

// The parts of the model's picture.
typedef enum trm_part_id {
    TRM_PART_BOARD,
    TRM_PART_L,
    TRM_PART_H,
    TRM_PART_FEEDBACK,
    TRM_PART_CARRY,
    TRM_PART_HEAD,
    TRM_PART_HALT,
    TRM_PART_LOSS,
    TRM_PARTS,
    TRM_PART_ALL = TRM_PARTS // none stands out
} trm_part_id;

typedef struct trm_explanation {
    const char *title;
    trm_part_id part; // of the model that this is about
    const char *text; // at most five lines of TRM_EXPLAIN_WIDTH
} trm_explanation;

enum { TRM_EXPLAIN_WIDTH = 72, TRM_EXPLAIN_LINES = 5, TRM_TOUR_STOPS = 10 };

const trm_explanation *trm_explain_panel(trm_panel_id panel);

// A stop of the tour, and what the start screen shows there.
typedef struct trm_tour_stop {
    trm_explanation explanation;
    int32_t act;  // 0 the sudoku, 1 the maze
    int32_t step; // of the model, from 1; 0: the board alone; -1: the last that changes anything
} trm_tour_stop;

const trm_tour_stop *trm_tour_at(int32_t i); // NULL past the last

// Draws one in a box at the bottom of the canvas, above the bottom line. foot: a few words in the
// box's lower edge.
void trm_explain_draw(trm_canvas *c, const trm_explanation *e, const char *foot);

#endif
