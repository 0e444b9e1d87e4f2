// SPDX-License-Identifier: Apache-2.0
// `trm probe` of a model that answers a data set.
#ifndef TRM_CLI_PROBE_ANSWERS_H
#define TRM_CLI_PROBE_ANSWERS_H

#include "trm/model/model.h"
#include "trm/run/config.h"

// Prints what a model thinks, with a workspace to look with, of held-out sample number `sample`,
// from 1, or if that is 0 of the inputs in the file `state`. Returns the exit status.
int trm_probe_answers(const trm_model *model, trm_workspace *w, const trm_config *c,
                      const char *state, int64_t sample, bool json);

#endif
