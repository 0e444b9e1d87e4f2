// SPDX-License-Identifier: Apache-2.0
// Environments: boards to act on. An environment is a fixed description (trm_env); an episode's
// state is a plain block of bytes of fixed size that can be copied, compared, kept and put back:
// that is how batches, undo, replay and what-if all work on the same functions.
//
// All functions are pure in the sense that they touch only what they are given: thread safe for
// different states.
#ifndef TRM_ENV_ENV_H
#define TRM_ENV_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/rng.h"
#include "trm/env/board.h"

TRM_BEGIN_DECLS

enum { TRM_ENV_TYPE = 24, TRM_ENV_SHAPING = 16, TRM_ENV_PATH = 512 };

typedef struct trm_env_config {
    char type[TRM_ENV_TYPE]; // a name of trm_env_name()
    int32_t size;            // cells along a side; of maze the height; sudokus of the original: 4
    float bonus;             // sudoku-empty: reward of the full grid (RL-Adapted: 5)
    float difficulty;        // sudoku-easy, sudoku-medium: share of blank cells, 0..1; NaN: the
                             // type's own, .25 and .5
    bool mask_actions;       // agents do not take actions that change nothing
    int32_t width;           // maze: cells across; 0: as many as size
    float braid;             // maze: chance that a dead end is opened, 0..1
    float obstacles;         // maze: share of cells that are wall, anywhere; 0: corridors
    int32_t path_min;        // maze: fewest steps from start to goal
    char shaping[TRM_ENV_SHAPING]; // maze: a name of trm_env_shaping_name(): how coming nearer is
                                   // rewarded
    int32_t givens; // sudoku: digits that are there at the start; 0: the size's own (4x4: 6, 6x6:
                    // 14, 9x9: 36)
    bool placed_given; // sudoku: observations show placed digits as given ones, as a model knows
                       // them that learned to answer whole boards
    char puzzles[TRM_ENV_PATH]; // sudoku: a file of puzzles (env/puzzle.h), or a folder of such
                                // files, to be drawn from; "": puzzles are made
    char mazes[TRM_ENV_PATH]; // maze: a file of mazes (env/maze.h) of the board's size, or a folder
                              // of such files; "": mazes are made
} trm_env_config;

// Which side of the split between training and evaluation a start is drawn from. Environments with
// a single start ignore it.
typedef enum trm_split { TRM_SPLIT_TRAIN, TRM_SPLIT_HELD_OUT } trm_split;

// Why a step earned what it did. The words for people are trm_reason_text's (run/reason.h).
typedef enum trm_reason {
    TRM_REASON_NONE,
    TRM_REASON_TOWARDS_GOAL,
    TRM_REASON_AWAY_FROM_GOAL,
    TRM_REASON_REACHED_GOAL,
    TRM_REASON_OFF_GRID,
    TRM_REASON_INTO_WALL,
    TRM_REASON_OUT_OF_STEPS,
    TRM_REASON_RIGHT_DIGIT,
    TRM_REASON_WRONG_DIGIT,
    TRM_REASON_LEGAL_PLACEMENT,
    TRM_REASON_NOT_THE_ANSWER, // a legal digit that the solution does not have there
    TRM_REASON_GIVEN_CELL,
    TRM_REASON_FILLED_CELL,
    TRM_REASON_BREAKS_RULE,
    TRM_REASON_GRID_FULL,
    TRM_REASON_SOLVED,
    TRM_REASON_FULL_BUT_WRONG,
    TRM_REASON_DEAD_END, // some cell has no digit left that fits
    TRM_REASONS
} trm_reason;

// What a step did.
typedef struct trm_step {
    float reward;
    bool done;   // the episode has ended
    bool solved; // … because the task is done
    trm_reason reason;
} trm_step;

typedef struct trm_env trm_env;

trm_env_config trm_env_config_default(void); // maze-open, 5

// Names and one-line summaries, for listings; NULL past the last.
const char *trm_env_name(int32_t i);
const char *trm_env_summary(int32_t i);

// Does the environment of that name read this field of trm_env_config ("braid")? False for names
// that are none.
bool trm_env_reads(const char *type, const char *field);

// The size that people mean who say its name alone ("sudoku": 9); 0: none in particular, or no such
// environment.
int32_t trm_env_usual_size(const char *type);

// "none", "manhattan" (distance as if there were no walls), "geodesic" (steps that are left); NULL
// past the last.
const char *trm_env_shaping_name(int32_t i);

// Fails on an unknown type (nearest name offered), on sizes and numbers out of range, and on files
// of puzzles that cannot be read. Free with trm_env_free.
trm_env *trm_env_new(const trm_env_config *config, trm_error *e);
void trm_env_free(trm_env *env);

// The limit of steps is the original's, unless no solution fits in it.
const trm_env_config *trm_env_get_config(const trm_env *env); // as trm_env_new was given it
int32_t trm_env_state_dim(const trm_env *env);                // S: floats of an observation
int32_t trm_env_action_dim(const trm_env *env);               // A
int32_t trm_env_max_steps(const trm_env *env); // longest possible episode (limit + 1)
size_t trm_env_state_size(const trm_env *env); // bytes of a state block, of any alignment
const char *trm_env_task(const trm_env *env);  // "maze", "sudoku": what the keys of a player mean

// The board, and how many floats an observation shows of every cell: an observation is
// [channels, rows, cols], S floats in all.
trm_geometry trm_env_geometry(const trm_env *env);
int32_t trm_env_channels(const trm_env *env);

// The direction that an action moves in, -1 for actions that are no moves.
int32_t trm_env_direction(const trm_env *env, int32_t action);

