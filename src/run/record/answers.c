// SPDX-License-Identifier: Apache-2.0
#include "run/record/answers.h"

#include <math.h>

#include "trm/nn/categorical.h"

static const float NEAR = 1e-4f; // logits

// How far the target's logit is above the best other one.
static float lead(const float *logits, int32_t n, int32_t target) {
    float other = -INFINITY;
    for (int32_t i = 0; i < n; i++)
        if (i != target)
            other = fmaxf(other, logits[i]);
    return logits[target] - other;
}

static const float *ask(trm_agent *a, const float *input) {
    trm_agent_run(a, 0, 1, NULL, input, NULL);
    return trm_mat_row(trm_workspace_logits(a->workspace, a->outputs - 1), 0);
}

bool trm_answers_classes(trm_agent *a, const float *input, int32_t *classes) {
    const trm_model_config *c = trm_model_get_config(a->model);
    const float *logits = ask(a, input);
    for (int32_t p = 0; p < c->positions; p++, logits += c->action_dim)
        classes[p] = trm_categorical_argmax(logits, c->action_dim);
    return !trm_workspace_stopped(a->workspace);
}

trm_answers_count trm_answers_ask(trm_agent *a, const float *input, const int32_t *target) {
    const trm_model_config *c = trm_model_get_config(a->model);
    trm_answers_count n = {0};
    const float *logits = ask(a, input);
    for (int32_t p = 0; p < c->positions; p++, logits += c->action_dim) {
        const float by = lead(logits, c->action_dim, target[p]);
        n.right += trm_categorical_argmax(logits, c->action_dim) == target[p];
        n.least += by > NEAR;
        n.most += by > -NEAR;
    }
    return n;
}
