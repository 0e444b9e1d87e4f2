// SPDX-License-Identifier: Apache-2.0
// What a trace says: which action each cycle would take, how likely, since when. Every screen and
// command reads traces through these functions, so that all of them give the same answer.
//
// An action has two probabilities. The raw one is the head's, over all actions. Where some may not
// be taken, the masked one is what the action is sampled with: the head's over those that may be
// taken, 0 for the others. A model that answers position by position has one distribution for each
// position; there a mask only takes actions out.
//
// Where the outputs are the values of actions (q_values of the shape) these stand in the place of
// both probabilities, in their own unit; only what may not be taken has the masked value 0.
//
// Pure; thread safe. Actions and cycles count from 0; -1 is none.
#ifndef TRM_MODEL_READING_H
#define TRM_MODEL_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/model/trace.h"

TRM_BEGIN_DECLS

// All borrowed; a reading is made where it is needed.
typedef struct trm_reading {
    const trm_trace_shape *shape;
    float *trace;      // trm_trace_size floats; only read. NULL: there is nothing to read yet
    const bool *legal; // [actions] those that may be taken; NULL: all
} trm_reading;

// Does the head read this cycle?
bool trm_reading_known(const trm_reading *r, int32_t cycle);
bool trm_reading_legal(const trm_reading *r, int32_t action);

// The two probabilities; NaN where the head does not read the cycle.
float trm_reading_raw(const trm_reading *r, int32_t cycle, int32_t action);
float trm_reading_masked(const trm_reading *r, int32_t cycle, int32_t action);

// What stands beside an action on a screen: masked where it may be taken, raw where it may not.
float trm_reading_shown(const trm_reading *r, int32_t cycle, int32_t action);

// How long the part of H (low: of L) is that lies on a cell, and how far it has moved since the
// cycle before: Euclidean; NaN for the first cycle's movement, and where the level lies on no
// cells.
float trm_reading_cell_norm(const trm_reading *r, bool low, int32_t cycle, int32_t cell);
float trm_reading_cell_change(const trm_reading *r, bool low, int32_t cycle, int32_t cell);

// How full the bar beside it is, 0 to 1: the probability; of values where it lies between the
// lowest and the highest of the cycle.
float trm_reading_share(const trm_reading *r, int32_t cycle, int32_t action);

void trm_reading_shown_all(const trm_reading *r, int32_t cycle, float *out); // [actions]

// What a cycle would do if it were the last: the likeliest action that may be taken, the first of
// equals. -1: the head does not read it.
int32_t trm_reading_best(const trm_reading *r, int32_t cycle);

// What a cycle has in the place of an action: of a policy its best action, of a model that answers
// position by position the likeliest class of that action's position.
int32_t trm_reading_in_place_of(const trm_reading *r, int32_t cycle, int32_t action);

// The likeliest class (0 .. A - 1) of a position, legal or not.
int32_t trm_reading_class(const trm_reading *r, int32_t cycle, int32_t position);

// Is what a cycle would do another action than at the cycle before?
bool trm_reading_turns(const trm_reading *r, int32_t cycle);

// The cycle from which on the last one's best action stands; -1: there is no reading.
int32_t trm_reading_decided(const trm_reading *r);

// Is the halting head of a trace that has one sure at this cycle (TRM_HALT_SURE, or stops_at_half)?
bool trm_reading_sure(const trm_reading *r, int32_t cycle);

// The first cycle after which the model would stop if it may: where its halting head is sure, else
// the last. -1: it has no such head.
int32_t trm_reading_stop(const trm_reading *r);

// Did the model begin again, from another start, with this cycle (model.restart)?
bool trm_reading_restarts(const trm_reading *r, int32_t cycle);

// The likeliest actions of a cycle, falling, the first of equals first; those that may not be taken
// come last. Writes up to n into out, returns how many: 0 where the head does not read the cycle.
int32_t trm_reading_list(const trm_reading *r, int32_t cycle, int32_t n, int32_t *out);

// The same of the last cycles of two readings of the same actions, ranked by the sum of both.
int32_t trm_reading_list_both(const trm_reading *r, const trm_reading *other, int32_t n,
                              int32_t *out);

// A decision in a few numbers; all probabilities are masked.
typedef struct trm_reading_facts {
    int32_t action;  // what the last cycle would do; -1: no reading, and nothing else is told
    int32_t first;   // the first cycle that is read
    int32_t decided; // the cycle from which on the action stands
    int32_t from;    // what the cycle before had in its place; -1: it stood from the first on
    int32_t turns;   // cycles that had something else in its place than the one before them
    float p_from;    // of the action at the cycle before; NaN where from is -1
    float p_then;    // … at the cycle that decided
    float p_end;     // … at the last cycle
    int32_t chosen;  // what was done; -1: not known
    float p_chosen;  // of that at the last cycle; NaN where it is not known
    bool greedy;     // it was the action itself, or is not known
} trm_reading_facts;

trm_reading_facts trm_reading_facts_of(const trm_reading *r, int32_t chosen);

TRM_END_DECLS

#endif
