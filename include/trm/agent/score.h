// SPDX-License-Identifier: Apache-2.0
// How well samples are answered.
#ifndef TRM_AGENT_SCORE_H
#define TRM_AGENT_SCORE_H

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Of the last output's answers.
typedef struct trm_score {
    double loss;           // cross entropy, mean over positions
    double cell_accuracy;  // share of positions answered right
    double exact_accuracy; // share of samples with every position right
    // Where class 1 marks a path: share of samples whose path cells are all and only those of the
    // target is exact_accuracy; this is the share of path cells among them that were found.
    double path_recall; // NaN where there are more classes than two, or no target has a class 1
} trm_score;

TRM_END_DECLS

#endif
