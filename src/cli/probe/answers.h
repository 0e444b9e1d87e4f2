// SPDX-License-Identifier: Apache-2.0
// `trm probe` of a model that answers a data set.
#ifndef TRM_CLI_PROBE_ANSWERS_H
#define TRM_CLI_PROBE_ANSWERS_H

#include "trm/agent/agent.h"
#include "trm/run/config.h"

typedef struct trm_answer_request {
    const trm_config *config;
    const char *state, *board; // a file of inputs; a board (cli/probe/board.h); or NULL
    int64_t sample;            // held-out sample, from 1, if both are
    const char *activations;   // a file to write (cli/probe/activations.h); NULL: none
    bool json;
} trm_answer_request;

// Prints what a model thinks, as the agent runs it, of what is asked for. Returns the exit status.
int trm_probe_answers(trm_agent *agent, const trm_answer_request *q);

#endif
