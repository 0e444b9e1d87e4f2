// SPDX-License-Identifier: Apache-2.0
// `trm eval` of a model that learned from answers.
#ifndef TRM_CLI_EVAL_ANSWERS_H
#define TRM_CLI_EVAL_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/model/model.h"
#include "trm/run/config.h"

typedef struct trm_eval_request {
    const char *path;
    const trm_model *model;
    const trm_config *config; // supervised
    int64_t samples;          // 0: as many as an evaluation takes
    bool fill, steps, json;
    bool random; // draw answers in the model's place
} trm_eval_request;

// Asks the model about held-out samples and prints what came of it; returns the exit status.
int trm_eval_answers(const trm_eval_request *q);

#endif
