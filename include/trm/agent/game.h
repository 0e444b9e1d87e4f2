// SPDX-License-Identifier: Apache-2.0
// A board played by hand. Every move is a step of the environment, with its reward, its reason and
// its limit of steps: nothing is allowed or forbidden that is not in training. What a person needs
// besides is kept here: undo and redo without limit, pencil marks, hints, mistakes, a clock.
//
// An environment never takes a digit off the board. Taking one back by hand therefore plays the
// episode again from its start without that placement (and without those attempts that it alone had
// refused), so that the board is always one that the environment's own steps lead to.
//
// One thread at a time; no screen, no files.
#ifndef TRM_AGENT_GAME_H
#define TRM_AGENT_GAME_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/episode.h"
#include "trm/base/api.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"

TRM_BEGIN_DECLS

// The start of board `number`, drawn from the held-out side: equal numbers are equal boards.
void trm_board_start(const trm_env *env, int64_t number, void *state);

// The same, of the boards of a data set, and the puzzle's number that its sample has (0: none).
// False: the environment cannot hold it.
bool trm_board_start_of(const trm_dataset_source *boards, const trm_env *env, int64_t number,
                        void *state, int32_t *puzzle, trm_error *e);

// What was done in the whole game, undone or not.
typedef struct trm_game_counts {
    int32_t moves; // steps of the environment
    // Of them, those that led away: the best solution is not a step shorter than before, or the
    // last one is gone; or a step without effect from where there was no solution any more.
    int32_t mistakes;
    int32_t undone; // undos, and digits taken back
    int32_t hints;  // shown
    int32_t asked;  // times the model was asked
} trm_game_counts;

typedef struct trm_hint {
    int32_t action; // -1: nothing leads to a solution from here
    int32_t cell;   // of a digit's placement, else -1
    int32_t left;   // steps of the solution from here; with action -1: undos back to one
    char text[160]; // one sentence: what, and why
} trm_hint;

typedef struct trm_game trm_game;

// A game from the start of an episode; the state is copied, env is borrowed. Free with
// trm_game_free (NULL is fine).
trm_game *trm_game_new(const trm_env *env, const void *start);
void trm_game_free(trm_game *g);

// The same board, or another one, from its start: no history, no counts, the clock at 0.
void trm_game_again(trm_game *g);
void trm_game_restart(trm_game *g, const void *start);

const trm_env *trm_game_env(const trm_game *g);
const void *trm_game_start(const trm_game *g);      // state blocks; borrowed, valid until the
const void *trm_game_state(const trm_game *g);      // next change
const trm_board *trm_game_board(const trm_game *g); // the state described; likewise
const trm_step *trm_game_last(const trm_game *g);   // what the newest step did; NULL at the start
int32_t trm_game_last_action(const trm_game *g);    // the newest step's; -1 at the start
int32_t trm_game_steps(const trm_game *g);          // of the episode as it stands
float trm_game_reward(const trm_game *g);           // likewise, undiscounted
bool trm_game_finished(const trm_game *g);          // no step is possible but undo
bool trm_game_solved(const trm_game *g);            // … because the task is done
const trm_game_counts *trm_game_counted(const trm_game *g);

// Actions of the steps from the start up to now. Writes up to `capacity`, returns how many.
int32_t trm_game_actions(const trm_game *g, int32_t *actions, int32_t capacity);

// The episode as it stands, step by step: steps [n] and states [n + 1], n = trm_game_steps.
void trm_game_path(const trm_game *g, trm_episode_step *steps, void *states);

// The action of a move or of a placement (cell: row * cols + col), -1 where the environment has
// none.
bool trm_game_has_digits(const trm_game *g);
int32_t trm_game_move(const trm_game *g, trm_direction d);
int32_t trm_game_placement(const trm_game *g, int32_t cell, int32_t digit);

// The cell of a placing action; -1 where it has none.
int32_t trm_game_cell_of(const trm_game *g, int32_t action);

// Acts. False: the episode has ended.
bool trm_game_step(trm_game *g, int32_t action);

// Takes back the digit that was placed in a cell. False: none was placed there in this episode.
bool trm_game_take_back(trm_game *g, int32_t cell);

// Pencil marks of a cell, bit d - 1 for digit d, 1 <= d <= 16; toggling one can be undone.
uint16_t trm_game_marks(const trm_game *g, int32_t cell);
void trm_game_mark(trm_game *g, int32_t cell, int32_t digit);
void trm_game_clear_marks(trm_game *g, int32_t cell);

// One change (step, digit taken back, mark) back or forward. False: there is none.
bool trm_game_undo(trm_game *g);
bool trm_game_redo(trm_game *g);
int32_t trm_game_can_undo(const trm_game *g); // how many
int32_t trm_game_can_redo(const trm_game *g);

// The solver's next move and why. Of several that lead to the solution, one that can be reasoned
// from the board is preferred. False: the episode has ended.
bool trm_game_hint(trm_game *g, trm_hint *out);

void trm_game_count_asked(trm_game *g);

// The clock: add what has passed; it stands while paused and when the episode has ended.
void trm_game_pass(trm_game *g, double seconds);
void trm_game_pause(trm_game *g, bool pause);
bool trm_game_paused(const trm_game *g);
double trm_game_seconds(const trm_game *g);

// Cells that hold `digit` in the row, column or box of `cell`: out [rows * cols]. Returns how many.
int32_t trm_board_conflicts(const trm_board *b, int32_t cell, int32_t digit, bool *out);

// Is `digit` in none of them?
bool trm_board_fits(const trm_board *b, int32_t cell, int32_t digit);

TRM_END_DECLS

#endif
