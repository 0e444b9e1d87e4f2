// SPDX-License-Identifier: Apache-2.0
// What stands in the cells of a board: the looks that several screens share. Each is a function for
// trm_board_view and the data that it reads.
#ifndef TUI_WIDGETS_MARKS_H
#define TUI_WIDGETS_MARKS_H

#include "trm/agent/subject.h"
#include "trm/env/env.h"
#include "tui/widgets/board.h"

// '1' .. '9', 'A' ..
uint32_t trm_mark_digit(int32_t digit);

// A cell by itself: wall, agent, goal, digit, floor. Agent and goal differ in shape.
trm_cell_mark trm_mark_of(const trm_cell *cell);

// A framed view of a whole board without cursor or focus.
trm_board_view trm_board_view_of(const trm_board *b, trm_cell_mark (*mark)(const void *, int32_t),
                                 const void *ctx);

// ---- a board as it stands: someone plays on it, or watches

// Why a cell stands out; each has a character of its own, too.
typedef enum trm_tint {
    TRM_TINT_NONE,
    TRM_TINT_SAME,     // holds the digit that the cursor is on
    TRM_TINT_CONFLICT, // stands against a digit that was tried
    TRM_TINT_TRIED,    // where it was tried
    TRM_TINT_HINT,
    TRM_TINT_MODEL, // where the model would place a digit
    TRM_TINTS
} trm_tint;

typedef struct trm_board_marks {
    const trm_board *board;
    const uint8_t *visits; // [rows * cols] times the agent was there; NULL: unknown
    const uint16_t *notes; // [rows * cols] pencil marks, bit d - 1; NULL: none
    const uint8_t *tints;  // [rows * cols] trm_tint; NULL: none
    int32_t tried;         // the digit that TRIED cells show
} trm_board_marks;

trm_cell_mark trm_board_mark(const void *board_marks, int32_t i);

// The view of such a board: digits in cells of moderate height, mazes with the agent in sight.
trm_board_view trm_board_marks_view(const trm_board_marks *m);

// The cell that the agent is in; -1 where none is to be seen: it may stand under the goal.
int32_t trm_board_agent(const trm_board *b);

// ---- an answer for every cell, or for every token of a strip: what it is, how sure, right or
// wrong

typedef struct trm_answer_marks {
    const trm_dataset *set; // whose classes the answers are, only its sizes are read; NULL: no
                            // answers
    const trm_board *board; // walls, start, goal and givens; NULL: none
    const int32_t *classes; // answers; NULL: none, the heat is shown instead
    const int32_t *truth;   // answers that differ are marked × and, where a given is changed, !;
                            // NULL: none is
    const int32_t *before;  // answers a step before: those that differ now have a '; NULL: none
    const float *shade;     // 0..1, drawn as the cell's brightness, but for givens; NULL: none
    const float *heat;      // values of either sign, coloured up to +-scale; NULL: none
    float scale;
} trm_answer_marks;

trm_cell_mark trm_answer_mark(const void *answer_marks, int32_t i);

// How sure an answer is that a cell of a maze is on the path.
float trm_answer_on_path(const trm_dataset *set, const trm_reading *r, int32_t cycle, int32_t cell);

// The marks of a sample's cells at a cycle: the answers, how sure they are, and where they are
// wrong; where the head does not read the cycle, the board alone.
void trm_answer_cells(const trm_subject *s, const trm_board *board, const trm_reading *r,
                      int32_t cycle, trm_cell_mark *marks);

#endif
