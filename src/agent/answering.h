// SPDX-License-Identifier: Apache-2.0
// A model that answers whole boards, as a player. It is asked about the board as the episode began,
// and its answer is what it plays by, as long as the board follows it; else it is asked about the
// board as it stands. What it would do is therefore a function of the state alone. On digits it
// writes the digit that it is surest of; in a maze it takes the path that it sees.
#ifndef TRM_AGENT_ANSWERING_H
#define TRM_AGENT_ANSWERING_H

#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

typedef struct trm_answering trm_answering;

// Do the model's answers tell what to do in the environment? A sudoku must be of the same size, a
// maze must fit inside the border.
bool trm_answering_fit(const trm_env *env, const trm_model *m);

// env, m and the workspace (of one row) are borrowed. Must fit (asserted).
trm_answering *trm_answering_new(const trm_env *env, const trm_model *m, trm_workspace *w);
void trm_answering_free(trm_answering *k); // NULL is fine

// The number of the puzzle that the model is told, where it has such.
void trm_answering_set_puzzle(trm_answering *k, int32_t puzzle);

// Of its traces, as trm_answering_trace writes them: over the environment's actions, without
// levels.
trm_trace_shape trm_answering_shape(const trm_answering *k);

// Asks about a state. At most two answers are kept, so that most questions take no forward. False:
// the workspace was stopped, and nothing is known of the state.
bool trm_answering_ask(trm_answering *k, const void *state);

// What the last cycle says of the actions [A] in that state: probabilities on digits, logits in
// mazes, as they decide.
const float *trm_answering_values(trm_answering *k);
void trm_answering_trace(trm_answering *k, float *trace);

// States as samples of what the model reads, with what is right: [n] packed state blocks.
trm_dataset *trm_answering_samples(trm_answering *k, const void *states, int32_t n);

#endif
