// SPDX-License-Identifier: Apache-2.0
// The recursion of (z, x, y) that the original's tiny models have in common. Row by row (a state of
// a policy, or a cell):
//
//   z = z0, y = an embedded answer to start from
//   sup_steps times:
//     inner_steps times: z = tiny([z, x, y])       Linear, ReLU, Linear
//     logits = head([z, y])                        Linear, ReLU, Linear
//     y = softmax(logits) @ embedding
//
// Policies (trm_rl_evns.py) let gradients flow through all of it. Models of cells (trm.py) do not
// differentiate the softmax inside the inner steps, and with detach_inner_steps they detach z after
// every inner step but the last: only that one is differentiated, and z0 only where it is the only
// one.
#ifndef TRM_MODEL_RECURSION_H
#define TRM_MODEL_RECURSION_H

#include "arch.h"

typedef struct trm_recursion_names {
    const char *tiny, *head; // prefixes of ".0" and ".2"
    const char *embed;       // prefix of ".weight"
} trm_recursion_names;

typedef struct trm_recursion_layout {
    int32_t z0, tiny0, tiny2, head0, head2, embed;
    int32_t x_dim;
    bool policy; // y starts from an action, and gradients flow through everything
} trm_recursion_layout;

// An inner step whose activations are kept for the backward. R: rows, or cells, of the workspace.
typedef struct trm_recursion_inner {
    trm_mat joined; // [R, z + x + y]: input of the tiny network
    trm_mat hidden; // [R, hidden], after ReLU
} trm_recursion_inner;

typedef struct trm_recursion_sup {
    trm_recursion_inner *kept; // [kept]
    trm_mat answer;            // [R, z + y]: z at the end of the step and y, the head's input
    trm_mat head;              // [R, head_hidden], after ReLU
    trm_mat logits;            // [R, A]
    trm_mat dlogits;           // [R, A]; data NULL where no gradient comes from outside
    trm_mat probs;             // [R, A]: what mixed y; data NULL where y is an embedded action
} trm_recursion_sup;

typedef struct trm_recursion {
    const int32_t *steps;    // supervision steps to run: the workspace's outputs
    int32_t kept;            // inner steps kept of each supervision step: all of them, or the last
    trm_recursion_sup *sups; // one for each output there is room for
    // gradients of one chunk
    trm_mat dz, dx;          // [chunk, z], [chunk, x]
    trm_mat dy_inner;        // [chunk, y]: what comes to y through the inner steps
    trm_mat djoined;         // [chunk, z + x + y]
    trm_mat dhidden;         // [chunk, hidden]
    trm_mat danswer, dhead;  // [chunk, z + y], [chunk, head_hidden]
    trm_mat dlogits, dprobs; // [chunk, A]
    // scratch for traces
    trm_mat probe_answer, probe_head, probe_logits; // one row each
} trm_recursion;

// Adds z0, tiny, head and embedding.
trm_recursion_layout trm_recursion_add(trm_model *m, const trm_recursion_names *names,
                                       int32_t x_dim, bool policy);

// Activations for `rows` rows, gradients for `chunk`; the logits are the workspace's where it has
// them.
void trm_recursion_plan(trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                        trm_workspace *w, int32_t rows, int32_t chunk);

// Rows row0 .. row0 + x.rows - 1. prev [x.rows]: actions whose embeddings y starts from, action 0
// where negative; NULL: y starts from the mean embedding, that of logits 0.
void trm_recursion_forward(const trm_recursion *r, const trm_model *m,
                           const trm_recursion_layout *l, trm_mat x, const int32_t *prev,
                           int32_t row0);

// Adds to grads; returns d loss / d x, [rows, x], a view of r->dx.
trm_mat trm_recursion_backward(const trm_recursion *r, const trm_model *m,
                               const trm_recursion_layout *l, const int32_t *prev, int32_t row0,
                               int32_t rows, float *grads);

// Columns of `answer` and `joined`.
static inline trm_mat recursion_z(const trm_model *m, trm_mat mat) {
    return trm_mat_cols(mat, 0, m->config.z_dim);
}
static inline trm_mat recursion_y(const trm_model *m, trm_mat mat) {
    return trm_mat_cols(mat, mat.cols - m->config.y_dim, m->config.y_dim);
}

// Embedded action a policy starts from where there was none.
static inline int32_t recursion_start(int32_t prev_action) {
    return prev_action < 0 ? 0 : prev_action;
}

void trm_recursion_head(const trm_model *m, const trm_recursion_layout *l, trm_mat logits,
                        trm_mat hidden, trm_mat answer);

// Reads the sizes off the tensors; *x_dim is what is left of the tiny network's input. False if one
// is missing.
bool trm_recursion_recognise(const trm_params *p, const trm_recursion_names *names,
                             trm_model_config *c, int64_t *x_dim);

// The sizes among trm_arch.fields.
#define RECURSION_SIZES                                                                            \
    TRM_SIZE(hidden, 1, 4096), TRM_SIZE(z_dim, 1, 4096), TRM_SIZE(y_dim, 1, 4096),                 \
        TRM_SIZE(head_hidden, 1, 4096), TRM_SIZE(inner_steps, 1, 64), TRM_SIZE(sup_steps, 1, 1024)

#endif
