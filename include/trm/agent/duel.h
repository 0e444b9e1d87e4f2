// SPDX-License-Identifier: Apache-2.0
// Two models side by side, on a board that both play, or on a sample that both answer.
//
// Each plays a board greedily from the same start, and what either thinks at any step can be asked.
// As long as they choose alike they are in the same states; the first step at which they do not is
// where they part. From there on the second one can still be asked about the states that the first
// one's game goes through. One thread at a time.
#ifndef TRM_AGENT_DUEL_H
#define TRM_AGENT_DUEL_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/agent.h"
#include "trm/agent/episode.h"
#include "trm/agent/subject.h"
#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

typedef struct trm_duel_game {
    int32_t length; // steps so far; to the episode's end where it is over
    bool over, solved;
    int32_t *actions; // [length]
    trm_step *steps;  // [length] what they did
    float *totals;    // [length] reward up to and with the step
    char *states;     // [length + 1] state blocks; state t is before step t
} trm_duel_game;

typedef struct trm_duel {
    const trm_env *env; // borrowed, as the models are
    size_t state_size;
    int32_t capacity;    // steps there is room for: the environment's longest episode
    trm_agent agents[2]; // the trace of each is that of the last trm_duel_think
    trm_duel_game games[2];
    int32_t *others;     // [compared] what the second would do in the first one's states
    int32_t compared;    // steps of the first one's game
    int32_t first;       // of those the first at which they choose otherwise; -1: there is none
    int32_t differences; // … and how many there are
} trm_duel;

// Both models must fit the environment.
void trm_duel_init(trm_duel *d, const trm_env *env, const trm_model *first,
                   const trm_model *second);
void trm_duel_done(trm_duel *d); // fine on a zeroed one

// Plays both games from the start of an episode (copied) and compares them; or begins to, and asks
// one of the models once more at every call until that is done (false).
void trm_duel_play(trm_duel *d, const void *start);
void trm_duel_begin(trm_duel *d, const void *start);
bool trm_duel_go_on(trm_duel *d);
bool trm_duel_over(const trm_duel *d); // and comparing

// State t (0 .. length) of a game, and the action before it (-1: none).
const void *trm_duel_state(const trm_duel *d, int32_t side, int32_t t);
int32_t trm_duel_before(const trm_duel *d, int32_t side, int32_t t);

// The steps of a game: steps [length].
void trm_duel_path(const trm_duel *d, int32_t board, trm_episode_step *steps);

// What model `side` (0, 1) thinks in state t of the game of `board` (0, 1): fills its agent's trace
// and returns the action it would take. 0 <= t < that game's length.
int32_t trm_duel_think(trm_duel *d, int32_t side, int32_t board, int32_t t);

// Does the second choose otherwise at step t of the first one's game?
bool trm_duel_differs(const trm_duel *d, int32_t t);

// The next such step after t in direction by (1 or -1); -1: there is none.
int32_t trm_duel_next(const trm_duel *d, int32_t t, int32_t by);

// ---- one sample, answered by both

// Their supervision steps are aligned by number; one that has fewer keeps its last answer. The two
// data sets may write the same board in different ways: answers are compared by what they put in a
// cell (trm_subject_value).
typedef struct trm_duel_answers {
    const trm_dataset *sets[2]; // borrowed, as the models are: sample i of one is the board of
                                // sample i of the other
    trm_agent agents[2];        // the trace of each is that of the sample
    bool known[2];              // … once it has been asked
    int32_t sample;             // that both are asked about
    int32_t steps;              // of the one that has more
    int32_t first;              // the first step at which their answers differ; -1: none
    int32_t *differing;         // [steps] cells that differ
} trm_duel_answers;

// Model i takes set i (trm_subject_answers).
void trm_duel_answers_init(trm_duel_answers *a, const trm_dataset *const sets[2],
                           const trm_model *const models[2]);
void trm_duel_answers_done(trm_duel_answers *a); // fine on a zeroed one

// The sample is this one now; neither model has been asked about it.
void trm_duel_answers_go(trm_duel_answers *a, int32_t sample);

// Asks a model that has not been asked yet. False: both have been.
bool trm_duel_answers_ask(trm_duel_answers *a);

trm_subject trm_duel_answers_subject(const trm_duel_answers *a, int32_t side);

// What a side thinks; nothing is masked. Its trace is NULL until it has been asked.
trm_reading trm_duel_answers_reading(const trm_duel_answers *a, int32_t side);

// The cycle of a side's trace that step t shows.
int32_t trm_duel_answers_cycle(const trm_duel_answers *a, int32_t side, int32_t t);

// Do the answers of step t differ in a cell? Not where one of the two has none yet.
bool trm_duel_answers_differ(const trm_duel_answers *a, int32_t t, int32_t cell);

// The next such cell after `cell` in direction by (1 or -1); -1: there is none.
int32_t trm_duel_answers_next(const trm_duel_answers *a, int32_t t, int32_t cell, int32_t by);

TRM_END_DECLS

#endif
