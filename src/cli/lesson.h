// SPDX-License-Identifier: Apache-2.0
// Training from a data set, without a screen.
#ifndef TRM_CLI_LESSON_H
#define TRM_CLI_LESSON_H

#include "cli/common/job.h"

// Trains the job's lesson to the end or to a signal, recording every epoch; prints the outcome.
// Returns the exit status.
int trm_lesson_train(trm_job *job, bool json);

#endif
