// SPDX-License-Identifier: Apache-2.0
// A model with inputs and a loss, for tests of any architecture.
#ifndef TRM_TESTS_SUBJECT_H
#define TRM_TESTS_SUBJECT_H

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/model/model.h"

// The loss is the sum of fixed weights times logits, over every output that the workspace has.
typedef struct subject {
    trm_model *m;
    trm_workspace *w;
    int32_t rows;
    bool all; // outputs
    float *x;
    int32_t *prev;
    float **weights; // [outputs], each [rows * logits], NULL where there is no output
    trm_rng masks;   // dropout's, if dropout: every forward of the loss starts from it
    bool dropout;
    trm_arena arena;
} subject;

// Default sizes of an architecture, with these.
trm_model_config subject_config(const char *type, int32_t state_dim, int32_t action_dim);

// One that answers for every cell of a grid of `planes` values a cell.
trm_model_config subject_grid(const char *type, int32_t height, int32_t width, int32_t planes,
                              int32_t classes);

// A new model, drawn from `seed`; fails the test where the sizes are refused.
trm_model *subject_model(const trm_model_config *c, uint64_t seed);

// The same with inputs; previous actions are -1 for every third row.
void subject_new(subject *s, const trm_model_config *c, int32_t rows, bool all);
// Makes the parameters larger than they are drawn, so that the first layers' gradients do not drown
// in rounding on their long way.
void subject_enlarge(subject *s);
void subject_free(subject *s);

// Forward of all rows, and the loss.
double subject_loss(void *ctx);

// Forward, backward: the gradient, laid out as the parameters' slab, in the subject's arena.
float *subject_gradient(subject *s);

// The same by trm_model_learn.
float *subject_learn(subject *s);

// Compares every parameter's gradient with central differences at up to `samples` places.
void subject_check_gradient(subject *s, int32_t samples);

// The same for a new subject of these sizes, enlarged.
void subject_check(const trm_model_config *c, int32_t rows, bool all, int32_t samples);

#endif
