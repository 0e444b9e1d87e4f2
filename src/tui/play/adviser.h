// SPDX-License-Identifier: Apache-2.0
// An agent that is asked about one state at a time while the screen goes on. Models that answer in
// the time of a frame do so at once, others on a thread of their own.
#ifndef TUI_PLAY_ADVISER_H
#define TUI_PLAY_ADVISER_H

#include "trm/agent/agent.h"

typedef struct trm_adviser trm_adviser;

// The agent is borrowed; its trace, which is that of the newest answer, may be read while no
// question is open.
trm_adviser *trm_adviser_new(trm_agent *agent);
void trm_adviser_free(trm_adviser *a); // NULL is fine; does not wait for an answer

// The puzzle's number that models of answers read from the next question on.
void trm_adviser_set_puzzle(trm_adviser *a, int32_t puzzle);

// Asks (trm_agent_think); a question that is still open is dropped.
void trm_adviser_ask(trm_adviser *a, const void *state, int32_t prev_action);
void trm_adviser_drop(trm_adviser *a);

// The answer to the newest question, once; false: there is none yet.
bool trm_adviser_answer(trm_adviser *a, int32_t *action);

bool trm_adviser_open(trm_adviser *a);  // has a question no answer yet?
bool trm_adviser_quick(trm_adviser *a); // are answers there at once?

#endif
