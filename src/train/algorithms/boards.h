// SPDX-License-Identifier: Apache-2.0
// Imitation on whole boards. Where the policy reads its answer at the agent's cell and the agent is
// no input otherwise, one forward of a board tells what it would do in every cell; so each new
// board is labelled with the solver's best moves from all of its cells:
//   loss = mean over boards of the mean over cells of the cross entropy, as in imitation
#ifndef TRM_TRAIN_ALGORITHMS_BOARDS_H
#define TRM_TRAIN_ALGORITHMS_BOARDS_H

#include "train/learner_impl.h"

// What a shard needs for it.
typedef struct trm_boards {
    trm_workspace *workspace; // of the answerer
    int32_t count;            // boards
    float *x;                 // [count, S]
    bool *best;               // [count, P, A]; all false: no label
    char *state, *moved;      // state blocks
} trm_boards;

// Makes l->answerer where model and environment are of that kind.
bool trm_boards_prepare(trm_learner *l, trm_error *e);
void trm_boards_init(trm_learner *l);
void trm_boards_done(trm_learner *l);

// Draws config.batch boards and differentiates; fills out->loss and out->entropy.
void trm_boards_learn(trm_learner *l, trm_update *out);

int32_t trm_count_best(const bool *best, int32_t actions);

// Cross entropy between the best actions, alike, and softmax(logits); dlogits [n] = share times its
// gradient. There must be a best action.
double trm_imitate(float *dlogits, const float *logits, const bool *best, int32_t n, float share);

#endif
