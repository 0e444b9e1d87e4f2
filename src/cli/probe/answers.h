// SPDX-License-Identifier: Apache-2.0
// `trm probe` of a model that answers a data set.
#ifndef TRM_CLI_PROBE_ANSWERS_H
#define TRM_CLI_PROBE_ANSWERS_H

#include "trm/agent/agent.h"
#include "trm/run/config.h"

// Prints what a model thinks, as the agent runs it, of held-out sample number `sample`, from 1, or
// if that is 0 of the inputs in the file `state`. Returns the exit status.
int trm_probe_answers(trm_agent *agent, const trm_config *c, const char *state, int64_t sample,
                      bool json);

#endif
