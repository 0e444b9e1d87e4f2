// SPDX-License-Identifier: Apache-2.0
#include "agent/score.h"

#include <math.h>

#include "trm/env/dataset.h"
#include "trm/nn/categorical.h"

// Is it on the path of a maze, in planes or in tokens?
static bool on_path(const trm_model_config *c, int32_t class_of) {
    const bool tokens = c->height > 0 && c->box_rows == 0 && trm_arch_reads_tokens(c->type);
    return tokens ? class_of >= TRM_TOKEN_START : c->action_dim == 2 && class_of == 1;
}

void trm_score_count(const trm_model_config *c, const float *logits, const int32_t *targets,
                     trm_score_tally *t) {
    bool exact = true;
    for (int32_t p = 0; p < c->positions; p++) {
        if (t->losses)
            t->losses[p] = 0;
        if (targets[p] < 0)
            continue;
        const float *row = logits + (int64_t)p * c->action_dim;
        bool right = trm_categorical_argmax(row, c->action_dim) == targets[p];
        const double loss = (double)trm_cross_entropy(NULL, row, c->action_dim, targets[p], 1);
        t->loss += loss;
        if (t->losses)
            t->losses[p] = loss;
        t->right += right;
        t->path += on_path(c, targets[p]);
        t->path_found += right && on_path(c, targets[p]);
        t->cells++;
        exact &= right;
    }
    t->samples++;
    t->exact += exact;
}

trm_score trm_score_of(const trm_score_tally *t) {
    return (trm_score){.loss = t->loss / (double)t->cells,
                       .cell_accuracy = (double)t->right / (double)t->cells,
                       .exact_accuracy = (double)t->exact / (double)t->samples,
                       .path_recall = t->path ? (double)t->path_found / (double)t->path : NAN};
}
