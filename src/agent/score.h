// SPDX-License-Identifier: Apache-2.0
// Counting right answers.
#ifndef TRM_AGENT_SCORE_IMPL_H
#define TRM_AGENT_SCORE_IMPL_H

#include <stdint.h>

#include "trm/agent/score.h"
#include "trm/model/model.h"

typedef struct trm_score_tally {
    double loss;
    int64_t samples, cells, right, exact, path, path_found;
    double *losses; // [P] where a sample's are noted beside their sum, 0 where there is no target;
                    // NULL: nowhere
} trm_score_tally;

// logits [P * A] against targets [P].
void trm_score_count(const trm_model_config *c, const float *logits, const int32_t *targets,
                     trm_score_tally *t);
trm_score trm_score_of(const trm_score_tally *t);

#endif