// Cells that an action names: action = cell * (A / cells) + what to do there. 1 where actions name
// no cell.
int32_t trm_env_action_cells(const trm_env *env);

// Starts an episode. Where starts are drawn, no start of one side of the split ever comes up on the
// other: maze splits by a hash of the walls, sudoku by classes of twins (env/puzzle.h); puzzles
// from files, too, but where all of them fall on one side, both sides have them all.
void trm_env_reset(const trm_env *env, void *state, trm_rng *rng, trm_split split);

// Starts an episode from digits [rows * cols], 0 empty, instead of at random; those that are there
// become givens where the environment has givens. Fails on digits out of range or that break a
// rule, and on environments without digits. On failure the state is unspecified.
bool trm_env_set_grid(const trm_env *env, void *state, const int32_t *cells, trm_error *e);

// The same from a board of the environment's size: walls, the agent, the goal. Fails on
// environments without walls, on boards without a border of wall or without a way from the agent to
// the goal, and on those that are too large (trm_env_settable: at most 33 x 33).
bool trm_env_settable(const trm_geometry *g);
bool trm_env_set_board(const trm_env *env, void *state, const trm_board *board, trm_error *e);

// Acts. 0 <= action < A (asserted). Stepping a finished episode is a programmer's error (asserted).
trm_step trm_env_step(const trm_env *env, void *state, int32_t action);

// Writes the observation [S].
void trm_env_observe(const trm_env *env, const void *state, float *obs);

// n states in one block: steps each with its action and brings obs [n, S] up to date (it holds the
// observations from before; only what changed is written). Finished episodes are not reset.
void trm_env_step_batch(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                        float *obs, trm_step *out);

// mask [A]: true where the action changes the board (the count of steps aside). Returns how many.
// A finished episode is judged by its board, too, though it may not be stepped.
int32_t trm_env_legal(const trm_env *env, const void *state, bool *mask);

// Why an action would not change the board.
typedef enum trm_refusal {
    TRM_REFUSAL_NONE,   // it would
    TRM_REFUSAL_GIVEN,  // the cell has a digit from the start
    TRM_REFUSAL_FILLED, // the cell has a digit that was placed
    TRM_REFUSAL_RULE,   // the digit breaks a rule there
    TRM_REFUSAL_WALL,
    TRM_REFUSAL_EDGE, // the board ends there
    TRM_REFUSAL_OVER, // the episode has ended
    TRM_REFUSALS
} trm_refusal;
trm_refusal trm_env_refusal(const trm_env *env, const void *state, int32_t action);

// A state that looks like an observation [S], to be described and asked what is legal; it is not
// one to be stepped. False, with the state unspecified: there is none.
bool trm_env_restore(const trm_env *env, const float *obs, void *state);

// A best sequence of actions from here, by an exact solver (shortest path; exact cover). Writes up
// to `capacity` actions, returns the number of the whole solution, or -1 if there is none. 0 where
// the task is done; the steps that remain are not considered.
int32_t trm_env_solve(const trm_env *env, const void *state, int32_t *actions, int32_t capacity);

// mask [A]: true for every action that a best sequence can begin with. Returns how many; 0 where
// there is no solution or nothing left to do.
int32_t trm_env_best(const trm_env *env, const void *state, bool *mask);

// The undiscounted return of that sequence, played until the episode ends, and its length; false if
// there is none.
bool trm_env_optimum(const trm_env *env, const void *state, float *total_reward, int32_t *length);

// An episode counts as a success in every table by its total reward: above 5, as in the original;
// on boards so large that 5 would not tell solving from failing, above a total that does.
bool trm_env_success(const trm_env *env, float total_reward);

void trm_env_describe(const trm_env *env, const void *state, trm_board *board);

// The same board as its episode began: without the digits that were placed, the agent at its start.
// Environments without walls do not remember where the agent began: there it stays where it is.
void trm_env_describe_start(const trm_env *env, const void *state, trm_board *board);

// A change of the board by hand.
typedef enum trm_edit_kind {
    TRM_EDIT_AGENT, // put the agent into a cell
    TRM_EDIT_GOAL,  // put the goal into a cell
    TRM_EDIT_DIGIT, // put a digit into an empty cell; 0: clear a cell, given or filled
    TRM_EDIT_WALL,  // put a wall into an empty cell, or take it away
    TRM_EDIT_KINDS
} trm_edit_kind;

typedef struct trm_edit {
    trm_edit_kind kind;
    int32_t cell;  // row-major
    int32_t digit; // of TRM_EDIT_DIGIT
} trm_edit;

// Does the environment know this kind of change?
bool trm_env_editable(const trm_env *env, trm_edit_kind kind);

// Changes a state whose episode goes on; the count of steps stays. The result is a state that an
// episode could be in. Refused, with the state as it was and one line saying why: kinds that the
// environment does not know, cells off the board, changes that break a rule or would end the
// episode.
bool trm_env_edit(const trm_env *env, void *state, const trm_edit *edit, trm_error *e);

// Which digit an action puts where, on this board; cell -1 for actions that place nothing.
typedef struct trm_placement {
    int32_t cell, digit;
} trm_placement;
trm_placement trm_env_placement(const trm_env *env, const void *state, int32_t action);

// "right", "r2c3=4"; at most 15 characters. For mazes also an arrow: trm_env_action_glyph gives a
// UTF-8 glyph and its ASCII stand-in, or the name where there is none.
void trm_env_action_name(const trm_env *env, int32_t action, char out[16]);
const char *trm_env_action_glyph(const trm_env *env, int32_t action, bool ascii);

TRM_END_DECLS

#endif
