// SPDX-License-Identifier: Apache-2.0
// The words that people see about what a model thought: names of cycles and levels, why an action
// is not allowed, a decision in one sentence. Screens and commands take them from here.
#ifndef TRM_AGENT_WORDS_H
#define TRM_AGENT_WORDS_H

#include <stdint.h>

#include "trm/agent/subject.h"
#include "trm/base/api.h"
#include "trm/env/env.h"
#include "trm/model/reading.h"

TRM_BEGIN_DECLS

typedef struct trm_trace_words {
    const char *cycle; // "cycle", "step", "layer"
    const char *h, *l; // the two levels: "H", "L"; l is "" where there is none
    const char *move;  // a step of the environment: "step", but "move" where the model's are steps
} trm_trace_words;

const trm_trace_words *trm_words_of_trace(const trm_trace_shape *s);

// "step 17"; "step 17 restart" where the model begins again with it and `width` columns have room.
void trm_words_cycle(const trm_reading *r, int32_t cycle, int32_t width, char *out, int32_t size);

// What stands beside an action: "p", or "Q" where the outputs are values.
const char *trm_words_of_head(const trm_trace_shape *s);

// How training takes another action than the best: "sampled", or "tried" where the outputs are
// values.
const char *trm_words_of_trying(const trm_trace_shape *s);

// "the cell is given"; "" for TRM_REFUSAL_NONE.
const char *trm_words_of_refusal(trm_refusal r);

// "r2c3=4 is not allowed: the cell is given"; "" where the reading allows it.
void trm_words_not_allowed(const trm_env *env, const void *state, const trm_reading *r,
                           int32_t action, char *out, int32_t size);

// "cycle 2 turned from up to right, 0.31 to 0.88; sampled down (p 0.06)". chosen: what was done,
// -1: not known; how: the word for it where it is not the best action ("sampled"). "" where the
// trace has no reading.
void trm_words_decision(const trm_env *env, const trm_reading *r, int32_t chosen, const char *how,
                        char *out, int32_t size);

// The same of a cell of a sample: "r4c5: step 3 turned from 7 to 4, 0.40 to 0.91; the target is 4".
// r: allows the classes of that cell alone (trm_subject_legal).
void trm_words_answer(const trm_subject *s, const trm_reading *r, int32_t cell, char *out,
                      int32_t size);

// The same of a decision in short, without what was done: "right, 0.88: decided at cycle 2 of 3".
void trm_words_brief(const trm_env *env, const trm_reading *r, char *out, int32_t size);

TRM_END_DECLS

#endif
