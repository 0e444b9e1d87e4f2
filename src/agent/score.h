// SPDX-License-Identifier: Apache-2.0
// Counting right answers.
#ifndef TRM_AGENT_SCORE_IMPL_H
#define TRM_AGENT_SCORE_IMPL_H

#include <stdint.h>

#include "trm/agent/score.h"
#include "trm/model/model.h"

typedef struct score_tally {
    double loss;
    int64_t samples, cells, right, exact, path, path_found;
} score_tally;

// logits [P * A] against targets [P].
void score_count(const trm_model_config *c, const float *logits, const int32_t *targets,
                 score_tally *t);
trm_score score_of(const score_tally *t);

#endif
