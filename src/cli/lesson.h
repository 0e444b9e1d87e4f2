// SPDX-License-Identifier: Apache-2.0
// Models that learn from a data set: training without a screen, and probe.
#ifndef TRM_CLI_LESSON_H
#define TRM_CLI_LESSON_H

#include "cli/common/job.h"
#include "trm/agent/agent.h"

// Trains the job's lesson to the end or to a signal, recording every epoch; prints the outcome.
// Returns the exit status.
int trm_lesson_train(trm_job *job, bool json);

// Prints what a model thinks, as the agent runs it, of held-out sample number `sample`, from 1, or
// if that is 0 of the inputs in the file `state`. Returns the exit status.
int trm_lesson_probe(trm_agent *agent, const trm_config *c, const char *state, int64_t sample,
                     bool json);

#endif
